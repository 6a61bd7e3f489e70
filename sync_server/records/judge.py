"""What a Change may say: every check between a readable line and the merge.

A judgement looks at one Change and what it touches and decides nothing else, so that a bad one
blocks only itself (P6). The order is from form to meaning to scope: the first fault is the one told.
People are judged here, everything that is found out about them by the rules of judge_facts.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from app.domain.categories import BenefitCategory
from app.domain.change import VOIDED, Change
from app.domain.codes import AwayStatus, Employment, Honour, LivingTag, Merit, Sex
from app.domain.entities import MODELS
from app.domain.models import Person
from app.domain.stamp import ms_of
from sync_server.records.apply import Kept, Place, merged_head, place_of_person
from sync_server.records.bench import (
    CLOCK_SLACK_MS,
    LONGEST_ID,
    MOST,
    PARTIAL_DATE,
    Bench,
    Cleared,
    beginning_of,
    codes_of,
)
from sync_server.records.judge_facts import fact_verdict
from sync_server.records.refusals import Refusal, refusal

LONGEST_FIELDS_BYTES = 64 * 1024
_LONGEST_NAME = 96
_RESERVED = {entity: model.sets | {VOIDED, "id"} for entity, model in MODELS.items()}
_ALWAYS_SOUND = frozenset({str, bool, type(None)})


def judge(bench: Bench, change: Change, *, effective: int, is_plain: bool) -> Cleared | Refusal:
    """Whether `change` may be merged into `bench.records`, or why not.

    `is_plain` False: somewhere in its names or texts is a character that cannot be stored.
    """
    kept = bench.records.get(change.record)
    if change.actor not in bench.device.actors:
        return refusal("unknown_actor")
    if change.entity not in MODELS:
        return refusal("unknown_entity", value=change.entity)
    if kept is not None and kept.entity != change.entity:
        return refusal("record_in_use")
    if kept is None and change.kind != "create":
        return refusal("unknown_record")
    fault = _form(change, is_all_plain=is_plain)
    if fault is not None:
        return fault
    misfit = MODELS[change.entity].misfit(change.fields)
    if misfit is not None:
        return refusal("bad_field", field=misfit)
    # Written over the old values, not merged: a value that loses must be a possible one too.
    values = {**kept.head.values, **change.writes()} if kept is not None else change.writes()
    try:
        model = MODELS[change.entity].read(change.record, values)
    except ValidationError as wrong:
        return refusal("bad_field", field=".".join(str(p) for p in wrong.errors()[0]["loc"]))
    except TypeError:  # one name both for a value and for a set's elements
        return refusal("bad_field", field=_twofold(values))
    if isinstance(model, Person):
        return _person(bench, change, model, kept, effective=effective)
    return fact_verdict(bench, change, model, kept, effective=effective)


def _form(change: Change, *, is_all_plain: bool) -> Refusal | None:
    """Names and values that could not be stored, sent on or compared, whatever they mean."""
    # A set travels by element; its bare name, or a second id, would be read as something else.
    reserved = _RESERVED[change.entity]
    for name, value in change.fields.items():
        is_name = 0 < len(name) <= _LONGEST_NAME and name not in reserved
        is_value = type(value) in _ALWAYS_SOUND or _is_number_sound(value)
        if not is_name or not is_value or (not is_all_plain and not (is_plain(name) and is_plain(value))):
            return refusal("bad_field", field=name if is_plain(name) else "?")
    # `<device>:<seq>` names what became of a refused Change, and nothing that a device makes.
    is_id = is_plain(change.record) and ":" not in change.record
    return None if is_id else refusal("bad_field", field="record")


def _twofold(values: Mapping[str, Any]) -> str | None:
    heads = (name.partition("/")[0] for name in values if "/" in name)
    return next((head for head in heads if head in values), None)


def _is_number_sound(value: Any) -> bool:
    """No number inside is one on which JSON readers disagree."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return -MOST < value < MOST
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(_is_number_sound(one) for one in inner)


def is_plain(value: Any) -> bool:
    """No NUL inside, which PostgreSQL keeps in no text, nor half a surrogate pair, which UTF-8 lacks."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or not any("\ud800" <= c <= "\udfff" for c in value))
    if isinstance(value, dict):
        return all(is_plain(k) and is_plain(v) for k, v in value.items())
    return all(is_plain(one) for one in value) if isinstance(value, list) else True


def _person(
    bench: Bench, change: Change, person: Person, kept: Kept | None, *, effective: int
) -> Cleared | Refusal:
    for name, allowed in _PERSON_CODES.items():
        found = getattr(person, name)
        for code in found if isinstance(found, tuple) else (found,) if found is not None else ():
            if code not in allowed:
                return refusal("bad_field", field=name)
    if "name" in change.fields and not person.name.strip():
        return refusal("bad_field", field="name")
    if person.born is not None and PARTIAL_DATE.fullmatch(person.born) is None:
        return refusal("bad_field", field="born")
    # One taken in earlier stands in no other edit's way, nor does a roster's cost anyone his place on it.
    is_typed = "born" in change.fields and bench.device.account is not None
    if is_typed and person.born is not None and not _is_birthday(person.born, effective):
        return refusal("bad_field", field="born")
    if person.household is not None and len(person.household) > LONGEST_ID:
        return refusal("bad_field", field="household")
    for name in ("village", "unit"):
        code = getattr(person, name)
        if code and code not in bench.organisations and (kept is None or name in change.fields):
            return refusal("unknown_organisation", field=name, value=code)
    if kept is not None and "village" not in change.fields and "unit" not in change.fields:
        place: Place | None = kept.place
    else:
        # He belongs where the merge shows him, which another move, unseen by this one, may decide.
        shown = merged_head(kept, change, effective=effective).values
        place = place_of_person(shown, bench.organisations)
    if place is None:
        return refusal("bad_field", field="village")
    if change.fields.get("merged_into") is not None:
        fault = _merged(bench, change, person)
        if fault is not None:
            return fault
    # Who is held may be moved anywhere, but nobody is put into, or taken from, a stranger's list.
    held_at = kept.place if kept is not None else place
    is_held = bench.holds(change, held_at.path, held_at.unit_path)
    if not is_held and (kept is None or not bench.has_held(change, change.record)):
        return refusal("outside_scope", field="village")
    # A reviewer moves nobody to where he has no say, not even one whom the phone might have moved itself.
    if (
        bench.decider is not None
        and place != held_at
        and not bench.holds(change, place.path, place.unit_path)
    ):
        return refusal("outside_scope", field="village")
    return Cleared(place, None, person)


def _is_birthday(born: str, effective: int) -> bool:
    """A day, month or year of the calendar that had begun in China when the Change was made."""
    first = beginning_of(born)
    return first is not None and first.timestamp() * 1000 <= ms_of(effective) + CLOCK_SLACK_MS


def _merged(bench: Bench, change: Change, person: Person) -> Refusal | None:
    """Two entries of one person are joined by who holds both."""
    other = bench.records.get(person.merged_into or "")
    if person.merged_into == person.id:
        return refusal("bad_field", field="merged_into")
    if other is None or other.entity != Person.entity:
        return refusal("unknown_person", field="merged_into")
    is_held = bench.holds(change, other.place.path, other.place.unit_path)
    return None if is_held else refusal("outside_scope", field="merged_into")


_PERSON_CODES = {
    "sex": codes_of(Sex),
    "categories": codes_of(BenefitCategory),
    "living": codes_of(LivingTag),
    "honours": codes_of(Honour),
    "merit": codes_of(Merit),
    "employment": codes_of(Employment),
    "away": codes_of(AwayStatus),
}
