"""Healing: proving that this phone holds what the server holds, and mending the part that differs (P5)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from app.domain.digest import Buckets, Digest, bucket_of, buckets_of, digest_of
from app.domain.merge import Head
from app.store import heads, removal
from app.store.account import villages_elsewhere
from app.store.levels import note_levels
from app.store.store import Store

log = logging.getLogger(__name__)


def digest_here(store: Store, device: str) -> Digest:
    """The digest of what the server has sent and `device` may read."""
    return digest_of(_held(store, device))


def buckets_here(store: Store, device: str) -> Buckets:
    """The same by bucket."""
    return buckets_of(_held(store, device))


def heal(
    store: Store,
    device: str,
    want: Mapping[str, Sequence[int]],
    rows: Sequence[Head],
    *,
    levels: Mapping[str, str] = MappingProxyType({}),
) -> int:
    """Make the buckets of `want` what the server says they are, in one transaction; returns how many
    records were not so.

    `rows` are all that the server holds in them for `device`. Nothing is wiped: what it does not hold is
    hidden and deleted only when no work about it waits, and unsent Changes stay merged into what is
    shown. `levels` are of the authors of `rows`. Safe to repeat.
    """
    asked = {(entity, bucket) for entity, buckets in want.items() for bucket in buckets}
    ours = {
        record: version
        for entity, record, version in _held(store, device)
        if (entity, bucket_of(record)) in asked
    }
    theirs = {row.record: row.version for row in rows}
    wrong = [row for row in rows if ours.get(row.record) != row.version]
    surplus = sorted(ours.keys() - theirs.keys())
    with store.transaction():
        (epoch,) = store.db.execute("SELECT epoch FROM feed").fetchone()
        # The server is right even where this phone holds a higher version.
        store.db.conn.executemany(
            "UPDATE records SET version = 0 WHERE record = ? AND version > ?",
            [(row.record, row.version) for row in wrong],
        )
        heads.keep_heads(store, wrong, epoch=epoch)
        note_levels(store, levels)
        removal.note_brought(store, theirs)
        removal.hide(store, [record for record in surplus if not _is_unsent_create(store, record)])
        removal.delete_gone(store)
        heads.refresh_shown(store, {row.record for row in wrong} & heads.with_shown(store))
    if wrong or surplus:
        log.warning("healed %d records, removed %d", len(wrong), len(surplus))
    return len(wrong) + len(surplus)


def _held(store: Store, device: str) -> list[tuple[str, str, int]]:
    held: list[tuple[str, str, int]] = store.db.execute(
        "SELECT entity, record, version FROM records WHERE head IS NOT NULL AND is_gone = 0"
    ).fetchall()
    others = removal.records_in(store, villages_elsewhere(store, device))
    return [row for row in held if row[1] not in others] if others else held


def _is_unsent_create(store: Store, record: str) -> bool:
    found = store.db.execute(
        "SELECT 1 FROM outbox WHERE record = ? AND kind = 'create' AND state IN ('saved', 'sent')", (record,)
    ).fetchone()
    return found is not None
