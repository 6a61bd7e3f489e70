"""The numbers of this phone's Changes: one row of them a device id, without holes, never used twice."""

from __future__ import annotations

from collections.abc import Collection

from app.domain.errors import NotSignedIn
from app.domain.stamp import tick
from app.store.store import Store


def next_number(store: Store, device: str, now_ms: int) -> tuple[int, int]:
    """The next `(seq, hlc)` of `device`, inside the transaction that writes the Change.

    A transaction that is rolled back gives its number back. Raises NotSignedIn for an unknown device.
    """
    row = store.db.execute(
        "UPDATE numbering SET last_seq = last_seq + 1 WHERE device = ? RETURNING last_seq, last_hlc",
        (device,),
    ).fetchone()
    if row is None:
        raise NotSignedIn("这部手机还没有登录过。请先联网登录一次，以后没网也能记。")
    seq, last_hlc = row
    hlc = tick(last_hlc, now_ms)
    store.db.execute("UPDATE numbering SET last_hlc = ? WHERE device = ?", (hlc, device))
    return seq, hlc


def last_seq(store: Store, device: str) -> int:
    """The highest number given out for `device`, 0 if none."""
    row = store.db.execute("SELECT last_seq FROM numbering WHERE device = ?", (device,)).fetchone()
    return row[0] if row else 0


def note_have(store: Store, device: str, have: int) -> bool:
    """Note up to which number the server holds all of `device`, inside the caller's transaction.

    Returns whether that is less than it held before: the server has gone back, to a backup most likely.
    """
    row = store.db.execute("SELECT server_have FROM numbering WHERE device = ?", (device,)).fetchone()
    store.db.execute("UPDATE numbering SET server_have = ? WHERE device = ?", (have, device))
    return row is not None and have < row[0]


def number_anew(store: Store, device: str, accounts: Collection[int]) -> None:
    """Give what waits of these workers under other device ids numbers of `device`.

    Inside the caller's transaction; `accounts` are their numbers on this phone. The order of saving is
    kept. A Change that the server did take under the old number arrives a second time; being the same
    values of the same record, it changes nothing there (sync.md). A mend no longer names what it
    mends, which bears a number of another device.
    """
    store.db.execute(
        "INSERT INTO numbering (device, last_seq, last_hlc) VALUES (?, 0, 0) ON CONFLICT DO NOTHING",
        (device,),
    )
    # A new id must not let this phone's stamps fall back behind those it has given already.
    store.db.execute("UPDATE numbering SET last_hlc = (SELECT MAX(last_hlc) FROM numbering)")
    marks = ", ".join("?" * len(accounts))
    rows = store.db.execute(
        f"""
        SELECT device, seq
        FROM outbox
        WHERE device <> ? AND state IN ('saved', 'sent') AND account IN ({marks})
        ORDER BY hlc, seq
        """,
        (device, *accounts),
    ).fetchall()
    for old_device, old_seq in rows:
        (seq,) = store.db.execute(
            "UPDATE numbering SET last_seq = last_seq + 1 WHERE device = ? RETURNING last_seq", (device,)
        ).fetchone()
        store.db.execute(
            """
            UPDATE outbox
            SET device = ?, seq = ?, state = 'saved', replaces = NULL
            WHERE device = ? AND seq = ?
            """,
            (device, seq, old_device, old_seq),
        )
