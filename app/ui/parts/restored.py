"""The line over a form that was begun before: what it is, and the way to a new one."""

from __future__ import annotations

import flet as ft

from app.ui.parts.tap import Handler, quiet
from app.ui.parts.text import text
from app.ui.theme import GAP, RADIUS_CONTROL, Look
from app.ui.words import words


def restored(look: Look, said: str, start_again: Handler) -> ft.Control:
    """`said` is a key of the words; `start_again` drops what was begun."""
    shade, language = look.palette, look.language
    line = text(look, words(language, said), "meta", color=shade.wait, expand=True)
    again = quiet(look, words(language, "form.again"), on_click=start_again)
    return ft.Container(
        content=ft.Row([line, again], spacing=GAP),
        bgcolor=shade.wait_ground,
        border_radius=RADIUS_CONTROL,
        padding=ft.Padding.only(left=12),
    )
