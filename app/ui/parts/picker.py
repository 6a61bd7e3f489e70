"""Picking many people: all, a hamlet, or one by one; a window of fifty rows however many there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import flet as ft

from app.store.index import IndexRow
from app.ui.parts.people import meta_of, shown_name, spoken_apart
from app.ui.parts.shapes import line
from app.ui.parts.tap import calls, quiet, tap, tick
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD, Look
from app.ui.words import words

WINDOW = 50
Pick = Callable[[frozenset[str]], None]


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows are drawn: from the `start`-th on; `turn` gets another start."""

    start: int
    turn: Callable[[int], None]
    are_shown: bool


def picker(
    look: Look,
    rows: Sequence[IndexRow],
    picked: frozenset[str],
    pick: Pick,
    *,
    window: Window,
    said: Mapping[str, str] | None = None,
) -> list[ft.Control]:
    """`rows` in list order with those of `picked` ticked; `pick` gets the new set.

    `said`: what else is to be told of a person, by id.
    """
    language = look.language
    chosen = [row for row in rows if row.id in picked]
    is_whole = len(chosen) == len(rows)
    everyone = frozenset(row.id for row in rows)
    count = text(
        look, words(language, "pick.count", n=len(chosen), all=len(rows)), "strong", is_header=True,
        expand=None if look.is_stacked else True,
    )  # fmt: skip
    whole = quiet(
        look,
        words(language, "pick.none" if is_whole else "pick.all"),
        on_click=calls(pick, frozenset() if is_whole else everyone),
        is_outlined=True,
    )
    head = ft.Column([count, whole], spacing=4) if look.is_stacked else ft.Row([count, whole], spacing=GAP)
    return [head, *_hamlets(look, rows, picked, pick), *_rows(look, rows, picked, pick, window, said or {})]


def _hamlets(look: Look, rows: Sequence[IndexRow], picked: frozenset[str], pick: Pick) -> list[ft.Control]:
    """A hamlet's people with one touch; ticked where all of them are picked."""
    places: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        places.setdefault((row.village, row.hamlet), []).append(row.id)
    if len(places) < 2:
        return []
    cells: list[ft.Control] = []
    for (_, hamlet), people in places.items():
        is_whole = picked.issuperset(people)
        name = hamlet or words(look.language, "roster.no_hamlet")
        cells.append(
            tick(
                look,
                f"{name} {len(people)}",
                label=words(look.language, "pick.hamlet", name=name, n=len(people)),
                is_ticked=is_whole,
                on_click=calls(pick, picked - set(people) if is_whole else picked | set(people)),
                expand=None,
            )
        )
    return [ft.Row(cells, spacing=GAP, run_spacing=GAP, wrap=True)]


def _rows(  # noqa: PLR0917 # the picker's own arguments
    look: Look,
    rows: Sequence[IndexRow],
    picked: frozenset[str],
    pick: Pick,
    window: Window,
    said: Mapping[str, str],
) -> list[ft.Control]:
    start = window.start if window.start < len(rows) else 0
    shown = rows[start : start + WINDOW]
    spoken = spoken_apart(shown, language=look.language, are_shown=window.are_shown)
    lines: list[ft.Control] = []
    for row, name in zip(shown, spoken, strict=True):
        if lines:
            lines.append(line(look))
        lines.append(
            _row(
                look,
                row,
                label=words(look.language, "pick.row", who=name),
                is_picked=row.id in picked,
                are_shown=window.are_shown,
                on_click=calls(pick, picked ^ {row.id}),
                said=said.get(row.id, ""),
            )
        )
    found: list[ft.Control] = []
    if start:
        earlier = words(look.language, "roster.earlier", n=min(WINDOW, start))
        found.append(
            quiet(
                look,
                earlier,
                on_click=calls(window.turn, max(0, start - WINDOW)),
                is_outlined=True,
                wraps=True,
            )
        )
    if lines:
        found.append(
            ft.Container(
                content=ft.Column(lines, spacing=0),
                bgcolor=look.palette.card,
                border_radius=RADIUS_CARD,
            )
        )
    behind = len(rows) - start - WINDOW
    if behind > 0:
        more = words(look.language, "roster.more", n=min(WINDOW, behind))
        found.append(
            quiet(look, more, on_click=calls(window.turn, start + WINDOW), is_outlined=True, wraps=True)
        )
    return found


def _row(
    look: Look,
    row: IndexRow,
    *,
    label: str,
    is_picked: bool,
    are_shown: bool,
    on_click: Callable[[], None],
    said: str,
) -> ft.Control:
    shade = look.palette
    name = text(look, shown_name(row.name, are_shown=are_shown), "name")
    about: list[ft.Control] = [
        ft.Row(
            [name, text(look, meta_of(row, look), "meta", color=shade.ink2)],
            spacing=10,
            run_spacing=0,
            wrap=True,
            vertical_alignment=ft.CrossAxisAlignment.CENTER,
        )
    ]
    if said:
        about.append(text(look, said, "meta", color=shade.wait))
    box = ft.Icons.CHECK_BOX if is_picked else ft.Icons.CHECK_BOX_OUTLINE_BLANK
    return tap(
        ft.Row(
            [
                icon(look, box, size=28, color=shade.primary if is_picked else shade.edge),
                ft.Column(about, spacing=2, tight=True, expand=True),
            ],
            spacing=12,
        ),
        label=label,
        checked=is_picked,
        on_click=on_click,
        padding=ft.Padding.symmetric(horizontal=MARGIN, vertical=look.upright("name", 60)),
        key=row.id,
    )
