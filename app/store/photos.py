"""Photos of visits and activities: their records, which go their own way through the outbox (P9).

Records never wait for bytes, nor bytes for anything but the answer to their record; the bytes are the
matter of photo_files.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from app.domain.codes import PhotoKind
from app.domain.errors import BadInput, UnknownRecord
from app.domain.facts import Activity, Photo
from app.domain.models import Visit
from app.store import heads, outbox
from app.store.account import SignedIn, signed_in_account
from app.store.outbox import NewChange
from app.store.photo_files import IS_VOIDED, KeptFile
from app.store.store import Store


class PhotoState(StrEnum):
    """How far the bytes of a photo have come (存在本机, 传到 n%, 市里已收到, 没收下)."""

    KEPT = "kept"
    SENDING = "sending"
    PROVEN = "proven"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photo of a visit or an activity, not saved yet: a kept file and what is said of it.

    `kind` is a PhotoKind; `taken_at` is aware. `consent` is demanded of one for publicity.
    """

    file: KeptFile
    kind: str
    taken_at: datetime
    caption: str = ""
    consent: str = ""


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A photo record made here that stands, with the state of its bytes.

    `problem` is the server's sentence where it does not take them. `is_here`: the bytes are still on
    this phone.
    """

    record: str
    photo: Photo
    state: PhotoState
    sent_bytes: int
    problem: str
    is_here: bool


def check_photo(store: Store, new: NewPhoto) -> None:
    """Raise BadInput for what no photo can be, UnknownRecord for one whose bytes are not here."""
    if new.kind not in set(PhotoKind):
        raise BadInput(f"没有“{new.kind}”这一类照片，请重新选。", field="photo")
    if new.kind == PhotoKind.PUBLICITY and not new.consent.strip():
        raise BadInput("宣传用的照片要先问本人同不同意，并写下怎么同意的。", field="consent")
    if not store.db.execute(
        "SELECT 1 FROM photo_files WHERE sha256 = ? AND is_cleared = 0", (new.file.sha256,)
    ).fetchone():
        raise UnknownRecord("这张照片不在本机，没有存。请重新拍或重新选。", field="photo")


def append_photos(
    store: Store, photos: Sequence[NewPhoto], *, about: Visit | Activity, account: SignedIn
) -> None:
    """Save photos of a visit or an activity, inside the caller's transaction; they were checked before."""
    models = [_photo_of(store, new, about=about, account=account) for new in photos]
    changes = outbox.append(
        store,
        [NewChange(model.entity, model.id, fields=model.fields_of(), about=about.id) for model in models],
        device=account.device,
        actor=account.account_id,
    )
    heads.add_new(store, changes)
    store.db.conn.executemany(
        "INSERT INTO photo_uses (record, sha256, about) VALUES (?, ?, ?)",
        [(model.id, model.sha256, about.id) for model in models],
    )


def keep_photo(store: Store, about: str, new: NewPhoto) -> None:
    """Add a photo to a visit or an activity that is saved already, in ONE transaction.

    Raises BadInput and UnknownRecord as `check_photo`, UnknownRecord for a record that is not here,
    BadInput for one that was taken back.
    """
    account = signed_in_account(store)
    check_photo(store, new)
    head = heads.shown_head(store, about)
    if head.is_voided:
        raise BadInput("这一条已经撤销，照片没有加上。", field="photo")
    kind = Activity if head.entity == Activity.entity else Visit
    with store.transaction():
        append_photos(store, [new], about=kind.read(about, head.values), account=account)


def remove_photo(store: Store, record: str) -> None:
    """Take a photo record made here back, in one transaction; repeating it does nothing."""
    account = signed_in_account(store)
    made = store.db.execute("SELECT about FROM photo_uses WHERE record = ?", (record,)).fetchone()
    if made is None:
        raise UnknownRecord(f"这张照片（{record}）不是在这部手机上加的，不能在这里去掉。")
    head = heads.shown_head(store, record)
    if head.is_voided:
        return
    with store.transaction():
        outbox.append(
            store,
            [NewChange("photo", record, kind="void", base=head.version, about=made[0])],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [record])


def photos_about(store: Store, about: str) -> list[PhotoView]:
    """The photos made here of this visit or activity that stand, in the order in which they were added."""
    rows = store.db.execute(
        """
        SELECT u.record, f.proof IS NOT NULL, f.problem, f.sent_bytes, f.is_cleared
        FROM photo_uses AS u
        JOIN photo_files AS f ON f.sha256 = u.sha256
        WHERE u.about = ?
        ORDER BY u.record
        """,
        (about,),
    ).fetchall()
    shown = heads.values_by_id(store, [row[0] for row in rows])
    models = {photo.id: photo for photo in heads.read_all(Photo, shown.items())}
    return [
        PhotoView(
            record=record,
            photo=models[record],
            state=_state(is_proven=bool(is_proven), problem=problem, sent_bytes=sent_bytes),
            sent_bytes=sent_bytes,
            problem=problem or "",
            is_here=not is_cleared,
        )
        for record, is_proven, problem, sent_bytes, is_cleared in rows
        if record in models
    ]


def photo_counts(store: Store, abouts: Iterable[str]) -> dict[str, tuple[int, int]]:
    """(photos that stand, those of them proven) of each visit made here that has any."""
    rows = store.db.execute(
        f"""
        SELECT u.about, COUNT(*), SUM(f.proof IS NOT NULL)
        FROM photo_uses AS u
        JOIN photo_files AS f ON f.sha256 = u.sha256
        WHERE u.about IN (SELECT value FROM json_each(?)) AND NOT {IS_VOIDED}
        GROUP BY u.about
        """,
        (json.dumps(list(abouts)),),
    ).fetchall()
    return {about: (count, proven) for about, count, proven in rows}


def photo_to_json(new: NewPhoto) -> dict[str, Any]:
    """`new` as JSON values, for a draft."""
    file = new.file
    return {
        "sha256": file.sha256,
        "size_bytes": file.size_bytes,
        "mime": file.mime,
        "width": file.width,
        "height": file.height,
        "kind": new.kind,
        "taken_at": new.taken_at.astimezone(UTC).isoformat(),
        "caption": new.caption,
        "consent": new.consent,
    }


def photo_from_json(kept: dict[str, Any]) -> NewPhoto:
    """The photo that `photo_to_json` wrote."""
    return NewPhoto(
        file=KeptFile(kept["sha256"], kept["size_bytes"], kept["mime"], kept["width"], kept["height"]),
        kind=kept["kind"],
        taken_at=datetime.fromisoformat(kept["taken_at"]),
        caption=kept["caption"],
        consent=kept["consent"],
    )


def _photo_of(store: Store, new: NewPhoto, *, about: Visit | Activity, account: SignedIn) -> Photo:
    visit = about if isinstance(about, Visit) else None
    return Photo(
        id=store.new_id(),
        campaign=about.campaign,
        organisation=about.organisation,
        performer=account.account_id,
        visit=visit.id if visit else None,
        person=visit.person if visit else None,
        activity=None if visit else about.id,
        kind=new.kind,
        sha256=new.file.sha256,
        size_bytes=new.file.size_bytes,
        mime=new.file.mime,
        width=new.file.width,
        height=new.file.height,
        taken_at=new.taken_at,
        caption=new.caption.strip(),
        consent=new.consent.strip(),
    )


def _state(*, is_proven: bool, problem: str | None, sent_bytes: int) -> PhotoState:
    if is_proven:
        return PhotoState.PROVEN
    if problem is not None:
        return PhotoState.REFUSED
    return PhotoState.SENDING if sent_bytes else PhotoState.KEPT
