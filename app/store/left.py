"""Who is left, where, and who of them comes first; and what the worker himself has done. No ranking."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.campaign import Campaign
from app.store import heads
from app.store.account import CURRENT, signed_in_account
from app.store.index import NOT_MET, UNVISITED, IndexRow, PeopleIndex
from app.store.store import Store

# Whoever was not met is tried once more after so long: soon enough, and not the next day at the same hour.
TRY_AGAIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class LeftPlace:
    """A hamlet: of `due` persons these are not reached, those of the campaign's priority groups first."""

    village: str
    hamlet: str
    due: int
    rows: tuple[IndexRow, ...]


@dataclass(frozen=True, slots=True)
class OwnWork:
    """Persons whom the worker reached from this phone: in all, by method and by village, each once."""

    people: int
    by_method: dict[str, int]
    by_village: dict[str, int]


def left_places(index: PeopleIndex, campaign: Campaign, village: str | None = None) -> list[LeftPlace]:
    """The hamlets in which somebody is left, in the roster's order; of one village or of all."""
    first = {group.code for group in campaign.groups if group.care == "visit"}
    second = {group.code for group in campaign.groups if group.care == "care"}

    def rank(row: IndexRow) -> tuple[bool, bool]:
        groups = index.filters_of(row.id)
        return (not groups & first, not groups & second)

    due: Counter[tuple[str, str]] = Counter()
    left: dict[tuple[str, str], list[IndexRow]] = {}
    for person in index.search(village=village):
        row = index.row(person)
        place = (row.village, row.hamlet)
        due[place] += 1
        if UNVISITED in index.filters_of(person):
            left.setdefault(place, []).append(row)
    return [
        LeftPlace(*place, due=due[place], rows=tuple(sorted(rows, key=rank))) for place, rows in left.items()
    ]


def to_try_again(index: PeopleIndex, *, now: datetime, village: str | None = None) -> list[IndexRow]:
    """Who was not met and is due to be tried once more, whoever waits longest first."""
    rows = [index.row(one) for one in index.search(filters=frozenset({UNVISITED, NOT_MET}), village=village)]
    waiting = [
        (row.last_attempt.at, row)
        for row in rows
        if row.last_attempt is not None and now - row.last_attempt.at >= TRY_AGAIN
    ]
    return [row for _, row in sorted(waiting, key=lambda one: one[0])]


def own_work(store: Store) -> OwnWork:
    """What whoever holds the phone has done on it in this campaign; undone visits do not count."""
    account = signed_in_account(store)
    made = [
        record
        for (record,) in store.db.execute(
            f"""
            SELECT DISTINCT record
            FROM outbox
            WHERE entity = 'visit' AND kind = 'create' AND account = {CURRENT}
            """
        )
    ]
    visits = heads.values_by_id(store, made).values()
    counted = [visit for visit in visits if _counts(visit, account.campaign)]
    people = {str(visit["person"]) for visit in counted}
    villages = {
        person: str(values.get("village", "")) for person, values in heads.values_by_id(store, people).items()
    }
    by_method = Counter(method for method, _ in {(str(v["method"]), str(v["person"])) for v in counted})
    return OwnWork(len(people), dict(by_method), dict(Counter(villages.values())))


def still_to_confirm(store: Store, index: PeopleIndex, campaign: Campaign) -> int:
    """How many persons here have no annual confirmation of the campaign's year yet.

    One counts as done by its record, unless it was put off, or where a visit of the campaign has it on
    its checklist.
    """
    year = campaign.year
    done = {
        values.get("person")
        for _, values in heads.values_of(store, "confirmation")
        if not values.get("voided") and values.get("year") == year and values.get("result") != "PUT_OFF"
    }
    done |= {
        values.get("person")
        for _, values in heads.values_of(store, "visit")
        if not values.get("voided")
        and values.get("campaign") == campaign.code
        and values.get("checklist/ANNUAL_CONFIRMATION")
    }
    return sum(person not in done for person in index.search())


def _counts(visit: heads.Values, campaign: Campaign) -> bool:
    if visit.get("voided") or visit.get("campaign") != campaign.code:
        return False
    result = campaign.result(str(visit.get("result")))
    return result is not None and result.contact
