"""An account that is taken off a shared phone, once nothing of it waits here.

What it saved is at the server and stays in the outbox under its number until retention clears it; nobody
else is ever given that number, and it gets it back where it signs in here again. The server is told with
the next sync; until it takes the account's villages away they are hidden from the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from app.domain.errors import BadInput
from app.store.photo_files import IS_VOIDED
from app.store.store import Store


@dataclass(frozen=True, slots=True)
class TakenOff:
    """Whom the server has to take off which device. `number` was the account's on this phone, `since_ms`
    the server's clock when it last signed in here.
    """

    number: int
    account_id: str
    device: str
    token: str
    server_url: str
    villages: tuple[str, ...]
    since_ms: int


@dataclass(frozen=True, slots=True)
class WaitsHere:
    """What of an account is on this phone alone: unsent visits and edits, photos without proof, forms that
    were begun. `refused` ones that nobody has put right are at the server too, for a reviewer."""

    unsent: int
    refused: int
    photos: int
    drafts: int


def waits_of(store: Store, number: int) -> WaitsHere:
    """What waits of the account with this number; what was saved together counts once."""
    row = store.db.execute(
        f"""
        SELECT
            (
                SELECT COUNT(DISTINCT about)
                FROM outbox
                WHERE account = ?1 AND state IN ('saved', 'sent')
            ),
            (
                SELECT COUNT(DISTINCT about)
                FROM outbox AS part
                WHERE account = ?1 AND state = 'refused' AND NOT is_replaced
                  AND NOT EXISTS (
                    SELECT 1 FROM outbox AS undone WHERE undone.record = part.record AND undone.kind = 'void'
                )
            ),
            (
                SELECT COUNT(DISTINCT f.sha256)
                FROM photo_files AS f
                JOIN photo_uses AS u ON u.sha256 = f.sha256
                JOIN outbox AS made ON made.record = u.record AND made.kind = 'create'
                WHERE made.account = ?1 AND f.proof IS NULL AND f.is_cleared = 0 AND NOT {IS_VOIDED}
            ),
            (SELECT COUNT(*) FROM drafts WHERE account = ?1)
        """,
        (number,),
    ).fetchone()
    return WaitsHere(*row)


def demand_nothing_waits(waits: WaitsHere) -> None:
    """Raise BadInput with what is to be done first, if anything of an account is on this phone alone."""
    counts = (
        (waits.unsent, "条没送到"),
        (waits.photos, "张照片没传"),
        (waits.drafts, "份没填完"),
    )
    said = "，".join(f"{count} {what}" for count, what in counts if count)
    if said:
        raise BadInput(f"这个账号在本机还有 {said}，先不移走，都还在本机。办完了再来移。")


def note_taken_off(store: Store, gone: TakenOff) -> None:
    """Keep that the account is off this phone and forget its choices, inside the caller's transaction."""
    store.db.execute("DELETE FROM accounts WHERE id = ?", (gone.number,))
    store.db.execute("DELETE FROM prefs WHERE account = ?", (gone.number,))
    _write(store, gone)


def taken_off(store: Store) -> list[TakenOff]:
    """Everybody who is off this phone and has not signed in on it since."""
    if "taken_off" not in store.memory:
        store.memory["taken_off"] = _read(store, "SELECT id, body FROM taken_off ORDER BY id")
    found: list[TakenOff] = store.memory["taken_off"]
    return found


def to_be_told(store: Store) -> list[TakenOff]:
    """Those of whom the server has not been told yet."""
    return _read(store, "SELECT id, body FROM taken_off WHERE is_told = 0 ORDER BY id")


def note_told(store: Store, gone: TakenOff) -> None:
    """The server has taken the account off the device, in one transaction. Safe to repeat."""
    with store.transaction():
        store.db.execute("UPDATE taken_off SET is_told = 1 WHERE id = ?", (gone.number,))


def tell_again(store: Store) -> None:
    """The server went back to a backup and may not know any more, inside the caller's transaction."""
    store.db.execute("UPDATE taken_off SET is_told = 0")


def number_of(store: Store, account_id: str, server_url: str) -> int | None:
    """The number that this account had here before it was taken off."""
    wanted = (account_id, server_url)
    return next((o.number for o in taken_off(store) if (o.account_id, o.server_url) == wanted), None)


def note_returned(store: Store, number: int) -> None:
    """The account with this number has signed in here again, inside the caller's transaction."""
    if store.db.execute("DELETE FROM taken_off WHERE id = ?", (number,)).rowcount:
        store.memory.pop("taken_off", None)


def move_to_device(store: Store, before: str, device: str, token: str) -> None:
    """The device has a fresh id, with all whom the server knew on it; inside the caller's transaction."""
    for one in to_be_told(store):
        if one.device == before:
            _write(store, replace(one, device=device, token=token))


def _write(store: Store, gone: TakenOff) -> None:
    said = {name: value for name, value in asdict(gone).items() if name != "number"}
    (body,) = store.codec.seal([json.dumps(said, ensure_ascii=False)])
    store.db.execute(
        "INSERT INTO taken_off (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        (gone.number, body),
    )
    store.memory.pop("taken_off", None)


def _read(store: Store, query: str) -> list[TakenOff]:
    rows = store.db.execute(query).fetchall()
    return list(_opened(rows, store.codec.open([body for _, body in rows])))


def _opened(rows: Iterable[tuple[int, bytes]], texts: Iterable[str]) -> Iterable[TakenOff]:
    for (number, _), text in zip(rows, texts, strict=True):
        said = json.loads(text)
        yield TakenOff(number=number, **{**said, "villages": tuple(said["villages"])})
