"""没收下的人: a newcomer whom the server did not take, with its reason; put right, or taken back."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.state.newcomer_mend import fresh_mend, keep_mend, mend_begun, save_mend
from app.state.session import Session
from app.store.index import people_index
from app.store.refused_newcomers import RefusedNewcomer, refused_newcomer
from app.ui.parts.field import field
from app.ui.parts.frame import page_view
from app.ui.parts.goals import with_goals
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.newcomer_form import alike, categories, place_and_numbers, villages, written
from app.ui.parts.newcomer_undo import NewcomerUndo
from app.ui.parts.pen import FormPen, Sheet, use_pen
from app.ui.parts.refusal import refusal_words
from app.ui.parts.reveal import reveal_action, reveal_card
from app.ui.parts.shapes import goal, notice, scrolled
from app.ui.parts.states import spelt
from app.ui.parts.tap import primary
from app.ui.parts.text import text
from app.ui.theme import Look
from app.ui.words import words


@screen
def NewcomerMend() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    index = use_live(people_index, "people", "visits", "account")
    person = ft.use_route_params().get("person", "")
    here = ft.use_view_path() or "/records"
    back = above(here) if here.endswith("/refused") else above(here, 2)
    waits = use_live(lambda store: refused_newcomer(store, person), "people", "outbox", "receipts", "account")
    pen = use_pen(here, lambda: _take(session, person, back))
    shows_all, show_all = ft.use_state(False)
    is_asking, set_asking = ft.use_state(False)
    asked: Any = ft.use_ref(dict)
    language, are_shown = look.language, names.are_shown
    title = words(language, "newcomer.refused.title")
    if waits is None:
        body = scrolled(look, [text(look, words(language, "newcomer.refused.none"))])
        return page_view(look, route=here, title=title, back=lambda: go(back), body=body)

    def reveal(reason: str) -> None:
        set_asking(False)
        session.reveal(reason)

    form = pen.sheet.form
    rows: list[ft.Control] = []
    if is_asking and not are_shown:
        rows.append(reveal_card(look, on_reason=reveal, on_cancel=lambda: set_asking(False)))
    rows += [*_why(look, waits), *pen.above(look)]
    rows.append(goal("name", _name(look, pen, are_shown=are_shown)))
    if are_shown:
        rows += alike(look, session, form, index, are_shown=True, asked=asked.current, but=person)
    rows += villages(look, session, form, index, change=pen.change, problem=pen.said("village"))
    rows += place_and_numbers(look, form, index, pen.change, are_shown=are_shown)
    rows += categories(look, form, pen.change, shows_all=shows_all, show_all=lambda: show_all(True))
    rows += [*pen.below(look), NewcomerUndo(person=person)]
    return page_view(
        look,
        route=here,
        title=title,
        context=waits.person.name if are_shown else mask_name(waits.person.name),
        actions=[
            reveal_action(look, are_shown=are_shown, on_ask=lambda: set_asking(True), on_hide=session.hide)
        ],
        back=lambda: go(back),
        body=with_goals(pen.column, rows, spacing=12),
        pinned=primary(
            look,
            words(language, "newcomer.refused.save"),
            glyph=ft.Icons.CHECK,
            on_click=lambda: pen.press_save(look),
        ),
    )


def _take(session: Session, person: str, back: str) -> FormPen:
    form, is_begun = mend_begun(session, person)
    return FormPen(
        session,
        Sheet(form, is_restored=is_begun),
        keep=lambda form: keep_mend(session, person, form),
        save=lambda form: save_mend(session, person, form, back=back),
        fresh=lambda: fresh_mend(session, person),
        back=back,
    )


def _why(look: Look, waits: RefusedNewcomer) -> list[ft.Control]:
    """The reason in plain words, and the code by which the town station finds him."""
    why = refusal_words(look.language, waits.refusal)
    rows: list[ft.Control] = [notice(look, why, is_bad=True, glyph=ft.Icons.ERROR_OUTLINE)]
    if waits.receipt:
        code = words(look.language, "newcomer.refused.code", code=spelt(waits.receipt))
        rows.append(text(look, code, "meta", color=look.palette.ink2))
    return rows


def _name(look: Look, pen: FormPen, *, are_shown: bool) -> ft.Control:
    if not are_shown:
        return text(look, words(look.language, "newcomer.refused.locked"), color=look.palette.ink2)
    called = words(look.language, "field.name")
    on_change = written(pen.change, "name")
    return field(look, called, pen.sheet.form.name, on_change=on_change, problem=pen.said("name"))
