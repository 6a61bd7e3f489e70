"""Departures: which records have left which place, so that devices let go of what they may no longer
read (P11).

A person who moves leaves his village and takes the records about him along; each of them departs with
the feed number that it takes at its new place. A device behind that number whose scope holds the old
place and not the present one is told that the record is gone (docs/adr/0019).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, case, select

from app.domain.wire import Gone
from sync_server.db.engine import insert_missing
from sync_server.db.tables import departures, heads
from sync_server.records.apply import Kept
from sync_server.records.scope import Scope, Shape, condition_of


def note_departures(connection: Connection, left: Iterable[tuple[Kept, int]]) -> None:
    """Keep that each record of `left` is no longer where it was then, and the feed number that its head took
    when it went."""
    rows = {
        (kept.record, kept.place, number): {
            "county": kept.county,
            "record": kept.record,
            "feed_no": number,
            "path": kept.place.path,
            "unit_path": kept.place.unit_path or "",
            "entity": kept.entity,
        }
        for kept, number in left
    }
    insert_missing(connection, departures, list(rows.values()))


def gone_after(
    connection: Connection, after: int, until: int, scope: Scope, limit: int
) -> list[tuple[int, Gone]]:
    """The first `limit` departures out of `scope` behind the feed number `after`, up to `until`, each with
    its number.

    Who came back, or moved within the scope, has not gone.
    """
    found = connection.execute(
        _gone(scope.shape), {**scope.bound(), "after": after, "until": until, "most": limit}
    )
    return [(row.feed_no, Gone(entity=row.entity, record=row.record)) for row in found]


@lru_cache(maxsize=64)
def _gone(shape: Shape) -> Select[Any]:
    is_here = case((condition_of(shape, heads.c.path, heads.c.unit_path), 1), else_=0)
    return (
        select(departures.c.feed_no, departures.c.entity, departures.c.record)
        .join(heads, (heads.c.county == departures.c.county) & (heads.c.record == departures.c.record))
        .where(
            departures.c.feed_no > bindparam("after"),
            departures.c.feed_no <= bindparam("until"),
            condition_of(shape, departures.c.path, departures.c.unit_path),
            is_here == 0,
        )
        .order_by(departures.c.feed_no)
        .limit(bindparam("most"))
    )
