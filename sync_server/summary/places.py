"""Organisations as counting sees them: a path, and the rows of a table below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select, true

from app.domain.codes import OrgKind
from app.domain.errors import UnknownCode
from sync_server.db.tables import organisations, person_facts

UNIT_KINDS = frozenset({OrgKind.CITY_UNIT, OrgKind.PROV_UNIT})
_BEHIND_SLASH = "0"  # first character after "/": what begins with "p/" lies between "p/" and "p0"
_COLUMNS = (
    organisations.c.code,
    organisations.c.kind,
    organisations.c.name,
    organisations.c.parent,
    organisations.c.path,
)


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation that has a row in a summary table."""

    code: str
    kind: OrgKind
    name: str
    parent: str | None
    path: str

    @property
    def is_whole(self) -> bool:
        """True for the city: everybody counts for it, and reading all is faster than looking each one up."""
        return self.parent is None

    @property
    def is_unit(self) -> bool:
        return self.kind in UNIT_KINDS

    def child_of(self, path: str | None) -> str | None:
        """The code of the child of this place in which `path` lies; None outside and at the place itself."""
        start = self.path + "/"
        return path[len(start) :].partition("/")[0] if path is not None and path.startswith(start) else None

    def contains(self, path: str) -> bool:
        """True for this place's own path and those below it."""
        return path == self.path or path.startswith(self.path + "/")

    def has_people(self) -> ColumnElement[bool]:
        """SQL: the person_facts of those who live here, and for a unit of those whom it employs."""
        if self.is_whole:
            return true()
        columns: list[ColumnElement[Any]] = [person_facts.c.path]
        if self.is_unit:
            columns.append(person_facts.c.unit_path)
        return or_(*(at_or_below(column, self.path) for column in columns))


def place(connection: Connection, code: str) -> Place:
    """The organisation with this code; raises UnknownCode."""
    row = connection.execute(select(*_COLUMNS).where(organisations.c.code == code)).one_or_none()
    if row is None:
        raise UnknownCode(f"没有代码为 {code} 的单位。请核对单位代码。", field="org")
    return _read(row)


def places_in(connection: Connection, code: str) -> list[Place]:
    """The organisations one level down, in administrative order; a city's units come last."""
    ordered = select(*_COLUMNS).where(organisations.c.parent == code)
    rows = connection.execute(ordered.order_by(organisations.c.ordinal, organisations.c.code))
    return [_read(row) for row in rows]


def line_of(connection: Connection, here: Place) -> list[Place]:
    """The organisations from the city down to `here` itself."""
    codes = here.path.split("/")
    rows = connection.execute(select(*_COLUMNS).where(organisations.c.code.in_(codes)))
    found = {row.code: _read(row) for row in rows}
    return [found[code] for code in codes if code in found]


def full_name(line: list[Place]) -> str:
    """How a form names the reporting organisation: county and township in front, the city only alone."""
    return "".join(p.name for p in line[1:]) or line[0].name


def county_path(path: str) -> str:
    """The county above an organisation's path; the city for a unit, which is in no county."""
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 1 and parts[1].isdigit() else parts[0]


def at_or_below(column: ColumnElement[Any], path: str) -> ColumnElement[bool]:
    """SQL: the column holds `path` or one below it; a range, which an index serves in either database."""
    return or_(column == path, and_(column > path + "/", column < path + _BEHIND_SLASH))


def _read(row: Any) -> Place:
    return Place(row.code, OrgKind[row.kind], row.name, row.parent, row.path)
