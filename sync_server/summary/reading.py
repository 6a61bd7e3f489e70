"""What facts are read into while a table is counted, and how they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, select

from sync_server.db.tables import person_facts
from sync_server.summary.places import Place
from sync_server.summary.plan import Plan
from sync_server.summary.tally import Listings

IN_LIST = 500  # values in one IN (...); databases limit them


@dataclass(frozen=True, slots=True)
class Reading:
    """What facts are read into: `index_of` leads from a record, first or second, to its listing."""

    connection: Connection
    plan: Plan
    here: Place
    second: list[str]
    index_of: dict[str, int]
    listings: Listings


def driver_rows(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver gives them: wrapping 200,000 would take a third as long as reading them.

    Right for text and whole numbers, and for truth values where 1 is as good as True.
    """
    return cast("Iterator[tuple[Any, ...]]", connection.execute(query).cursor)


def about_people(into: Reading, person: Any) -> Iterator[ColumnElement[bool]]:
    """Conditions, none overlapping, for facts about the first listings and the second ones."""
    yield person.in_(select(person_facts.c.record).where(into.here.has_people(), person_facts.c.is_counted))
    for start in range(0, len(into.second), IN_LIST):
        yield person.in_(into.second[start : start + IN_LIST])
