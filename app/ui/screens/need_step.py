"""One step of a need: what is asked depends on the step, and all but the outcome may be left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flet as ft

from app.domain.codes import Assistance, NeedOutcome, NeedState
from app.domain.errors import UnknownRecord
from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.state.needs import StepForm, keep_step, save_step, step_form
from app.state.session import Session
from app.store.needs import NeedView, need_view
from app.store.store import Store
from app.ui.parts.code_grid import any_of, one_of
from app.ui.parts.field import field
from app.ui.parts.frame import page_view
from app.ui.parts.goals import with_goals
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.need import kind_words, move_words
from app.ui.parts.pen import FormPen, Sheet, use_pen
from app.ui.parts.shapes import goal, notice, scrolled, section
from app.ui.parts.tap import calls, choice, grid, primary
from app.ui.parts.text import text
from app.ui.theme import Look
from app.ui.words import words

Change = Callable[[Callable[[StepForm], StepForm]], None]
Said = Callable[[str], str]


@screen
def NeedStepPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/needs"
    need, state = params.get("need", ""), params.get("state", "")
    view = use_live(lambda store: _need(store, need), "needs", "people")
    person = view.need.person if view is not None else ""
    back = above(here, 2)
    pen = use_pen(here, lambda: _take(session, need, person, state, back))
    language = look.language
    if view is None or state not in view.moves:
        return page_view(
            look,
            route=here,
            title=words(language, "need.title"),
            back=lambda: go(back),
            body=scrolled(look, [text(look, words(language, "step.too_late"))]),
        )
    name = view.person_name if names.are_shown else mask_name(view.person_name)
    body = [*pen.above(look), *_asked(look, pen, view), *pen.below(look)]
    return page_view(
        look,
        route=here,
        title=move_words(language, view, state),
        context=f"{name}·{kind_words(look, view)}",
        back=lambda: go(back),
        body=with_goals(pen.column, body, spacing=12),
        pinned=primary(
            look, words(language, "form.save"), glyph=ft.Icons.CHECK, on_click=lambda: pen.press_save(look)
        ),
    )


def _take(session: Session, need: str, person: str, state: str, back: str) -> FormPen:
    form, is_begun = step_form(session, need, person, state)
    return FormPen(
        session,
        Sheet(form, is_restored=is_begun),
        keep=lambda form: keep_step(session, need, person, form),
        save=lambda form: save_step(session, need, person, form, back=back),
        fresh=lambda: StepForm(state=state),
        back=back,
    )


def _need(store: Store, need: str) -> NeedView | None:
    try:
        return need_view(store, need)
    except UnknownRecord:
        return None


def _asked(look: Look, pen: FormPen, view: NeedView) -> list[ft.Control]:
    language, change = look.language, pen.change
    form: StepForm = pen.sheet.form
    rows: list[ft.Control] = []
    if form.state == NeedState.CLOSED:
        rows += _closing(look, form, change, pen.said)
    if form.state == NeedState.FOLLOWED_UP:
        rows += _content(look, form, change)
    is_again = form.state == NeedState.REPORTED and view.state == NeedState.RETURNED
    if is_again and view.steps[-1].words:
        rows.append(notice(look, view.steps[-1].words))
    rows.append(
        field(
            look,
            words(language, "step.words.again" if is_again else "step.words"),
            form.words,
            on_change=lambda value: change(lambda f: replace(f, words=value)),
            lines=3,
        )
    )
    return rows


def _closing(look: Look, form: StepForm, change: Change, said: Said) -> list[ft.Control]:
    """办结: what came of it, which is demanded; what help was given and how much."""
    language = look.language
    rows: list[ft.Control] = [goal("outcome", section(look, words(language, "step.outcome")))]
    if said("outcome"):
        missing = text(look, said("outcome"), "strong", color=look.palette.bad)
        rows.append(ft.Semantics(live_region=True, content=missing))
    return [
        *rows,
        one_of(
            look,
            NeedOutcome,
            form.outcome,
            lambda code: change(lambda f: replace(f, outcome=code)),
            label="step.outcome.label",
            columns=2,
        ),
        section(look, words(language, "step.assistance")),
        any_of(
            look,
            Assistance,
            form.assistance,
            lambda code: change(lambda f: f.toggled(code)),
            label="step.assistance.label",
        ),
        goal(
            "money",
            field(
                look,
                words(language, "step.money"),
                form.money,
                on_change=lambda value: change(lambda f: replace(f, money=value)),
                keyboard=ft.KeyboardType.NUMBER,
                problem=said("money"),
            ),
        ),
    ]


def _content(look: Look, form: StepForm, change: Change) -> list[ft.Control]:
    """回访: whether the person is content; nobody has to be asked."""
    language = look.language
    cells: list[ft.Control] = []
    for answer in ("yes", "no"):
        name = words(language, f"step.content.{answer}")
        cells.append(
            choice(
                look,
                name,
                label=words(language, "step.content.label", name=name),
                is_chosen=form.content == answer,
                on_click=calls(change, lambda f, a=answer: replace(f, content="" if f.content == a else a)),
            )
        )
    return [section(look, words(language, "step.content")), grid(look, cells, columns=2)]
