"""Every size and colour of the phone app, and `Look`: the one value through which screens see them.

Type sizes pass through one scale (Flet has no text scaler), colours through one palette. No screen
writes a size or a colour of its own; tests/ui/test_lint.py sees to that. Figures: docs of the design,
type in sp at 100 %, space in dp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theme = Literal["system", "light", "dark", "outdoor"]
Language = Literal["zh", "en"]

SCALES = (1.0, 1.22, 1.5, 2.0)  # body text of 18, 22, 27 and 36
GAP = 8
MARGIN = 16
NARROWEST = 360  # width of the narrowest phone that a line of cells is laid out for
EDGES = 2 * 4 + 2 * 1.5  # what a cell keeps beside its words: padding and edge on both sides
TARGET = 48  # the least side of anything that can be tapped
RADIUS_TAG = 6
RADIUS_CONTROL = 12
RADIUS_PRIMARY = 14
RADIUS_CARD = 16


@dataclass(frozen=True, slots=True)
class Palette:
    """Four meanings and no more: ink, green for action and done, amber for waiting, red for "needs you".

    `line` only decorates; the edge of a control is `edge`. `*_ground` lies under the colour it is
    named for. `edge_width` is what tells a selected cell where tints cannot be seen (outdoors).
    """

    bg: str
    card: str
    sunk: str
    ink: str
    ink2: str
    line: str
    edge: str
    primary: str
    on_primary: str
    tint: str
    on_tint: str
    wait: str
    wait_ground: str
    bad: str
    bad_ground: str
    on_bad: str
    edge_width: float = 1.5
    is_dark: bool = False


LIGHT = Palette(
    bg="#F2F4F1", card="#FFFFFF", sunk="#E6EAE7", ink="#141F1D", ink2="#43504D", line="#C9D1CD",
    edge="#72807B", primary="#0D5652", on_primary="#FFFFFF", tint="#D8EBE7", on_tint="#06403C",
    wait="#7A4A00", wait_ground="#FCEBCB", bad="#A8201A", bad_ground="#FBE3E0", on_bad="#FFFFFF",
)  # fmt: skip
DARK = Palette(
    bg="#0E1413", card="#18201E", sunk="#232D2A", ink="#EDF3F0", ink2="#B4C1BC", line="#35413D",
    edge="#84938D", primary="#84D3CA", on_primary="#00302C", tint="#123F3B", on_tint="#C6EEE8",
    wait="#FFC46B", wait_ground="#3B2A0B", bad="#FFB0A8", bad_ground="#47201D", on_bad="#47201D",
    is_dark=True,
)  # fmt: skip
# In sunlight tints vanish: white ground, black text, strong edges in their place.
OUTDOOR = Palette(
    bg="#FFFFFF", card="#FFFFFF", sunk="#FFFFFF", ink="#000000", ink2="#000000", line="#43504D",
    edge="#43504D", primary="#06403C", on_primary="#FFFFFF", tint="#FFFFFF", on_tint="#06403C",
    wait="#5C3700", wait_ground="#FFFFFF", bad="#8C1510", bad_ground="#FFFFFF", on_bad="#FFFFFF",
    edge_width=3.0,
)  # fmt: skip

# (foreground, background, least contrast): what is drawn on what. WCAG 1.4.3 asks 4.5 of text,
# 1.4.11 asks 3 of the edges of controls.
CONTRASTS: tuple[tuple[str, str, float], ...] = (
    ("ink", "bg", 4.5), ("ink", "card", 4.5), ("ink", "sunk", 4.5), ("ink", "wait_ground", 4.5),
    ("ink", "bad_ground", 4.5), ("ink2", "bg", 4.5), ("ink2", "card", 4.5), ("ink2", "sunk", 4.5),
    ("primary", "card", 4.5), ("primary", "bg", 4.5), ("primary", "tint", 4.5),
    ("on_primary", "primary", 4.5), ("on_tint", "tint", 4.5), ("wait", "wait_ground", 4.5),
    ("wait", "card", 4.5), ("wait", "bg", 4.5), ("bad", "bad_ground", 4.5), ("bad", "card", 4.5),
    ("bad", "bg", 4.5), ("on_bad", "bad", 4.5), ("edge", "card", 3.0), ("edge", "bg", 3.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TypeToken:
    """One kind of text: size at 100 %, weight, line height, and the scale at which it stops growing."""

    size: float
    weight: int
    line: float
    stops_at: float = 2.0


TYPE: dict[str, TypeToken] = {
    "figure": TypeToken(44, 700, 1.0, 1.6),
    "title": TypeToken(22, 700, 1.25, 1.6),
    "tile": TypeToken(26, 700, 1.25, 1.6),
    "person": TypeToken(28, 700, 1.25, 1.6),
    "name": TypeToken(20, 700, 1.25),
    "lead": TypeToken(20, 400, 1.25, 1.6),
    "action": TypeToken(20, 700, 1.2),
    "heading": TypeToken(18, 700, 1.35),
    "strong": TypeToken(18, 700, 1.35),
    "body": TypeToken(18, 400, 1.35),
    # A ticked cell holds its tick beside four characters in half the page: ticking must move nothing.
    "cell": TypeToken(18, 400, 1.35, 1.7),
    "cell_ticked": TypeToken(18, 700, 1.35, 1.7),
    "side": TypeToken(16, 700, 1.3, 1.6),  # the small button beside a row must leave room for the row
    "meta": TypeToken(16, 400, 1.3),
    "meta_strong": TypeToken(16, 700, 1.3),
    "context": TypeToken(16, 400, 1.3, 1.6),
    "place": TypeToken(16, 400, 1.3, 1.5),  # bottom bar: four must fit beside each other
    "place_here": TypeToken(16, 700, 1.3, 1.5),
    "badge": TypeToken(14, 700, 1.0, 1.35),
}
ICON_STOPS_AT = 1.5


@dataclass(frozen=True, slots=True)
class Look:
    """How things are drawn now: scale, palette and language. Screens hand it to every part."""

    scale: float = 1.0
    palette: Palette = LIGHT
    language: Language = "zh"
    bold_family: str | None = None  # family of the bold face where each file is a family of its own

    def size(self, token: str) -> float:
        """Font size of `token` in sp at the present scale."""
        kind = TYPE[token]
        return kind.size * min(self.scale, kind.stops_at)

    def icon(self, size: float = 24) -> float:
        """Side of an icon that is `size` at 100 %."""
        return size * min(self.scale, ICON_STOPS_AT)

    def columns(self, wanted: int) -> int:
        """How many of `wanted` columns fit: two of three from 130 %, and in English with its long words."""
        if self.scale >= 1.3 or self.language == "en":
            return min(wanted, 2)
        return wanted

    @property
    def is_stacked(self) -> bool:
        """True where things side by side go one under the other."""
        return self.scale >= 1.3

    @property
    def is_huge(self) -> bool:
        """True where tiles take a whole row, filters go behind a button and top actions lose their word."""
        return self.scale >= 1.7

    def upright(self, token: str, least: float, padding: float = GAP) -> float:
        """Vertical padding that makes one line of `token` at least `least` high, and grow with its text."""
        line = self.size(token) * TYPE[token].line
        return max(padding, (least - line) / 2)

    @property
    def cell_height(self) -> float:
        """Least height of a cell to be chosen or ticked: 54, and 60 once the text is enlarged (MIIT 2.1)."""
        return 54 if self.scale < 1.2 else 60

    @property
    def primary_height(self) -> float:
        """Height of the main action: 58, and 60 once the text is enlarged."""
        return 58 if self.scale < 1.2 else 60


def palette_of(theme: Theme, *, system_is_dark: bool) -> Palette:
    """The palette that `theme` means on a phone whose system is dark or not."""
    if theme == "outdoor":
        return OUTDOOR
    if theme == "dark" or (theme == "system" and system_is_dark):
        return DARK
    return LIGHT


def contrast(foreground: str, background: str) -> float:
    """Contrast ratio of two `#RRGGBB` colours by the WCAG 2 formula, 1 to 21."""
    lighter, darker = sorted((_luminance(foreground), _luminance(background)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
