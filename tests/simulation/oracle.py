"""What each worker was told is saved, and what the merge rules say must come of it; nothing else.

Every value that a worker types into a profile is typed only once in a world, so a value names the edit
that made it; only who settles a conflict says a value again. An edit supersedes the values that its
author had before his eyes, and no others (P4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from app.domain.wire import Receipt
from app.store.visits import NewVisit


@dataclass
class SavedVisit:
    """A visit that the screen said was saved: what it says now by its author's word.

    `who` saved it, by his login. `is_sure` False: the phone that held it was restored from an older copy
    before the visit had a receipt, so it may have gone with the phone. `are_words_unsure`,
    `is_undo_unsure`: the same of its last words, and of its undo. `is_shared`: the phone was cloned, and
    two may rewrite it now.
    """

    visit: str
    said: NewVisit
    needs: int
    who: str
    is_undone: bool = False
    is_sure: bool = True
    are_words_unsure: bool = False
    is_undo_unsure: bool = False
    is_shared: bool = False


@dataclass
class Edit:
    """One value written into one field, and the values that its author saw there.

    `by` is the phone, or "roster", `who` the worker's login.
    """

    record: str
    field: str
    value: Any
    saw: frozenset[Any]
    by: str
    who: str = ""
    is_sure: bool = True


@dataclass
class SavedPhoto:
    """A photo that was saved with a visit; `is_sure` as there."""

    visit: str
    sha: str
    by: str
    is_sure: bool = True


@dataclass
class Oracle:
    """The words of all workers of a world."""

    visits: dict[str, SavedVisit] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    newcomers: dict[str, bool] = field(default_factory=dict)  # person -> is_sure
    entered: list[tuple[str, str]] = field(default_factory=list)  # their names and villages
    receipts: dict[tuple[str, int], Receipt] = field(default_factory=dict)  # since the server's restore
    proven: dict[tuple[str, int], int] = field(default_factory=dict)  # Change -> the server's time of its yes
    photos: list[SavedPhoto] = field(default_factory=list)
    photos_proven: dict[str, int] = field(
        default_factory=dict
    )  # hash -> since when, by the first receipt heard
    unproven: set[tuple[str, int]] = field(default_factory=set)  # proven before the server went back
    first_values: dict[tuple[str, str], Any] = field(default_factory=dict)  # of the first roster
    roster_says: dict[str, str] = field(default_factory=dict)  # record -> house, as the last roster had it
    events: set[str] = field(default_factory=set)  # what has befallen this world, by kind

    def photo_stands(self, photo: SavedPhoto) -> bool:
        """Whether the visit was certainly saved and certainly not taken back."""
        visit = self.visits[photo.visit]
        return visit.is_sure and not (visit.is_undone or visit.is_undo_unsure)

    def note_proven(self, device: str, seq: int, at_ms: int) -> None:
        """The server has told at `at_ms` that a Change counts; told again, it is the first time that does."""
        self.proven.setdefault((device, seq), at_ms)

    def forget_proofs_but(self, keys: Collection[tuple[str, int]]) -> None:
        """The server went back to a backup that holds `keys` alone as Changes that count."""
        self.unproven |= self.proven.keys() - set(keys)
        self.proven = {key: at_ms for key, at_ms in self.proven.items() if key in keys}

    def note_held(self, device: str, have: int, at_ms: int) -> None:
        """The server says at `at_ms` that it holds every number up to `have`: those as well that it had lost
        and got again by a request that came late, of which no receipt was heard."""
        for key in {key for key in self.unproven if key[0] == device and key[1] <= have}:
            self.unproven.discard(key)
            self.note_proven(*key, at_ms)

    def standing(
        self,
        record: str,
        name: str,
        *,
        is_refused: Callable[[Edit], bool],
        is_in_doubt: Callable[[Edit], bool],
    ) -> tuple[set[Any], set[Any]]:
        """(values that must stand, values that may), refused edits left out.

        An edit is in doubt where of two that say the same value one was refused.

        A value must stand if a sure edit said it and no edit after that one can have seen it. It may
        stand unless a sure edit certainly saw the only one that said it.
        """
        edits = [e for e in self.edits if (e.record, e.field) == (record, name) and not is_refused(e)]
        first = self.first_values.get((record, name))
        if first is not None:
            edits.insert(0, Edit(record, name, first, frozenset(), by="roster"))
        sayings: dict[Any, int] = defaultdict(int)
        for edit in edits:
            sayings[edit.value] += 1
        must = {
            edit.value
            for place, edit in enumerate(edits)
            if edit.is_sure
            and not is_in_doubt(edit)
            and not any(edit.value in later.saw and later.value != edit.value for later in edits[place + 1 :])
        }
        certainly_seen = {value for e in edits if e.is_sure and not is_in_doubt(e) for value in e.saw}
        may = {value for value, times in sayings.items() if times > 1 or value not in certainly_seen}
        return must, may | must

    def fields(self) -> list[tuple[str, str]]:
        """Every (record, field) that somebody has edited."""
        return sorted({(e.record, e.field) for e in self.edits})
