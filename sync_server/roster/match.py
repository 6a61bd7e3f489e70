"""Finding a roster's people again among those already known of the township.

In four passes, each over what the one before left: what rosters said of them last, word for word
first, so that the same roster again finds the same people; the same identity number; the same
village, name and birth; and the same village and name where one side lacks a number, so that a
number which a spreadsheet had ruined is mended and not entered beside itself.

Two different sound numbers are never one person. People without numbers who cannot be told apart
are paired in their order, and named so that a person can look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.change import Fields
from sync_server.roster.fields import difference


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """One already on the server: his record, what is known of him now, and what rosters `said` last."""

    record: str
    values: Mapping[str, Any]
    said: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_second_listing(self) -> bool:
        return bool(self.values.get("duplicate_of"))


@dataclass(frozen=True, slots=True)
class Matches:
    """`pairs`: index of the row -> the person it is; rows left out are new. `by_order`: rows paired
    with one of several people whom nothing tells apart."""

    pairs: Mapping[int, KnownPerson]
    by_order: tuple[int, ...]


_TO_THE_LETTER = ("id_number", "village", "name", "born")
_NUMBER = ("id_number",)
_LOOKS = ("village", "name", "born")
_NAME = ("village", "name")


def match(rows: Sequence[Fields], known: Sequence[KnownPerson]) -> Matches:
    """Which of `rows` (what each says of its person) are which of `known`.

    Second listings must come behind the first ones among the rows of a number. Records are made in
    the order of a roster's rows, so both sides of a group stand in that order.
    """
    people = sorted(known, key=lambda p: (p.is_second_listing, p.record))
    pairs: dict[int, KnownPerson] = {}
    by_order: list[int] = []
    said = _groups(rows, pairs, _TO_THE_LETTER), _people(people, pairs, _TO_THE_LETTER, said=True)
    for key, indexes in said[0].items():
        left = list(said[1].get(key, ()))
        for index in list(indexes):
            same = next((p for p in left if _says_nothing_new(rows[index], p)), None)
            if same is not None:
                pairs[index] = same
                left.remove(same)
        open_rows = [i for i in indexes if i not in pairs]
        by_order += _in_order(open_rows, left, pairs, is_told_apart=key[0] is not None)
    for names in (_NUMBER, _LOOKS, _NAME):
        left_over = _people(people, pairs, names, said=False)
        for key, indexes in _groups(rows, pairs, names).items():
            candidates = left_over.get(key, [])
            if names == _NUMBER:
                if key[0] is not None:
                    _in_order(indexes, candidates, pairs, is_told_apart=True)
            elif len(indexes) == len(candidates) == 1:
                if _can_be(rows[indexes[0]], candidates[0]):
                    pairs[indexes[0]] = candidates[0]
            elif names == _LOOKS and not any(_has_number(rows[i]) for i in indexes):
                numberless = [p for p in candidates if not _has_number(p.values)]
                by_order += _in_order(indexes, numberless, pairs, is_told_apart=False)
    return Matches(pairs, tuple(sorted(by_order)))


def _in_order(
    indexes: Sequence[int],
    people: Sequence[KnownPerson],
    pairs: dict[int, KnownPerson],
    *,
    is_told_apart: bool,
) -> list[int]:
    """Pair the k-th with the k-th; returns the rows for which that was a choice nothing supports."""
    chosen = list(zip(indexes, people, strict=False))
    pairs.update(chosen)
    is_choice = not is_told_apart and max(len(indexes), len(people)) > 1
    return [index for index, _ in chosen] if is_choice else []


def _groups(
    rows: Sequence[Fields], pairs: Mapping[int, KnownPerson], names: Sequence[str]
) -> dict[tuple[Hashable, ...], list[int]]:
    found: dict[tuple[Hashable, ...], list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        if index not in pairs:
            found[_key(row, names)].append(index)
    return found


def _people(
    people: Sequence[KnownPerson], pairs: Mapping[int, KnownPerson], names: Sequence[str], *, said: bool
) -> dict[tuple[Hashable, ...], list[KnownPerson]]:
    taken = {person.record for person in pairs.values()}
    found: dict[tuple[Hashable, ...], list[KnownPerson]] = defaultdict(list)
    for person in people:
        fields = person.said if said else person.values
        if person.record not in taken and fields:
            found[_key(fields, names)].append(person)
    return found


def _key(fields: Mapping[str, Any], names: Sequence[str]) -> tuple[Hashable, ...]:
    return tuple(fields.get(name) for name in names)


def _says_nothing_new(row: Fields, person: KnownPerson) -> bool:
    # Which record it repeats is decided after the pairing, and whether it died by another sheet too.
    before = {name: value for name, value in person.said.items() if name != "duplicate_of"}
    return not difference(before, row).keys() - {"deceased"}


def _has_number(fields: Mapping[str, Any]) -> bool:
    return fields.get("id_number") is not None


def _can_be(row: Fields, person: KnownPerson) -> bool:
    return len({fields.get("id_number") for fields in (row, person.values)} - {None}) < 2
