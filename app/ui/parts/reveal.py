"""Showing names for ten minutes: the button in the top bar, and the one question about the reason."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.ui.parts.shapes import card
from app.ui.parts.tap import quiet
from app.ui.parts.text import text
from app.ui.theme import GAP, RADIUS_CARD, Look
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
    drawn = card(
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
    # It lies over the page: an edge, since shadows are lost in the sun.
    return ft.Container(
        content=drawn, border=ft.Border.all(2, look.palette.primary), border_radius=RADIUS_CARD
    )


def under_question(look: Look, body: ft.Control, question: ft.Control | None) -> ft.Control:
    """`body` with the question over its foot, near the thumb: what is read stays where it is."""
    layers: list[ft.Control] = [body]
    if question is not None:
        # At large type it may be higher than what is left of the page, and is scrolled.
        content = ft.Column([question], scroll=ft.ScrollMode.AUTO) if look.is_stacked else question
        layers.append(
            ft.Container(
                content=content,
                left=GAP,
                right=GAP,
                bottom=GAP,
                top=0 if look.is_stacked else None,
                alignment=ft.Alignment.BOTTOM_CENTER if look.is_stacked else None,
                key="question",
            )
        )
    return ft.Stack(layers, fit=ft.StackFit.EXPAND, expand=True)
