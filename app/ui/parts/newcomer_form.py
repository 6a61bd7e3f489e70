"""The rows of the form for a newcomer: who is alike, village and place, numbers, categories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import flet as ft

from app.domain.categories import BenefitCategory
from app.domain.citizen_id import fold_forms, is_sound
from app.state.newcomer import NewcomerForm
from app.state.session import Session
from app.store.index import PeopleIndex
from app.store.newcomers import likely_duplicates
from app.ui.parts.field import field
from app.ui.parts.look import go
from app.ui.parts.people import spoken_apart
from app.ui.parts.shapes import notice, section
from app.ui.parts.tap import calls, choice, grid, quiet, tick
from app.ui.parts.text import text
from app.ui.parts.villages import village_names
from app.ui.theme import GAP, Look
from app.ui.words import words

CATEGORIES_AT_FIRST = 4
ALIKE_SHOWN = 3
HAMLETS_SHOWN = 6
_FIRST = ("VETERAN", "ACTIVE_FAMILY", "MARTYR_SURVIVOR", "DISABLED_MILITARY")

Change = Callable[[Callable[[NewcomerForm], NewcomerForm]], None]


def written(change: Change, name: str) -> Callable[[str], None]:
    """What to do with the text typed in the field `name`."""
    return lambda value: change(lambda was: was.with_text(name, value))


def place_and_numbers(
    look: Look, form: NewcomerForm, index: PeopleIndex, change: Change, *, are_shown: bool = True
) -> list[ft.Control]:
    """Where he lives, with the hamlets that the roster knows there, his ID number and his phone.

    The numbers stay away unless `are_shown`: of somebody who was saved they are masked.
    """
    language = look.language
    number = fold_forms(form.id_number)
    is_doubtful = len(number) >= 15 and not is_sound(number)
    body: list[ft.Control] = [
        field(look, words(language, "field.hamlet"), form.hamlet, on_change=written(change, "hamlet"))
    ]
    body += _hamlets(look, form, index, change)
    body.append(
        field(
            look,
            words(language, "field.house"),
            form.house,
            on_change=written(change, "house"),
            hint=words(language, "newcomer.house.hint"),
        )
    )
    if not are_shown:
        return body
    body.append(
        field(
            look,
            words(language, "newcomer.number"),
            form.id_number,
            on_change=written(change, "id_number"),
            problem=words(language, "newcomer.number.bad") if is_doubtful else "",
        )
    )
    body.append(
        field(
            look,
            words(language, "newcomer.phone"),
            form.phone,
            on_change=written(change, "phone"),
            keyboard=ft.KeyboardType.PHONE,
        )
    )
    return body


def _hamlets(look: Look, form: NewcomerForm, index: PeopleIndex, change: Change) -> list[ft.Control]:
    """The hamlets of the village with the most people first, to be touched rather than typed."""
    found: Counter[str] = Counter()
    for person in index.search():
        row = index.row(person)
        if row.hamlet and row.village == form.village:
            found[row.hamlet] += 1
    if not found or form.hamlet in found:
        return []
    chips: list[ft.Control] = [
        tick(
            look,
            hamlet,
            label=words(look.language, "newcomer.hamlet.label", name=hamlet),
            is_ticked=False,
            on_click=calls(written(change, "hamlet"), hamlet),
            expand=None,
        )
        for hamlet, _ in found.most_common(HAMLETS_SHOWN)
    ]
    return [ft.Row(chips, spacing=GAP, run_spacing=GAP, wrap=True)]


def alike(
    look: Look,
    session: Session,
    form: NewcomerForm,
    index: PeopleIndex,
    *,
    are_shown: bool,
    asked: dict[object, list[str]],
    but: str = "",
) -> list[ft.Control]:
    """Who on this phone may be the same, each with the way to his page; `but` is himself.

    `asked` holds the last answer.
    """
    question = (form.name, form.village, form.hamlet, form.id_number)
    if question not in asked:
        asked.clear()
        asked[question] = likely_duplicates(
            session.store, form.name, form.village or None, hamlet=form.hamlet, id_number=form.id_number
        )
    found = [person for person in asked[question] if person != but and index.is_listed(person)]
    if not found:
        return []
    language = look.language
    rows = [index.row(person) for person in found[:ALIKE_SHOWN]]
    shown: list[ft.Control] = [
        ft.Semantics(live_region=True, content=notice(look, words(language, "newcomer.alike", n=len(found))))
    ]
    for row, spoken in zip(rows, spoken_apart(rows, language=language, are_shown=are_shown), strict=True):
        said = words(language, "newcomer.alike.open", who=spoken)
        shown.append(quiet(look, said, on_click=calls(go, f"/roster/person/{row.id}"), is_outlined=True))
    return shown


def villages(
    look: Look,
    session: Session,
    form: NewcomerForm,
    index: PeopleIndex,
    *,
    change: Change,
    problem: str,
) -> list[ft.Control]:
    """A choice where there is one."""
    codes = session.account.villages
    if len(codes) < 2 and not problem:
        return []

    def settle(code: str) -> None:
        change(lambda was: was.with_text("village", code))

    language = look.language
    named = village_names(look, session, index)
    cells: list[ft.Control] = [
        choice(
            look,
            named[code],
            label=words(language, "newcomer.village.label", name=named[code]),
            is_chosen=form.village == code,
            on_click=calls(settle, code),
        )
        for code in codes
    ]
    shown = [section(look, words(language, "newcomer.village")), grid(look, cells, columns=2)]
    if problem:
        shown.append(
            ft.Semantics(live_region=True, content=text(look, problem, "meta_strong", color=look.palette.bad))
        )
    return shown


def categories(
    look: Look,
    form: NewcomerForm,
    change: Change,
    *,
    shows_all: bool,
    show_all: Callable[[], None],
) -> list[ft.Control]:
    def toggle(code: str) -> None:
        change(lambda was: was.toggled(code))

    language = look.language
    ordered = sorted(BenefitCategory, key=lambda c: (c.value not in _FIRST, list(BenefitCategory).index(c)))
    shown = [
        category
        for at, category in enumerate(ordered)
        if shows_all or at < CATEGORIES_AT_FIRST or category.value in form.categories
    ]
    chips: list[ft.Control] = [
        tick(
            look,
            category.label,
            label=words(language, "newcomer.category.label", name=category.label),
            is_ticked=category.value in form.categories,
            on_click=calls(toggle, category.value),
            expand=None,
        )
        for category in shown
    ]
    body: list[ft.Control] = [
        section(look, words(language, "newcomer.categories")),
        ft.Row(chips, spacing=GAP, run_spacing=GAP, wrap=True),
    ]
    if not shows_all:
        body.append(quiet(look, words(language, "newcomer.categories.more"), on_click=show_all))
    return body
