"""Organisations: the tree of stations, bureaus and units that owns records and files returns.

An organisation has the code of the division it serves; a unit (市直, 部省属单位) has its own, hangs
below the city and has no villages. The path is the codes from the root down, joined by "/".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, Row, select

from app.domain.codes import OrgKind
from app.domain.divisions import Divisions
from app.domain.errors import BadInput, UnknownCode
from sync_server.db.engine import among, upsert
from sync_server.db.tables import organisations

_KIND_OF_LEVEL = {
    "city": OrgKind.CITY,
    "county": OrgKind.COUNTY,
    "township": OrgKind.TOWNSHIP,
    "village": OrgKind.VILLAGE,
}
UNIT_KINDS = frozenset({OrgKind.CITY_UNIT, OrgKind.PROV_UNIT})


@dataclass(frozen=True, slots=True)
class Unit:
    """An employer that reports by itself, directly to the city."""

    code: str
    name: str
    kind: OrgKind = OrgKind.CITY_UNIT


@dataclass(frozen=True, slots=True)
class Organisation:
    """One row of the tree; `county` is the code under which its rows are kept (tables.py)."""

    code: str
    kind: OrgKind
    name: str
    parent: str | None
    division: str
    county: str
    path: str
    ordinal: int


def seed_organisations(connection: Connection, divisions: Divisions, units: Sequence[Unit] = ()) -> None:
    """Keep an organisation for each division, and `units` below the city. Repeating it changes nothing.

    What is there already takes the new name and order; none is taken away.
    """
    wanted = [*_of_divisions(divisions), *_of_units(divisions, units)]
    held = {o.code: o for o in _all(connection)}
    changed = [o for o in wanted if held.get(o.code) != o]
    upsert(connection, organisations, [asdict(o) for o in changed])


def organisation(connection: Connection, code: str) -> Organisation:
    """The organisation; raises UnknownCode in words that can be shown."""
    found = organisations_by_code(connection, [code]).get(code)
    if found is None:
        raise UnknownCode(f"没有代码为 {code} 的单位。请核对单位代码。", field="org")
    return found


def organisations_by_code(connection: Connection, codes: Collection[str]) -> dict[str, Organisation]:
    """Those of `codes` that are known; the rest are left out."""
    if not codes:
        return {}
    return {row.code: _read(row) for row in connection.execute(_BY_CODE, {"codes": list(codes)})}


def children(connection: Connection, code: str) -> list[Organisation]:
    """The organisations one level down, in administrative order; the city's units come last."""
    rows = connection.execute(
        _SELECT.where(organisations.c.parent == code).order_by(organisations.c.ordinal, organisations.c.code)
    )
    return [_read(row) for row in rows]


def villages_under(connection: Connection, path: str) -> list[Organisation]:
    """The villages at or below `path`, in administrative order."""
    inside = (organisations.c.path == path) | (
        (organisations.c.path > path + "/") & (organisations.c.path < path + "0")
    )
    rows = connection.execute(
        _SELECT.where(inside, organisations.c.kind == OrgKind.VILLAGE.value).order_by(organisations.c.ordinal)
    )
    return [_read(row) for row in rows]


_SELECT = select(*(organisations.c[f.name] for f in fields(Organisation)))
_BY_CODE = _SELECT.where(among(organisations.c.code, "codes"))


def _all(connection: Connection) -> Iterable[Organisation]:
    return [_read(row) for row in connection.execute(_SELECT)]


def _read(row: Row[Any]) -> Organisation:
    return Organisation(**{**row._mapping, "kind": OrgKind[row.kind]})


def _of_divisions(divisions: Divisions) -> Iterable[Organisation]:
    for ordinal, division in enumerate(divisions.by_code.values()):
        line = [division.code, *(d.code for d in divisions.ancestors(division.code))]
        yield Organisation(
            code=division.code,
            kind=_KIND_OF_LEVEL[division.level],
            name=division.name,
            parent=line[1] if len(line) > 1 else None,
            division=division.code,
            county=division.code[:6],
            path="/".join(reversed(line)),
            ordinal=ordinal,
        )


def _of_units(divisions: Divisions, units: Sequence[Unit]) -> Iterable[Organisation]:
    city = next(divisions.at_level("city")).code
    for ordinal, unit in enumerate(units, start=len(divisions.by_code)):
        if unit.kind not in UNIT_KINDS or "/" in unit.code or unit.code in divisions:
            raise BadInput(f"单位 {unit.code} 的代码或类型不对。请用不与区划重复的代码。", field="unit")
        yield Organisation(
            code=unit.code,
            kind=unit.kind,
            name=unit.name,
            parent=city,
            division=city,
            county=city,
            path=f"{city}/{unit.code}",
            ordinal=ordinal,
        )
