"""A record as the server holds it, and one Change merged into it.

The head and its merge rules are the shared kernel's (app.domain.merge); here is what the server adds:
where a record belongs. A person belongs to his village, and to the unit that employs him; a fact
belongs where its person does, and moves with him, or where judge_facts.py says if it is about nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic_core import from_json

from app.domain import merge
from app.domain.change import Change
from app.domain.merge import Head, Mark
from app.domain.models import Person
from app.domain.wire import head_from_json
from sync_server.records.organisations import UNIT_KINDS, Organisation


@dataclass(frozen=True, slots=True)
class Place:
    """The organisation paths that hold a record."""

    path: str
    unit_path: str | None = None


@dataclass(frozen=True)
class Kept:
    """A record and what its row in `heads` says beside the head.

    `county` is where it was born and never changes; `person` whom it is about (itself for a person, ""
    for what is about nobody).
    """

    county: str
    entity: str
    record: str
    person: str
    place: Place
    row: str  # wire.row_text, as it was read; "" for a head that is newer than its row
    _head: Head | None = None
    feed_no: int = 0  # of the row; 0 where head or place is newer than the row

    @cached_property
    def head(self) -> Head:
        """Decoded when asked for: of the people whom a batch's visits are about it hardly ever is."""
        return self._head or head_from_json(from_json(self.row))


def place_of_person(values: Mapping[str, Any], organisations: Mapping[str, Organisation]) -> Place | None:
    """Where a person with these field values belongs; None if neither village nor unit is known."""
    village = organisations.get(values.get("village") or "")
    unit = organisations.get(values.get("unit") or "")
    unit_path = unit.path if unit is not None and unit.kind in UNIT_KINDS else None
    if village is not None:
        return Place(village.path, unit_path)
    return Place(unit_path, unit_path) if unit_path is not None else None


def merged_head(kept: Kept | None, change: Change, *, effective: int) -> Head:
    """The head of `kept` with `change` merged in, one version later."""
    version = 1 if kept is None else kept.head.version + 1
    mark = Mark(version, effective, change.device, change.seq, change.actor)
    return merge.apply(kept.head if kept is not None else None, change, mark)


def apply_change(
    kept: Kept | None, change: Change, *, effective: int, place: Place, owner: Kept | None
) -> Kept:
    """`kept` with `change` merged in, one version later, at `place`.

    `owner` is the person whom a fact is about, None if it is about nobody. Raises nothing: the change was
    judged before (judge.py).
    """
    head = merged_head(kept, change, effective=effective)
    if kept is not None:
        county, person = kept.county, kept.person
    elif owner is not None:
        county, person = owner.county, owner.record
    else:
        county, person = county_of(place), change.record if change.entity == Person.entity else ""
    return Kept(county, head.entity, head.record, person, place, "", head)


def county_of(place: Place) -> str:
    """The key under which a record born here is kept (tables.py)."""
    parts = place.path.split("/")
    is_county = len(parts) > 1 and parts[1].isdigit()
    return parts[1] if is_county else parts[0]
