"""名册外新增一人: name and place of somebody who is on no roster; all the rest may be left.

Somebody alike on this phone is named at once, so that nobody is entered twice; it hinders nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import flet as ft

from app.domain.categories import BenefitCategory
from app.domain.citizen_id import fold_forms, is_sound
from app.domain.errors import BadInput, ZoufangError
from app.domain.names import LONGEST_NAME, strip_blanks
from app.state.live import use_live, use_session, use_watched
from app.state.newcomer import NewcomerForm, blank_newcomer
from app.state.session import Session
from app.store.index import PeopleIndex, people_index
from app.store.newcomers import likely_duplicates
from app.ui.parts.faults import fault_words
from app.ui.parts.field import field
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.people import spoken_apart
from app.ui.parts.restored import restored
from app.ui.parts.shapes import notice, scrolled, section
from app.ui.parts.tap import calls, choice, grid, primary, quiet, tick
from app.ui.parts.text import text
from app.ui.parts.villages import village_names
from app.ui.theme import GAP, Look
from app.ui.words import words

CATEGORIES_AT_FIRST = 4
ALIKE_SHOWN = 3
HAMLETS_SHOWN = 6
_FIRST = ("VETERAN", "ACTIVE_FAMILY", "MARTYR_SURVIVOR", "DISABLED_MILITARY")

Change = Callable[[Callable[[NewcomerForm], NewcomerForm]], None]


@screen
def AddPerson() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    index = use_live(people_index, "people", "visits", "account")
    here = ft.use_view_path() or "/roster/add"
    begun: Any = ft.use_ref(session.newcomer)
    form: NewcomerForm
    form, draw = ft.use_state(begun.current[0])
    latest: Any = ft.use_ref(form)
    problem: Any
    problem, set_problem = ft.use_state(("", ""))  # field, sentence
    shows_all, show_all = ft.use_state(False)
    asked: Any = ft.use_ref(dict)
    searched: Any = ft.use_ref(session.newcomer_searched)
    is_begun, set_begun = ft.use_state(begun.current[1])
    # What was begun for one must not be saved for another who was searched for since.
    is_asking, set_asking = ft.use_state(
        begun.current[1] and searched.current.name not in ("", strip_blanks(begun.current[0].name))
    )
    language = look.language

    def change(edit: Callable[[NewcomerForm], NewcomerForm]) -> None:
        # Two quick touches may both come before the page is drawn again.
        latest.current = edit(latest.current)
        session.keep_newcomer(latest.current)
        set_problem(("", ""))
        draw(latest.current)

    def start_again(fresh: NewcomerForm) -> None:
        change(lambda _: fresh)
        set_begun(False)
        set_asking(False)

    def save() -> None:
        try:
            person = session.add_person(latest.current, beside=above(here))
        except BadInput as fault:
            set_problem((fault.field or "", _wrong_words(look, latest.current, fault)))
        except ZoufangError as fault:
            set_problem(("", fault_words(session, fault)))
        else:
            go(under(above(here), f"person/{person}"))

    def wrong(name: str) -> str:
        return problem[1] if problem[0] == name else ""

    if is_asking:
        return page_view(
            look,
            route=here,
            title=words(language, "newcomer.title"),
            context=words(language, "newcomer.context"),
            back=lambda: go(above(here)),
            body=scrolled(
                look,
                _which(
                    look,
                    form.name,
                    searched.current.name,
                    go_on=lambda: set_asking(False),
                    start=lambda: start_again(searched.current),
                ),
                spacing=12,
            ),
        )
    body: list[ft.Control] = []
    if is_begun:
        body.append(
            restored(look, "newcomer.restored", lambda: start_again(blank_newcomer(session.account, "")))
        )
    body.append(
        field(
            look,
            words(language, "field.name"),
            form.name,
            on_change=written(change, "name"),
            problem=wrong("name"),
        )
    )
    body += _alike(look, session, form, index, are_shown=names.are_shown, asked=asked.current)
    body += _villages(look, session, form, index, change=change, problem=wrong("village"))
    body += _place_and_numbers(look, form, index, change)
    body += _categories(look, form, change, shows_all=shows_all, show_all=lambda: show_all(True))
    if problem[1] and problem[0] not in ("name", "village"):
        body.append(ft.Semantics(live_region=True, content=notice(look, problem[1], is_bad=True)))
    return page_view(
        look,
        route=here,
        title=words(language, "newcomer.title"),
        context=words(language, "newcomer.context"),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=12),
        pinned=primary(look, words(language, "newcomer.save"), glyph=ft.Icons.CHECK, on_click=save),
    )


def _wrong_words(look: Look, form: NewcomerForm, fault: BadInput) -> str:
    """Beside the field: what is missing, or that the name is too long to be one."""
    name = form.name.strip()
    if fault.field == "name" and name:
        return words(look.language, "profile.name.long", most=LONGEST_NAME, n=len(name))
    return words(look.language, f"newcomer.{fault.field}.missing")


def written(change: Change, name: str) -> Callable[[str], None]:
    """What to do with the text typed in the field `name`."""
    return lambda value: change(lambda was: was.with_text(name, value))


def _place_and_numbers(
    look: Look, form: NewcomerForm, index: PeopleIndex, change: Change
) -> list[ft.Control]:
    """Where he lives, with the hamlets that the roster knows there, his ID number and his phone."""
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


def _which(
    look: Look, begun: str, searched: str, *, go_on: Callable[[], None], start: Callable[[], None]
) -> list[ft.Control]:
    """Somebody was begun and another is searched for: neither is taken for the other."""
    language = look.language
    called = begun or words(language, "newcomer.nameless")
    return [
        text(look, words(language, "newcomer.which", name=called), "body"),
        primary(look, words(language, "newcomer.start", name=searched), on_click=start),
        quiet(look, words(language, "newcomer.go_on", name=called), on_click=go_on, is_outlined=True),
    ]


def _alike(
    look: Look,
    session: Session,
    form: NewcomerForm,
    index: PeopleIndex,
    *,
    are_shown: bool,
    asked: dict[object, list[str]],
) -> list[ft.Control]:
    """Who on this phone may be the same, each with the way to his page. `asked` holds the last answer."""
    question = (form.name, form.village, form.hamlet, form.id_number)
    if question not in asked:
        asked.clear()
        asked[question] = likely_duplicates(
            session.store, form.name, form.village or None, hamlet=form.hamlet, id_number=form.id_number
        )
    found = [person for person in asked[question] if index.is_listed(person)]
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


def _villages(
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


def _categories(
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
