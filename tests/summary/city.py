"""An invented city for counting: few places, many overlaps, everything that makes counting hard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, insert

from app.domain.campaign import Campaign, read_campaign
from app.domain.categories import BenefitCategory
from app.domain.citizen_id import check_character
from app.domain.codes import AwayStatus, Employment, Honour, LivingTag, Merit, NeedState, NeedType, OrgKind
from app.domain.merge import Mark
from app.domain.models import Need, Person, RecordModel, Visit
from sync_server.db.engine import kept, open_engine, writing
from sync_server.db.tables import organisations
from sync_server.summary.facts import ProjectedHead, project
from tests.summary.findings import invent_facts

CAMPAIGN = Path(__file__).parents[2] / "assets" / "campaigns" / "lishui-2022.toml"
CITY = "3311"
UNITS = {"3311U01": OrgKind.CITY_UNIT, "3311U02": OrgKind.PROV_UNIT}


def campaign() -> Campaign:
    return read_campaign(CAMPAIGN.read_text(encoding="utf-8"), source=CAMPAIGN.name)


@dataclass
class City:
    """Records in plain lists, and the organisation tree they lie in: code -> path."""

    paths: dict[str, str]
    people: list[Person] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    facts: list[RecordModel] = field(default_factory=list)  # in the order in which they were made

    def within(self, org: str) -> Callable[[Person], bool]:
        """Whether a person is one of `org`'s, told by codes alone."""
        if org in UNITS:
            return lambda p: p.unit == org
        return lambda p: org == CITY or p.village.startswith(org)

    def station_within(self, org: str) -> Callable[[str], bool]:
        """Whether a station, by its code, is `org` or lies below it."""
        if org in UNITS:
            return lambda code: code == org
        return lambda code: org == CITY or (code not in UNITS and code.startswith(org))

    def records(self) -> Iterable[RecordModel]:
        return [*self.people, *self.visits, *self.needs, *self.facts]

    def stored(self, url: str) -> Engine:
        """The database at `url`, made to hold this city."""
        engine = open_engine(url)
        with writing(engine) as connection:
            connection.execute(insert(organisations), list(organisation_rows(self.paths)))
            store(connection, self, self.records())
        return engine


def tree(counties: int = 2, townships: int = 2, villages: int = 2) -> dict[str, str]:
    """Paths by code of a small city with two units."""
    paths = {CITY: CITY}
    for c in range(1, counties + 1):
        county = f"33112{c}"
        paths[county] = f"{CITY}/{county}"
        for t in range(1, townships + 1):
            township = f"{county}{200 + t}"
            paths[township] = f"{paths[county]}/{township}"
            for v in range(1, villages + 1):
                village = f"{township}{200 + v}"
                paths[village] = f"{paths[township]}/{village}"
    for unit in UNITS:
        paths[unit] = f"{CITY}/{unit}"
    return paths


def organisation_rows(paths: dict[str, str]) -> Iterable[dict[str, object]]:
    kinds = {4: OrgKind.CITY, 6: OrgKind.COUNTY, 9: OrgKind.TOWNSHIP, 12: OrgKind.VILLAGE}
    for ordinal, (code, path) in enumerate(paths.items()):
        above = path.split("/")[:-1]
        yield {
            "code": code,
            "kind": (UNITS.get(code) or kinds[len(code)]).value,
            "name": f"单位{code}",
            "parent": above[-1] if above else None,
            "division": code if code not in UNITS else CITY,
            "county": CITY if code in UNITS else code[:6],
            "path": path,
            "ordinal": ordinal,
        }


def head_of(city: City, record: RecordModel, feed_no: int = 1, made: int = 0) -> ProjectedHead:
    """The head that the server would hold of a record written once, by the stamp `made`."""
    owner = record if isinstance(record, Person) else None
    village = owner.village if owner else ""
    return ProjectedHead(
        county=village[:6] or CITY,
        entity=record.entity,
        record=record.id,
        path=city.paths.get(village, CITY),
        unit_path=city.paths[owner.unit] if owner and owner.unit else None,
        feed_no=feed_no,
        values=record.fields_of(),
        voided=bool(record.model_dump().get("voided")),
        first=Mark(1, made, "device", made, "worker"),
    )


def store(connection: Connection, city: City, records: Iterable[RecordModel]) -> None:
    """Project `records` as the server does when they change."""
    heads = [head_of(city, record, made=made) for made, record in enumerate(records)]
    project(connection, heads, identity_key=kept(connection, "identity_key"))


def id_number(rng: random.Random) -> str:
    born = datetime(1930, 1, 1) + timedelta(days=rng.randrange(26000))
    first17 = f"33112{rng.randint(1, 9)}{born:%Y%m%d}{rng.randint(0, 999):03}"
    return first17 + check_character(first17)


def invent(rng: random.Random, *, people: int, visits: int, needs: int, paths: dict[str, str]) -> City:
    """A seeded city full of second listings, shared identities, voids, deaths and partial dates."""
    city = City(paths)
    villages = [code for code in paths if len(code) == 12]
    numbers = [id_number(rng) for _ in range(max(1, people * 4 // 5))]
    for i in range(people):
        city.people.append(_person(rng, i, villages, numbers))
    config = campaign()
    for i in range(visits):
        city.visits.append(_visit(rng, i, config, rng.choice(city.people)))
    for i in range(needs):
        city.needs.append(_need(rng, i, config, rng.choice(city.people)))
    city.facts = [*invent_facts(rng, city, config)]
    return city


def _some(rng: random.Random, codes: Iterable[str], chance: float) -> tuple[str, ...]:
    return tuple(sorted(str(c) for c in codes if rng.random() < chance))


def _perhaps(rng: random.Random, codes: Iterable[str], chance: float) -> str | None:
    return str(rng.choice([str(c) for c in codes])) if rng.random() < chance else None


def _person(rng: random.Random, i: int, villages: list[str], numbers: list[str]) -> Person:
    number = rng.choice(numbers) if rng.random() < 0.85 else None
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if number else None
    shape = rng.random()
    return Person(
        id=f"person-{i}",
        name="张三",
        village=rng.choice(villages),
        unit=_perhaps(rng, UNITS, 0.05),
        id_number=number,
        duplicate_of=f"person-{rng.randrange(i + 3)}" if rng.random() < 0.06 else None,
        merged_into=f"person-{rng.randrange(i + 3)}" if rng.random() < 0.05 else None,
        born=born if shape < 0.8 else born[:4] if born and shape < 0.9 else None,
        household=f"household-{rng.randrange(i // 2 + 1)}" if rng.random() < 0.5 else None,
        categories=_some(rng, BenefitCategory, 0.08),
        living=_some(rng, LivingTag, 0.05),
        honours=_some(rng, Honour, 0.02),
        merit=_perhaps(rng, Merit, 0.1),
        employment=_perhaps(rng, Employment, 0.6),
        away=_perhaps(rng, AwayStatus, 0.3),
        deceased=rng.random() < 0.03,
        voided=rng.random() < 0.03,
    )


def _visit(rng: random.Random, i: int, config: Campaign, person: Person) -> Visit:
    at = datetime(2022, 7, 12, tzinfo=UTC) + timedelta(minutes=rng.randrange(28_000))
    gift = rng.random() < 0.3
    return Visit(
        id=f"visit-{i}",
        campaign=config.code if rng.random() < 0.95 else "lishui-2021",
        person=person.id if rng.random() < 0.98 else "person-unknown",
        organisation=person.village[:9],
        performer=f"worker-{rng.randrange(5)}",
        method=rng.choice(config.methods).code,
        result=rng.choices([r.code for r in config.results], [9, 4, 3, 2, 1, 1, 1, 0.3])[0],
        at=at,
        saved_at=at,
        checklist=_some(rng, [c.code for c in config.checklist], 0.2),
        cash_fen=rng.randrange(100_000) if gift else 0,
        goods_fen=rng.randrange(50_000) if gift else 0,
        goods_pieces=rng.randrange(4) if gift else 0,
        letters=int(rng.random() < 0.2),
        booklets=rng.randrange(3),
        voided=rng.random() < 0.05,
    )


def _need(rng: random.Random, i: int, config: Campaign, person: Person) -> Need:
    return Need(
        id=f"need-{i}",
        campaign=config.code if rng.random() < 0.9 else "lishui-2021",
        person=person.id,
        organisation=person.village[:9],
        type=str(rng.choice(list(NeedType))),
        severity="2",
        state=str(rng.choice(list(NeedState))),
        found_at=datetime(2022, 7, 20, tzinfo=UTC),
        voided=rng.random() < 0.1,
    )
