"""Finding a roster's people again among those already known of the township.

In three passes, each over what the one before left: the same identity number; the same village,
name and birth where that is nobody else; and the same village and name where one side lacks a
number, so that a number which a spreadsheet had ruined is mended and not entered beside itself.
Two different sound numbers are never one person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync_server.roster.model import RosterRow


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """One already on the server: his record, and what is known of him now."""

    record: str
    values: Mapping[str, Any]

    @property
    def number(self) -> str | None:
        return self.values.get("id_number")

    @property
    def is_second_listing(self) -> bool:
        return bool(self.values.get("duplicate_of"))


Pairs = dict[int, KnownPerson]  # index of the row -> the person it is


def match(rows: Sequence[RosterRow], known: Sequence[KnownPerson], *, township: str) -> Pairs:
    """Which of `rows` are which of `known`; rows that are left out are new people."""
    pairs = _by_number(rows, known)
    for key_of_row, key_of_known in _KEYS:
        taken = {person.record for person in pairs.values()}
        row_keys: dict[Hashable, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            if index not in pairs:
                row_keys[key_of_row(row, township)].append(index)
        known_keys: dict[Hashable, list[KnownPerson]] = defaultdict(list)
        for person in known:
            if person.record not in taken:
                known_keys[key_of_known(person)].append(person)
        for key, indexes in row_keys.items():
            people = known_keys.get(key, [])
            if len(indexes) == len(people) == 1 and _can_be(rows[indexes[0]], people[0]):
                pairs[indexes[0]] = people[0]
    return pairs


def _by_number(rows: Sequence[RosterRow], known: Sequence[KnownPerson]) -> Pairs:
    """First listings find first listings: both sides are in that order."""
    of_number: dict[str, list[KnownPerson]] = defaultdict(list)
    for person in sorted(known, key=lambda p: (p.is_second_listing, p.record)):
        if person.number:
            of_number[person.number].append(person)
    pairs: Pairs = {}
    for index in sorted(range(len(rows)), key=lambda i: (rows[i].of is not None, i)):
        people = of_number.get(rows[index].id or "")
        if people:
            pairs[index] = people.pop(0)
    return pairs


def _can_be(row: RosterRow, person: KnownPerson) -> bool:
    return row.id is None or person.number is None or row.id == person.number


_KeyOfRow = Callable[[RosterRow, str], Hashable]
_KeyOfKnown = Callable[[KnownPerson], Hashable]
_KEYS: tuple[tuple[_KeyOfRow, _KeyOfKnown], ...] = (
    (
        lambda row, township: (row.village or township, row.name, row.born),
        lambda p: (p.values.get("village"), p.values.get("name"), p.values.get("born")),
    ),
    (
        lambda row, township: (row.village or township, row.name),
        lambda p: (p.values.get("village"), p.values.get("name")),
    ),
)
