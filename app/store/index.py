"""The index in memory: everybody on this phone, in list order, ready to be searched and counted.

No query ever looks for a person in SQL: the tables hold sealed values (codec.py). The index is
filled once, in one pass, and afterwards follows the commits person by person.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.change import VOIDED
from app.store import heads, search_keys
from app.store.account import signed_in, villages_of_others
from app.store.drafts import people_with_drafts
from app.store.groups import GroupRules
from app.store.heads import Values
from app.store.listings import Listings
from app.store.needs import need_values
from app.store.outbox import refused_records
from app.store.rows import DECEASED, NOT_MET, UNVISITED, Attempt, Entry, IndexRow, Order, State, entry_of
from app.store.store import Store

__all__ = [
    "DECEASED",
    "NOT_MET",
    "UNVISITED",
    "Attempt",
    "IndexRow",
    "PeopleIndex",
    "Progress",
    "State",
    "people_index",
]


@dataclass(frozen=True, slots=True)
class Progress:
    """Persons to be visited (the deceased are not), visited, left; `by_group`: left in each group."""

    due: int
    visited: int
    left: int
    by_group: dict[str, int]


@dataclass(frozen=True, slots=True)
class Found:
    """Who fits a search, in list order, and for each filter how many it would leave if added."""

    people: list[str]
    counts: dict[str, int]


class PeopleIndex:
    """Made by `people_index`. All answers are of the last commit."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries: dict[str, Entry] = {}
        self._ordered: list[Entry] = []
        self._stale: set[str] = set()
        self._spelt: dict[str, str] = {}  # pinyin by name or hamlet: they repeat, and outlive a fill
        # What screens ask at every letter; true until the next commit.
        self._counts: dict[frozenset[str], dict[str, int]] = {}
        self._progress: dict[str | None, Progress] = {}
        account = signed_in(store)
        self._rules = GroupRules(account.campaign) if account else None
        groups = tuple(group.code for group in account.campaign.groups) if account else ()
        self._filters = (UNVISITED, *groups, NOT_MET, DECEASED)
        self._listings = Listings()
        self._others = villages_of_others(store)
        self._fill()

    def search(
        self, text: str = "", filters: frozenset[str] = frozenset(), village: str | None = None
    ) -> list[str]:
        """Ids in order of hamlet (unknown ones last), house (12 before 100) and name.

        `text`: parts between blanks must all match name or hamlet, their pinyin or initials, house or
        the last four digits of a phone. `filters` must all hold: UNVISITED, NOT_MET, DECEASED and the group
        codes of the campaign. The deceased are left out unless DECEASED is asked for.
        """
        return [entry.row.id for entry in self._matching(text, filters, village)]

    def find(self, text: str = "", filters: frozenset[str] = frozenset()) -> Found:
        """What `search` gives and the counts of all filters, in one pass: each letter typed waits for it."""
        is_deceased_asked = DECEASED in filters
        found: list[Entry] = []
        deceased = 0
        for entry in self._fitting(text, filters - {DECEASED}, None):
            deceased += entry.row.deceased
            if entry.row.deceased is is_deceased_asked:
                found.append(entry)
        counts = dict.fromkeys(self._filters, 0)
        for mix, count in Counter(entry.filters for entry in found).items():
            for name in mix:
                counts[name] += count
        return Found([entry.row.id for entry in found], counts | {DECEASED: deceased})

    def counts(self, filters: frozenset[str] = frozenset()) -> dict[str, int]:
        """For each filter how many persons would be left if it were added to `filters`."""
        self._catch_up()
        if filters not in self._counts:
            self._counts[filters] = self.find("", filters).counts
        return self._counts[filters]

    def row(self, person: str) -> IndexRow:
        """What the list shows of one person; raises KeyError for an id that `search` did not give."""
        self._catch_up()
        return self._entries[person].row

    def is_listed(self, person: str) -> bool:
        """Whether whoever holds the phone sees this person at all."""
        self._catch_up()
        return person in self._entries

    def left_from(self, person: str | None) -> list[IndexRow]:
        """Who is not yet reached, in list order from after `person` on and round again.

        From the start of the list for None and for one not listed; `person` is left out.
        """
        self._catch_up()
        left = [e for e in self._ordered if UNVISITED in e.filters and e.row.id != person]
        standing = self._entries.get(person) if person is not None else None
        at = bisect_left(left, standing.order, key=_order) if standing else 0
        return [entry.row for entry in (*left[at:], *left[:at])]

    def named(self, name: str) -> list[IndexRow]:
        """Everybody of just this name, the deceased too, in list order."""
        self._catch_up()
        return [entry.row for entry in self._ordered if entry.row.name == name]

    def filters_of(self, person: str) -> frozenset[str]:
        """The filters that hold for the person, as `search` names them; none for one not listed."""
        self._catch_up()
        entry = self._entries.get(person)
        return entry.filters if entry is not None else frozenset()

    def is_visited(self, person: str) -> bool:
        """Whether a visit of the campaign reached the person or the family; False for one not listed."""
        self._catch_up()
        entry = self._entries.get(person)
        return entry is not None and entry.is_visited

    def is_deceased(self, person: str) -> bool:
        """Whether the roster or a visit that stands says so; False for one not listed."""
        self._catch_up()
        entry = self._entries.get(person)
        return entry is not None and entry.row.deceased

    def progress(self, village: str | None = None) -> Progress:
        """How far the campaign is, in all villages here or in one. Who is listed twice counts once."""
        self._catch_up()
        if village not in self._progress:
            self._progress[village] = self._counted(village)
        return self._progress[village]

    def _counted(self, village: str | None) -> Progress:
        listed = self._matching("", frozenset(), village)
        due = [entry for entry in listed if not self._listings.is_second(entry.row.id)]
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
            for written in (entry.row.name, entry.row.hamlet):
                if written not in self._spelt:
                    self._spelt[written] = search_keys.pinyin_key(written)
            entry.spelt = self._spelling(entry.row)
        return len(waiting) <= limit

    def forget(self, people: Iterable[str]) -> None:
        """These persons have changed; they are read anew with the next question."""
        self._stale.update(people)

    def _spelling(self, row: IndexRow) -> str | None:
        """The pinyin of name and hamlet, if both are spelt already."""
        name, hamlet = self._spelt.get(row.name), self._spelt.get(row.hamlet)
        return None if name is None or hamlet is None else name + hamlet

    def _matching(self, text: str, filters: frozenset[str], village: str | None) -> list[Entry]:
        is_deceased_asked = DECEASED in filters
        found = self._fitting(text, filters, village)
        return [entry for entry in found if entry.row.deceased is is_deceased_asked]

    def _fitting(self, text: str, filters: frozenset[str], village: str | None) -> list[Entry]:
        """Living and deceased whom text and filters fit."""
        self._catch_up()
        wanted = search_keys.needles(text)
        if search_keys.needs_pinyin(wanted):
            self.prepare_pinyin(limit=len(self._ordered))
        # One condition after the other: each pass is a plain loop over fewer people.
        found = self._ordered
        if filters:
            found = [entry for entry in found if filters <= entry.filters]
        if village is not None:
            found = [entry for entry in found if entry.row.village == village]
        for part in wanted:
            found = [entry for entry in found if part in entry.key or part in (entry.spelt or "")]
        return found

    def _fill(self) -> None:
        self._counts.clear()
        self._progress.clear()
        people = self._own(heads.values_of(self._store, "person"))
        here = {person for person, values in people if not values.get(VOIDED)}
        self._listings = Listings()
        self._listings.note(here, people, here)
        entries = self._read(people, heads.values_of(self._store, "visit"), need_values(self._store))
        self._entries = {entry.row.id: entry for entry in entries}
        self._ordered = sorted(entries, key=_order)

    def _catch_up(self) -> None:
        if not self._stale:
            return
        stale, self._stale = self._stale, set()
        self._counts.clear()
        self._progress.clear()
        if len(stale) > len(self._entries) // 4 + 100:
            self._fill()  # most of a first sync has come in: one pass is cheaper than many
            return
        found = dict(self._own(heads.values_by_id(self._store, stale).items()))
        people = self._listings.with_others(stale)
        here = {person for person, values in found.items() if not values.get(VOIDED)}
        self._listings.note(stale, found.items(), (self._entries.keys() - stale) | here)
        people |= self._listings.with_others(stale)
        found |= self._own(heads.values_by_id(self._store, people - stale).items())
        for person in people & self._entries.keys():
            old = self._entries.pop(person)
            del self._ordered[bisect_left(self._ordered, old.order, key=_order)]
        for entry in self._read(
            list(found.items()),
            heads.values_about(self._store, "visit", people),
            need_values(self._store, people),
        ):
            self._entries[entry.row.id] = entry
            insort(self._ordered, entry, key=_order)

    def _read(
        self,
        people: list[tuple[str, Values]],
        visits: list[tuple[str, Values]],
        needs: list[tuple[str, Values]],
    ) -> list[Entry]:
        account = signed_in(self._store)
        drafts = set(people_with_drafts(self._store))
        refused = refused_records(self._store)
        visits_of = self._by_first_listing([row for row in visits if row[0] not in refused])
        refused_of = self._by_first_listing([row for row in visits if row[0] in refused])
        needs_of = self._by_first_listing(needs)
        entries = [
            entry_of(
                person,
                values,
                visits_of.get(self._listings.first(person), []),
                refused_of.get(self._listings.first(person), []),
                needs_of.get(self._listings.first(person), []),
                account=account,
                rules=self._rules,
                has_draft=person in drafts,
            )
            for person, values in people
            if not values.get(VOIDED)
        ]
        for entry in entries:
            entry.spelt = self._spelling(entry.row)
        return entries

    def _own(self, people: Iterable[tuple[str, Values]]) -> list[tuple[str, Values]]:
        """Without those whom only another worker of a shared phone may see."""
        return [one for one in people if one[1].get("village") not in self._others]

    def _by_first_listing(self, facts: list[tuple[str, Values]]) -> dict[str, list[Values]]:
        found: dict[str, list[Values]] = {}
        for _, values in facts:
            if not values.get(VOIDED):
                found.setdefault(self._listings.first(str(values.get("person"))), []).append(values)
        return found


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


def _order(entry: Entry) -> Order:
    return entry.order
