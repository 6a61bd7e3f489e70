"""One person of the index: what his row shows, where it stands in the list, what it is found by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from app.domain.groups import age_on, is_away
from app.domain.names import house_order
from app.store import search_keys
from app.store.account import SignedIn
from app.store.groups import GroupRules, sets_of, tags_of
from app.store.heads import Values
from app.store.needs import need_counts
from app.store.visits import of_campaign, visit_is_contact

UNVISITED, NOT_MET, DECEASED = "UNVISITED", "NOT_MET", "DECEASED"
State = Literal["unvisited", "visited", "not_met", "draft", "refused"]


# village, whether the hamlet is unknown, hamlet, house, name, id
Order = tuple[str, bool, str, int, str, str, str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """The latest visit of the campaign that stands: codes of method and result, and when."""

    method: str
    result: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What a row of the list shows. `age` in whole years; `tags` weightiest first.

    `attempts`: how often the campaign's visits found nobody.
    """

    id: str
    name: str
    sex: str | None
    age: int | None
    hamlet: str
    house: str
    village: str
    tags: tuple[str, ...]
    state: State
    away_place: str
    last_attempt: Attempt | None
    deceased: bool
    attempts: int = 0


@dataclass(slots=True)
class Entry:
    """A person of the index. `filters`: the filters that hold for him, as PeopleIndex.search names them."""

    row: IndexRow
    order: Order
    key: str
    spelt: str | None  # pinyin_key, worked out with the first search in letters
    filters: frozenset[str]
    is_visited: bool


def entry_of(
    person: str,
    values: Values,
    visits: list[Values],
    refused: list[Values],
    needs: list[Values],
    *,
    account: SignedIn | None,
    rules: GroupRules | None,
    has_draft: bool,
) -> Entry:
    """The person with what follows from the visits and needs that stand (voided ones are not given).

    `refused` are visits that the city did not take. They reach nobody, as in its own count, until they
    are put right; but a death is believed at once, for a greeting to the dead would be worse.
    """
    sets = sets_of(values)
    name, village, hamlet, house = (
        str(values.get(field) or "") for field in ("name", "village", "hamlet", "house")
    )
    age = age_on(str(values.get("born") or ""), account.campaign.reference_date) if account else None
    deceased = _is_deceased(values, [*visits, *refused], account)
    visited = any(visit_is_contact(visit, account) for visit in visits)
    attempts = _attempts([visit for visit in visits if of_campaign(visit, account)])
    last = max(attempts, key=lambda attempt: attempt.at) if attempts else None
    is_not_met = not visited and last is not None and _has_failed(last, account)
    has_need = any(need_counts(need) and of_campaign(need, account) for need in needs)
    filters = set(rules.groups_of(values, sets, age=age, has_need=has_need)) if rules else set()
    if deceased:
        filters.add(DECEASED)
    if not visited and not deceased:
        filters.add(UNVISITED)
    if is_not_met and not deceased:
        filters.add(NOT_MET)
    state: State = "not_met" if is_not_met else "unvisited"
    if visited:
        state = "visited"
    elif refused:
        state = "refused"
    if has_draft:
        state = "draft"
    return Entry(
        row=IndexRow(
            id=person,
            name=name,
            sex=values.get("sex"),
            age=age,
            hamlet=hamlet,
            house=house,
            village=village,
            tags=tags_of(values, sets),
            state=state,
            away_place=str(values.get("away_place") or "") if is_away(values.get("away")) else "",
            last_attempt=last,
            deceased=deceased,
            attempts=sum(_has_failed(one, account) for one in attempts),
        ),
        order=(village, not hamlet, hamlet, *house_order(house), name, person),
        key=search_keys.plain_key(name, hamlet, house, sorted(sets.get("phones", ()))),
        spelt=None,
        filters=frozenset(filters),
        is_visited=visited,
    )


def _is_deceased(person: Values, visits: list[Values], account: SignedIn | None) -> bool:
    """The roster says so, or a visit that stands. Undoing that visit takes it back."""
    if person.get("deceased"):
        return True
    if account is None:
        return False
    deaths = {result.code for result in account.campaign.results if result.death}
    return any(not visit.get("voided") and visit.get("result") in deaths for visit in visits)


def _attempts(visits: list[Values]) -> list[Attempt]:
    return [
        Attempt(str(visit.get("method")), str(visit.get("result")), at)
        for visit in visits
        if (at := _moment(visit.get("at"))) is not None
    ]


def _has_failed(attempt: Attempt, account: SignedIn | None) -> bool:
    result = account.campaign.result(attempt.result) if account else None
    return result is not None and not (result.contact or result.sent or result.death)


def _moment(text: object) -> datetime | None:
    """One visit that cannot be read must not keep the whole list from being drawn."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
