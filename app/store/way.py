"""顺路走: in which order a worker who goes from door to door meets the people not yet reached."""

from __future__ import annotations

from datetime import datetime

from app.store.account import CURRENT
from app.store.index import IndexRow, PeopleIndex
from app.store.store import Store


def last_visited(store: Store) -> str | None:
    """The person of whom the worker saved the last visit on this phone: that is where he stands now.

    An undone visit counts too, for he was there; one that was put right counts when it was first saved.
    """
    row = store.db.execute(
        f"""
        SELECT records.person
        FROM outbox
        JOIN records ON records.record = outbox.record
        WHERE outbox.entity = 'visit'
          AND outbox.kind = 'create'
          AND outbox.replaces IS NULL
          AND outbox.account = {CURRENT}
        ORDER BY outbox.saved_at DESC, outbox.seq DESC
        LIMIT 1
        """
    ).fetchone()
    return row[0] if row else None


def way_from(index: PeopleIndex, person: str | None, *, now: datetime) -> list[IndexRow]:
    """Everybody not yet reached but `person`, at whose door the worker stands, the nearest first.

    The rest of that hamlet, then the hamlets after it in the roster's order and round again. Whoever
    was tried in vain on the day of `now` (aware) comes after all who were not, lest two closed doors
    name each other for ever. People without a hamlet come last: nobody knows where to find them.
    """
    start = place_of(index.row(person)) if person is not None and index.is_listed(person) else None

    def turn(row: IndexRow) -> tuple[bool, bool, bool]:
        tried = row.last_attempt
        is_tried = tried is not None and tried.at.astimezone(now.tzinfo).date() == now.date()
        return (not row.hamlet, is_tried, place_of(row) != start)

    return sorted(index.left_from(person), key=turn)


def nearest(
    index: PeopleIndex, person: str | None, *, now: datetime, village: str | None = None
) -> list[IndexRow]:
    """Those on the way, of `village` if given, who live where its first one does, all of them."""
    way = [row for row in way_from(index, person, now=now) if village in (None, row.village)]
    return [row for row in way if place_of(row) == place_of(way[0])]


def place_of(row: IndexRow) -> tuple[str, str]:
    """Village and hamlet: two villages may each have an 上村. All without a hamlet are of one place."""
    return (row.village, row.hamlet) if row.hamlet else ("", "")
