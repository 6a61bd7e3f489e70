"""Codes to choose from as a grid of cells: one of several, or any of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

import flet as ft

from app.domain.codes import LabelledCode
from app.ui.code_words import code_words
from app.ui.parts.tap import calls, choice, grid, tick
from app.ui.parts.text import fitting_columns
from app.ui.theme import Look
from app.ui.words import words


def one_of(
    look: Look,
    codes: Iterable[LabelledCode],
    chosen: str,
    choose: Callable[[str], object],
    *,
    label: str,
    columns: int = 3,
    inset: float = 0,
) -> ft.Control:
    """Cells of which one holds; touching it again gives "". `label`: key of the words, with `name`.

    `inset` is what the place around takes of the page's width.
    """
    known = list(codes)
    names = [code_words(look.language, type(code), code) for code in known]
    cells: list[ft.Control] = [
        choice(
            look,
            name,
            label=words(look.language, label, name=name),
            is_chosen=chosen == code,
            on_click=calls(choose, "" if chosen == code else str(code.value)),
        )
        for code, name in zip(known, names, strict=True)
    ]
    return grid(look, cells, columns=fitting_columns(look, names, columns, inset=inset))


def any_of(
    look: Look,
    codes: Iterable[LabelledCode],
    ticked: Collection[str],
    toggle: Callable[[str], object],
    *,
    label: str,
    columns: int = 3,
    name_of: Callable[[LabelledCode], str] | None = None,
) -> ft.Control:
    """Cells of which any may hold, in a fixed grid: ticking moves no target."""
    known = list(codes)
    called = name_of or (lambda code: code_words(look.language, type(code), code))
    names = [called(code) for code in known]
    cells: list[ft.Control] = [
        tick(
            look,
            name,
            label=words(look.language, label, name=name),
            is_ticked=code in ticked,
            on_click=calls(toggle, str(code.value)),
        )
        for code, name in zip(known, names, strict=True)
    ]
    # A ticked cell holds its tick beside the name.
    return grid(look, cells, columns=fitting_columns(look, names, columns, glyph=12))
