"""Digests of what a scope holds: kept by place with every write, asked by phones with every sync (P5).

Adding the marks of a county's heads for each phone that has nothing to say would read them all. So
each (place, entity) has a row with the number of its heads and the sum of their marks, moved by the
difference in the transaction that writes the heads, after it has taken its feed numbers: that lock
makes the writers go one after another, and a snapshot shows sums and heads of the same moment
(docs/adr/0020).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, func, select

from app.domain.digest import Buckets, Digest, bucket_of, buckets_of, mark_of
from sync_server.db.engine import add_up, among
from sync_server.db.tables import digests, heads
from sync_server.records.apply import Kept, Place
from sync_server.records.scope import Scope, Shape, condition_of
from sync_server.records.unsigned_rows import told

Held = tuple[str, str, int]  # entity, record, version


def shift(connection: Connection, changed: Iterable[tuple[Kept | None, Kept]]) -> None:
    """Follow heads from what they were (None for a new one) to what is written of them now.

    Must run in the transaction that writes the heads, behind `take_feed_numbers`.
    """
    sums: dict[tuple[str, str, str], list[int]] = {}
    for before, after in changed:
        if before is not None:
            _add(sums, before.place, _held(before), -1)
        _add(sums, after.place, _held(after), 1)
    _write(connection, sums)


def digest_of_scope(connection: Connection, scope: Scope) -> Digest:
    """What the heads in `scope` add up to; entities of which there are none are left out."""
    found = connection.execute(_totals(scope.shape), scope.bound())
    return {entity: (int(n), int(marks)) for entity, n, marks in found if n}


@lru_cache(maxsize=64)
def _totals(shape: Shape) -> Select[Any]:
    return (
        select(digests.c.entity, func.sum(digests.c.records), func.sum(digests.c.marks))
        .where(condition_of(shape, digests.c.path, digests.c.unit_path))
        .group_by(digests.c.entity)
    )


def buckets_of_scope(connection: Connection, scope: Scope) -> Buckets:
    """The same by bucket, added up from the heads themselves: asked only when two digests differ."""
    return buckets_of(_heads_of(connection, scope))


def rows_in_buckets(connection: Connection, scope: Scope, want: Mapping[str, Sequence[int]]) -> list[str]:
    """Every head of `scope` in the buckets of `want`, as wire.row_text, in no particular order."""
    asked = {(entity, bucket) for entity, buckets in want.items() for bucket in buckets}
    if not asked:
        return []
    held = _heads_of(connection, scope)
    records = [record for entity, record, _ in held if (entity, bucket_of(record)) in asked]
    inside = scope.condition(heads.c.path, heads.c.unit_path)
    query = select(heads.c.row).where(among(heads.c.record, records), inside)
    return told(connection.execute(query).scalars())


def add_up_anew(connection: Connection) -> None:
    """Make the kept sums what the heads say, for a database that has heads and no sums yet.

    Must run inside a write transaction that nobody else writes beside.
    """
    connection.execute(digests.delete())
    sums: dict[tuple[str, str, str], list[int]] = {}
    query = select(heads.c.path, heads.c.unit_path, heads.c.entity, heads.c.record, heads.c.version)
    for path, unit_path, entity, record, version in connection.execute(query):
        _add(sums, Place(path, unit_path), (entity, record, version), 1)
    _write(connection, sums)


def _heads_of(connection: Connection, scope: Scope) -> list[Held]:
    inside = scope.condition(heads.c.path, heads.c.unit_path)
    query = select(heads.c.entity, heads.c.record, heads.c.version).where(inside)
    return [(entity, record, version) for entity, record, version in connection.execute(query)]


def _held(kept: Kept) -> Held:
    return kept.entity, kept.record, kept.head.version


def _add(sums: dict[tuple[str, str, str], list[int]], place: Place, held: Held, sign: int) -> None:
    entity, record, version = held
    total = sums.setdefault((place.path, place.unit_path or "", entity), [0, 0])
    total[0] += sign
    total[1] += sign * mark_of(record, version)


def _write(connection: Connection, sums: Mapping[tuple[str, str, str], Sequence[int]]) -> None:
    rows: list[dict[str, Any]] = [
        {"path": path, "unit_path": unit_path, "entity": entity, "records": records, "marks": marks}
        for (path, unit_path, entity), (records, marks) in sorted(sums.items())
        if records or marks
    ]
    add_up(connection, digests, rows)
