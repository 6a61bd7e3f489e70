"""资料改动经过: who wrote what in a person's entries, the latest first, and what holds now."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from app.domain.errors import UnknownRecord
from app.state.live import use_live, use_session, use_watched
from app.store.history import History, Step, history_of
from app.store.store import Store
from app.ui.parts import when
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.profile import author_words, field_words, value_words
from app.ui.parts.shapes import card, scrolled
from app.ui.parts.states import state_line
from app.ui.parts.text import icon, text
from app.ui.theme import MARGIN, Look
from app.ui.words import words

STEPS_SHOWN = 50


@screen
def ProfileHistory() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    person = ft.use_route_params().get("person", "")
    here = ft.use_view_path() or "/"
    history = use_live(lambda store: _history(store, person), "people", "outbox", "receipts")
    language = look.language
    steps = [step for step in reversed(history.steps) if step.fields][:STEPS_SHOWN]
    body: list[ft.Control] = [
        card(look, [_step(look, step, session.now(), are_shown=names.are_shown)], spacing=4) for step in steps
    ]
    if not body:
        body.append(text(look, words(language, "profile.history.none")))
    return page_view(
        look,
        route=here,
        title=words(language, "profile.history"),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=MARGIN),
    )


def _history(store: Store, person: str) -> History:
    try:
        return history_of(store, person)
    except UnknownRecord:
        return History((), is_divided=False)


def _step(look: Look, step: Step, now: datetime, *, are_shown: bool) -> ft.Control:
    language, shade = look.language, look.palette
    said = [author_words(language, step.author)]
    if step.author.at_ms is not None:
        said.insert(0, when.day_and_clock(language, when.from_ms(step.author.at_ms), now))
    lines: list[ft.Control] = [text(look, "·".join(said), "meta_strong")]
    for name in sorted(step.fields):
        told = words(
            language,
            "profile.news.line",
            field=field_words(language, name, are_shown=are_shown),
            value=value_words(language, name, step.fields[name], are_shown=are_shown),
        )
        counts = name in step.counting
        row: list[ft.Control] = [text(look, told, color=None if counts else shade.ink2, expand=True)]
        if counts:
            row.append(icon(look, ft.Icons.CHECK, size=18, color=shade.primary))
            row.append(text(look, words(language, "amend.counts"), "meta", color=shade.primary))
        lines.append(ft.Column(row, spacing=0) if look.is_stacked else ft.Row(row, spacing=6))
    if step.state is not None and step.kind != "create":
        lines.append(state_line(look, step.state))
    return ft.Column(lines, spacing=4, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
