"""Everything that counts for one organisation, as plain lists: the slow, obvious half of counting.

`gather` decides which records count and about whom they are; `Recount` answers one question a
method. The rules are told in `app.domain.metrics`; nothing here is clever, because the server's
SQL is tested against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.domain.campaign import Campaign, Group
from app.domain.codes import Assistance, CardState, ConfirmationResult, FileState, OpinionTarget, PhotoKind
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
from app.domain.groups import KEY_CATEGORIES, belongs, is_away
from app.domain.identity import PRIMARY_CLASSES, first_listings, identity_number, primary_class
from app.domain.models import Need, Person, RecordModel, Visit
from app.domain.needs import CLOSED_STATES, UNTRUE_STATE

PRIORITY_CARE = "visit"  # groups of R16, whose distinct union is D5
Seen = tuple[str, str, Visit]  # identity, household, visit
_VISITS_OWN = frozenset({Assistance.CASH, Assistance.GOODS})  # counted as 慰问金 and 慰问品 (E1, E2)


@dataclass(frozen=True)
class Recount:
    """What lies in one organisation, as plain lists. `listings` holds the listings of each identity."""

    campaign: Campaign
    listings: dict[str, list[Person]]
    visits: list[Seen]  # not voided, this campaign's
    needs: list[tuple[str, Need]]  # identity, need as its steps left it: neither voided nor found untrue
    found_dead: set[str]
    steps: list[tuple[str, NeedStep]]  # of these needs
    findings: list[tuple[str, RecordModel]]  # identity, what was found out about the person
    own: list[RecordModel]  # what counts at the station itself, about nobody

    @cached_property
    def living(self) -> set[str]:
        on_roster_dead = {i for i, found in self.listings.items() if any(p.deceased for p in found)}
        return set(self.listings) - on_roster_dead - self.found_dead

    @cached_property
    def contacts(self) -> list[Seen]:
        reached = {r.code for r in self.campaign.results if r.contact}
        return [found for found in self.visits if found[2].result in reached]

    @cached_property
    def contacted(self) -> set[str]:
        return {identity for identity, _, _ in self.contacts}

    @property
    def contacted_away(self) -> set[str]:
        return {i for i in self.contacted if any(is_away(p.away) for p in self.listings[i])}

    def due(self, code: str) -> set[str]:
        """The living who belong to the group with this code."""
        return self.members(next(g for g in self.campaign.groups if g.code == code))

    def members(self, group: Group) -> set[str]:
        """The living who belong to `group`."""
        on = self.campaign.reference_date
        with_need = {identity for identity, _ in self.needs}
        return {
            i
            for i in self.living
            if any(belongs(group, p, on=on, has_need=i in with_need) for p in self.listings[i])
        }

    def priority(self) -> set[str]:
        """The living who belong to any group that is to be visited first (R16)."""
        groups = [g for g in self.campaign.groups if g.care == PRIORITY_CARE]
        return set().union(*(self.members(g) for g in groups))

    def of_class(self, wanted: str) -> int:
        """How many of the living stand under this class; of several listings the first class in order."""
        classes = [{primary_class(p.categories) for p in self.listings[i]} for i in self.living]
        return [min(found, key=PRIMARY_CLASSES.index) for found in classes].count(wanted)

    def contacts_by(self, method: str) -> int:
        """Contacts by `method`; where the method only sends, also the messages sent."""
        reached = [v for _, _, v in self.contacts if v.method == method]
        sent = {r.code for r in self.campaign.results if r.sent and not r.contact}
        messages = [v for _, _, v in self.visits if v.method == method and v.result in sent]
        sends = any(m.sends for m in self.campaign.methods if m.code == method)
        return len(reached) + (len(messages) if sends else 0)

    def checked(self, item: str) -> list[Seen]:
        """Contacts in which the checklist's `item` was ticked."""
        return [found for found in self.contacts if item in found[2].checklist]

    def closed(self) -> int:
        return sum(need.state in CLOSED_STATES for _, need in self.needs)

    @property
    def aid(self) -> list[tuple[str, NeedStep]]:
        """The steps by which something was given, other than what visits count themselves."""
        return [found for found in self.steps if is_aid(found[1].assistance, found[1].money_fen)]

    @property
    def confirmed(self) -> set[str]:
        """Who was confirmed (年度确认), of those whom it concerns."""
        done = {i for i, c in self._of(Confirmation) if c.result != ConfirmationResult.PUT_OFF}
        return {i for i in done if self._is_key(i)}

    @property
    def to_confirm(self) -> set[str]:
        """The living whom the annual confirmation concerns, and whoever was confirmed."""
        return {i for i in self.living if self._is_key(i)} | self.confirmed

    def filed(self) -> set[str]:
        return {i for i, step in self._of(FileStep) if step.state == FileState.FILED}

    def card(self, state: CardState) -> set[str]:
        return {i for i, step in self._of(CardStep) if step.state == state}

    def exemplary(self) -> set[str]:
        return {i for i, _ in self._of(ExemplarySubject)}

    def activities(self, kind: str) -> list[Activity]:
        return [a for a in self.own if isinstance(a, Activity) and a.kind == kind]

    def opinions(self, *, about_workers: bool) -> int:
        heard = [o for o in (*self.own, *(f for _, f in self.findings)) if isinstance(o, Opinion)]
        return sum((o.target == OpinionTarget.WORKER) == about_workers for o in heard)

    def photos(self, *kinds: PhotoKind) -> int:
        taken = [p for p in (*self.own, *(f for _, f in self.findings)) if isinstance(p, Photo)]
        return sum(p.kind in kinds for p in taken)

    def _of(self, model: type[Any]) -> list[tuple[str, Any]]:
        return [(i, found) for i, found in self.findings if isinstance(found, model)]

    def _is_key(self, person: str) -> bool:
        return any(not KEY_CATEGORIES.isdisjoint(p.categories) for p in self.listings[person])

    def total(self, amount: Callable[[Visit], int]) -> int:
        """The sum over every visit, whoever was met."""
        return sum(amount(visit) for _, _, visit in self.visits)


def persons_of(seen: Iterable[Seen]) -> int:
    return len({person for person, _, _ in seen})


def households_of(seen: Iterable[Seen]) -> int:
    return len({household for _, household, _ in seen})


def attendance(activities: Iterable[Activity]) -> int:
    return sum(sum(activity.attendance.values()) for activity in activities)


def is_aid(assistance: Collection[str], money_fen: int) -> bool:
    """Whether a step gave something other than 慰问金 and 慰问品, which its visit counts."""
    given = set(assistance)
    return bool(given - _VISITS_OWN) or (not given and money_fen > 0)


def gather(
    campaign: Campaign,
    people: list[Person],
    visits: list[Visit],
    needs: list[Need],
    facts: list[Any],
    *,
    within: Callable[[Person], bool],
    station_within: Callable[[str], bool],
) -> Recount:
    """The records that count for one organisation, each with the person it is about.

    `facts` are of app.domain.facts, steps in the order in which they count; `station_within` tells by its
    code whether a station lies in the organisation.
    """
    by_id = {p.id: p for p in people if not p.voided}
    second = {p.id: p.second_of for p in by_id.values() if p.second_of}
    stands = first_listings(second, by_id.keys() - second.keys())
    counted = {i: p for i, p in by_id.items() if stands.get(i, i) == i and within(p)}
    listings: dict[str, list[Person]] = defaultdict(list)
    for person in counted.values():
        listings[identity(person)].append(person)

    def about(record: str) -> Person | None:
        return counted.get(stands.get(record, record))

    seen = [(about(v.person), v) for v in visits if not v.voided]
    death = {r.code for r in campaign.results if r.death}
    steps = [f for f in facts if isinstance(f, NeedStep) and not f.voided]
    state = {step.need: step.state for step in steps}  # of the last one
    noted = [
        (about(n.person), n.model_copy(update={"state": state.get(n.id, n.state)}))
        for n in needs
        if not n.voided and n.campaign == campaign.code
    ]
    counted_needs = [(identity(p), n) for p, n in noted if p and n.state != UNTRUE_STATE]
    whose = {n.id: person for person, n in counted_needs}
    found = [f for f in facts if not isinstance(f, NeedStep) and not f.voided and f.campaign == campaign.code]
    of_people = [(about(f.person), f) for f in found if _counts_with(f)]
    return Recount(
        campaign,
        dict(listings),
        [(identity(p), p.household or identity(p), v) for p, v in seen if p and v.campaign == campaign.code],
        counted_needs,
        {identity(p) for p, v in seen if p and v.result in death},
        [(whose[step.need], step) for step in steps if step.need in whose],
        [(identity(p), f) for p, f in of_people if p],
        [f for f in found if not _counts_with(f) and station_within(_station_of(f, campaign))],
    )


def _counts_with(fact: Any) -> str | None:
    """The person with whom a fact counts, None where it counts at a station."""
    if isinstance(fact, Opinion) and fact.target == OpinionTarget.WORKER:
        return None
    person: str | None = getattr(fact, "person", None)
    return person


def _station_of(fact: Any, campaign: Campaign) -> str:
    """The code of the station where a fact about nobody counts: one on a worker at his county, or at the
    city for a unit's."""
    code = str(fact.organisation)
    if isinstance(fact, Opinion) and fact.target == OpinionTarget.WORKER:
        return code[:6] if code.isdigit() else campaign.region
    return code


def identity(person: Person) -> str:
    """The plain form of what the server keeps as a keyed hash."""
    return identity_number(person.id_number) or person.id
