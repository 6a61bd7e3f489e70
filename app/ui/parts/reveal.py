"""Showing names for ten minutes: the button in the top bar, and the one question about the reason."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.ui.parts.shapes import card
from app.ui.parts.tap import quiet
from app.ui.parts.text import text
from app.ui.theme import GAP, Look
from app.ui.words import words

REASONS = ("visit", "check", "other")


def reveal_action(
    look: Look, *, are_shown: bool, on_ask: Callable[[], None], on_hide: Callable[[], None]
) -> ft.Control:
    """显示 while names are hidden, 隐去 while they are shown."""
    key = "reveal.hide" if are_shown else "reveal.show"
    return quiet(
        look,
        words(look.language, key),
        label=words(look.language, f"{key}.label"),
        glyph=ft.Icons.VISIBILITY_OFF_OUTLINED if are_shown else ft.Icons.VISIBILITY_OUTLINED,
        on_click=on_hide if are_shown else on_ask,
        hides_words=look.is_huge or are_shown,
    )


def reveal_card(look: Look, *, on_reason: Callable[[str], None], on_cancel: Callable[[], None]) -> ft.Control:
    """The question; `on_reason` gets one of REASONS."""
    language = look.language

    def because(reason: str) -> ft.Control:
        name = words(language, f"reveal.{reason}")
        return quiet(
            look,
            name,
            label=words(language, "reveal.reason.label", reason=name),
            on_click=lambda: on_reason(reason),
            is_outlined=True,
            expand=None if look.is_stacked else 1,
        )

    choices = [because(reason) for reason in REASONS]
    return card(
        look,
        [
            text(look, words(language, "reveal.ask"), "strong", is_header=True),
            text(look, words(language, "reveal.note"), "meta", color=look.palette.ink2),
            ft.Column(choices, spacing=GAP, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
            if look.is_stacked
            else ft.Row(choices, spacing=GAP),
            quiet(look, words(language, "reveal.cancel"), on_click=on_cancel),
        ],
    )
