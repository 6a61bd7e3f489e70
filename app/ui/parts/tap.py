"""Everything that can be tapped: one function, and the few shapes made with it.

A named control that also works for assistive technology takes four layers in Flet 1.0.5, each of
which is needed: without the merge a nameless button stays inside, with the exclusion outside the
tap is lost to a screen reader, without any exclusion the words are read twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.ui.parts.text import icon, text
from app.ui.theme import GAP, RADIUS_CONTROL, RADIUS_PRIMARY, TARGET, Look

Handler = Callable[..., Any]


def calls(action: Handler, *values: Any) -> Callable[[], Any]:
    """A handler that calls `action` with `values`, and never with the event.

    Flet hands the event to any handler that has a parameter, defaults included: in a loop
    `lambda code=code: ...` would get the event for its code.
    """

    def handler() -> None:
        action(*values)

    return handler


def tap(
    content: ft.Control,
    *,
    label: str,
    on_click: Handler | None,
    checked: bool | None = None,
    selected: bool | None = None,
    bgcolor: str | None = None,
    border: ft.Border | None = None,
    radius: float | ft.BorderRadius = RADIUS_CONTROL,
    padding: ft.Padding | float | None = None,
    align: ft.Alignment | None = None,
    expand: bool | int | None = None,
    key: str | None = None,
) -> ft.Control:
    """`content` as one control named `label`: a button, or a checkbox where `checked` is given.

    Size comes from `padding`, so that it grows with the text. `on_click` None: shown, but idle.
    """
    return ft.MergeSemantics(
        expand=expand,
        key=key,
        content=ft.Semantics(
            label=label,
            button=True if checked is None else None,
            checked=checked,
            selected=selected,
            content=ft.Container(
                on_click=on_click,
                ink=on_click is not None,
                bgcolor=bgcolor,
                border=border,
                border_radius=radius,
                padding=padding,
                alignment=align,
                content=ft.Semantics(exclude_semantics=True, content=content),
            ),
        ),
    )


def primary(
    look: Look,
    words: str,
    *,
    on_click: Handler | None,
    label: str | None = None,
    glyph: ft.IconData | None = None,
    tail: ft.IconData | None = None,
    is_bad: bool = False,
    expand: bool | int | None = None,
) -> ft.Control:
    """The main action of a page, at least 58 high and as wide as its place."""
    shade = look.palette
    ink = shade.on_bad if is_bad else shade.on_primary
    parts: list[ft.Control] = []
    if glyph is not None:
        parts.append(icon(look, glyph, color=ink))
    parts.append(
        text(
            look,
            words,
            "action",
            color=ink,
            is_centred=tail is None,
            expand=True if tail is not None else None,
        )
    )
    if tail is not None:
        parts.append(icon(look, tail, color=ink))
    line = (
        ft.Row(parts, spacing=GAP)
        if tail is not None
        else ft.Row(parts, spacing=GAP, alignment=ft.MainAxisAlignment.CENTER, wrap=look.is_stacked)
    )
    return tap(
        line,
        label=label or words,
        on_click=on_click,
        bgcolor=shade.bad if is_bad else shade.primary,
        radius=RADIUS_PRIMARY,
        padding=ft.Padding.symmetric(horizontal=16, vertical=look.upright("action", look.primary_height)),
        expand=expand,
    )


def quiet(
    look: Look,
    words: str,
    *,
    on_click: Handler,
    label: str | None = None,
    glyph: ft.IconData | None = None,
    is_outlined: bool = False,
    is_bad: bool = False,
    color: str | None = None,
    hides_words: bool = False,
    wraps: bool = False,
    expand: bool | int | None = None,
) -> ft.Control:
    """A lesser action: words in the colour of action, with an icon or an outline; at least 48 high.

    `hides_words` leaves the icon alone (top actions, at large type); the name stays for the ear.
    `wraps`: it has a line of the page to itself, and words too long for it go on in the next.
    """
    shade = look.palette
    ink = color or (shade.bad if is_bad else shade.primary)
    parts: list[ft.Control] = []
    if glyph is not None:
        parts.append(icon(look, glyph, color=ink))
    if not (hides_words and glyph is not None):
        parts.append(text(look, words, "meta_strong", color=ink, is_centred=wraps, is_loose=wraps))
    if hides_words and glyph is not None:
        room = ft.Padding.all(max(0.0, (TARGET + 2 - look.icon(24)) / 2))
    else:
        room = ft.Padding.symmetric(horizontal=12, vertical=look.upright("meta_strong", TARGET))
    return tap(
        ft.Row(parts, spacing=GAP, tight=True, alignment=ft.MainAxisAlignment.CENTER),
        label=label or words,
        on_click=on_click,
        border=ft.Border.all(shade.edge_width, ink) if is_outlined else None,
        padding=room,
        align=ft.Alignment.CENTER if expand else None,
        expand=expand,
    )


def only_icon(
    look: Look, glyph: ft.IconData, *, label: str, on_click: Handler, color: str | None = None
) -> ft.Control:
    """An icon without a word, 50 by 50: back, and what stands at the end of a line."""
    return tap(
        icon(look, glyph, color=color or look.palette.ink),
        label=label,
        on_click=on_click,
        padding=max(GAP, (TARGET + 2 - look.icon(24)) / 2),
    )


def step(look: Look, glyph: ft.IconData, *, label: str, on_click: Handler) -> ft.Control:
    """One more or one fewer: a framed sign, 58 by 58."""
    return tap(
        icon(look, glyph, color=look.palette.primary),
        label=label,
        on_click=on_click,
        border=ft.Border.all(look.palette.edge_width, look.palette.edge),
        padding=max(GAP, (look.primary_height - look.icon(24)) / 2),
    )


def choice(
    look: Look,
    words: str,
    *,
    label: str,
    is_chosen: bool,
    on_click: Handler,
    glyph: ft.IconData | None = None,
) -> ft.Control:
    """One of several of which one holds: the chosen cell is solid."""
    shade = look.palette
    ink = shade.on_primary if is_chosen else shade.ink
    parts: list[ft.Control] = []
    if glyph is not None:
        parts.append(icon(look, glyph, color=shade.on_primary if is_chosen else shade.ink2))
    parts.append(
        text(look, words, "strong" if is_chosen else "body", color=ink, is_centred=True, is_loose=True)
    )
    edge = shade.primary if is_chosen else shade.edge
    return tap(
        ft.Row(parts, spacing=6, tight=True, alignment=ft.MainAxisAlignment.CENTER),
        label=label,
        checked=is_chosen,
        on_click=on_click,
        bgcolor=shade.primary if is_chosen else shade.card,
        border=ft.Border.all(shade.edge_width, edge),
        padding=ft.Padding.symmetric(horizontal=4, vertical=look.upright("body", look.cell_height)),
        align=ft.Alignment.CENTER,
        expand=1,
    )


def tick(
    look: Look,
    words: str,
    *,
    label: str,
    is_ticked: bool,
    on_click: Handler,
    expand: bool | int | None = 1,
    is_button: bool = False,
) -> ft.Control:
    """One of several of which any may hold: a ticked cell is tinted, edged and carries a tick.

    `is_button`: the cell that opens the rest of the grid, drawn alike but nothing to be ticked.
    """
    shade = look.palette
    parts: list[ft.Control] = []
    if is_ticked:
        parts.append(icon(look, ft.Icons.CHECK, size=16, color=shade.on_tint))
    # A ticked cell has the wider edge; the padding gives way, so that no cell below moves.
    widest = max(2.0, shade.edge_width)
    least = TARGET + 1 if look.scale < 1.2 else look.cell_height
    width = widest if is_ticked else 1.5
    token = "cell_ticked" if is_ticked else "cell"
    ink = shade.on_tint if is_ticked else shade.ink
    parts.append(text(look, words, token, color=ink, is_centred=True, is_loose=bool(expand)))
    return tap(
        ft.Row(parts, spacing=1, tight=True, alignment=ft.MainAxisAlignment.CENTER),
        label=label,
        checked=None if is_button else is_ticked,
        on_click=on_click,
        bgcolor=shade.tint if is_ticked else shade.card,
        border=ft.Border.all(width, shade.primary if is_ticked else shade.edge),
        padding=ft.Padding.symmetric(
            horizontal=(3 if expand else 8) + widest - width,
            vertical=look.upright("cell", least - 2 * widest) + widest - width,
        ),
        align=ft.Alignment.CENTER if expand else None,
        expand=expand,
    )


def grid(look: Look, cells: list[ft.Control], *, columns: int) -> ft.Control:
    """Cells of equal width in rows of `columns` (fewer at large type), 8 apart; a Column of Rows."""
    per_row = look.columns(columns)
    lines: list[ft.Control] = []
    for start in range(0, len(cells), per_row):
        line = cells[start : start + per_row]
        filled = [*line, *(ft.Container(expand=1) for _ in range(per_row - len(line)))]
        # Gaps as controls: the height of a row is worked out without its spacing, and then a cell
        # would be measured wider than it is and its second line cut.
        spaced = [cell for each in filled for cell in (ft.Container(width=GAP), each)][1:]
        lines.append(
            ft.Row(
                spaced,
                spacing=0,
                intrinsic_height=True,
                vertical_alignment=ft.CrossAxisAlignment.STRETCH,
            )
        )
    return ft.Column(lines, spacing=GAP)
