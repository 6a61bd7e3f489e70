"""The index in memory: everybody on this phone, in list order, ready to be searched and counted.

No query ever looks for a person in SQL: the tables hold sealed values (codec.py). The index is
filled once, in one pass, and afterwards follows the commits person by person.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from app.store import heads, search_keys
from app.store.account import SignedIn, signed_in
from app.store.drafts import people_with_drafts
from app.store.groups import groups_of, is_away, tags_of
from app.store.heads import Values
from app.store.needs import need_is_open
from app.store.people import age_on, is_deceased
from app.store.store import Store
from app.store.visits import visit_is_contact

UNVISITED, NOT_MET, DECEASED = "UNVISITED", "NOT_MET", "DECEASED"
State = Literal["unvisited", "visited", "not_met", "draft"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """The latest visit that stands: codes of method and result, and when."""

    method: str
    result: str
    at: datetime


@dataclass(frozen=True, slots=True)
class IndexRow:
    """What a row of the list shows. `age` in whole years; `tags` weightiest first."""

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


@dataclass(frozen=True, slots=True)
class Progress:
    """Persons to be visited (the deceased are not), visited, left; `by_group`: left in each group."""

    due: int
    visited: int
    left: int
    by_group: dict[str, int]


@dataclass(slots=True)
class _Entry:
    row: IndexRow
    order: tuple[object, ...]
    key: str
    spelt: str | None  # pinyin_key, worked out with the first search in letters
    filters: frozenset[str]
    is_visited: bool


class PeopleIndex:
    """Made by `people_index`. All answers are of the last commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries: dict[str, _Entry] = {}
        self._ordered: list[_Entry] = []
        self._stale: set[str] = set()
        self._filters = self._known_filters()
        self._fill()

    def search(
        self, text: str = "", filters: frozenset[str] = frozenset(), village: str | None = None
    ) -> list[str]:
        """Ids in order of hamlet, house (12 before 100) and name.

        `text`: parts between blanks must all match name, pinyin, initials, hamlet, house or the last
        four digits of a phone. `filters` must all hold: UNVISITED, NOT_MET, DECEASED and the group
        codes of the campaign. The deceased are left out unless DECEASED is asked for.
        """
        return [entry.row.id for entry in self._matching(text, filters, village)]

    def counts(
        self, filters: frozenset[str] = frozenset(), text: str = "", village: str | None = None
    ) -> dict[str, int]:
        """For each filter how many persons would be left if it were added to `filters`."""
        with_deceased = self._matching(text, filters | {DECEASED}, village)
        found = self._matching(text, filters, village) if DECEASED not in filters else with_deceased
        mixes = Counter(entry.filters for entry in found)
        counts = dict.fromkeys(self._filters, 0)
        for mix, count in mixes.items():
            for name in mix:
                counts[name] += count
        return counts | {DECEASED: len(with_deceased)}

    def row(self, person: str) -> IndexRow:
        """What the list shows of one person; raises KeyError for an id that `search` did not give."""
        self._catch_up()
        return self._entries[person].row

    def progress(self, village: str | None = None) -> Progress:
        """How far the campaign is, in all villages here or in one."""
        due = self._matching("", frozenset(), village)
        left = [entry for entry in due if not entry.is_visited]
        by_group = Counter(name for entry in left for name in entry.filters)
        groups = [name for name in self._filters if name not in (UNVISITED, NOT_MET, DECEASED)]
        return Progress(
            due=len(due),
            visited=len(due) - len(left),
            left=len(left),
            by_group={name: by_group[name] for name in groups},
        )

    def villages(self) -> dict[str, int]:
        """How many persons (not deceased) each village has on this phone."""
        return dict(Counter(entry.row.village for entry in self._matching("", frozenset(), None)))

    def prepare_pinyin(self, *, limit: int = 500) -> bool:
        """Spell at most `limit` more names, for idle moments; True when all are done.

        The first search in letters does what is left.
        """
        self._catch_up()
        waiting = [entry for entry in self._ordered if entry.spelt is None]
        for entry in waiting[:limit]:
            entry.spelt = search_keys.pinyin_key(entry.row.name)
        return len(waiting) <= limit

    def forget(self, people: Iterable[str]) -> None:
        """These persons have changed; they are read anew with the next question."""
        self._stale.update(people)

    def _matching(self, text: str, filters: frozenset[str], village: str | None) -> list[_Entry]:
        self._catch_up()
        wanted = search_keys.needles(text)
        in_pinyin = search_keys.needs_pinyin(wanted)
        if in_pinyin:
            self.prepare_pinyin(limit=len(self._ordered))
        is_deceased_asked = DECEASED in filters
        found = []
        for entry in self._ordered:
            if entry.row.deceased != is_deceased_asked or not filters <= entry.filters:
                continue
            if village is not None and entry.row.village != village:
                continue
            if wanted:
                key = f"{entry.key}{entry.spelt}" if in_pinyin else entry.key
                if not all(part in key for part in wanted):
                    continue
            found.append(entry)
        return found

    def _known_filters(self) -> tuple[str, ...]:
        account = signed_in(self._store)
        groups = tuple(group.code for group in account.campaign.groups) if account else ()
        return (UNVISITED, *groups, NOT_MET, DECEASED)

    def _fill(self) -> None:
        store = self._store
        self._put(
            heads.values_of(store, "person"), heads.values_of(store, "visit"), heads.values_of(store, "need")
        )

    def _catch_up(self) -> None:
        if not self._stale:
            return
        people, self._stale = self._stale, set()
        if len(people) > len(self._entries) // 4 + 100:
            self._entries.clear()
            self._fill()
            return
        for person in people:
            self._entries.pop(person, None)
        found = heads.values_by_id(self._store, people)
        self._put(
            list(found.items()),
            heads.values_about(self._store, "visit", people),
            heads.values_about(self._store, "need", people),
        )

    def _put(
        self,
        people: list[tuple[str, Values]],
        visits: list[tuple[str, Values]],
        needs: list[tuple[str, Values]],
    ) -> None:
        account = signed_in(self._store)
        drafts = set(people_with_drafts(self._store))
        visits_of = _by_person(visits)
        needs_of = _by_person(needs)
        for person, values in people:
            if values.get("voided"):
                continue
            self._entries[person] = _entry(
                person,
                values,
                visits_of.get(person, []),
                needs_of.get(person, []),
                account,
                has_draft=person in drafts,
            )
        self._ordered = sorted(self._entries.values(), key=lambda entry: entry.order)


def people_index(store: Store) -> PeopleIndex:
    """The index of this store, filled with the first call; it follows every commit."""
    index = store.memory.get("index")
    if index is None:
        if "index_watch" not in store.memory:
            store.memory["index_watch"] = True
            store.on_people(lambda people: _forget(store, people))
        index = store.memory["index"] = PeopleIndex(store)
    assert isinstance(index, PeopleIndex)
    return index


def _forget(store: Store, people: frozenset[str]) -> None:
    index = store.memory.get("index")
    if index is not None:
        index.forget(people)


def _by_person(facts: list[tuple[str, Values]]) -> dict[str, list[Values]]:
    found: dict[str, list[Values]] = {}
    for _, values in facts:
        if not values.get("voided"):
            found.setdefault(str(values.get("person")), []).append(values)
    return found


def _entry(
    person: str,
    values: Values,
    visits: list[Values],
    needs: list[Values],
    account: SignedIn | None,
    *,
    has_draft: bool,
) -> _Entry:
    name, hamlet, house = (str(values.get(field) or "") for field in ("name", "hamlet", "house"))
    age = age_on(str(values.get("born") or ""), account.campaign.reference_date if account else None)
    deceased = is_deceased(values, visits, account)
    visited = any(visit_is_contact(visit, account) for visit in visits)
    last = _last_attempt(visits)
    is_not_met = not visited and last is not None and _has_failed(last, account)
    filters: set[str] = set()
    if account is not None:
        has_open_need = any(need_is_open(need) for need in needs)
        filters |= groups_of(values, account.campaign, age=age, has_open_need=has_open_need)
    if deceased:
        filters.add(DECEASED)
    if not visited and not deceased:
        filters.add(UNVISITED)
    if is_not_met and not deceased:
        filters.add(NOT_MET)
    state: State = (
        "draft" if has_draft else "visited" if visited else "not_met" if is_not_met else "unvisited"
    )
    phones = [
        field[len("phones/") :] for field, whose in values.items() if field.startswith("phones/") and whose
    ]
    return _Entry(
        row=IndexRow(
            id=person,
            name=name,
            sex=values.get("sex"),
            age=age,
            hamlet=hamlet,
            house=house,
            village=str(values.get("village") or ""),
            tags=tags_of(values),
            state=state,
            away_place=str(values.get("away_place") or "") if is_away(values) else "",
            last_attempt=last,
            deceased=deceased,
        ),
        order=(values.get("village") or "", hamlet, *_house_order(house), name, person),
        key=search_keys.plain_key(name, hamlet, house, phones),
        spelt=None,
        filters=frozenset(filters),
        is_visited=visited,
    )


def _last_attempt(visits: list[Values]) -> Attempt | None:
    if not visits:
        return None
    latest = max(visits, key=lambda visit: _moment(visit["at"]))
    return Attempt(str(latest["method"]), str(latest["result"]), _moment(latest["at"]))


def _has_failed(attempt: Attempt, account: SignedIn | None) -> bool:
    result = account.campaign.result(attempt.result) if account else None
    return result is not None and not (result.contact or result.sent or result.death)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _house_order(house: str) -> tuple[int, str]:
    digits = re.search(r"\d+", house)
    return (int(digits.group()) if digits else 10**9, house)
