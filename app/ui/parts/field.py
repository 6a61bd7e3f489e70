"""A field to write in: its name above it, always to be seen, and the same name for the ear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.ui.parts.text import icon, text
from app.ui.theme import RADIUS_CONTROL, Look


def field(
    look: Look,
    name: str,
    value: str,
    *,
    on_change: Callable[[str], Any],
    hint: str = "",
    problem: str = "",
    is_secret: bool = False,
    lines: int = 1,
    keyboard: ft.KeyboardType = ft.KeyboardType.TEXT,
    on_submit: Callable[..., Any] | None = None,
    autofill: ft.AutofillHint | None = None,
) -> ft.Control:
    """`name` above a field with `value`; `problem` stands under it in red. `on_change` gets the text."""
    shade = look.palette
    named: list[ft.Control] = [text(look, name, "meta", color=shade.ink2)]
    if hint:
        named.append(text(look, hint, "meta", color=shade.ink2))
    rows: list[ft.Control] = [
        # The field says its name itself; read out twice it would only be longer.
        ft.Semantics(exclude_semantics=True, content=ft.Column(named, spacing=0)),
        _input(
            look, name, value, on_change=on_change, is_bad=bool(problem), is_secret=is_secret,
            lines=lines, keyboard=keyboard, on_submit=on_submit, autofill=autofill,
        ),
    ]  # fmt: skip
    if problem:
        rows.append(
            ft.Semantics(live_region=True, content=text(look, problem, "meta_strong", color=shade.bad))
        )
    return ft.Column(rows, spacing=4, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def search_field(
    look: Look, name: str, value: str, *, hint: str, on_change: Callable[[str], Any], tail: ft.Control | None
) -> ft.Control:
    """The search: a magnifying glass and a hint inside, `name` for the ear; `tail` clears it.

    The hint lies under a field without a ground of its own: Flutter would read a hint of the field's
    out with its name, and the name would be another one as soon as something is written.
    """
    shade = look.palette
    room = ft.Padding.symmetric(horizontal=14, vertical=look.upright("body", 56))
    glass = icon(look, ft.Icons.SEARCH)
    under = ft.Container(
        content=ft.Row([glass, text(look, "" if value else hint, "body", color=shade.ink2)], spacing=10),
        bgcolor=shade.card,
        border_radius=RADIUS_CONTROL,
        padding=room,
        expand=True,
    )
    over = _input(
        look, name, value, on_change=on_change, is_bad=False, is_secret=False, lines=1,
        keyboard=ft.KeyboardType.TEXT, on_submit=None, autofill=None,
        indent=look.icon(24) + 24, is_clear=True,
    )  # fmt: skip
    stacked: list[ft.Control] = [
        ft.Semantics(exclude_semantics=True, content=ft.Row([under])),
        ft.Container(content=over, left=0, right=0, top=0, bottom=0),
    ]
    if tail is not None:
        stacked.append(ft.Container(content=tail, right=4, top=(look.upright("body", 56) - 14) / 2))
    return ft.Stack(stacked)


def _input(
    look: Look,
    name: str,
    value: str,
    *,
    on_change: Callable[[str], Any],
    is_bad: bool,
    is_secret: bool,
    lines: int,
    keyboard: ft.KeyboardType,
    on_submit: Callable[..., Any] | None,
    autofill: ft.AutofillHint | None,
    indent: float = 14,
    is_clear: bool = False,
) -> ft.Control:
    shade = look.palette
    written = look.size("body")
    edge = shade.bad if is_bad else shade.edge
    upright = look.upright("body", 56)
    return ft.MergeSemantics(
        content=ft.Semantics(
            label=name,
            content=ft.TextField(
                value=value,
                on_change=lambda event: on_change(event.control.value),
                on_submit=on_submit,
                text_size=written,
                color=shade.ink,
                cursor_color=shade.primary,
                bgcolor=ft.Colors.TRANSPARENT if is_clear else shade.card,
                border={
                    ft.ControlState.DEFAULT: _outline(edge, max(1.5, shade.edge_width)),
                    ft.ControlState.FOCUSED: _outline(shade.primary, 2.5),
                },
                content_padding=ft.Padding.only(
                    left=indent, right=60 if is_clear else 14, top=upright, bottom=upright
                ),
                password=is_secret,
                multiline=lines > 1,
                min_lines=lines,
                max_lines=lines + 4 if lines > 1 else 1,
                keyboard_type=ft.KeyboardType.MULTILINE if lines > 1 else keyboard,
                autofill_hints=autofill,
            ),
        )
    )


def _outline(color: str, width: float) -> ft.OutlineInputBorder:
    return ft.OutlineInputBorder(side=ft.BorderSide(width, color), border_radius=RADIUS_CONTROL)
