"""The feed: every record's present state in the order in which it last changed, page by page.

The feed is the heads ordered by feed number; a changed head moves to the end. So a first sync and a
later one are the same query from another number, a record that changes while pages are read comes
again at the end, and nothing is skipped, because numbers become visible in their own order (P7,
docs/adr/0005). Departures are numbered with them, so what a device may no longer hold comes between
the rows that it may (P11, docs/adr/0019).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, literal, or_, select

from app.domain.wire import Gone
from sync_server.db.engine import among, kept, upsert
from sync_server.db.tables import counters, heads, settings_kept
from sync_server.records.departures import gone_after
from sync_server.records.scope import Scope, Shape, condition_of
from sync_server.records.unsigned_rows import told as told_rows

# A village, or a township far behind, reads its own paths; everyone else walks the numbers since the cursor.
_WALK_AT_MOST = 20_000
_TOWNSHIP_DEPTH, _VILLAGE_DEPTH = 2, 3  # slashes in the path


# At the end of a cursor whose device has been told of every removal up to it; one that was given to a
# phone of protocol 1 lacks it.
_TOLD_OF_REMOVALS = "2"
_END_OF = "end_of_epoch:"  # and an earlier epoch's name: the last feed number that is shared with it
_LONGEST_EPOCH = 32


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` as heads hold them (wire.row_text) but for anonymous opinions (unsigned_rows.py), the position
    behind them, and whether more wait there.

    `gone` are the records that have left the scope between the cursor and that position. `restarted`:
    the cursor that was sent is worth nothing, and these rows begin at the start of the feed.
    """

    rows: list[str]
    cursor: str
    more: bool
    gone: list[Gone]
    restarted: bool
    epoch: str


@dataclass(slots=True)
class Numbers:
    """The feed numbers that a write transaction needs, counted from 0 until it takes them, as late as can
    be (engine.take_feed_numbers)."""

    needed: int = 0

    def take(self, count: int = 1) -> int:
        """The first of `count` numbers that nobody else in this transaction gets."""
        self.needed += count
        return self.needed - count


@dataclass(frozen=True, slots=True)
class Moment:
    """The epoch and the last feed number given out, in one snapshot."""

    epoch: str
    last: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Feed numbers `first` to `last`, which a device gave occasion to itself: it makes these rows from its
    own Changes, but for those of the records `but`."""

    first: int
    last: int
    but: Collection[str]


def page_after(
    connection: Connection,
    cursor: str | None,
    scope: Scope,
    limit: int,
    *,
    knows_removal: bool = True,
    without: LeftOut | None = None,
) -> Page:
    """The next at most `limit` rows and removals of `scope` behind `cursor`, in feed order.

    Without a cursor it begins at the start. A cursor of another epoch (the server was restored) or of
    another scope starts again there, as does one from before the device knew removals. `knows_removal`
    False (protocol 1): neither removals nor a restart are told. Must run inside one snapshot.
    """
    now = moment(connection)
    epoch, last = now.epoch, now.last
    after = _position(cursor, now, scope, knows_removal=knows_removal)
    restarted = knows_removal and cursor is not None and after is None
    after = after or 0
    if after == last:  # nothing has happened anywhere since
        return Page(
            [], _cursor(epoch, after, scope, knows_removal=knows_removal), False, [], restarted, epoch
        )
    rows = _rows_after(connection, after, scope, limit + 1, span=last - after, without=without)
    until = rows[limit][0] if len(rows) > limit else last  # what departs behind it is for a later page
    gone = gone_after(connection, after, until, scope, limit + 1) if knows_removal else []
    more = len(rows) + len(gone) > limit
    position = last
    if more:
        position = sorted([*(number for number, _ in rows), *(number for number, _ in gone)])[limit - 1]
        rows = [row for row in rows if row[0] <= position]
        gone = [removed for removed in gone if removed[0] <= position]
    removed_once = dict.fromkeys(record for _, record in gone)
    return Page(
        told_rows(row for _, row in rows),
        _cursor(epoch, position, scope, knows_removal=knows_removal),
        more,
        list(removed_once),
        restarted,
        epoch,
    )


def _rows_after(
    connection: Connection, after: int, scope: Scope, limit: int, *, span: int, without: LeftOut | None
) -> list[tuple[int, str]]:
    """(feed number, row) of the first `limit`; `span`: how many numbers there are behind `after`."""
    depth = 0 if scope.is_unit else min(path.count("/") for path in scope.paths)
    walks = depth < (_VILLAGE_DEPTH if span <= _WALK_AT_MOST else _TOWNSHIP_DEPTH)
    query = _rows_query(scope.shape, walks=walks, leaves_out=without is not None)
    left_out = {"first": without.first, "last": without.last, "but": [*without.but]} if without else {}
    found = connection.execute(query, {**scope.bound(), **left_out, "after": after, "most": limit})
    return [(number, row) for number, row in found]


@lru_cache(maxsize=64)
def _rows_query(shape: Shape, *, walks: bool, leaves_out: bool) -> Select[Any]:
    if walks:
        inside = condition_of(shape, heads.c.path + literal(""), heads.c.unit_path + literal(""))
        order: ColumnElement[int] = heads.c.feed_no
    else:
        inside = condition_of(shape, heads.c.path, heads.c.unit_path)
        order = heads.c.feed_no + 0  # an expression, so that no database walks the numbers for the order
    query = select(heads.c.feed_no, heads.c.row).where(heads.c.feed_no > bindparam("after"), inside)
    if leaves_out:
        others = ~heads.c.feed_no.between(bindparam("first"), bindparam("last"))
        query = query.where(or_(others, among(heads.c.record, "but")))
    return query.order_by(order).limit(bindparam("most"))


def end_cursor(connection: Connection, scope: Scope) -> str:
    """The position of a device of `scope` that holds everything up to now."""
    now = moment(connection)
    return _cursor(now.epoch, now.last, scope, knows_removal=True)


def moment(connection: Connection) -> Moment:
    """Where the feed stands."""
    epoch, last = connection.execute(_MOMENT).one()
    return Moment(epoch, last)


_MOMENT = select(
    select(settings_kept.c.value).where(settings_kept.c.name == "epoch").scalar_subquery(),
    counters.c.value,
).where(counters.c.name == "feed")


def feed_end(connection: Connection) -> int:
    """The last feed number given out; all up to it are visible in the same snapshot."""
    return int(connection.execute(_END).scalar_one())


_END = select(counters.c.value).where(counters.c.name == "feed")


def position_in(connection: Connection, cursor: str | None, now: Moment) -> int:
    """Up to which feed number a cursor has seen the feed, whatever its scope; 0 for any other text.

    Of an earlier epoch it is what the present one shares with it: up to where the server went back.
    """
    epoch, number, *_ = _parts(cursor)
    if not epoch or epoch == now.epoch:
        return min(number, now.last)
    if not (epoch.isascii() and epoch.isalnum() and len(epoch) <= _LONGEST_EPOCH):
        return 0
    query = select(settings_kept.c.value).where(settings_kept.c.name == _END_OF + epoch)
    return min(number, int(connection.execute(query).scalar() or 0))


def is_of_former_life(cursor: str | None, now: Moment) -> bool:
    """Whether the device that sent the cursor still counts versions in an epoch that has ended."""
    epoch = _parts(cursor)[0]
    return bool(epoch) and epoch != now.epoch


def begin_epoch(connection: Connection) -> str:
    """A new epoch for a database that was put back from a backup; gives its name.

    Every cursor given before is worth nothing from now on: phones pull their scope again, and offer what
    this database does not hold. Doing it twice only makes them pull twice.
    """
    ended, begun = kept(connection, "epoch"), secrets.token_hex(6)
    last = feed_end(connection)
    rows = {_END_OF + ended: str(last), "epoch": begun}
    upsert(connection, settings_kept, [{"name": name, "value": value} for name, value in rows.items()])
    return begun


def held_until(cursor: str | None, scope: Scope, now: Moment) -> int:
    """Up to which feed number the device that sent `cursor` holds all of `scope`; 0 where its feed begins
    again."""
    return _position(cursor, now, scope, knows_removal=True) or 0


def _position(cursor: str | None, now: Moment, scope: Scope, *, knows_removal: bool) -> int | None:
    """The number in a cursor that can be gone on from; None for any other.

    One beyond the last was given before a backup was put back, of which nobody has told this database:
    to wait there for the numbers to come would be to skip what they are given to (P7).
    """
    its_epoch, number, fingerprint, told = _parts(cursor)
    is_ours = (its_epoch, fingerprint) == (now.epoch, scope.fingerprint()) and number <= now.last
    return number if is_ours and (told == _TOLD_OF_REMOVALS or not knows_removal) else None


def _cursor(epoch: str, position: int, scope: Scope, *, knows_removal: bool) -> str:
    text = f"{epoch}.{position}.{scope.fingerprint()}"
    return f"{text}.{_TOLD_OF_REMOVALS}" if knows_removal else text


def _parts(cursor: str | None) -> tuple[str, int, str, str]:
    parts = (cursor or "").split(".")
    epoch, number, fingerprint, told = (*parts, "", "", "", "")[:4]
    is_number = number.isascii() and number.isdigit() and len(number) <= 18
    return (epoch, int(number), fingerprint, told) if is_number and len(parts) <= 4 else ("", 0, "", "")
