"""What a worker does on a phone, what he sees there, and what the oracle is told of it.

A phone may die at any statement of a verb, before anything was said. Then the worker looks at the
screen after the restart: what is there counts as said, and it must be there whole (P1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

from app.domain.errors import StorageFull, TooLateToUndo
from app.store import conflicts, heads, mending, newcomers, people, photo_files, photos, records, visits
from app.store.account import villages_of_others
from app.store.outbox import RecordState
from app.store.photos import NewPhoto
from app.store.visits import NewNeed, NewVisit
from tests.simulation.oracle import Edit, Oracle, SavedPhoto, SavedVisit
from tests.simulation.phone import Phone
from tests.simulation.photos import at_once, kept_file, picture
from tests.simulation.server import TOWN, VILLAGES
from tests.simulation.tally import Broken, Tally

FIELDS = ("note", "house", "away_place", "address")  # the last is one that this version does not know
LIMIT_FEN = 200_000  # of the campaign
_ALL = 1_000_000


@dataclass
class Deed:
    """`do` the verb; `is_there` looks at the screen whether it was done; `tell` the oracle that it was."""

    name: str
    do: Callable[[], Any]
    is_there: Callable[[], bool]
    tell: Callable[[], None]


@dataclass
class Worker:
    """Draws deeds for any phone; `serial` makes every typed value another one."""

    random: Random
    oracle: Oracle
    tally: Tally
    serial: int = 0
    _pictures: list[bytes] = field(default_factory=list)

    def draw(self, phone: Phone) -> Deed | None:
        """Something to do on this phone, or None where there is nothing of the kind drawn."""
        if phone.account is None:
            return None
        kinds = [self.save, self.edit, self.undo, self.amend, self.mend, self.settle, self.enter, self.move]
        (kind,) = self.random.choices(kinds, weights=(34, 26, 6, 8, 6, 8, 4, 3))
        return kind(phone)

    def save(self, phone: Phone) -> Deed | None:
        """Record a visit."""
        person = self._somebody(phone)
        if person is None:
            return None
        new = self._visit(phone, person)
        who = phone.login
        assert who is not None
        before = on_screen(phone)
        made: list[str] = []
        pictures = [self._picture() for _ in range(self.random.choice((0, 0, 0, 1, 2)))]
        new = replace(new, photos=tuple(NewPhoto(kept_file(one), "SCENE", new.at) for one in pictures))
        files = {photo.file.sha256 for photo in new.photos}

        def save_it() -> None:
            for photo, content in zip(new.photos, pictures, strict=True):
                at_once(phone.files.put(photo.file.sha256, content))
                photo_files.note_file(phone.store, photo.file)
            made.append(visits.record_visit(phone.store, new))

        def is_there() -> bool:
            made[:] = on_screen(phone) - before
            if len(made) > 1:
                raise Broken(f"P1 one save on {phone.name} made {len(made)} visits")
            if made and records.record_view(phone.store, made[0]).needs_count != len(new.needs):
                raise Broken(f"P1 visit {made[0]} is there without its needs")
            if made and {view.photo.sha256 for view in photos.photos_about(phone.store, made[0])} != files:
                raise Broken(f"P1 visit {made[0]} is there without its photos")
            return bool(made)

        def tell() -> None:
            phone.visits.add(made[0])
            self.oracle.visits[made[0]] = SavedVisit(made[0], new, len(new.needs), who)
            self.oracle.photos += [SavedPhoto(made[0], sha, phone.name) for sha in sorted(files)]
            self.tally.visits += 1

        return Deed("save", save_it, is_there, tell)

    def undo(self, phone: Phone) -> Deed | None:
        """Take a visit back."""
        visit = self._own_visit(phone)
        if visit is None:
            return None
        saved = self.oracle.visits[visit]

        def tell() -> None:
            saved.is_undone = True
            saved.is_undo_unsure = False

        return Deed(
            "undo",
            lambda: visits.undo_visit(phone.store, visit),
            lambda: records.record_view(phone.store, visit).is_undone,
            tell,
        )

    def amend(self, phone: Phone) -> Deed | None:
        """Correct a visit that stands."""
        return self._rewrite(phone, is_refused=False, verb=mending.amend_visit)

    def mend(self, phone: Phone) -> Deed | None:
        """Put a refused visit right."""
        return self._rewrite(phone, is_refused=True, verb=mending.mend_visit)

    def edit(self, phone: Phone) -> Deed | None:
        """Type new values into a profile."""
        person = self._somebody(phone)
        if person is None:
            return None
        names = self.random.sample(FIELDS, self.random.choice((1, 1, 2)))
        return self._write(phone, person, {name: self._value() for name in names})

    def settle(self, phone: Phone) -> Deed | None:
        """Pick one of the values of a conflict."""
        found = [c for c in conflicts.open_conflicts(phone.store) if c.field in FIELDS]
        if not found:
            return None
        chosen = self.random.choice(found)
        value = self.random.choice(chosen.candidates).value
        deed = self._write(phone, chosen.record, {chosen.field: value})

        def is_there() -> bool:
            still = {(c.record, c.field) for c in conflicts.open_conflicts(phone.store)}
            return (chosen.record, chosen.field) not in still

        def settle_it() -> None:
            conflicts.settle_conflicts(phone.store, chosen.record, {chosen.field: value})

        return replace(deed, name="settle", do=settle_it, is_there=is_there)

    def enter(self, phone: Phone) -> Deed | None:
        """Enter somebody who is on no roster."""
        account = phone.account
        assert account is not None
        village = self.random.choice(sorted(set(account.villages) & {*VILLAGES}))
        names = sorted({name for name, where in self.oracle.entered if where == village})
        is_twice = bool(names) and self.random.random() < 0.4  # somebody met him before
        name = self.random.choice(names) if is_twice else f"新{self._value()}"

        def all_so_named() -> set[str]:
            everybody = heads.values_of(phone.store, "person")
            return {person for person, values in everybody if values.get("name") == name}

        before = all_so_named()

        def tell() -> None:
            (person,) = all_so_named() - before
            self.oracle.newcomers[person] = True
            self.oracle.entered.append((name, village))

        return Deed(
            "enter",
            lambda: newcomers.add_person(phone.store, name, village),
            lambda: bool(all_so_named() - before),
            tell,
        )

    def move(self, phone: Phone) -> Deed | None:
        """Let somebody move to another village of the town; only the town's own phone does this."""
        person = self._somebody(phone)
        account = phone.account
        if person is None or account is None or account.organisation != TOWN:
            return None
        village = self.random.choice(VILLAGES)
        self.oracle.events.add("move")
        return Deed(
            "move",
            lambda: people.edit_person(phone.store, person, {"village": village}),
            lambda: False,
            lambda: None,
        )

    def _rewrite(self, phone: Phone, *, is_refused: bool, verb: Callable[..., None]) -> Deed | None:
        visit = self._own_visit(phone, is_refused=is_refused)
        if visit is None:
            return None
        saved = self.oracle.visits[visit]
        new = replace(self._visit(phone, saved.said.person), needs=())
        if is_refused:
            new = replace(new, cash_fen=0)

        def is_there() -> bool:
            return records.record_view(phone.store, visit).visit.note == new.note

        def tell() -> None:
            saved.said = new
            saved.are_words_unsure = False

        return Deed("mend" if is_refused else "amend", lambda: verb(phone.store, visit, new), is_there, tell)

    def _write(self, phone: Phone, person: str, fields: dict[str, Any]) -> Deed:
        head = heads.shown_head(phone.store, person)
        edits = [
            Edit(person, name, value, seen, by=phone.name, who=phone.login or "")
            for name, value in fields.items()
            for seen in [frozenset(c.value for c in head.candidates(name))]
        ]

        def is_there() -> bool:
            now = heads.shown_head(phone.store, person)
            found = [any(c.value == value for c in now.candidates(name)) for name, value in fields.items()]
            if len(set(found)) > 1:
                raise Broken(f"P1 half of an edit of {person} is there")
            return all(found)

        def tell() -> None:
            self.oracle.edits += edits
            self.tally.edits += len(edits)

        return Deed("edit", lambda: people.edit_person(phone.store, person, fields), is_there, tell)

    def _visit(self, phone: Phone, person: str) -> NewVisit:
        random = self.random
        return NewVisit(
            person=person,
            method="HOME",
            result=random.choice(("MET_SELF", "MET_SELF", "MET_FAMILY", "NOT_MET", "DECEASED")),
            at=datetime.fromtimestamp(phone.clock() / 1000, UTC),
            note=self._value(),
            cash_fen=random.choice((0, 0, 0, 0, 20_000, 50_000, LIMIT_FEN + 100)),
            letters=random.randrange(3),
            needs=tuple(
                NewNeed(random.choice(("LIVING", "HOUSING")), "2", self._value())
                for _ in range(random.choice((0, 0, 0, 1, 2)))
            ),
        )

    def _picture(self) -> bytes:
        """A new photo, or now and then one that is on some phone already."""
        if self._pictures and self.random.random() < 0.2:
            return self.random.choice(self._pictures)
        self._pictures.append(picture(self.random))
        return self._pictures[-1]

    def _somebody(self, phone: Phone) -> str | None:
        others = villages_of_others(phone.store)
        everybody = heads.values_of(phone.store, "person")
        found = sorted(person for person, values in everybody if values.get("village") not in others)
        return self.random.choice(found) if found else None

    def _own_visit(self, phone: Phone, *, is_refused: bool = False) -> str | None:
        shown = {view.visit.id: view for view in records.recent(phone.store, limit=_ALL)}
        found = [
            visit
            for visit in sorted(phone.visits & shown.keys())
            if not shown[visit].is_undone
            and (shown[visit].delivery.state is RecordState.REFUSED) is is_refused
            and mending.can_mend(phone.store, visit) is is_refused
        ]
        return self.random.choice(found) if found else None

    def _value(self) -> str:
        self.serial += 1
        return f"第{self.serial}处"


def attempt(deed: Deed, tally: Tally) -> None:
    """Do it and tell the oracle; where the screen says no, nothing may be there. Raises Died."""
    try:
        deed.do()
    except TooLateToUndo:
        return
    except StorageFull:
        tally.faults["a save told that there is no room"] += 1
        if deed.is_there():
            raise Broken(f"P1 {deed.name}: the screen said that nothing was saved, and it was") from None
        return
    deed.tell()


def on_screen(phone: Phone) -> set[str]:
    """The visits of the records screen."""
    return {view.visit.id for view in records.recent(phone.store, limit=_ALL)}
