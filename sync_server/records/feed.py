"""The feed: every record's present state in the order in which it last changed, page by page.

The feed is the heads ordered by feed number; a changed head moves to the end. So a first sync and a
later one are the same query from another number, a record that changes while pages are read comes
again at the end, and nothing is skipped, because numbers become visible in their own order (P7,
docs/adr/0005).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, literal, or_, select

from sync_server.db.engine import among, kept
from sync_server.db.tables import counters, heads
from sync_server.records.scope import Scope

# A small scope far behind reads its own paths; everyone else walks the numbers since the cursor.
_WALK_AT_MOST = 20_000
_SMALL_DEPTH = 2  # slashes in the path of a township; a village has three


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` as heads hold them (wire.row_text), the position behind them, and whether more wait there."""

    rows: list[str]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Feed numbers `first` to `last`, which a device gave occasion to itself: it makes these rows from its
    own Changes, but for those of the records `but`."""

    first: int
    last: int
    but: Collection[str]


def page_after(
    connection: Connection, cursor: str | None, scope: Scope, limit: int, *, without: LeftOut | None = None
) -> Page:
    """The next at most `limit` rows of `scope` behind `cursor`, in feed order; from the start without one.

    A cursor of another epoch (the server was restored) or of another scope starts again at the
    beginning: rows come twice, and the phone keeps the newer. Must run inside one snapshot.
    """
    epoch = kept(connection, "epoch")
    last = feed_end(connection)
    after = _position(cursor, epoch, scope)
    walk_is_short = last - after <= _WALK_AT_MOST
    is_small = all(path.count("/") >= _SMALL_DEPTH for path in scope.paths) and not scope.is_unit
    if is_small and not walk_is_short:
        inside = scope.condition(heads.c.path, heads.c.unit_path)
        order = heads.c.feed_no + 0  # an expression, so that no database walks the numbers for the order
    else:
        inside = scope.condition(heads.c.path + literal(""), heads.c.unit_path + literal(""))
        order = heads.c.feed_no
    query = select(heads.c.feed_no, heads.c.row).where(heads.c.feed_no > after, inside)
    if without is not None:
        others = ~heads.c.feed_no.between(without.first, without.last)
        query = query.where(or_(others, among(heads.c.record, without.but)) if without.but else others)
    query = query.order_by(order).limit(limit + 1)
    found = connection.execute(query).all()
    more = len(found) > limit
    page = found[:limit]
    position = page[-1].feed_no if more else max(last, after)
    return Page([row.row for row in page], _cursor(epoch, position, scope), more)


def end_cursor(connection: Connection, scope: Scope) -> str:
    """The position of a device of `scope` that holds everything up to now."""
    return _cursor(kept(connection, "epoch"), feed_end(connection), scope)


def feed_end(connection: Connection) -> int:
    """The last feed number given out; all up to it are visible in the same snapshot."""
    return int(connection.execute(_END).scalar_one())


_END = select(counters.c.value).where(counters.c.name == "feed")


def position_in(connection: Connection, cursor: str | None, scope: Scope) -> tuple[int, bool]:
    """The feed number in a cursor of this epoch, whatever its scope, and whether that is `scope`; 0 for
    any other text."""
    epoch, number, fingerprint = _parts(cursor)
    if epoch != kept(connection, "epoch"):
        return 0, False
    return number, fingerprint == scope.fingerprint()


def _position(cursor: str | None, epoch: str, scope: Scope) -> int:
    its_epoch, number, fingerprint = _parts(cursor)
    return number if (its_epoch, fingerprint) == (epoch, scope.fingerprint()) else 0


def _cursor(epoch: str, position: int, scope: Scope) -> str:
    return f"{epoch}.{position}.{scope.fingerprint()}"


def _parts(cursor: str | None) -> tuple[str, int, str]:
    epoch, _, rest = (cursor or "").partition(".")
    number, _, fingerprint = rest.partition(".")
    is_number = number.isascii() and number.isdigit() and len(number) <= 18
    return (epoch, int(number), fingerprint) if is_number else ("", 0, "")
