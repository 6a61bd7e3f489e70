"""The way to take back somebody who was entered on this phone by mistake, as long as it is open."""

from __future__ import annotations

import flet as ft

from app.domain.errors import ZoufangError
from app.state.live import use_live, use_session, use_watched
from app.store.newcomers import can_undo
from app.ui.parts.faults import fault_words
from app.ui.parts.look import part, use_look
from app.ui.parts.shapes import notice
from app.ui.parts.tap import quiet
from app.ui.words import words


@part
def NewcomerUndo(*, person: str) -> ft.Control:
    """Nothing for people of the roster, after 24 hours, and while the bar offers it."""
    look = use_look()
    session = use_session()
    is_open = use_live(lambda store: can_undo(store, person), "people", "outbox")
    problem, set_problem = ft.use_state("")
    here = ft.use_view_path() or "/"
    saved = use_watched(session.bar).saved
    # Just entered: the bar offers the same.
    if not is_open or (saved is not None and (saved.person, saved.shown_at) == (person, here)):
        return ft.Container(height=0)

    def undo() -> None:
        try:
            session.undo_newcomer(person, shown_at=here)
        except ZoufangError as fault:
            set_problem(fault_words(session, fault))

    shown: list[ft.Control] = []
    if problem:
        shown.append(ft.Semantics(live_region=True, content=notice(look, problem)))
    shown.append(
        quiet(
            look,
            words(look.language, "newcomer.undo"),
            label=words(look.language, "newcomer.undo.label"),
            glyph=ft.Icons.UNDO,
            on_click=undo,
            is_outlined=True,
        )
    )
    return ft.Column(shown, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
