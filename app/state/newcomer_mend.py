"""Putting a newcomer right whom the server did not take: the form, what was begun of it, and the save."""

from __future__ import annotations

from app.domain.errors import BadInput, UnknownRecord
from app.domain.models import Person
from app.state.newcomer import NewcomerForm, newcomer_from_draft
from app.state.problems import FormProblem
from app.state.session import Session
from app.store import drafts
from app.store.refused_newcomers import draft_about, mend_person, refused_newcomer


def form_of_person(person: Person) -> NewcomerForm:
    """The newcomer form as it would have been filled for this person."""
    return NewcomerForm(
        name=person.name,
        village=person.village,
        hamlet=person.hamlet,
        house=person.house,
        id_number=person.id_number or "",
        phone=_first_phone(person),
        categories=person.categories,
    )


def mend_begun(session: Session, person: str) -> tuple[NewcomerForm, bool]:
    """The form of a refused newcomer; True where it is what was begun and not saved.

    Empty for anybody who does not wait for a mend.
    """
    kept = drafts.draft_of(session.store, person, about=draft_about(person))
    return (newcomer_from_draft(kept), True) if kept else (fresh_mend(session, person), False)


def fresh_mend(session: Session, person: str) -> NewcomerForm:
    """The form as he is shown, whatever was begun."""
    waits = refused_newcomer(session.store, person)
    return form_of_person(waits.person) if waits else NewcomerForm()


def keep_mend(session: Session, person: str, form: NewcomerForm) -> None:
    """Keep `form` as typed so far; one that says the same leaves no draft behind.

    Nothing is kept of somebody who was taken in since.
    """
    about, waits = draft_about(person), refused_newcomer(session.store, person)
    if waits is None:
        return
    if form == form_of_person(waits.person):
        drafts.drop_draft(session.store, person, about=about)
    else:
        drafts.keep_draft(session.store, person, form.to_draft(), about=about)


def save_mend(session: Session, person: str, form: NewcomerForm, *, back: str) -> None:
    """Enter the person of `form` anew; committed when this returns. The bar at `back` says so.

    His other telephone numbers stay as they are. Raises FormProblem for what is missing, UnknownRecord
    where nothing waits, StoreFault; then the draft is still there.
    """
    waits = refused_newcomer(session.store, person)
    if waits is None:
        raise UnknownRecord(f"这个人（{person}）没有要改的，市里没有退回。")
    old = waits.person
    first, known = _first_phone(old), form.known()
    whose = old.phones.get(first, "本人")
    others = {number: said for number, said in old.phones.items() if number != first}
    known["phones"] = {**dict.fromkeys(known["phones"], whose), **others}
    try:
        mend_person(session.store, person, form.name, form.village, **known)
    except BadInput as fault:
        if fault.field not in ("name", "village"):
            raise
        raise FormProblem(fault.field, f"newcomer.{fault.field}.missing") from fault
    session.say_saved("newcomer", person, back)


def _first_phone(person: Person) -> str:
    return next(iter(person.phones), "")
