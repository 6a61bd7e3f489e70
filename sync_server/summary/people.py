"""The people of an organisation with all that was done for them, one listing at a time.

Visits and needs are grouped by person in SQL before they are joined here, so that the rows that
cross into Python are people, not contacts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from app.domain.identity import first_listings
from app.domain.recount import CLOSED_STATES, UNTRUE_STATE
from sync_server.db.tables import need_facts, person_facts, visit_facts
from sync_server.summary.facts import SECOND_OF
from sync_server.summary.places import Place
from sync_server.summary.plan import CLASS_BITS, CONTACTED, DEAD, Plan

_SQL_VARIABLES = 500  # values in one IN list; databases limit them


@dataclass(slots=True)
class Done:
    """What was done for one listing: `sums` as the plan names them; needs as (found, closed)."""

    sums: tuple[int, ...]
    performers: set[str] = field(default_factory=set)
    found: int = 0
    closed: int = 0


@dataclass(frozen=True, slots=True)
class CountedPerson:
    """One listing that counts. `bits` are the plan's marks; `done` is None where nothing was done."""

    identity: str
    household: str
    path: str
    unit_path: str | None
    bits: int
    done: Done | None


def people_of(connection: Connection, plan: Plan, here: Place) -> Iterator[CountedPerson]:
    """Everybody who counts for `here`, in no order; a second listing's visits come with its first."""
    p = person_facts.c
    columns = (p.record, p.identity, p.path, p.unit_path, p.household, p.primary_class)
    marks = (p.born, p.is_away, p.is_deceased, p.is_counted, p.tags)
    rows = connection.execute(select(*columns, *marks).where(here.has_people())).all()
    stands = _first_listings(connection)
    if stands:
        listed = {row.record for row in rows}
        stands = {second: first for second, first in stands.items() if first in listed}
    done = _done(connection, plan, here, list(stands))
    dead = _found_dead(connection, plan, here, list(stands))
    for second, first in stands.items():
        if second != first and second in done:
            done[first] = _together(done[first], done[second]) if first in done else done[second]
        if second in dead:
            dead.add(first)
    for record, identity, path, unit_path, household, main, born, is_away, deceased, counted, tags in rows:
        if not counted and stands.get(record) != record:
            continue
        bits = CLASS_BITS[main] | plan.bits_of_listing(tags, is_away, born)
        if deceased or record in dead:
            bits |= DEAD
        mine = done.get(record)
        if mine is not None:
            bits |= _bits_of(plan, mine)
        yield CountedPerson(identity, household, path, unit_path, bits, mine)


def _bits_of(plan: Plan, done: Done) -> int:
    bits = plan.need_bits if done.found else 0
    if done.sums[0]:
        bits |= CONTACTED
        first_check = 1 + len(plan.methods)
        for place, code in enumerate(plan.checks, start=first_check):
            if done.sums[place]:
                bits |= plan.check_bits[code]
    return bits


def _done(connection: Connection, plan: Plan, here: Place, second: list[str]) -> dict[str, Done]:
    v = visit_facts.c
    counts = and_(v.campaign == plan.campaign.code, v.is_voided.is_(False))
    grouped = select(v.person, func.min(v.performer), func.max(v.performer), *plan.sums()).group_by(v.person)
    done: dict[str, Done] = {}
    for condition in _about_people(here, v.person, second):
        for person, one, other, *sums in connection.execute(grouped.where(counts, condition)):
            done[person] = Done(tuple(map(int, sums)), {one, other})
        if plan.counts_performers:
            # Two of a person's performers came with the sums; few people were seen by more.
            more = select(v.person).where(counts, condition).group_by(v.person)
            many = more.having(func.count(v.performer.distinct()) > 2)
            named = select(v.person, v.performer).distinct().where(counts, v.person.in_(many))
            for person, performer in connection.execute(named):
                done[person].performers.add(performer)
    _add_needs(connection, plan, here, second, done)
    return done


def _add_needs(
    connection: Connection, plan: Plan, here: Place, second: list[str], done: dict[str, Done]
) -> None:
    n = need_facts.c
    counts = and_(n.campaign == plan.campaign.code, n.is_voided.is_(False), n.state != UNTRUE_STATE)
    nothing = (0,) * len(plan.sum_names)
    for condition in _about_people(here, n.person, second):
        query = select(n.person, n.state, func.count()).where(counts, condition).group_by(n.person, n.state)
        for person, state, times in connection.execute(query):
            mine = done.setdefault(person, Done(nothing))
            mine.found += times
            mine.closed += times if state in CLOSED_STATES else 0


def _found_dead(connection: Connection, plan: Plan, here: Place, second: list[str]) -> set[str]:
    """Those whom a visit of any campaign found dead."""
    v = visit_facts.c
    found = select(v.person).where(v.result.in_(plan.death), v.is_voided.is_(False))
    dead: set[str] = set()
    for condition in _about_people(here, v.person, second):
        dead.update(connection.execute(found.where(condition)).scalars())
    return dead


def _about_people(here: Place, person: Any, second: list[str]) -> Iterator[ColumnElement[bool]]:
    """Conditions that hold together for facts about the first listings of `here` and those in `second`."""
    first = select(person_facts.c.record).where(here.has_people(), person_facts.c.is_counted)
    yield person.in_(first)
    for start in range(0, len(second), _SQL_VARIABLES):
        yield person.in_(second[start : start + _SQL_VARIABLES])


def _together(one: Done, other: Done) -> Done:
    sums = tuple(a + b for a, b in zip(one.sums, other.sums, strict=True))
    found, closed = one.found + other.found, one.closed + other.closed
    return Done(sums, one.performers | other.performers, found, closed)


def _first_listings(connection: Connection) -> dict[str, str]:
    """Every second listing with the listing that stands for it, wherever either lies."""
    p = person_facts.c
    tagged = select(p.record, p.tags).where(p.is_counted.is_(False), p.tags.contains(f" {SECOND_OF}"))
    second = {}
    for record, tags in connection.execute(tagged):
        named = [tag for tag in tags.split() if tag.startswith(SECOND_OF)]
        second[record] = named[0].removeprefix(SECOND_OF)
    targets = sorted(set(second.values()) - second.keys())
    standing: set[str] = set()
    for start in range(0, len(targets), _SQL_VARIABLES):
        part = targets[start : start + _SQL_VARIABLES]
        query = select(p.record).where(p.record.in_(part), p.is_counted)
        standing.update(connection.execute(query).scalars())
    return first_listings(second, standing)
