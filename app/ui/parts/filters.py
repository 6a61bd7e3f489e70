"""The filters of the roster: all that hold for anybody, the first in two rows, each with its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from app.domain.campaign import Campaign
from app.state.session import RosterQuery
from app.store.index import DECEASED, NOT_MET, UNVISITED
from app.ui.parts.tap import calls, quiet, tick
from app.ui.parts.text import width_of
from app.ui.theme import GAP, MARGIN, NARROWEST, Look
from app.ui.words import words

_FIRST = (UNVISITED, "AWAY", "NEEDS", "AGED_80", "MERIT_2", "SURVIVOR")
_EDGES = 20.0  # what a filter keeps beside its words


def filter_names(campaign: Campaign, language: str) -> dict[str, str]:
    """Every filter with its label, the most asked for first."""
    groups = {g.code: g.label if language == "zh" else g.label_en for g in campaign.groups}
    own = {code: words(language, f"filter.{code}") for code in (UNVISITED, NOT_MET, DECEASED)}  # type: ignore[arg-type]
    first = {code: own.get(code) or groups[code] for code in _FIRST if code in own or code in groups}
    rest = {code: label for code, label in groups.items() if code not in first}
    return {**first, **rest, NOT_MET: own[NOT_MET], DECEASED: own[DECEASED]}


def filter_chips(
    look: Look,
    query: RosterQuery,
    campaign: Campaign,
    *,
    known: dict[str, int],
    counts: dict[str, int],
    shows_all: bool,
    show_all: Callable[[bool], None],
) -> ft.Control:
    """The filters that hold for anybody on the roster, each with how many it would leave now.

    `known` counts the whole roster, so that no filter comes or goes while somebody types.
    """
    language = look.language
    named = filter_names(campaign, language)
    useful = [code for code in named if known.get(code) or code in query.filters]
    if shows_all:
        shown = useful
    elif look.is_huge:
        shown = [code for code in useful if code in query.filters]
    else:
        wide = [width_of(look, f"{named[code]} {known.get(code, 0)}", "cell_ticked") for code in useful]
        first = useful[: in_two_rows(wide, room=NARROWEST - 2 * MARGIN, beside=_EDGES + GAP)]
        shown = first + [code for code in useful if code in query.filters and code not in first]

    def toggle(code: str) -> None:
        query.filters, query.start = query.filters ^ {code}, 0

    chips: list[ft.Control] = [
        tick(
            look,
            f"{named[code]} {counts[code]}",
            label=words(language, "filter.label", name=named[code], n=counts[code]),
            is_ticked=code in query.filters,
            on_click=calls(toggle, code),
            expand=None,
        )
        for code in shown
    ]
    lines: list[ft.Control] = [ft.Row(chips, spacing=GAP, run_spacing=GAP, wrap=True)]
    if look.is_huge:
        opener = words(language, "filter.less" if shows_all else "filter.open")
        lines.append(quiet(look, opener, on_click=lambda: show_all(not shows_all), is_outlined=True))
    return ft.Container(
        content=ft.Column(lines, spacing=GAP), padding=ft.Padding.only(top=10, bottom=GAP), key="filters"
    )


def in_two_rows(widths: Sequence[float], *, room: float, beside: float) -> int:
    """How many of the cells fit into two rows of `room`, taken in their order; `beside`: edges and gap."""
    rows, left = 1, room
    for at, width in enumerate(widths):
        if width + beside > left:
            rows, left = rows + 1, room
        if rows > 2:
            return at
        left -= width + beside
    return len(widths)
