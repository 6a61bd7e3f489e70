"""Everything that counts for one organisation, as plain lists: the slow, obvious half of counting.

`gather` decides which records count and about whom they are; `Recount` answers one question a
method. The rules are told in `app.domain.metrics`; nothing here is clever, because the server's
SQL is tested against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from app.domain.campaign import Campaign, Group
from app.domain.codes import NeedState
from app.domain.groups import belongs, is_away
from app.domain.identity import PRIMARY_CLASSES, first_listings, identity_number, primary_class
from app.domain.models import Need, Person, Visit

CLOSED_STATES = frozenset({NeedState.CLOSED.value, NeedState.FOLLOWED_UP.value})
UNTRUE_STATE = NeedState.NOT_CONFIRMED.value
PRIORITY_CARE = "visit"  # groups of R16, whose distinct union is D5
Seen = tuple[str, str, Visit]  # identity, household, visit


@dataclass(frozen=True)
class Recount:
    """What lies in one organisation, as plain lists. `listings` holds the listings of each identity."""

    campaign: Campaign
    listings: dict[str, list[Person]]
    visits: list[Seen]  # not voided, this campaign's
    needs: list[tuple[str, Need]]  # identity, need: neither voided nor found untrue
    found_dead: set[str]

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

    def total(self, amount: Callable[[Visit], int]) -> int:
        """The sum over every visit, whoever was met."""
        return sum(amount(visit) for _, _, visit in self.visits)


def persons_of(seen: Iterable[Seen]) -> int:
    return len({person for person, _, _ in seen})


def households_of(seen: Iterable[Seen]) -> int:
    return len({household for _, household, _ in seen})


def gather(
    campaign: Campaign,
    people: list[Person],
    visits: list[Visit],
    needs: list[Need],
    within: Callable[[Person], bool],
) -> Recount:
    """The records that count for one organisation, each with the person it is about."""
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
    noted = [(about(n.person), n) for n in needs if not n.voided and n.campaign == campaign.code]
    return Recount(
        campaign,
        dict(listings),
        [(identity(p), p.household or identity(p), v) for p, v in seen if p and v.campaign == campaign.code],
        [(identity(p), n) for p, n in noted if p and n.state != UNTRUE_STATE],
        {identity(p) for p, v in seen if p and v.result in death},
    )


def identity(person: Person) -> str:
    """The plain form of what the server keeps as a keyed hash."""
    return identity_number(person.id_number) or person.id
