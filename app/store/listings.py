"""People who are on the roster twice: what is known of one listing holds for the others too.

The roster keeps a second listing and names the first (`duplicate_of`), or a reviewer has found two entries
to be one person (`merged_into`); the summary table counts
both as one person (app.domain.identity), so a visit to either reaches him here as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from app.domain.change import VOIDED
from app.domain.identity import first_listings
from app.store.heads import Values


class Listings:
    """For each second listing the record that stands for the person. Empty until `note` is called."""

    def __init__(self) -> None:
        self._second: dict[str, str] = {}
        self._stands: dict[str, str] = {}

    def note(
        self, people: Collection[str], found: Iterable[tuple[str, Values]], here: Collection[str]
    ) -> None:
        """Learn anew about `people`, of whom `found` are the records; `here` are all that are not voided."""
        for person in people:
            self._second.pop(person, None)
        for person, values in found:
            second_of = values.get("merged_into") or values.get("duplicate_of")  # as Person.second_of
            if second_of and not values.get(VOIDED):
                self._second[person] = str(second_of)
        self._stands = first_listings(self._second, here) if self._second else {}

    def first(self, person: str) -> str:
        """The record that stands for the person; nearly always his own."""
        return self._stands.get(person, person)

    def is_second(self, person: str) -> bool:
        """Whether another record stands for this one and is counted in its place."""
        return self.first(person) != person

    def with_others(self, people: Iterable[str]) -> set[str]:
        """`people` and every other listing of theirs."""
        wanted = set(people)
        firsts = {self.first(person) for person in wanted}
        return wanted | firsts | {second for second, first in self._stands.items() if first in firsts}
