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
    rows: list[ft.Control] = [
        ft.Semantics(exclude_semantics=True, content=text(look, name, "meta", color=shade.ink2)),
        _input(
            look, name, value, on_change=on_change, hint=hint, is_bad=bool(problem), is_secret=is_secret,
            lines=lines, keyboard=keyboard, on_submit=on_submit, autofill=autofill,
        ),
    ]  # fmt: skip
    if problem:
        rows.append(
            ft.Semantics(live_region=True, content=text(look, problem, "meta_strong", color=shade.bad))
        )
    return ft.Column(rows, spacing=4)


def search_field(
    look: Look, name: str, value: str, *, hint: str, on_change: Callable[[str], Any], tail: ft.Control | None
) -> ft.Control:
    """The search: a magnifying glass and a hint inside, `name` for the ear; `tail` clears it."""
    return _input(
        look, name, value, on_change=on_change, hint=hint, is_bad=False, is_secret=False, lines=1,
        keyboard=ft.KeyboardType.TEXT, on_submit=None, autofill=None,
        head=ft.Container(
            content=icon(look, ft.Icons.SEARCH), padding=ft.Padding.only(left=14, right=8)
        ),
        tail=tail,
    )  # fmt: skip


def _input(
    look: Look,
    name: str,
    value: str,
    *,
    on_change: Callable[[str], Any],
    hint: str,
    is_bad: bool,
    is_secret: bool,
    lines: int,
    keyboard: ft.KeyboardType,
    on_submit: Callable[..., Any] | None,
    autofill: ft.AutofillHint | None,
    head: ft.Control | None = None,
    tail: ft.Control | None = None,
) -> ft.Control:
    shade = look.palette
    written = look.size("body")
    edge = shade.bad if is_bad else shade.edge
    return ft.MergeSemantics(
        content=ft.Semantics(
            label=name,
            content=ft.TextField(
                value=value,
                on_change=lambda event: on_change(event.control.value),
                on_submit=on_submit,
                hint_text=hint or None,
                hint_style=ft.TextStyle(size=written, color=shade.ink2),
                text_size=written,
                color=shade.ink,
                cursor_color=shade.primary,
                bgcolor=shade.card,
                border={
                    ft.ControlState.DEFAULT: _outline(edge, max(1.5, shade.edge_width)),
                    ft.ControlState.FOCUSED: _outline(shade.primary, 2.5),
                },
                content_padding=ft.Padding.symmetric(horizontal=14, vertical=look.upright("body", 56)),
                password=is_secret,
                can_reveal_password=is_secret,
                multiline=lines > 1,
                min_lines=lines,
                max_lines=lines + 4 if lines > 1 else 1,
                keyboard_type=ft.KeyboardType.MULTILINE if lines > 1 else keyboard,
                autofill_hints=autofill,
                prefix_icon=head,
                suffix_icon=tail,
            ),
        )
    )


def _outline(color: str, width: float) -> ft.OutlineInputBorder:
    return ft.OutlineInputBorder(side=ft.BorderSide(width, color), border_radius=RADIUS_CONTROL)
