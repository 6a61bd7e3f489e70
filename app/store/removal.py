"""Removal: what this device may no longer read goes, after the work about it has been sent (P11).

A record is gone when the server says so, or when a whole pull from the start of the feed does not
bring it again. It is hidden at once and deleted once nothing of it waits for a receipt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.store.account import villages_elsewhere
from app.store.heads import table_of
from app.store.store import Store

_UNSENT = """
    SELECT 1
    FROM outbox AS o
    WHERE o.record = records.record AND o.state IN ('saved', 'sent')
"""


def begin_generation(store: Store) -> None:
    """A pull starts at the beginning of the feed again, inside the caller's transaction.

    Beginning anew while one is under way is right: only the last one runs to its end.
    """
    store.db.execute("UPDATE feed SET generation = generation + 1, is_sweeping = 1")


def note_brought(store: Store, records: Iterable[str]) -> None:
    """The feed has brought these, inside the caller's transaction; they are this device's to read."""
    generation, is_sweeping = store.db.execute("SELECT generation, is_sweeping FROM feed").fetchone()
    if is_sweeping:
        store.db.conn.executemany(
            "UPDATE records SET generation = ?, is_gone = 0 WHERE record = ?",
            [(generation, record) for record in records],
        )
    # Work about somebody who has come back is shown again, too.
    _mark(
        store,
        """
        UPDATE records
        SET is_gone = 0
        WHERE is_gone = 1
          AND head IS NULL
          AND person IN (SELECT record FROM records WHERE entity = 'person' AND is_gone = 0)
        """,
    )


def hide(store: Store, records: Iterable[str]) -> None:
    """These are gone, and with a person what was entered here about him. In the caller's transaction."""
    for record in records:
        _mark(
            store,
            """
            UPDATE records
            SET is_gone = 1
            WHERE is_gone = 0
              AND (record = ?1 OR (person = ?1 AND head IS NULL))
            """,
            record,
        )


def records_in(store: Store, villages: Collection[str]) -> frozenset[str]:
    """The persons who live in `villages`, and what is about them."""
    return frozenset(
        record
        for village in sorted(villages)
        for (record,) in store.db.execute(
            """
            SELECT record FROM records WHERE village = ?1
            UNION
            SELECT record FROM records WHERE person IN (SELECT record FROM records WHERE village = ?1)
            """,
            (village,),
        )
    )


def sweep(store: Store, device: str) -> None:
    """A pull of `device` from the start is whole: hide what it has not brought, in the caller's
    transaction.

    What the server cannot have, because its creation still waits, is no sign of anything; nor is what
    it cannot tell `device`, because another worker of this phone reads it under a device id of his
    own. Nothing happens where no such pull was under way.
    """
    generation, is_sweeping = store.db.execute("SELECT generation, is_sweeping FROM feed").fetchone()
    if not is_sweeping:
        return
    left_out = store.db.execute(
        f"""
        SELECT record
        FROM records
        WHERE is_gone = 0
          AND head IS NOT NULL
          AND generation < ?
          AND NOT EXISTS ({_UNSENT} AND o.kind = 'create')
        """,
        (generation,),
    ).fetchall()
    others = records_in(store, villages_elsewhere(store, device))
    hide(store, [record for (record,) in left_out if record not in others])
    store.db.execute("UPDATE feed SET is_sweeping = 0")


def delete_gone(store: Store) -> int:
    """Delete the gone records of which nothing waits, with their drafts; returns how many.

    Inside the caller's transaction; safe to repeat.
    """
    deleted = store.db.execute(
        f"""
        DELETE FROM records
        WHERE is_gone = 1 AND NOT EXISTS ({_UNSENT})
        RETURNING record, entity
        """
    ).fetchall()
    people = [record for record, entity in deleted if entity == "person"]
    store.db.conn.executemany("DELETE FROM drafts WHERE person = ?", [(person,) for person in people])
    if deleted:
        store.touch({table_of(entity) for _, entity in deleted} | ({"drafts"} if people else set()), people)
    return len(deleted)


def _mark(store: Store, update: str, *values: str) -> None:
    rows = store.db.execute(f"{update} RETURNING record, entity, person", values).fetchall()
    if rows:
        store.touch(
            {table_of(entity) for _, entity, _ in rows},
            {
                record if entity == "person" else person
                for record, entity, person in rows
                if person or entity == "person"
            },
        )
