"""Photos kept on this phone: what each is, how much of it the server has, and the proof that it has all.

The bytes are files beside the database under their SHA-256 (app.device.BlobFiles). A file is durable
before its row is written here, so a crash leaves at most a file without a row, which `unknown_files`
names for the sweep, and never a row without a file. Records go their own way through the outbox and
never wait for bytes (P9).
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
from app.domain.facts import Photo
from app.domain.models import Visit
from app.store import heads, outbox
from app.store.account import SignedIn, signed_in_account
from app.store.outbox import NewChange
from app.store.retention import RETENTION_MS
from app.store.store import Store


class PhotoState(StrEnum):
    """How far the bytes of a photo have come (存在本机, 传到 n%, 市里已收到, 没收下)."""

    KEPT = "kept"
    SENDING = "sending"
    PROVEN = "proven"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """Bytes that are durable on this phone. `sha256` in lower-case hex; sizes in bytes and pixels."""

    sha256: str
    size_bytes: int
    mime: str
    width: int = 0
    height: int = 0


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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is to be sent: `sent_bytes` of it the server has at `path` (None: not begun there)."""

    sha256: str
    size_bytes: int
    mime: str
    sent_bytes: int
    path: str | None


@dataclass(frozen=True, slots=True)
class PhotoTotals:
    """Files that photo records name, those taken back left out: all, proven, refused, and what waits."""

    files: int
    proven: int
    refused: int
    waiting: int
    waiting_bytes: int


# A photo record that was taken back is not sent; where its undo was refused, it stands.
_IS_VOIDED = """
    EXISTS (SELECT 1 FROM outbox AS v WHERE v.record = u.record AND v.kind = 'void' AND v.state <> 'refused')
"""
# The record has had its answer: accepted, or put aside, and then its bytes are kept for the reviewer (P11).
_IS_ANSWERED = """
    EXISTS (
        SELECT 1
        FROM outbox AS c
        WHERE c.record = u.record AND c.kind = 'create' AND c.state IN ('received', 'refused')
    )
"""
_IN_DRAFT = "EXISTS (SELECT 1 FROM drafts AS d, json_each(d.photos) AS named WHERE named.value = f.sha256)"


def note_file(store: Store, file: KeptFile) -> None:
    """The bytes of `file` are whole on the disk; to be called before anything names it. Safe to repeat.

    The same photo twice is one file. One that was cleared, or that the server did not take, is looked
    at anew: its bytes are here again.
    """
    with store.transaction():
        store.db.execute(
            """
            INSERT INTO photo_files (sha256, size_bytes, mime, width, height, kept_at)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (sha256) DO UPDATE SET is_cleared = 0, problem = NULL
            """,
            (file.sha256, file.size_bytes, file.mime, file.width, file.height, store.now_ms()),
        )
        store.touch({"photos"})


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


def append_photos(store: Store, photos: Sequence[NewPhoto], *, about: Visit, account: SignedIn) -> None:
    """Save photos of the visit `about`, inside the caller's transaction; they were checked before."""
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


def keep_photo(store: Store, visit_id: str, new: NewPhoto) -> None:
    """Add a photo to a visit that is saved already, in ONE transaction (record, Change, use).

    Raises BadInput and UnknownRecord as `check_photo`, BadInput for a visit that was taken back.
    """
    account = signed_in_account(store)
    check_photo(store, new)
    head = heads.shown_head(store, visit_id)
    if head.is_voided:
        raise BadInput("这次走访已经撤销，照片没有加上。", field="photo")
    with store.transaction():
        append_photos(store, [new], about=Visit.read(visit_id, head.values), account=account)


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
        WHERE u.about IN (SELECT value FROM json_each(?)) AND NOT {_IS_VOIDED}
        GROUP BY u.about
        """,
        (json.dumps(list(abouts)),),
    ).fetchall()
    return {about: (count, proven) for about, count, proven in rows}


def next_upload(store: Store) -> Upload | None:
    """The smallest file that is to be sent and whose record has had its answer; None when there is none."""
    row = store.db.execute(
        f"""
        SELECT f.sha256, f.size_bytes, f.mime, f.sent_bytes, f.upload_path
        FROM photo_files AS f
        WHERE f.proof IS NULL
          AND f.is_cleared = 0
          AND f.problem IS NULL
          AND EXISTS (
            SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256 AND {_IS_ANSWERED} AND NOT {_IS_VOIDED}
          )
        ORDER BY f.size_bytes, f.kept_at
        LIMIT 1
        """
    ).fetchone()
    return None if row is None else Upload(*row)


def photo_totals(store: Store) -> PhotoTotals:
    """How the photos made on this phone stand, each file once."""
    row = store.db.execute(
        f"""
        SELECT
            COUNT(*),
            SUM(f.proof IS NOT NULL),
            SUM(f.proof IS NULL AND f.problem IS NOT NULL),
            SUM(f.proof IS NULL AND f.problem IS NULL),
            SUM(CASE WHEN f.proof IS NULL AND f.problem IS NULL THEN f.size_bytes - f.sent_bytes END)
        FROM photo_files AS f
        WHERE EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256 AND NOT {_IS_VOIDED})
        """
    ).fetchone()
    return PhotoTotals(*(value or 0 for value in row))


def advance(store: Store, sha256: str, *, sent_bytes: int, path: str | None) -> None:
    """The server has `sent_bytes` of the file, in the upload at `path`; in one transaction."""
    with store.transaction():
        store.db.execute(
            "UPDATE photo_files SET sent_bytes = ?, upload_path = ? WHERE sha256 = ?",
            (sent_bytes, path, sha256),
        )
        store.touch({"photos"})


def mark_proven(store: Store, sha256: str, receipt: str, *, server_ms: int) -> None:
    """The server has all of it and has hashed what it holds; in one transaction, safe to repeat."""
    with store.transaction():
        store.db.execute(
            """
            UPDATE photo_files
            SET proof = ?, proven_at = ?, is_doubted = 0, sent_bytes = size_bytes, upload_path = NULL,
                problem = NULL
            WHERE sha256 = ?
            """,
            (receipt, server_ms, sha256),
        )
        store.touch({"photos"})


def mark_refused(store: Store, sha256: str, sentence: str) -> None:
    """The server does not take these bytes and says why; they stay here. In one transaction."""
    with store.transaction():
        store.db.execute(
            "UPDATE photo_files SET problem = ?, sent_bytes = 0, upload_path = NULL WHERE sha256 = ?",
            (sentence, sha256),
        )
        store.touch({"photos"})


def send_again(store: Store, sha256: str) -> None:
    """The worker asks for this one to be sent anew, whatever was said of it; in one transaction."""
    with store.transaction():
        store.db.execute(
            "UPDATE photo_files SET problem = NULL WHERE sha256 = ? AND proof IS NULL", (sha256,)
        )
        store.touch({"photos"})


def doubt_proofs(store: Store) -> None:
    """The server was restored from a backup and may have lost photos; inside the caller's transaction."""
    store.db.execute("UPDATE photo_files SET is_doubted = 1 WHERE proof IS NOT NULL AND is_cleared = 0")


def doubted(store: Store, *, limit: int) -> list[str]:
    """Hashes of files whose proof a restored server is to be asked for again."""
    return [
        sha256
        for (sha256,) in store.db.execute(
            "SELECT sha256 FROM photo_files WHERE is_doubted = 1 ORDER BY sha256 LIMIT ?", (limit,)
        )
    ]


def mark_lost(store: Store, hashes: Iterable[str]) -> None:
    """The server has these no more: they wait to be sent from their first byte, in one transaction."""
    with store.transaction():
        store.db.conn.executemany(
            """
            UPDATE photo_files
            SET proof = NULL, proven_at = NULL, is_doubted = 0, sent_bytes = 0, upload_path = NULL
            WHERE sha256 = ?
            """,
            [(sha256,) for sha256 in hashes],
        )
        store.touch({"photos"})


def purge(store: Store, *, server_ms: int) -> list[str]:
    """Note as cleared what may leave this phone, in one transaction; returns the hashes to be deleted.

    Proven, and every record that uses it accepted, each longer ago than the retention days in the
    server's time (P10). And what nothing uses any more: taken back everywhere, the undo accepted.
    Should the phone die before the file is deleted, `unknown_files` names it at the next start.
    """
    before = server_ms - RETENTION_MS
    with store.transaction():
        cleared = [
            sha256
            for (sha256,) in store.db.execute(
                f"""
                UPDATE photo_files AS f
                SET is_cleared = 1
                WHERE f.is_cleared = 0
                  AND f.is_doubted = 0
                  AND NOT {_IN_DRAFT}
                  AND EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256)
                  AND (
                    (f.proof IS NOT NULL AND f.proven_at <= ?1)
                    OR NOT EXISTS (
                        SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256 AND NOT {_IS_VOIDED}
                    )
                  )
                  AND NOT EXISTS (
                    SELECT 1
                    FROM photo_uses AS u
                    JOIN outbox AS o ON o.record = u.record OR o.record = u.about
                    WHERE u.sha256 = f.sha256
                      AND o.is_replaced = 0
                      AND (o.state <> 'received' OR o.receipted_at IS NULL OR o.receipted_at > ?1)
                  )
                RETURNING sha256
                """,
                (before,),
            )
        ]
        if cleared:
            store.touch({"photos"})
    return cleared


def forget_unused(store: Store) -> None:
    """Drop the rows of files that no record and no draft names, in one transaction.

    For the start, when no form is open: a photo that was taken and not kept in a draft is nobody's.
    """
    is_unused = f"""
        NOT {_IN_DRAFT} AND NOT EXISTS (SELECT 1 FROM photo_uses AS u WHERE u.sha256 = f.sha256)
    """
    if not store.db.execute(f"SELECT 1 FROM photo_files AS f WHERE {is_unused} LIMIT 1").fetchone():
        return  # a write is a flush of the disk, and the first screen waits for it
    with store.transaction():
        store.db.execute(f"DELETE FROM photo_files AS f WHERE {is_unused}")


def unknown_files(store: Store, here: Iterable[str]) -> list[str]:
    """Those of the files `here` that no row claims: left by a crash, or cleared; to be deleted."""
    claimed = {
        sha256 for (sha256,) in store.db.execute("SELECT sha256 FROM photo_files WHERE is_cleared = 0")
    }
    return sorted(set(here) - claimed)


def _photo_of(store: Store, new: NewPhoto, *, about: Visit, account: SignedIn) -> Photo:
    return Photo(
        id=store.new_id(),
        campaign=about.campaign,
        organisation=about.organisation,
        performer=account.account_id,
        visit=about.id,
        person=about.person,
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
