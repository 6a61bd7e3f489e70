"""Text and icons: the one place where a size is given to either."""

from __future__ import annotations

import flet as ft

from app.ui.theme import TYPE, Look


def text(
    look: Look,
    value: str,
    token: str = "body",
    *,
    color: str | None = None,
    is_centred: bool = False,
    is_header: bool = False,
    expand: bool | int | None = None,
    is_loose: bool = False,
) -> ft.Control:
    """`value` in the type of `token`; it wraps, and is never cut. `is_header` names a part of the page.

    `is_loose`: in a Row, as wide as the words and no wider than what is left.
    """
    kind = TYPE[token]
    is_bold = kind.weight >= 700
    drawn = ft.Text(
        value,
        size=look.size(token),
        weight=ft.FontWeight.W_700 if is_bold else ft.FontWeight.W_400,
        # A family file holds one weight; without its own file a bold would be faked.
        font_family=look.bold_family if is_bold else None,
        color=color or look.palette.ink,
        style=ft.TextStyle(height=kind.line),
        text_align=ft.TextAlign.CENTER if is_centred else ft.TextAlign.START,
        expand=None if is_header else True if is_loose else expand,
        expand_loose=is_loose,
    )
    if is_header:
        return ft.Semantics(header=True, heading_level=2, content=drawn, expand=expand)
    return drawn


def icon(look: Look, name: ft.IconData, *, size: float = 24, color: str | None = None) -> ft.Icon:
    """An icon of `size` at 100 %; it grows with the text up to 150 %."""
    return ft.Icon(name, size=look.icon(size), color=color or look.palette.ink2)
