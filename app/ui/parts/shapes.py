"""The shapes that pages are put together from: cards, headings, lines, tags and notes."""

from __future__ import annotations

import flet as ft

from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD, RADIUS_TAG, Look


def scrolled(look: Look, controls: list[ft.Control], *, spacing: float = GAP) -> ft.Control:
    """Page content that is drawn on demand while it is scrolled, with the page's margins."""
    return ft.ListView(
        controls,
        spacing=spacing,
        padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=4, bottom=MARGIN * 2),
        expand=True,
    )


def card(
    look: Look, controls: list[ft.Control], *, spacing: float = GAP, holds_rows: bool = False
) -> ft.Control:
    """A white card that holds things which belong together; rows bring their own room above and below."""
    return ft.Container(
        content=ft.Column(controls, spacing=spacing, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=look.palette.card,
        border=card_border(look),
        border_radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(horizontal=MARGIN, vertical=4 if holds_rows else MARGIN),
    )


def card_border(look: Look) -> ft.Border | None:
    """Outdoors card and ground are both white: an edge takes the place of the tint."""
    return ft.Border.all(1.5, look.palette.edge) if look.palette.edge_width > 2 else None


def section(look: Look, words_: str, *, token: str = "heading", tail: ft.Control | None = None) -> ft.Control:
    """The heading of a part of the page."""
    beside = tail is not None and look.scale < 1.2
    heading = text(look, words_, token, is_header=True, expand=True if beside else None)
    content: ft.Control = heading
    if tail is not None:
        content = ft.Row([heading, tail], spacing=GAP) if beside else ft.Column([heading, tail], spacing=4)
    return ft.Container(content=content, padding=ft.Padding.only(top=4 if beside else MARGIN, bottom=4))


def goal(name: str, content: ft.Control) -> ft.Control:
    """`content` as a place that the page can be scrolled to by `name`."""
    key = ft.ScrollKey(name)  # type: ignore[call-arg] # a decorator hides its fields
    return ft.Container(key=key, content=content)


def line(look: Look) -> ft.Control:
    """A thin line between rows."""
    return ft.Container(height=1, bgcolor=look.palette.line)


def tag(look: Look, value: str, *, is_waiting: bool = False, glyph: ft.IconData | None = None) -> ft.Control:
    """A small label on a person: grey for what is so, amber for what waits."""
    shade = look.palette
    ink = shade.wait if is_waiting else shade.ink2
    drawn = text(look, value, "meta", color=ink)
    return ft.Container(
        content=ft.Row([icon(look, glyph, size=18, color=ink), drawn], spacing=4, tight=True)
        if glyph
        else drawn,
        bgcolor=shade.wait_ground if is_waiting else shade.sunk,
        border=ft.Border.all(1, ink) if shade.edge_width > 2 else None,
        border_radius=RADIUS_TAG,
        padding=ft.Padding.symmetric(horizontal=8, vertical=2),
    )


def notice(
    look: Look, value: str, *, glyph: ft.IconData = ft.Icons.INFO_OUTLINE, is_bad: bool = False
) -> ft.Control:
    """A calm note on its own ground: amber, or red where the worker must act."""
    shade = look.palette
    return ft.Container(
        content=ft.Row(
            [
                icon(look, glyph, color=shade.bad if is_bad else shade.ink),
                text(
                    look,
                    value,
                    "body" if is_bad else "meta",
                    color=shade.bad if is_bad else shade.ink,
                    expand=True,
                ),
            ],
            spacing=12,
        ),
        bgcolor=shade.bad_ground if is_bad else shade.wait_ground,
        border=card_border(look),
        border_radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(horizontal=14, vertical=10),
    )
