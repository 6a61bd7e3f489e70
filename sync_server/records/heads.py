"""The heads: every record's present state, read under lock and written back; open conflicts beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Connection, Select, select, update

from app.domain.wire import head_to_json
from sync_server.db.engine import among, insert_missing, upsert
from sync_server.db.tables import conflicts, heads
from sync_server.records import digests
from sync_server.records.apply import Kept, Place


def people_of(connection: Connection, records: Iterable[str]) -> set[str]:
    """Whom those of `records` that are here are about, nobody for some; this never changes, so nothing
    is locked."""
    wanted = list(records)
    if not wanted:
        return set()
    return set(connection.execute(_PEOPLE, {"wanted": wanted}).scalars()) - {""}


_PEOPLE = select(heads.c.person).where(among(heads.c.record, "wanted"))


def is_one_there(connection: Connection, records: Iterable[str]) -> bool:
    """Whether one of `records` is here now, in whichever county."""
    query = select(heads.c.record).where(among(heads.c.record, list(records))).limit(1)
    return connection.execute(query).first() is not None


def lock(connection: Connection, records: Iterable[str]) -> dict[str, Kept]:
    """Those of `records` that are here, locked until commit: people first, each kind in order of id.

    Whoever locks a record about a person has locked the person before, and a person who moves takes the
    records about him along. So two pushes cannot lock each other out.
    """
    return _found(connection, _BY_RECORD, records)


def read(connection: Connection, records: Iterable[str]) -> dict[str, Kept]:
    """As `lock`, without holding anybody up; they may change at any moment."""
    return _found(connection, _BY_RECORD_UNLOCKED, records)


def lock_about(connection: Connection, people: Iterable[str]) -> dict[str, Kept]:
    """Every record about one of `people`, themselves included, locked in the same way."""
    return _found(connection, _BY_PERSON, people)


def write(
    connection: Connection,
    before: Mapping[str, Kept],
    records: Mapping[str, Kept],
    feed_numbers: Mapping[str, int],
) -> None:
    """Put each record that has a feed number there, with its present head and place.

    `before` holds those of them that were there already, as they were. Must run behind
    `take_feed_numbers`.
    """
    upsert(connection, heads, [_row(records[record], number) for record, number in feed_numbers.items()])
    digests.shift(connection, ((before.get(record), records[record]) for record in feed_numbers))


def write_conflicts(
    connection: Connection, changed: Iterable[tuple[Kept | None, Kept]], *, now_ms: int
) -> None:
    """List the conflicts that `changed` (each record before and after) opens, and none that it settles."""
    opened: list[dict[str, Any]] = []
    for before, after in changed:
        if not after.head.marks:
            continue  # one writer: nothing was and nothing is in conflict
        now_open = {c.field for c in after.head.conflicts()}
        then_open = {c.field for c in before.head.conflicts()} if before is not None else set()
        if settled := then_open - now_open:
            gone = conflicts.c.field.in_(sorted(settled))
            connection.execute(conflicts.delete().where(*_of_record(after), gone))
        if before is not None and before.place != after.place:
            connection.execute(update(conflicts).where(*_of_record(after)).values(path=after.place.path))
        opened += [
            {
                "county": after.county,
                "record": after.record,
                "field": name,
                "path": after.place.path,
                "opened_at": now_ms,
            }
            for name in sorted(now_open - then_open)
        ]
    insert_missing(connection, conflicts, opened)


def _of_record(kept: Kept) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return conflicts.c.county == kept.county, conflicts.c.record == kept.record


def _found(connection: Connection, query: Select[Any], values: Iterable[str]) -> dict[str, Kept]:
    wanted = list(values)
    if not wanted:
        return {}
    return {
        row.record: Kept(
            row.county,
            row.entity,
            row.record,
            row.person,
            Place(row.path, row.unit_path),
            row.row,
            feed_no=row.feed_no,
        )
        for row in connection.execute(query, {"wanted": wanted})
    }


_UNLOCKED = select(
    heads.c.county,
    heads.c.entity,
    heads.c.record,
    heads.c.person,
    heads.c.path,
    heads.c.unit_path,
    heads.c.row,
    heads.c.feed_no,
).order_by(heads.c.record != heads.c.person, heads.c.record)
_SELECT = _UNLOCKED.with_for_update()
_BY_RECORD_UNLOCKED = _UNLOCKED.where(among(heads.c.record, "wanted"))
_BY_RECORD = _SELECT.where(among(heads.c.record, "wanted"))
_BY_PERSON = _SELECT.where(among(heads.c.person, "wanted"))


def _row(kept: Kept, feed_no: int) -> dict[str, Any]:
    return {
        "county": kept.county,
        "record": kept.record,
        "entity": kept.entity,
        "version": kept.head.version,
        "feed_no": feed_no,
        "person": kept.person,
        "path": kept.place.path,
        "unit_path": kept.place.unit_path,
        "row": kept.row or to_json(head_to_json(kept.head)).decode(),
    }
