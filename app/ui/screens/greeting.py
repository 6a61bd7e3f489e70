"""成批问候: one greeting to many in three steps; the app opens the messages, the worker sends them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import flet as ft

from app.domain.errors import ZoufangError
from app.state import greeting
from app.state.greeting import GreetingForm
from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.store.greetings import Greetable, greetable
from app.store.index import people_index
from app.ui.parts.faults import fault_words
from app.ui.parts.frame import page_view
from app.ui.parts.greeting import GreetingPage, first_step, second_step, third_step
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.picker import Window
from app.ui.parts.restored import restored
from app.ui.parts.reveal import reveal_action, reveal_card, under_question
from app.ui.parts.shapes import notice, scrolled
from app.ui.theme import Look
from app.ui.words import words

_STEPS = {"method": 1, "people": 2, "send": 3, "ask": 3, "some": 3}
_BEFORE = {"people": "method", "send": "people", "ask": "send", "some": "ask"}


@screen
def Greeting() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    index = use_live(people_index, "people", "visits", "account")
    is_grouped = use_live(greeting.gives_each_his_own, "prefs")
    here = ft.use_view_path() or "/greet"
    begun: Any = ft.use_ref(lambda: greeting.begin_greeting(session))
    form: GreetingForm
    form, draw = ft.use_state(begun.current[0])
    latest: Any = ft.use_ref(form)
    is_begun, set_begun = ft.use_state(begun.current[1])
    problem, complain = ft.use_state("")
    start, turn = ft.use_state(0)
    is_asking, set_asking = ft.use_state(False)
    villages = index.villages()
    village = form.village or (next(iter(villages)) if len(villages) == 1 else "")
    can = _greetable(session, form, village)
    if form.step != "method":
        # Somebody may have died, or have asked for rest, since he was picked.
        form = replace(form, people=tuple(person for person in form.people if person in can.numbers))

    def change(**values: Any) -> None:
        latest.current = replace(latest.current, **values)
        greeting.keep_greeting(session, latest.current)
        complain("")
        draw(latest.current)

    def start_again() -> None:
        change(**asdict(greeting.blank_greeting(session)))
        set_begun(False)

    def step_back() -> None:
        before = _BEFORE.get(form.step)
        if before is None:
            go(above(here))
        else:
            change(step=before)

    def save() -> None:
        try:
            greeting.save_greetings(session, form, back=above(here))
        except ZoufangError as fault:
            complain(fault_words(session, fault))
        else:
            go(above(here))

    page = GreetingPage(
        look=look,
        session=session,
        index=index,
        form=form,
        can=can,
        village=village,
        window=Window(start, turn, names.are_shown),
        change=change,
        complain=complain,
        save=save,
        is_grouped=is_grouped,
    )
    steps = {"method": first_step, "people": second_step}
    body, pinned = steps.get(form.step, third_step)(page)
    if is_begun:
        body = [restored(look, "greet.restored", start_again), *body]
    if problem:
        body.append(ft.Semantics(live_region=True, content=notice(look, problem, is_bad=True)))
    list_view = scrolled(look, body, spacing=12)
    list_view.key = f"{form.step}-{start}"
    is_naming = form.step != "method"
    return page_view(
        look,
        route=here,
        title=words(look.language, "greet.title"),
        context=words(look.language, "greet.step", n=_STEPS[form.step]),
        back=step_back,
        actions=_reveal(look, session, names.are_shown, set_asking) if is_naming else [],
        body=under_question(
            look,
            list_view,
            reveal_card(look, on_reason=session.reveal, on_cancel=lambda: set_asking(False))
            if is_asking and is_naming and not names.are_shown
            else None,
        ),
        pinned=pinned,
    )


def _greetable(session: Session, form: GreetingForm, village: str) -> Greetable:
    """Nobody before a village is chosen: a county's list is too long to be read for one page."""
    if form.step == "method" or not village:
        return Greetable({}, {})
    return greetable(session.store, village, needs_number=greeting.needs_number(form.method))


def _reveal(
    look: Look, session: Session, are_shown: bool, set_asking: Callable[[bool], None]
) -> list[ft.Control]:
    def hide() -> None:
        set_asking(False)
        session.hide()

    return [reveal_action(look, are_shown=are_shown, on_ask=lambda: set_asking(True), on_hide=hide)]
