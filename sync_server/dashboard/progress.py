"""The progress page's figures: who is still to be reached, part by part, and when visits last arrived."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.domain.campaign import Campaign, Column
from app.domain.codes import OrgKind
from app.domain.metrics import Number, percent
from sync_server.db.tables import changes, organisations, visit_facts
from sync_server.summary.cells import Table
from sync_server.summary.layout import lines_of
from sync_server.summary.places import Place

COLUMNS = (
    Column(id="due", header="应访", unit="人", metric="persons"),
    Column(id="contacted", header="已联系到", unit="人", metric="persons_contacted"),
    Column(id="waiting", header="未联系到", unit="人", metric="persons_waiting"),
    Column(id="households", header="已联系到", unit="户", metric="households_contacted"),
    Column(id="contacts", header="走访人次", unit="人次", metric="contacts"),
    Column(id="home", header="上门", unit="人次", metric="contacts_home"),
    Column(id="phone", header="电话", unit="人次", metric="contacts_phone"),
    Column(id="needs", header="困难", unit="件", metric="needs_found"),
    Column(id="needs_open", header="办理中", unit="件", metric="needs_open"),
)
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row under its name: `other` are contacts neither at home nor by telephone; `below` whether a
    page lies below.

    `died` are those reached who are dead since: 应访 = 已联系到 - died + 未联系到. `rate` is 覆盖率 to one
    decimal, from the counts: rounding a rounded figure once more could be wrong.
    """

    org: str
    name: str
    cells: dict[str, Number]
    died: int
    rate: float | None
    other: int
    arrived: str
    below: bool


def lines(table: Table, arrived: dict[str, int], *, now_ms: int) -> list[Line]:
    """The table's lines as `lines_of` orders them, the total last."""
    found = []
    for name, row in lines_of(table):
        cells = {column: int(figure or 0) for column, figure in row.cells.items()}
        found.append(
            Line(
                org=row.org,
                name=name,
                cells=row.cells,
                died=cells["contacted"] + cells["waiting"] - cells["due"],
                rate=percent(cells["contacted"], cells["due"], places=1),
                other=cells["contacts"] - cells["home"] - cells["phone"],
                arrived="" if row is table.unplaced else _ago(arrived.get(row.org), now_ms),
                below=row is not table.total and row.kind in (OrgKind.COUNTY, OrgKind.TOWNSHIP),
            )
        )
    return found


def arrivals(connection: Connection, campaign: Campaign) -> dict[str, int]:
    """Organisation path -> when a visit made by its workers last arrived, Unix ms.

    A correction of a visit counts as well. Signing in does not: a phone may speak and bring nothing.
    """
    v = visit_facts.c
    last = (
        select(v.organisation, func.max(v.feed_no).label("feed_no"))
        .where(v.campaign == campaign.code)
        .group_by(v.organisation)
        .subquery()
    )
    query = (
        select(organisations.c.path, changes.c.received_at)
        .join_from(last, organisations, organisations.c.code == last.c.organisation)
        .join(changes, changes.c.feed_no == last.c.feed_no)
    )
    return {row.path: row.received_at for row in connection.execute(query)}


def last_arrived(arrivals: dict[str, int], here: Place) -> dict[str, int]:
    """Code of each child (and of `here`) -> the latest of `arrivals` at it or below."""
    last: dict[str, int] = {}
    for path, at in arrivals.items():
        if path == here.path or path.startswith(here.path + "/"):
            for code in {here.code, here.child_of(path) or here.code}:
                last[code] = max(last.get(code, 0), at)
    return last


def _ago(at: int | None, now_ms: int) -> str:
    if at is None:
        return "还没有"
    passed = max(0, now_ms - at)
    if passed < _HOUR_MS:
        return f"{passed // _MINUTE_MS} 分钟前" if passed >= _MINUTE_MS else "刚刚"
    return f"{passed // _HOUR_MS} 小时前" if passed < _DAY_MS else f"{passed // _DAY_MS} 天前"
