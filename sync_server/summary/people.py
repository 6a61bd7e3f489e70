"""Reading an organisation's people, and what visits and needs say of them, out of fact rows.

Three queries, each in the order in which its table lies on disk; the joins are dictionary
look-ups. Grouping the visits by person in SQL took twice as long (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, true

from app.domain.identity import first_listings
from app.domain.recount import CLOSED_STATES, UNTRUE_STATE
from sync_server.db.tables import need_facts, person_facts, visit_facts
from sync_server.summary.facts import SECOND_OF
from sync_server.summary.places import Place
from sync_server.summary.plan import CLASS_BITS, DEAD, Plan
from sync_server.summary.tally import Listings, Share

_IN_LIST = 500  # values in one IN (...); databases limit them
ShareAt = Callable[[str, str | None], Share]


def listings_of(connection: Connection, plan: Plan, here: Place, share_at: ShareAt) -> Listings:
    """Everybody who counts for `here`, each listing once with all its marks; shares are filled on the way.

    What was written for a second listing counts for its first. `share_at` gives the share of the
    people who lie at a path and unit path.
    """
    p = person_facts.c
    place = (p.record, p.identity, p.household, p.path, p.unit_path)
    marks = (p.primary_class, p.tags, p.is_away, p.born, p.is_deceased, p.is_counted)
    people = _driver_rows(connection, select(*place, *marks).where(here.has_people()))
    stands = _first_listings(connection)
    listings = Listings()
    index_of: dict[str, int] = {}
    for record, identity, household, path, unit_path, main, tags, away, born, deceased, counted in people:
        if counted or stands.get(record) == record:
            index_of[record] = len(index_of)
            bits = CLASS_BITS[main] | plan.bits_of_tags(tags, away) | plan.bits_of_age(born)
            listings.identities.append(identity)
            listings.households.append(household)
            listings.bits.append(bits | DEAD if deceased else bits)
            listings.shares.append(share_at(path, unit_path))
    second = {record: first for record, first in stands.items() if first in index_of}
    index_of.update({record: index_of[first] for record, first in second.items()})
    reading = _Reading(connection, plan, here, list(second), index_of, listings)
    _add_visits(reading)
    _add_needs(reading)
    return listings


@dataclass(frozen=True, slots=True)
class _Reading:
    """What facts are read into: `index_of` leads from a record, first or second, to its listing."""

    connection: Connection
    plan: Plan
    here: Place
    second: list[str]
    index_of: dict[str, int]
    listings: Listings


def _add_visits(into: _Reading) -> None:
    v = visit_facts.c
    what = (v.campaign, v.person, v.performer, v.method, v.result, v.checklist)
    amounts = (v.cash_fen, v.goods_fen, v.goods_pieces, v.letters, v.booklets)
    visits = select(*what, *amounts).where(v.is_voided.is_(False))
    plan, index_of, marks, shares = into.plan, into.index_of, into.listings.bits, into.listings.shares
    this = plan.campaign.code
    if into.here.is_whole:
        # By campaign alone, so that the visits come in the order of the disk.
        conditions = [v.campaign == this, and_(v.campaign != this, v.result.in_(plan.death))]
    else:
        conditions = list(_about_people(into, v.person))
    for condition in conditions:
        found = _driver_rows(into.connection, visits.where(condition))
        for (
            campaign,
            person,
            performer,
            method,
            result,
            checklist,
            cash,
            goods,
            pieces,
            letters,
            copies,
        ) in found:
            index = index_of.get(person)
            if index is None:
                continue
            kind = plan.kind_of(method, result, checklist)
            if campaign != this:
                marks[index] |= kind.bits & DEAD  # a death stays found when the campaign is over
                continue
            marks[index] |= kind.bits
            share = shares[index]
            share.kinds[kind] += 1
            share.performers.add(performer)
            if cash or goods or pieces or letters or copies:
                share.cash_fen += cash
                share.goods_fen += goods
                share.goods_pieces += pieces
                share.letters += letters
                share.booklets += copies


def _add_needs(into: _Reading) -> None:
    n = need_facts.c
    counts = (n.campaign == into.plan.campaign.code, n.is_voided.is_(False), n.state != UNTRUE_STATE)
    needs = select(n.person, n.state, func.count()).where(*counts).group_by(n.person, n.state)
    conditions = [true()] if into.here.is_whole else _about_people(into, n.person)
    for condition in conditions:
        for person, state, times in into.connection.execute(needs.where(condition)):
            index = into.index_of.get(person)
            if index is not None:
                into.listings.bits[index] |= into.plan.need_bits
                share = into.listings.shares[index]
                share.needs_found += times
                share.needs_closed += times if state in CLOSED_STATES else 0


def _driver_rows(connection: Connection, query: Select[Any]) -> Iterator[tuple[Any, ...]]:
    """The rows as the driver gives them: wrapping 200,000 would take a third as long as reading them.

    Right for text and whole numbers, and for truth values where 1 is as good as True.
    """
    return cast("Iterator[tuple[Any, ...]]", connection.execute(query).cursor)


def _about_people(into: _Reading, person: Any) -> Iterator[ColumnElement[bool]]:
    """Conditions, none overlapping, for facts about the first listings and the second ones."""
    yield person.in_(select(person_facts.c.record).where(into.here.has_people(), person_facts.c.is_counted))
    for start in range(0, len(into.second), _IN_LIST):
        yield person.in_(into.second[start : start + _IN_LIST])


def _first_listings(connection: Connection) -> dict[str, str]:
    """Every second listing with the listing that stands for it, wherever either lies."""
    p = person_facts.c
    tagged = select(p.record, p.tags).where(p.is_counted.is_(False), p.tags.contains(f" {SECOND_OF}"))
    second = {}
    for record, tags in connection.execute(tagged):
        named = next(tag for tag in tags.split() if tag.startswith(SECOND_OF))
        second[record] = named.removeprefix(SECOND_OF)
    targets = sorted(set(second.values()) - second.keys())
    standing: set[str] = set()
    for start in range(0, len(targets), _IN_LIST):
        part = targets[start : start + _IN_LIST]
        standing.update(
            connection.execute(select(p.record).where(p.record.in_(part), p.is_counted)).scalars()
        )
    return first_listings(second, standing)
