"""Reading an organisation's people, and what visits say of them, out of fact rows.

What needs and other findings say is read in findings.py. Each query goes in the order in which its
table lies on disk; the joins are dictionary look-ups. Grouping the visits by person in SQL took twice
as long (docs/adr/0004).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, and_, select

from app.domain.identity import first_listings
from sync_server.db.tables import person_facts, visit_facts
from sync_server.summary.facts import SECOND_OF
from sync_server.summary.findings import add_findings, add_needs
from sync_server.summary.places import Place
from sync_server.summary.plan import CLASS_BITS, DEAD, Plan
from sync_server.summary.reading import IN_LIST, Reading, about_people, driver_rows
from sync_server.summary.tally import Listings, Share

ShareAt = Callable[[str, str | None], Share]


def listings_of(
    connection: Connection, plan: Plan, here: Place, share_at: ShareAt, station_share: Callable[[str], Share]
) -> Listings:
    """Everybody who counts for `here`, each listing once with all its marks; shares are filled on the way.

    What was written for a second listing counts for its first. `share_at` gives the share of the
    people who lie at a path and unit path, `station_share` that of what counts at a station itself.
    """
    p = person_facts.c
    place = (p.record, p.identity, p.household, p.path, p.unit_path)
    marks = (p.primary_class, p.tags, p.is_away, p.born, p.is_deceased, p.is_counted)
    people = driver_rows(connection, select(*place, *marks).where(here.has_people()))
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
    reading = Reading(connection, plan, here, list(second), index_of, listings)
    _add_visits(reading)
    add_needs(reading)
    add_findings(reading, station_share)
    return listings


def _add_visits(into: Reading) -> None:
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
        conditions = list(about_people(into, v.person))
    for condition in conditions:
        found = driver_rows(into.connection, visits.where(condition))
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
    for start in range(0, len(targets), IN_LIST):
        part = targets[start : start + IN_LIST]
        standing.update(
            connection.execute(select(p.record).where(p.record.in_(part), p.is_counted)).scalars()
        )
    return first_listings(second, standing)
