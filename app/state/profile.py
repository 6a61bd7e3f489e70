"""改资料: a person's entries as typed, what of them was changed, and the fields that this means.

What the worker saw when he began is kept beside what he typed: only what he changed himself is saved,
and on the version that he had before his eyes, however long the draft lay (P4).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from app.domain.change import Fields
from app.domain.citizen_id import IdProblem, ReadId, read_citizen_id
from app.domain.merge import Head
from app.domain.models import Person
from app.domain.names import LONGEST_NAME, fold_width, read_name, strip_blanks
from app.state.begun import read_form
from app.state.partial_date import begins_after, read_partial_date
from app.state.problems import FormProblem
from app.store import drafts
from app.store.heads import life_of, shown_head
from app.store.people import edit_person

if TYPE_CHECKING:
    from app.state.session import Session

PHONES_MOST, OLDEST_YEAR = 3, 1880
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{9,11}|[2-9]\d{5,7}|\d{3,5}", re.ASCII)
_TEXTS = ("hamlet", "house", "village", "away_place", "note")
_CODES = ("employment", "away")
_FLAGS = ("no_call", "no_photo")


@dataclass(frozen=True, slots=True)
class Phone:
    """One number as typed, and whose it is. `was` is the number that it corrects, empty for a new one."""

    was: str = ""
    number: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Entries:
    """A person's entries as typed; codes of the lists, and `phones` in the order of the roster."""

    name: str = ""
    id_number: str = ""
    id_reason: str = ""
    born: str = ""
    village: str = ""
    hamlet: str = ""
    house: str = ""
    away: str = ""
    away_place: str = ""
    employment: str = ""
    living: tuple[str, ...] = ()
    phones: tuple[Phone, ...] = ()
    no_call: bool = False
    no_photo: bool = False
    note: str = ""

    def with_value(self, name: str, value: Any) -> Entries:
        """The entries with `value` for `name`."""
        changed: dict[str, Any] = {name: value}
        return replace(self, **changed)

    def toggled(self, code: str) -> Entries:
        """The entries with this living tag ticked, or no longer ticked."""
        if code in self.living:
            return replace(self, living=tuple(each for each in self.living if each != code))
        return replace(self, living=tuple(sorted((*self.living, code))))

    def with_phone(self, at: int, **changes: str) -> Entries:
        """The entries with number `at` changed; one past the last is added."""
        phones = list(self.phones)
        if at == len(phones):
            phones.append(Phone())
        phones[at] = replace(phones[at], **changes)
        return replace(self, phones=tuple(phones))


@dataclass(frozen=True, slots=True)
class ProfileEdit:
    """What is typed (`now`), what stood there when it was begun (`was`), on which version (`base`).

    `epoch` is the life of the server in which the version counts, None for the one it is saved in.
    """

    base: int
    was: Entries
    now: Entries
    epoch: int | None = None
    open_fields: frozenset[str] = field(default=frozenset(), compare=False)  # in dispute; never saved here

    @property
    def is_untouched(self) -> bool:
        return self.was == self.now


def draft_about(person: str) -> str:
    """Under what the entries begun for `person` are kept (drafts.py)."""
    return f"profile:{person}"


def entries_of(person: Person) -> Entries:
    """The entries as they stand."""
    return Entries(
        name=person.name,
        id_number=person.id_number or "",
        id_reason=person.id_reason,
        born=person.born or "",
        village=person.village,
        hamlet=person.hamlet,
        house=person.house,
        away=person.away or "",
        away_place=person.away_place,
        employment=person.employment or "",
        living=tuple(sorted(person.living)),
        phones=tuple(Phone(number, number, whose) for number, whose in person.phones.items()),
        no_call=person.no_call,
        no_photo=person.no_photo,
        note=person.note,
    )


def profile_edit(session: Session, person: str) -> tuple[ProfileEdit, bool]:
    """The entries to be edited; True where it is what was begun and not saved. Raises UnknownRecord."""
    head = shown_head(session.store, person)
    kept = drafts.draft_of(session.store, person, about=draft_about(person))
    if kept is not None:
        was, now = _entries(kept["was"]), _entries(kept["now"])
        return ProfileEdit(int(kept["base"]), was, now, kept.get("epoch"), _disputed(head)), True
    return fresh_profile(session, person), False


def fresh_profile(session: Session, person: str) -> ProfileEdit:
    """The entries as they stand now, nothing typed; raises UnknownRecord."""
    head = shown_head(session.store, person)
    entries = entries_of(Person.read(person, head.values))
    epoch = life_of(session.store, person)
    return ProfileEdit(head.version, entries, entries, epoch, _disputed(head))


def keep_profile(session: Session, person: str, edit: ProfileEdit) -> None:
    """Keep what is typed so far; entries that say what stood there leave no draft behind."""
    if edit.is_untouched:
        drafts.drop_draft(session.store, person, about=draft_about(person))
        return
    kept = {"base": edit.base, "epoch": edit.epoch, "was": asdict(edit.was), "now": asdict(edit.now)}
    drafts.keep_draft(session.store, person, kept, about=draft_about(person))


def save_profile(session: Session, person: str, edit: ProfileEdit, *, back: str) -> None:
    """Save exactly what was changed, in one Change; committed when this returns. The bar at `back` says so.

    Raises FormProblem for what is missing or unclear, ZoufangError; then nothing was saved and the
    draft is still there.
    """
    said = changed_fields(edit, today=session.now().date())
    village = said.get("village")
    if village is not None and village not in session.account.villages:
        raise FormProblem("village", "profile.village.other")
    edit_person(session.store, person, said, base=edit.base, epoch=edit.epoch, draft=draft_about(person))
    if said:
        session.say_saved("choice", person, back)


def changed_fields(edit: ProfileEdit, *, today: date) -> Fields:
    """The fields that the edit changes, None where a value is taken away; empty if it changes nothing.

    A field in dispute is left aside: it is settled on the page that shows all its values. Raises
    FormProblem for the first entry that was changed and cannot be.
    """
    was, now = edit.was, edit.now
    said: Fields = {}
    if now.name != was.name:
        said["name"] = _name(now.name)
    if (now.id_number, now.id_reason) != (was.id_number, was.id_reason):
        said |= _id_number(now)
    if now.born != was.born:
        said["born"] = _born(now.born, today)
    for name in _TEXTS:
        if getattr(now, name) != getattr(was, name):
            said[name] = getattr(now, name).strip() or None
    for name in (*_CODES, *_FLAGS):
        if getattr(now, name) != getattr(was, name):
            said[name] = getattr(now, name) or None
    said |= {f"living/{code}": True for code in now.living if code not in was.living}
    said |= {f"living/{code}": None for code in was.living if code not in now.living}
    said |= _phones(was, now)
    return {name: value for name, value in said.items() if name.partition("/")[0] not in edit.open_fields}


def read_number(written: str) -> ReadId:
    """The ID number as typed, read as a roster's cell is."""
    return read_citizen_id(written.strip())


def _disputed(head: Head) -> frozenset[str]:
    return frozenset(conflict.field.partition("/")[0] for conflict in head.conflicts())


def _entries(kept: Mapping[str, Any]) -> Entries:
    entries = read_form(Entries, kept)
    return replace(entries, phones=tuple(read_form(Phone, each) for each in kept.get("phones", ())))


def _name(written: str) -> str:
    name = read_name(written).name
    if not name:
        raise FormProblem("name", "newcomer.name.missing")
    if len(name) > LONGEST_NAME:
        raise FormProblem("name", "profile.name.long", most=LONGEST_NAME, n=len(name))
    return name


def _id_number(now: Entries) -> Fields:
    """A sound number needs no reason; one that fails its check is kept as written, with a reason."""
    if not strip_blanks(now.id_number):
        return {"id_number": None, "id_problem": None, "id_reason": None}
    read = read_number(now.id_number)
    if read.number is None:
        raise FormProblem("id_number", "profile.id.short")
    if read.problem is None:
        return {"id_number": read.number, "id_problem": None, "id_reason": None}
    if not now.id_reason.strip():
        raise FormProblem("id_number", "profile.id.bad")
    return {
        "id_number": read.number,
        "id_problem": IdProblem.CHECKSUM.value,
        "id_reason": now.id_reason.strip(),
    }


def _born(written: str, today: date) -> str | None:
    born = read_partial_date(fold_width(written))
    if born is None:
        raise FormProblem("born", "profile.born.bad")
    if born and int(born[:4]) < OLDEST_YEAR:
        raise FormProblem("born", "profile.born.early", year=born[:4])
    if born and begins_after(born, today):
        raise FormProblem("born", "profile.born.future")
    return born or None


def _phones(was: Entries, now: Entries) -> Fields:
    """By number: one that was corrected goes and the other comes."""
    before = {phone.number: phone.whose for phone in was.phones}
    after: dict[str, str] = {}
    for at, phone in enumerate(now.phones):
        if phone.was and (phone.number, phone.whose) == (phone.was, before.get(phone.was)):
            after[phone.number] = phone.whose  # untouched, however the roster writes it
        elif strip_blanks(phone.number):
            after[plain_phone(phone.number, at)] = phone.whose.strip()
    gone: Fields = {f"phones/{number}": None for number in before if number not in after}
    return gone | {
        f"phones/{number}": whose for number, whose in after.items() if before.get(number) != whose
    }


def plain_phone(written: str, at: int) -> str:
    """The number without blanks, signs and +86; raises FormProblem for what is none."""
    number = re.sub(r"[\s()\-－—（）]", "", fold_width(written)).removeprefix("+86")
    if len(number) == 13 and number.startswith("86"):
        number = number[2:]
    if _PHONE.fullmatch(number) is None:
        raise FormProblem(f"phone{at}", "profile.phone.bad")
    return number
