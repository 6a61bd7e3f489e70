"""What a Change may say: every check between a readable line and the merge.

A judgement looks at one Change and what it touches and decides nothing else, so that a bad one
blocks only itself (P6). The order is from form to meaning to scope: the first fault is the one told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from app.domain.campaign import Limits
from app.domain.categories import BenefitCategory
from app.domain.change import VOIDED, Change, Fields
from app.domain.codes import (
    AwayStatus,
    Employment,
    Honour,
    LivingTag,
    Merit,
    NeedSeverity,
    NeedState,
    NeedType,
    Sex,
)
from app.domain.models import MODELS, Need, Person, RecordModel, Visit
from app.domain.stamp import ms_of
from sync_server.records.accounts import DeviceRow
from sync_server.records.apply import Kept, Place, merged_head, place_of_person
from sync_server.records.campaigns import CampaignCodes
from sync_server.records.organisations import Organisation
from sync_server.records.refusals import Refusal, over_limit, refusal
from sync_server.records.scope import Scope

LONGEST_FIELDS_BYTES = 64 * 1024
_LONGEST_NAME = 96
_RESERVED = {entity: model.sets | {VOIDED, "id"} for entity, model in MODELS.items()}
_ALWAYS_SOUND = frozenset({str, bool, type(None)})
_LONGEST_ID = 64
_MOST = 2**53  # beyond it JSON readers disagree
_CHINA = timezone(timedelta(hours=8))
_CLOCK_SLACK_MS = 10 * 60 * 1000
_BORN = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


@dataclass(slots=True)
class Bench:
    """What the Changes of a batch are judged against; `records` grows with each accepted one.

    `held` tells whether a person lay in a scope at the cursor that the device sent, though he has left
    it since (P11); `works_at` whether an account works, or has worked, at an organisation. `decider` is
    the scope of the reviewer by whose decision a Change is judged, if one is.
    """

    device: DeviceRow
    offset_ms: int
    organisations: Mapping[str, Organisation]
    campaigns: Mapping[str, CampaignCodes]
    records: MutableMapping[str, Kept]
    held: Callable[[Scope, str], bool]
    works_at: Callable[[str, str], bool]
    decider: Scope | None = None

    def holds(self, change: Change, path: str, unit_path: str | None = None) -> bool:
        """True if what has these paths is of those to whom `change` may say something: the actor's, and
        the deciding reviewer's. Asked one by one: united, a unit's people would count as the reviewer's."""
        scopes = [self.device.scope_of(change.actor), *([self.decider] if self.decider is not None else [])]
        return any(scope.holds(path, unit_path) for scope in scopes)

    def knows_performer(self, change: Change, performer: str, organisation: str) -> bool:
        """True if what was done for `organisation` may have been done by `performer`: the actor himself,
        another worker of this phone, or a colleague there, for whom somebody else writes it down."""
        here = performer == change.actor or performer in self.device.actors
        return here or self.decider is not None or self.works_at(performer, organisation)

    def has_held(self, change: Change, person: str) -> bool:
        """True if `person` was rightly on the actor's list when the device last asked."""
        return self.held(self.device.scope_of(change.actor), person)


@dataclass(frozen=True, slots=True)
class Cleared:
    """A Change that may be merged: where its record belongs, and the person whom a fact is about.

    `model` is the record as the Change has it.
    """

    place: Place
    owner: Kept | None
    model: RecordModel


def decided_by_a_person(bench: Bench, change: Change, decider: Scope) -> Bench:
    """`bench` without the rules that a reviewer may set aside: how much was given, who said and did it, and,
    inside his own scope `decider`, whose people they are. What cannot be in a record is refused as ever."""
    actors = bench.device.actors | {change.actor}
    device = replace(bench.device, actors=actors, is_revoked=False)
    unlimited = Limits(cash_fen=_MOST, goods_fen=_MOST)
    campaigns = {code: replace(codes, limits=unlimited) for code, codes in bench.campaigns.items()}
    return replace(bench, device=device, campaigns=campaigns, decider=decider)


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
    return _fact(bench, change, model, kept, effective=effective)


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
        return -_MOST < value < _MOST
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
    if person.born is not None and _BORN.fullmatch(person.born) is None:
        return refusal("bad_field", field="born")
    # One taken in earlier stands in no other edit's way, nor does a roster's cost anyone his place on it.
    is_typed = "born" in change.fields and bench.device.account is not None
    if is_typed and person.born is not None and not _is_birthday(person.born, effective):
        return refusal("bad_field", field="born")
    if person.household is not None and len(person.household) > _LONGEST_ID:
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
    try:
        first = datetime.fromisoformat(born + "-01-01"[len(born) - 4 :])
    except ValueError:
        return False
    return first.replace(tzinfo=_CHINA).timestamp() * 1000 <= ms_of(effective) + _CLOCK_SLACK_MS


def _merged(bench: Bench, change: Change, person: Person) -> Refusal | None:
    """Two entries of one person are joined by who holds both."""
    other = bench.records.get(person.merged_into or "")
    if person.merged_into == person.id:
        return refusal("bad_field", field="merged_into")
    if other is None or other.entity != Person.entity:
        return refusal("unknown_person", field="merged_into")
    is_held = bench.holds(change, other.place.path, other.place.unit_path)
    return None if is_held else refusal("outside_scope", field="merged_into")


def _fact(
    bench: Bench, change: Change, model: RecordModel, kept: Kept | None, *, effective: int
) -> Cleared | Refusal:
    assert isinstance(model, Visit | Need)
    owner = bench.records.get(model.person)
    if owner is None or owner.entity != Person.entity:
        return refusal("unknown_person", field="person")
    if kept is not None and kept.person != model.person:
        return refusal("bad_field", field="person")  # a fact about somebody else is another fact
    codes = bench.campaigns.get(model.campaign)
    if codes is None:
        return refusal("unknown_campaign", field="campaign", value=model.campaign)
    fault = (
        _visit(bench, codes, model, said=change.fields if kept is not None else None, effective=effective)
        if isinstance(model, Visit)
        else _need(bench, model, effective=effective)
    )
    if fault is not None:
        return fault
    if model.organisation not in bench.organisations:
        return refusal("unknown_organisation", field="organisation", value=model.organisation)
    if not bench.holds(change, bench.organisations[model.organisation].path):
        return refusal("outside_scope", field="organisation")
    performer = change.fields.get("performer")  # one that the record has had before is as good as ever
    had = kept is not None and performer == kept.head.values.get("performer")
    if performer and not had and not bench.knows_performer(change, performer, model.organisation):
        return refusal("unknown_performer", field="performer")
    is_held = bench.holds(change, owner.place.path, owner.place.unit_path)
    if not is_held and not bench.has_held(change, model.person):
        return refusal("outside_scope", field="person")
    return Cleared(owner.place, owner, model)


def _visit(
    bench: Bench, codes: CampaignCodes, visit: Visit, *, said: Fields | None, effective: int
) -> Refusal | None:
    """`said` is what an amendment writes; an amount that a person took in is not its concern."""
    results = codes.results.get(visit.method)
    if results is None:
        return refusal("unknown_method", field="method", value=visit.method)
    if visit.result not in results:
        return refusal("unknown_result", field="result", value=visit.result)
    unknown = [code for code in visit.checklist if code not in codes.checklist]
    if unknown:
        return refusal("unknown_checklist", field="checklist", value=unknown[0])
    if visit.cash_fen > codes.limits.cash_fen and (said is None or "cash_fen" in said):
        return over_limit("cash_fen", visit.cash_fen, limit_fen=codes.limits.cash_fen)
    if visit.goods_fen > codes.limits.goods_fen and (said is None or "goods_fen" in said):
        return over_limit("goods_fen", visit.goods_fen, limit_fen=codes.limits.goods_fen)
    if not 0 < len(visit.performer) <= _LONGEST_ID:
        return refusal("bad_field", field="performer")
    return _in_time(bench, visit.at, "at", effective) or _in_time(
        bench, visit.saved_at, "saved_at", effective
    )


def _need(bench: Bench, need: Need, *, effective: int) -> Refusal | None:
    for name, allowed in _NEED_CODES.items():
        if getattr(need, name) not in allowed:
            return refusal("bad_field", field=name)
    if need.visit is not None:
        visit = bench.records.get(need.visit)
        if visit is None or visit.entity != Visit.entity:
            return refusal("unknown_visit", field="visit")
    return _in_time(bench, need.found_at, "found_at", effective)


def _in_time(bench: Bench, claimed: datetime, name: str, effective: int) -> Refusal | None:
    """A time on the phone's clock is corrected as its stamps are, and then lies not after the Change."""
    corrected_ms = claimed.timestamp() * 1000 + bench.offset_ms
    if corrected_ms > ms_of(effective) + _CLOCK_SLACK_MS:
        return refusal("future_time", field=name)
    return refusal("bad_field", field=name) if _is_beyond_calendars(claimed) else None


def _is_beyond_calendars(moment: datetime) -> bool:
    """In the first or last year that a computer knows: told in another time zone it may be in none."""
    return moment.year in (MINYEAR, MAXYEAR)


def _codes(*enums: type[StrEnum]) -> frozenset[str]:
    return frozenset(member.value for enum in enums for member in enum)


_PERSON_CODES = {
    "sex": _codes(Sex),
    "categories": _codes(BenefitCategory),
    "living": _codes(LivingTag),
    "honours": _codes(Honour),
    "merit": _codes(Merit),
    "employment": _codes(Employment),
    "away": _codes(AwayStatus),
}
_NEED_CODES = {"type": _codes(NeedType), "severity": _codes(NeedSeverity), "state": _codes(NeedState)}
