"""帮助: what a worker asks himself between two doors, answered on the phone and without a network."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.ui.help_words import HELP
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.shapes import card, line, scrolled
from app.ui.parts.tap import calls, tap
from app.ui.parts.text import icon, text
from app.ui.theme import Look
from app.ui.words import words


@screen
def Help() -> ft.View:
    look = use_look()
    here = ft.use_view_path() or "/help"
    opened, open_one = ft.use_state("")
    rows: list[ft.Control] = []
    for name in HELP:
        if rows:
            rows.append(line(look))
        rows.append(_question(look, name, is_open=opened == name, open_one=open_one))
        if opened == name:
            answer = text(look, words(look.language, f"help.{name}.answer"), "body")
            rows.append(ft.Container(content=answer, padding=ft.Padding.only(bottom=12)))
    return page_view(
        look,
        route=here,
        title=words(look.language, "help.title"),
        context=words(look.language, "help.context"),
        back=lambda: go(above(here)),
        body=scrolled(look, [card(look, rows, spacing=0, holds_rows=True)]),
    )


def _question(look: Look, name: str, *, is_open: bool, open_one: Callable[[str], None]) -> ft.Control:
    said = words(look.language, f"help.{name}")
    arrow = ft.Icons.EXPAND_LESS if is_open else ft.Icons.EXPAND_MORE
    return tap(
        ft.Row([text(look, said, "strong", expand=True), icon(look, arrow)], spacing=10),
        label=said,
        selected=is_open,
        on_click=calls(open_one, "" if is_open else name),
        padding=ft.Padding.symmetric(vertical=look.upright("strong", 56)),
    )
