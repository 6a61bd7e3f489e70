"""The whole invented city, part by part: what each township and unit would send to the server.

A part is a list of Changes of one device, in its order: the roster first, then visits and hardships
as they were saved. So the city takes the same way into the tables as everybody's work, and nothing
in the demo can look right that the product would not do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.domain.campaign import Campaign
from app.domain.change import Change
from app.domain.codes import AwayStatus
from app.domain.divisions import Division, Divisions
from app.domain.ids import new_id
from app.domain.models import Person, RecordModel
from app.domain.stamp import hlc_of
from sync_server.demo.chance import share_out, stream
from sync_server.demo.findings import as_found, found_out, meetings
from sync_server.demo.identity import IdNumbers
from sync_server.demo.people import invent_people
from sync_server.demo.places import SHOWCASE_VILLAGE, UNITS, Unit, unit_place, village_place
from sync_server.demo.showcase import CAST_SIZE, showcase_people, showcase_visits
from sync_server.demo.visits import SHANGHAI, Contacts, Worker, invent_visits

CAMPAIGN_NAME = "八一大走访活动（演示）"
SHOWCASE_VISITS = 20  # few enough that the phone still has a list of people to see
DAYS_LEFT = 6  # a newcomer sees a campaign in its last week


@dataclass(frozen=True, slots=True)
class Size:
    """How big the city is. The showcase township has `showcase` people a village, whatever the rest has."""

    people: int
    visits: int
    in_units: int
    showcase: int = 38


SIZES = {
    "small": Size(people=6_000, visits=7_200, in_units=96),
    "lishui": Size(people=75_000, visits=120_000, in_units=1_500),
}


@dataclass(frozen=True, slots=True)
class Part:
    """What one device sends: `organisation` is the township or unit it belongs to."""

    device: str
    organisation: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class _City:
    """What every part of the city is made with; `ids` remembers the ID numbers given out."""

    seed: int
    divisions: Divisions
    campaign: Campaign
    today: date
    ids: IdNumbers

    @property
    def roster_ms(self) -> int:
        return roster_ms(self.campaign)

    def worker(self, organisation: str) -> Worker:
        return Worker(worker_of(self.seed, organisation, self.campaign), organisation)


@dataclass(frozen=True, slots=True)
class _Village:
    division: Division
    people: int
    visits: int


def moved_campaign(campaign: Campaign, today: date) -> Campaign:
    """`campaign` with its dates moved so that `today` lies in its last week."""
    return campaign.ending_on(today + timedelta(days=DAYS_LEFT), name=CAMPAIGN_NAME)


def roster_ms(campaign: Campaign) -> int:
    """When rosters were taken in and accounts made: ten o'clock, four days before the campaign."""
    return _ms(datetime.combine(campaign.starts_on - timedelta(days=4), time(10), SHANGHAI))


def worker_of(seed: int, organisation: str, campaign: Campaign) -> str:
    """The account id of the one who visits for this village or unit."""
    return new_id(roster_ms(campaign), stream(seed, "worker", organisation).randbytes)


def parts_of(
    size: Size, *, seed: int, divisions: Divisions, campaign: Campaign, today: date
) -> Iterator[Part]:
    """The city, a township a part in administrative order, then the units.

    `campaign` is the moved one; every visit lies between its first day and the day before `today`.
    Equal arguments give equal parts.
    """
    city = _City(seed, divisions, campaign, today, IdNumbers())
    employable: list[Person] = []
    plan = _plan(size, seed, divisions)
    owed = 0  # visits that a village could not take pass to the next, so that the city's total is exact
    for township in divisions.at_level("township"):
        people: list[Person] = []
        contacts: list[Contacts] = []
        for village in plan[township.code]:
            found = _village_people(city, village)
            people += found
            made = _village_visits(city, village, found, village.visits + owed)
            owed += village.visits - len(made.visits)
            contacts.append(made)
        employable += [p for p in people if _may_work_in_a_unit(p)][:2]
        yield _part(city, township.code, people, contacts)
    shares = share_out(size.in_units, [u.share for u in UNITS])
    visits = share_out(_unit_visits(size), [u.share for u in UNITS])
    for unit, count, visit_count in zip(UNITS, shares, visits, strict=True):
        people = _unit_people(city, unit, count, employable)
        yield _part(city, unit.code, people, [_visits(city, unit.code, people, visit_count)])


def _plan(size: Size, seed: int, divisions: Divisions) -> dict[str, list[_Village]]:
    """How many people and visits each village has; both add up to the size exactly."""
    showcase = divisions[SHOWCASE_VILLAGE].parent
    villages = list(divisions.at_level("village"))
    full = [v for v in villages if v.parent == showcase]
    rng = stream(seed, "plan")
    weights = [0.0 if v.parent == showcase else 0.35 + rng.random() for v in villages]
    elsewhere = share_out(size.people - size.in_units - size.showcase * len(full), weights)
    heads = [size.showcase if v.parent == showcase else n for v, n in zip(villages, elsewhere, strict=True)]
    eagerness = [n * (0.6 + 0.8 * rng.random()) for n in heads]
    visits = share_out(size.visits - _unit_visits(size), eagerness)
    plan: dict[str, list[_Village]] = {d.code: [] for d in divisions.at_level("township")}
    for division, people, count in zip(villages, heads, visits, strict=True):
        plan[division.parent].append(_Village(division, people, count))
    return plan


def _unit_visits(size: Size) -> int:
    return round(size.visits * size.in_units / size.people * 0.7)


def _village_people(city: _City, village: _Village) -> list[Person]:
    code = village.division.code
    rng = stream(city.seed, "people", code)
    place = village_place(rng, city.divisions, village.division)
    reference, made_ms = city.campaign.reference_date, city.roster_ms
    people: list[Person] = []
    if code == SHOWCASE_VILLAGE:
        people = showcase_people(rng, city.ids, place, reference=reference, made_ms=made_ms)
    count, made_ms = village.people - len(people), made_ms + len(people)
    people += invent_people(rng, city.ids, place, count=count, reference=reference, made_ms=made_ms)
    return people


def _village_visits(city: _City, village: _Village, people: Sequence[Person], count: int) -> Contacts:
    code = village.division.code
    if code != SHOWCASE_VILLAGE:
        return _visits(city, code, people, count)
    rng = stream(city.seed, "scenes", code)
    told = showcase_visits(rng, people, worker=city.worker(code), campaign=city.campaign, today=city.today)
    rest = _visits(city, code, people[CAST_SIZE:], SHOWCASE_VISITS - len(told.visits))
    return Contacts(told.visits + rest.visits, told.needs + rest.needs)


def _visits(city: _City, organisation: str, people: Sequence[Person], count: int) -> Contacts:
    rng = stream(city.seed, "visits", organisation)
    worker = city.worker(organisation)
    return invent_visits(rng, people, count=count, worker=worker, campaign=city.campaign, today=city.today)


def _unit_people(city: _City, unit: Unit, count: int, employable: list[Person]) -> list[Person]:
    """People of a unit; every fourth stands on a village's roster too, and counts once in the city."""
    rng = stream(city.seed, "people", unit.code)
    made_ms = city.roster_ms
    people: list[Person] = []
    for number in range(min(count // 4, len(employable))):
        record = new_id(made_ms + number, rng.randbytes)
        people.append(employable.pop(0).model_copy(update={"id": record, "village": "", "unit": unit.code}))
    place, reference = unit_place(unit), city.campaign.reference_date
    count, made_ms = count - len(people), made_ms + len(people)
    people += invent_people(rng, city.ids, place, count=count, reference=reference, made_ms=made_ms)
    return people


def _may_work_in_a_unit(person: Person) -> bool:
    at_home = person.away == AwayStatus.HOME
    return at_home and person.employment == "EMPLOYED" and not person.id_problem and not person.deceased


def _part(city: _City, organisation: str, people: Sequence[Person], contacts: Sequence[Contacts]) -> Part:
    device = f"demo:{organisation}"
    made_ms = city.roster_ms
    facts: list[tuple[int, str, RecordModel]] = []
    rng = stream(city.seed, "findings", organisation)
    for each in contacts:
        performers = {v.id: v.performer for v in each.visits}
        facts += [(_ms(v.saved_at), v.performer, v) for v in each.visits]
        facts += [(_ms(n.found_at) + 1, performers[n.visit or ""], as_found(n)) for n in each.needs]
        found = found_out(rng, people, each.visits, each.needs, campaign=city.campaign, until=city.today)
        facts += [(_ms(at), performer, record) for at, performer, record in found]
    performer = city.worker(organisation).id
    held = meetings(rng, organisation, performer, city.campaign, city.today)
    facts += [(_ms(at), by, record) for at, by, record in held]
    facts.sort(key=lambda fact: (fact[0], fact[2].id))
    said: list[tuple[int, str, RecordModel]] = []
    said += [(made_ms + number, device, person) for number, person in enumerate(people)]
    said += facts
    changes = [
        Change(
            device=device,
            seq=seq,
            hlc=hlc_of(ms),
            actor=actor,
            entity=record.entity,
            record=record.id,
            fields=record.fields_of(),
        )
        for seq, (ms, actor, record) in enumerate(said, start=1)
    ]
    return Part(device, organisation, changes)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
