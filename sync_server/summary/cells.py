"""The summary table, counted from fact rows for one organisation and each of its children.

The SQL twin of `app.domain.metrics.count_cells`. One pass groups the campaign's visits by person,
one reads the people; then every person is added once to his child's tally and once to the whole.
Nothing is ever added up from the children: 人 and 户 are distinct at each level, and `adjustment`
says by how much the children's figures exceed the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, select

from app.domain.campaign import Campaign, Column
from app.domain.codes import OrgKind
from app.domain.metrics import Number, metric_of
from sync_server.db.tables import counters
from sync_server.summary.people import listings_of
from sync_server.summary.places import Place, full_name, line_of, place, places_in
from sync_server.summary.plan import Plan
from sync_server.summary.tally import UNPLACED, Lines

CHINA = timezone(timedelta(hours=8))
_UNPLACED_NAMES = {
    OrgKind.CITY: "未写明县（市、区）",
    OrgKind.COUNTY: "未写明乡镇（街道）",
    OrgKind.TOWNSHIP: "未写明村（社区）",
}


@dataclass(frozen=True, slots=True)
class AsOf:
    """What the figures hold: every change up to feed number `feed`, read at `at` (local time)."""

    feed: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One organisation's line: column id -> figure in the column's unit, or None."""

    org: str
    name: str
    kind: str
    cells: dict[str, Number]


@dataclass(frozen=True, slots=True)
class Table:
    """The table of organisation `org`: `rows` are its children in administrative order, then `total`.

    `name` is the full one (青田县巨浦乡). `unplaced` is the line of those whom the roster puts under no
    child (a township's people without a village), None if it would be empty. `adjustment` holds, for the
    columns that count 人 or 户, the sum of children and `unplaced` minus the whole: how often somebody
    stands in more than one line; for those of which each level has some of its own, how many are its own,
    as a figure below zero.
    """

    org: str
    name: str
    kind: str
    campaign: Campaign
    columns: tuple[Column, ...]
    as_of: AsOf
    rows: list[Row]
    unplaced: Row | None = None
    adjustment: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> Row:
        return self.rows[-1]

    @property
    def children(self) -> list[Row]:
        return self.rows[:-1]


def count_cells(
    connection: Connection,
    campaign: Campaign,
    org_code: str,
    *,
    columns: Sequence[Column] | None = None,
    at: datetime | None = None,
) -> Table:
    """Count the campaign's columns (or `columns`) for an organisation and its children.

    Run inside one `reading` block, so that all figures belong to one state of the records. Raises
    UnknownCode for an organisation that is not ours, BadConfig for a column that cannot be filled.
    """
    chosen = tuple(campaign.columns if columns is None else columns)
    plan = Plan(campaign, chosen)
    here = place(connection, org_code)
    children = places_in(connection, org_code)
    lines = Lines(plan, here, children)
    lines.add(listings_of(connection, plan, here, lines.share_at, lines.station_share))
    rows = [Row(p.code, p.name, p.kind.value, lines.tallies[p.code].figures()) for p in (*children, here)]
    unplaced = _unplaced(here, lines)
    return Table(
        org=here.code,
        name=full_name(line_of(connection, here)),
        kind=here.kind.value,
        campaign=campaign,
        columns=chosen,
        as_of=AsOf(feed_number(connection), (at or datetime.now(CHINA)).astimezone(CHINA)),
        rows=rows,
        unplaced=unplaced,
        adjustment=_adjustment(campaign, chosen, rows, unplaced),
    )


def feed_number(connection: Connection) -> int:
    """The last change that this transaction sees."""
    query = select(counters.c.value).where(counters.c.name == "feed")
    return int(connection.execute(query).scalar_one())


def to_json(table: Table) -> dict[str, Any]:
    """The table as plain values: {"org", "as_of": {"feed", "at"}, "rows": [{"org", "name", "cells"}],
    "unplaced"}. The total is the last row; `unplaced` holds cells, or null."""
    return {
        "org": table.org,
        "as_of": {"feed": table.as_of.feed, "at": table.as_of.at.isoformat(timespec="seconds")},
        "rows": [{"org": row.org, "name": row.name, "cells": row.cells} for row in table.rows],
        "unplaced": table.unplaced.cells if table.unplaced else None,
    }


def _unplaced(here: Place, lines: Lines) -> Row | None:
    tally = lines.tallies.get(UNPLACED)
    if tally is None or here.kind not in _UNPLACED_NAMES:
        return None
    cells = tally.figures()
    return Row(UNPLACED, _UNPLACED_NAMES[here.kind], "", cells) if any(cells.values()) else None


def _adjustment(
    campaign: Campaign, columns: Sequence[Column], rows: list[Row], unplaced: Row | None
) -> dict[str, int]:
    *children, total = rows
    if not children:
        return {}
    told = [c.id for c in columns if (m := metric_of(campaign, c)[0]).is_distinct or m.is_each_levels]
    parts = [*children, *([unplaced] if unplaced else [])]
    return {c: sum(int(row.cells[c] or 0) for row in parts) - int(total.cells[c] or 0) for c in told}
