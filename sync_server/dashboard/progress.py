"""The progress page's figures: who is still to be reached, part by part, and when phones last reported."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from app.domain.campaign import Column
from app.domain.codes import OrgKind
from app.domain.metrics import percent
from sync_server.dashboard.session import LABEL
from sync_server.db.tables import accounts, devices, organisations
from sync_server.summary.cells import Table
from sync_server.summary.places import Place, at_or_below

COLUMNS = (
    Column(id="due", header="应访", unit="人", metric="persons"),
    Column(id="contacted", header="已联系到", unit="人", metric="persons_contacted"),
    Column(id="waiting", header="未联系到", unit="人", metric="persons_waiting"),
    Column(id="households", header="户", unit="户", metric="households_contacted"),
    Column(id="contacts", header="人次", unit="人次", metric="contacts"),
    Column(id="home", header="上门", unit="人次", metric="contacts_home"),
    Column(id="phone", header="电话", unit="人次", metric="contacts_phone"),
    Column(id="needs", header="困难", unit="件", metric="needs_found"),
    Column(id="needs_open", header="办理中", unit="件", metric="needs_open"),
)
_MINUTE_MS, _HOUR_MS, _DAY_MS = 60_000, 3_600_000, 86_400_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row: `other` are contacts neither at home nor by telephone; `below` whether a page lies below.

    `rate` is 覆盖率 to one decimal, from the counts: rounding a rounded figure once more could be wrong.
    """

    org: str
    name: str
    cells: dict[str, int | float | None]
    rate: float | None
    other: int
    last_seen: str
    below: bool


def lines(table: Table, seen: dict[str, int], *, now_ms: int) -> list[Line]:
    """The table's rows in administrative order, the total last."""
    found = []
    for row in table.rows:
        by_way = (row.cells["home"], row.cells["phone"])
        other = int(row.cells["contacts"] or 0) - sum(int(n or 0) for n in by_way)
        ago = _ago(seen.get(row.org), now_ms)
        below = row is not table.total and row.kind in (OrgKind.COUNTY, OrgKind.TOWNSHIP)
        rate = percent(int(row.cells["contacted"] or 0), int(row.cells["due"] or 0), places=1)
        found.append(Line(row.org, row.name, row.cells, rate, other, ago, below))
    return found


def last_seen(connection: Connection, here: Place) -> dict[str, int]:
    """Code of each child (and of `here`) -> when a phone of it or below last spoke to us, Unix ms."""
    query = (
        select(organisations.c.path, func.max(devices.c.last_seen_at))
        .join(accounts, accounts.c.organisation == organisations.c.code)
        .join(devices, devices.c.account == accounts.c.id)
        .where(at_or_below(organisations.c.path, here.path))
        .where(devices.c.last_seen_at.is_not(None), or_(devices.c.label != LABEL, devices.c.label.is_(None)))
        .group_by(organisations.c.path)
    )
    seen: dict[str, int] = {}
    for path, at in connection.execute(query):
        for code in {here.code, here.child_of(path) or here.code}:
            seen[code] = max(seen.get(code, 0), at)
    return seen


def _ago(at: int | None, now_ms: int) -> str:
    if at is None:
        return "还没有"
    passed = max(0, now_ms - at)
    if passed < _HOUR_MS:
        return f"{passed // _MINUTE_MS} 分钟前" if passed >= _MINUTE_MS else "刚刚"
    return f"{passed // _HOUR_MS} 小时前" if passed < _DAY_MS else f"{passed // _DAY_MS} 天前"
