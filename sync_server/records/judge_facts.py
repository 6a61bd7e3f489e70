"""What may be said of visits and of all that is found out: one rule for each entity, and where it belongs.

A fact about a person belongs where he does and moves with him. One about nobody belongs to the station
that made it. An opinion about a worker belongs to the county, whoever it names: no village or town scope
holds it, and so no station that it may be about (domain.md 2.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.change import Change, Fields
from app.domain.codes import (
    ActivityKind,
    Assistance,
    AttendeeKind,
    CardState,
    ConfirmationMethod,
    ConfirmationResult,
    ExemplaryKind,
    FileState,
    HonourLevel,
    NeedCause,
    NeedOutcome,
    NeedSeverity,
    NeedState,
    NeedType,
    OpinionTarget,
    PhotoKind,
)
from app.domain.facts import (
    Activity,
    CardStep,
    Confirmation,
    ExemplarySubject,
    FileStep,
    NeedStep,
    Opinion,
    Photo,
)
from app.domain.models import Need, Person, RecordModel, Visit
from app.domain.unsigned import is_anonymous
from sync_server.records.apply import Kept, Place
from sync_server.records.bench import LONGEST_ID, Bench, Cleared, begun, codes_of, in_time
from sync_server.records.campaigns import CampaignCodes
from sync_server.records.refusals import Refusal, over_limit, refusal
from sync_server.summary.places import county_path

# What a fact may name beside its person: field -> the entity, which is told as missing by its own code.
NAMED = {"visit": Visit.entity, "need": Need.entity, "activity": Activity.entity}
_FIRST_YEAR_OF_OPINIONS = 2000
_MOST_ATTENDEES = 100_000
_MOST_LISTED = 2_000
_ATTENDEES = codes_of(AttendeeKind)

# What an amendment writes (None for a creation): an amount or a day that was taken in is not its concern.
Said = Fields | None


@dataclass(frozen=True, slots=True)
class FactRule:
    """How one entity is checked: the code lists of its fields, its times, what only it has to keep to, and
    which of its fields is a day, month or year that cannot lie ahead."""

    codes: Mapping[str, frozenset[str]]
    times: tuple[str, ...] = ("at",)
    check: Callable[[CampaignCodes, Any, Said], Refusal | None] | None = None
    date: str | None = None


def fact_verdict(
    bench: Bench, change: Change, model: RecordModel, kept: Kept | None, *, effective: int
) -> Cleared | Refusal:
    """Whether `change`, by which the fact is `model`, may be merged into `kept`."""
    fact: Any = model  # every fact has a campaign and an organisation
    person = getattr(fact, "person", None)
    is_countys = _is_countys(fact)
    owner = bench.records.get(person) if person is not None else None
    if person is not None and (owner is None or owner.entity != Person.entity):
        return refusal("unknown_person", field="person")
    if kept is not None and kept.entity == Opinion.entity and _was_countys(kept) != is_countys:
        return refusal("bad_field", field="target")  # what a station has read cannot become a secret
    if kept is not None and is_anonymous(kept.head) and not fact.anonymous:
        return refusal("bad_field", field="anonymous")  # nobody puts a name to it afterwards
    if kept is not None and kept.person != ("" if owner is None or is_countys else owner.record):
        return refusal("bad_field", field="person")  # a fact about somebody else is another fact
    codes = bench.campaigns.get(fact.campaign)
    if codes is None:
        return refusal("unknown_campaign", field="campaign", value=fact.campaign)
    said = change.fields if kept is not None else None
    fault = _content(bench, codes, model, said=said, effective=effective) or _named(bench, fact)
    if fault is not None:
        return fault
    if fact.organisation not in bench.organisations:
        return refusal("unknown_organisation", field="organisation", value=fact.organisation)
    own = bench.organisations[fact.organisation].path
    if not bench.holds(change, own):
        return refusal("outside_scope", field="organisation")
    performer = change.fields.get("performer")  # one that the record has had before is as good as ever
    had = kept is not None and performer == kept.head.values.get("performer")
    if performer and not had and not bench.knows_performer(change, performer, fact.organisation):
        return refusal("unknown_performer", field="performer")
    is_authors = kept is not None and _wrote(change, kept)
    if owner is not None and not (is_countys and is_authors):
        is_held = bench.holds(change, owner.place.path, owner.place.unit_path)
        if not is_held and not bench.has_held(change, owner.record):
            return refusal("outside_scope", field="person")
    if owner is not None and not is_countys:
        return Cleared(owner.place, owner, model)
    if kept is not None and not is_authors and not bench.holds(change, kept.place.path):
        return refusal("outside_scope", field="organisation")
    return Cleared(Place(county_path(own) if is_countys else own), None, model)


_NOT_ON_WORKERS = tuple(target.value for target in OpinionTarget if target != OpinionTarget.WORKER)


def is_for_the_county(change: Change) -> bool:
    """Whether a Change may be about an opinion on a worker, so that nobody below the county may see it,
    accepted or refused. One that amends an opinion need not say on what, and one that says it in no code
    that we know may mean it."""
    return change.entity == Opinion.entity and change.fields.get("target") not in _NOT_ON_WORKERS


def _is_countys(model: RecordModel) -> bool:
    return isinstance(model, Opinion) and model.target == OpinionTarget.WORKER


def _was_countys(kept: Kept) -> bool:
    return kept.head.values.get("target") == OpinionTarget.WORKER


def _wrote(change: Change, kept: Kept) -> bool:
    """Whether the record was made by this device, or by this account under another device id."""
    first = kept.head.first
    return change.device == first.device or (bool(first.actor) and change.actor == first.actor)


def _content(bench: Bench, codes: CampaignCodes, model: Any, *, said: Said, effective: int) -> Refusal | None:
    rule = RULES[model.entity]
    for name, allowed in rule.codes.items():
        found = getattr(model, name)
        for code in found if isinstance(found, tuple | dict) else (found,) if found is not None else ():
            if code not in allowed:
                return refusal("bad_field", field=name)
    if not 0 < len(getattr(model, "performer", "-")) <= LONGEST_ID:
        return refusal("bad_field", field="performer")
    fault = rule.check(codes, model, said) if rule.check is not None else None
    if fault is not None:
        return fault
    date = getattr(model, rule.date) if rule.date is not None and _says(said, rule.date) else None
    if rule.date is not None and date is not None:
        fault = begun(bench, str(date), rule.date, effective)
        if fault is not None:
            return fault
    faults = (in_time(bench, getattr(model, name), name, effective) for name in rule.times)
    return next((fault for fault in faults if fault is not None), None)


def _named(bench: Bench, model: Any) -> Refusal | None:
    """The visit, need or activity that a fact names is here, and is about the same person."""
    for name, entity in NAMED.items():
        wanted = getattr(model, name, None)
        if wanted is None:
            continue
        found = bench.records.get(wanted)
        if found is None or found.entity != entity:
            return refusal(f"unknown_{name}", field=name)
        if found.person and found.person != model.person:
            return refusal("bad_field", field=name)
    return None


def _visit(codes: CampaignCodes, visit: Visit, said: Said) -> Refusal | None:
    results = codes.results.get(visit.method)
    if results is None:
        return refusal("unknown_method", field="method", value=visit.method)
    if visit.result not in results:
        return refusal("unknown_result", field="result", value=visit.result)
    unknown = [code for code in visit.checklist if code not in codes.checklist]
    if unknown:
        return refusal("unknown_checklist", field="checklist", value=unknown[0])
    return _amount(visit, "cash_fen", codes.limits.cash_fen, said) or _amount(
        visit, "goods_fen", codes.limits.goods_fen, said
    )


def _need_step(codes: CampaignCodes, step: NeedStep, said: Said) -> Refusal | None:
    """Which step may follow which is not asked here: two stations that were both offline may have taken
    one each, and both stay. What does not fit is told to a person (app.domain.needs)."""
    if step.state == NeedState.CLOSED and step.outcome is None:
        return refusal("bad_field", field="outcome")
    return _amount(step, "money_fen", codes.limits.aid_fen, said)


def _opinion(_codes: CampaignCodes, opinion: Opinion, said: Said) -> Refusal | None:
    if opinion.day.year < _FIRST_YEAR_OF_OPINIONS and _says(said, "day"):
        return refusal("bad_field", field="day")
    if opinion.anonymous and (opinion.person is not None or opinion.visit is not None):
        return refusal("bad_field", field="anonymous")
    # Words about a worker that a phone could not seal are taken as they are: refused, they would lie
    # before the reviewer of the very station; the county's own record is where they are safe.
    if opinion.sealed and opinion.target != OpinionTarget.WORKER:
        return refusal("bad_field", field="sealed")
    return None


def _activity(_codes: CampaignCodes, activity: Activity, _said: Said) -> Refusal | None:
    if any(not 0 <= count <= _MOST_ATTENDEES for count in activity.attendance.values()):
        return refusal("bad_field", field="attendance")
    if len(activity.people) > _MOST_LISTED or any(len(person) > LONGEST_ID for person in activity.people):
        return refusal("bad_field", field="people")
    return None


def _confirmation(codes: CampaignCodes, confirmation: Confirmation, said: Said) -> Refusal | None:
    """Whoever is confirmed in a campaign is confirmed for its year: so each of them counts as done."""
    if confirmation.year != codes.year and (_says(said, "year") or _says(said, "campaign")):
        return refusal("bad_field", field="year")
    return None


def _photo(_codes: CampaignCodes, photo: Photo, _said: Said) -> Refusal | None:
    if (photo.visit is None) == (photo.activity is None):
        return refusal("bad_field", field="visit")
    if (photo.visit is None) != (photo.person is None):
        return refusal("bad_field", field="person")
    return None if 0 < len(photo.mime) <= LONGEST_ID else refusal("bad_field", field="mime")


def _amount(fact: RecordModel, name: str, limit_fen: int, said: Said) -> Refusal | None:
    fen = getattr(fact, name)
    if fen > limit_fen and _says(said, name):
        return over_limit(name, fen, limit_fen=limit_fen)
    return None


def _says(said: Said, name: str) -> bool:
    return said is None or name in said


RULES: Mapping[str, FactRule] = {
    Visit.entity: FactRule({}, ("at", "saved_at"), _visit, "died_on"),
    Need.entity: FactRule(
        {
            "type": codes_of(NeedType),
            "severity": codes_of(NeedSeverity),
            "cause": codes_of(NeedCause),
            "state": codes_of(NeedState),
        },
        ("found_at",),
    ),
    NeedStep.entity: FactRule(
        {
            "state": codes_of(NeedState),
            "outcome": codes_of(NeedOutcome),
            "assistance": codes_of(Assistance),
        },
        check=_need_step,
    ),
    Opinion.entity: FactRule({"target": codes_of(OpinionTarget)}, (), _opinion, "day"),
    Activity.entity: FactRule({"kind": codes_of(ActivityKind), "attendance": _ATTENDEES}, check=_activity),
    Confirmation.entity: FactRule(
        {"method": codes_of(ConfirmationMethod), "result": codes_of(ConfirmationResult)},
        check=_confirmation,
    ),
    CardStep.entity: FactRule({"state": codes_of(CardState)}),
    FileStep.entity: FactRule({"state": codes_of(FileState)}),
    ExemplarySubject.entity: FactRule(
        {"kind": codes_of(ExemplaryKind), "level": codes_of(HonourLevel)}, date="year"
    ),
    Photo.entity: FactRule({"kind": codes_of(PhotoKind)}, ("taken_at",), _photo),
}
