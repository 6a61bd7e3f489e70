"""The upper half of the visit form: how, with what result, and what was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flet as ft

from app.domain.campaign import Campaign
from app.state.form import VisitForm, label_of_result
from app.ui.parts.shapes import goal, section
from app.ui.parts.states import glyph_of
from app.ui.parts.tap import calls, choice, grid, quiet, tick
from app.ui.parts.text import fitting_columns, icon, text
from app.ui.theme import Look
from app.ui.words import numeral, words

CHECKLIST_AT_FIRST = 8
# Takes what the touch does to the form, not the form after it: two quick touches must both count.
Change = Callable[[Callable[[VisitForm], VisitForm]], None]


def method_grid(look: Look, form: VisitForm, campaign: Campaign, change: Change) -> list[ft.Control]:
    """方式: the cells of the campaign, the last used one chosen already."""
    language = look.language

    def choose(code: str) -> None:
        change(lambda f: f.with_method(code, campaign))

    cells: list[ft.Control] = []
    for method in campaign.methods:
        name = method.label if language == "zh" else method.label_en
        cells.append(
            choice(
                look,
                name,
                label=words(language, "form.method.label", name=name),
                is_chosen=form.method == method.code,
                on_click=calls(choose, method.code),
                glyph=glyph_of(method.icon),
            )
        )
    names = [m.label if language == "zh" else m.label_en for m in campaign.methods]
    columns = fitting_columns(look, names, 3, glyph=24)
    return [section(look, words(language, "form.method")), grid(look, cells, columns=columns)]


def result_grid(
    look: Look, form: VisitForm, campaign: Campaign, change: Change, *, is_missing: bool
) -> list[ft.Control]:
    """结果: what the method offers; nothing is chosen beforehand. `is_missing`: saving asked for it."""
    language, shade = look.language, look.palette
    method = campaign.method(form.method)
    is_face = method is None or method.face
    offered = campaign.results_for(method) if method else campaign.results
    cells: list[ft.Control] = []
    for result in offered:
        name = label_of_result(result, is_face=is_face, language=language)
        cells.append(
            choice(
                look,
                name,
                label=words(language, "form.result.label", name=name),
                is_chosen=form.result == result.code,
                on_click=calls(change, lambda f, code=result.code: replace(f, result=code)),
            )
        )
    heading = section(look, words(language, "form.result"))
    if is_missing:
        said = text(look, words(language, "result.missing"), "strong", color=shade.bad)
        heading = ft.Semantics(
            live_region=True,
            content=ft.Container(
                content=ft.Row(
                    [
                        text(
                            look, words(language, "form.result"), "heading", color=shade.bad, is_header=True
                        ),
                        icon(look, ft.Icons.ERROR_OUTLINE, size=22, color=shade.bad),
                        said,
                    ],
                    spacing=8,
                    wrap=True,
                ),
                padding=ft.Padding.only(top=16, bottom=4),
            ),
        )
    names = [label_of_result(result, is_face=is_face, language=language) for result in offered]
    columns = fitting_columns(look, names, 3)
    return [goal("result", heading), grid(look, cells, columns=columns)]


def checklist_grid(
    look: Look,
    form: VisitForm,
    campaign: Campaign,
    change: Change,
    *,
    last: tuple[str, ...],
    shows_all: bool,
    show_all: Callable[[bool], None],
) -> list[ft.Control]:
    """做了什么: a fixed grid, so that ticking moves no target; the first eight, then 还有 N 项."""
    language = look.language
    items = campaign.checklist
    hidden = items[CHECKLIST_AT_FIRST:]
    is_open = shows_all or any(item.code in form.checklist for item in hidden)
    cells: list[ft.Control] = []
    for item in items if is_open else items[:CHECKLIST_AT_FIRST]:
        name = item.label if language == "zh" else item.label_en
        cells.append(
            tick(
                look,
                name,
                label=name,
                is_ticked=item.code in form.checklist,
                on_click=calls(change, lambda f, code=item.code: f.toggled(code)),
            )
        )
    if hidden and not is_open:
        more = words(language, "form.checklist.more", n=len(hidden))
        cells.append(
            tick(look, more, label=more, is_ticked=False, is_button=True, on_click=lambda: show_all(True))
        )
    tail = None
    known = tuple(item.code for item in items if item.code in last)
    if known and set(known) != set(form.checklist):
        tail = quiet(
            look,
            words(language, "form.same"),
            label=words(language, "form.same.label", n=numeral(language, len(known))),
            glyph=ft.Icons.HISTORY,
            on_click=lambda: change(lambda f: replace(f, checklist=known)),
        )
    return [
        section(look, words(language, "form.checklist"), tail=tail),
        grid(look, cells, columns=3 if look.scale < 1.1 else 2),
    ]
