"""名册外新增一人: name and place of somebody who is on no roster; all the rest may be left.

Somebody alike on this phone is named at once, so that nobody is entered twice; it hinders nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.domain.errors import BadInput, ZoufangError
from app.domain.names import LONGEST_NAME, strip_blanks
from app.state.live import use_live, use_session, use_watched
from app.state.newcomer import NewcomerForm, blank_newcomer
from app.store.index import people_index
from app.ui.parts.faults import fault_words
from app.ui.parts.field import field
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.newcomer_form import alike, categories, place_and_numbers, villages, written
from app.ui.parts.restored import restored
from app.ui.parts.shapes import notice, scrolled
from app.ui.parts.tap import primary, quiet
from app.ui.parts.text import text
from app.ui.theme import Look
from app.ui.words import words


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
    body += alike(look, session, form, index, are_shown=names.are_shown, asked=asked.current)
    body += villages(look, session, form, index, change=change, problem=wrong("village"))
    body += place_and_numbers(look, form, index, change)
    body += categories(look, form, change, shows_all=shows_all, show_all=lambda: show_all(True))
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
