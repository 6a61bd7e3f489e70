"""谁在用: hand a shared phone to the next worker, add one, give it back, or take an account off it."""

from __future__ import annotations

import flet as ft

from app.state.live import use_live, use_session
from app.store.enrolment import workers_here
from app.store.records import Totals, totals
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.shapes import scrolled
from app.ui.parts.tap import primary, quiet
from app.ui.parts.text import text
from app.ui.parts.workers import WorkersHere
from app.ui.parts.workers_off import WorkersOff
from app.ui.theme import Language
from app.ui.words import words


@screen
def Workers() -> ft.View:
    look = use_look()
    session = use_session()
    count = len(use_live(workers_here, "account"))
    sums = use_live(totals, "outbox", "receipts")
    is_sure, set_sure = ft.use_state(False)
    here = ft.use_view_path() or "/workers"
    language = look.language

    def sign_out() -> None:
        # The second tap: the first one says what becomes of what is on the phone.
        if is_sure:
            session.sign_out()
        else:
            set_sure(True)

    body: list[ft.Control] = [
        WorkersHere(),
        text(look, words(language, "workers.hint"), "meta", color=look.palette.ink2),
    ]
    if is_sure:
        body.append(ft.Semantics(live_region=True, content=text(look, _what_stays(language, sums), "body")))
    body.append(
        quiet(
            look,
            words(language, "workers.out.sure" if is_sure else "workers.out"),
            on_click=sign_out,
            glyph=ft.Icons.LOGOUT,
            is_outlined=True,
        )
    )
    body.append(WorkersOff())
    return page_view(
        look,
        route=here,
        title=words(language, "workers.title"),
        context=words(language, "workers.context", n=count),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=16),
        pinned=primary(
            look,
            words(language, "workers.add"),
            glyph=ft.Icons.PERSON_ADD_ALT,
            on_click=lambda: go("/sign-in"),
        ),
    )


def _what_stays(language: Language, sums: Totals) -> str:
    """What of the worker's is on the phone only, said before he gives it back."""
    if sums.has_all_arrived:
        return words(language, "workers.out.none")
    refused = sums.refused + sums.edits_refused
    parts: list[str] = []
    if sums.waiting:
        parts.append(words(language, "workers.out.hint", n=sums.waiting))
    if refused:
        parts.append(words(language, "workers.out.refused", n=refused))
    return ("" if language == "zh" else " ").join(parts)
