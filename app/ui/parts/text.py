"""Text and icons: the one place where a size is given to either."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

import flet as ft

from app.ui.theme import EDGES, GAP, MARGIN, NARROWEST, TYPE, Look

# A page draws with the fonts that it brings, and brings none with these; phones draw them themselves.
_PICTURES = re.compile(
    "[\U0001f000-\U0001fbff\u2600-\u2604\u2607-\u2712\u2714-\u2716\u2718-\u27bf\u200d\ufe0f\U000e0000-\U000e007f]+"
)
_PICTURE = "〔表情〕"
_DRAWS_PICTURES = sys.platform != "emscripten"


def drawable(value: str, *, draws_pictures: bool = _DRAWS_PICTURES) -> str:
    """`value` as it can be drawn: a word in the place of emoji where there is no font for them.

    What is stored and sent keeps them.
    """
    return value if draws_pictures or value.isascii() else _PICTURES.sub(_PICTURE, value)


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
        drawable(value),
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


def width_of(look: Look, value: str, token: str = "body") -> float:
    """About how wide `value` is in one line: a Chinese character is as wide as its size, a letter half."""
    return look.size(token) * sum(map(_share, value))


def _share(character: str) -> float:
    if ord(character) > 0x2E7F or character == "·":
        return 1.0
    return 0.58 if character.isalnum() else 0.4


def fitting_columns(
    look: Look, names: Sequence[str], wanted: int, *, inset: float = 0, glyph: float = 0
) -> int:
    """How many of `wanted` equal cells in a row hold each of `names` unbroken on the narrowest phone.

    `inset`: what the place around takes of the page's width; `glyph`: an icon beside each name at 100 %.
    English breaks between words, Chinese anywhere: 联系到本 | 人 would be read twice.
    """
    widest = max((width_of(look, part, "strong") for name in names for part in name.split()), default=0.0)
    needed = widest + (look.icon(glyph) + 6 if glyph else 0) + EDGES
    room = NARROWEST - 2 * MARGIN - inset
    columns = look.columns(wanted)
    while columns > 1 and needed > (room - (columns - 1) * GAP) / columns:
        columns -= 1
    return columns
