"""大字: four sizes that show themselves, light and dark, and the language. Everything works at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flet as ft

from app.state.live import use_session, use_watched
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.shapes import scrolled, section
from app.ui.parts.tap import calls, choice, grid, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD, SCALES, TYPE, Look
from app.ui.words import words

THEMES = ("system", "light", "dark", "outdoor")


@screen
def TextSize() -> ft.View:
    look = use_look()
    session = use_session()
    looks = use_watched(session.looks)
    here = ft.use_view_path() or "/text"
    language = look.language

    def set_theme(theme: str) -> None:
        session.set_look(theme=theme)

    def set_language(code: str) -> None:
        session.set_look(language=code)

    body: list[ft.Control] = [
        _size_card(look, scale, is_chosen=abs(scale - look.scale) < 0.01, choose=session.set_look)
        for scale in SCALES
    ]
    body.append(section(look, words(language, "look.ground")))
    body.append(
        grid(
            look,
            [
                choice(
                    look,
                    words(language, f"look.{theme}"),
                    label=words(language, "look.ground.label", name=words(language, f"look.{theme}")),
                    is_chosen=looks.theme == theme,
                    on_click=calls(set_theme, theme),
                )
                for theme in THEMES
            ],
            columns=2,
        )
    )
    body.append(section(look, words(language, "look.language")))
    body.append(
        grid(
            look,
            [
                choice(
                    look,
                    words(language, f"look.{code}"),
                    label=words(language, "look.language.label", name=words(language, f"look.{code}")),
                    is_chosen=language == code,
                    on_click=calls(set_language, code),
                )
                for code in ("zh", "en")
            ],
            columns=2,
        )
    )
    return page_view(
        look,
        route=here,
        title=words(language, "look.title"),
        back=lambda: go(above(here)),
        body=scrolled(look, body),
    )


def _size_card(look: Look, scale: float, *, is_chosen: bool, choose: Callable[..., None]) -> ft.Control:
    shade = look.palette
    name = words(look.language, f"look.{scale}")
    shown = replace(look, scale=scale)  # a card is drawn in the size that it stands for
    mark = ft.Icons.RADIO_BUTTON_CHECKED if is_chosen else ft.Icons.RADIO_BUTTON_UNCHECKED
    size = f"{round(TYPE['body'].size * scale)}"
    return tap(
        ft.Row(
            [
                icon(look, mark, color=shade.primary if is_chosen else shade.edge),
                ft.Column(
                    [
                        text(shown, f"{name} {size}", "strong"),
                        text(shown, words(look.language, "look.sample"), "body", color=shade.ink2),
                    ],
                    spacing=2,
                    tight=True,
                    expand=True,
                ),
            ],
            spacing=14,
        ),
        label=words(look.language, "look.scale.label", name=name),
        checked=is_chosen,
        on_click=lambda: choose(scale=scale),
        bgcolor=shade.tint if is_chosen else shade.card,
        border=ft.Border.all(2.5 if is_chosen else 1.5, shade.primary if is_chosen else shade.edge),
        radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(horizontal=MARGIN, vertical=GAP + 2),
    )
