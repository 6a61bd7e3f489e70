"""困难: the hardships known on this phone by what comes next, the most serious first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import flet as ft

from app.domain.codes import NeedSeverity, NeedType
from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.store.needs import NeedView, needs_here
from app.ui.code_words import code_words
from app.ui.parts.frame import page_view
from app.ui.parts.look import go, screen, under, use_look
from app.ui.parts.need import kind_words, need_lines, state_of_need
from app.ui.parts.shapes import card, line, scrolled
from app.ui.parts.tap import calls, choice, grid, quiet, tap
from app.ui.parts.text import fitting_columns, icon, text
from app.ui.theme import GAP, Look
from app.ui.words import words

WINDOW = 50
_KINDS: dict[str, Callable[[NeedView], bool]] = {
    "all": lambda _: True,
    "mine": lambda view: view.waits_for_me,
    "open": lambda view: view.is_open,
    "settled": lambda view: not view.is_open,
}


@screen
def Needs() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    here = ft.use_view_path() or "/needs"
    found = use_live(needs_here, "needs", "people", "prefs")
    limit, set_limit = ft.use_state(WINDOW)
    kind: Any
    kind, set_kind = ft.use_state("")
    language = look.language
    # What waits for the worker is what the list is opened for.
    shown_kind = kind or ("mine" if any(view.waits_for_me for view in found) else "all")
    shown = [view for view in found if _KINDS[shown_kind](view)]
    body: list[ft.Control] = []
    if found:
        body.append(_filters(look, found, shown_kind, set_kind))
    if not found:
        body += [
            text(look, words(language, "needs.none")),
            text(look, words(language, "needs.none.hint"), "meta", color=look.palette.ink2),
        ]
    elif not shown:
        key = "needs.none.mine" if shown_kind == "mine" else "needs.none.here"
        body.append(text(look, words(language, key)))
    else:
        rows: list[ft.Control] = []
        seen: dict[str, int] = {}
        for at, view in enumerate(shown[:limit]):
            if at:
                rows.append(line(look))
            label = _label(look, view, are_shown=names.are_shown)
            seen[label] = seen.get(label, 0) + 1
            if seen[label] > 1:
                label += words(language, "record.nth", n=seen[label])
            rows.append(_row(look, view, label, session.now(), here=here, are_shown=names.are_shown))
        body.append(card(look, rows, spacing=0, holds_rows=True))
        if len(shown) > limit:
            more = words(language, "records.more", n=WINDOW)
            body.append(quiet(look, more, on_click=lambda: set_limit(limit + WINDOW), is_outlined=True))
    return page_view(
        look,
        route=here,
        title=words(language, "place.needs"),
        context=words(language, "needs.context", n=sum(view.is_open for view in found)),
        body=scrolled(look, body),
        place="needs",
    )


def _filters(look: Look, found: list[NeedView], kind: str, choose: Callable[[str], Any]) -> ft.Control:
    """全部, 等我办, 办理中, 已办结, each with its number."""
    said = {
        name: words(look.language, f"needs.{name}", n=sum(map(holds, found)))
        for name, holds in _KINDS.items()
    }
    cells: list[ft.Control] = [
        choice(
            look,
            said[name],
            label=words(look.language, "needs.filter.label", name=said[name]),
            is_chosen=name == kind,
            on_click=calls(choose, name),
        )
        for name in said
    ]
    return grid(look, cells, columns=fitting_columns(look, list(said.values()), 2))


def _label(look: Look, view: NeedView, *, are_shown: bool) -> str:
    return words(
        look.language,
        "need.label",
        name=view.person_name if are_shown else mask_name(view.person_name),
        type=code_words(look.language, NeedType, view.need.type),
        severity=code_words(look.language, NeedSeverity, view.need.severity),
        state=state_of_need(look, view),
    )


def _row(look: Look, view: NeedView, label: str, now: datetime, *, here: str, are_shown: bool) -> ft.Control:
    name = view.person_name if are_shown else mask_name(view.person_name)
    title = ft.Row(
        [text(look, name, "name"), text(look, kind_words(look, view), "body")],
        spacing=10,
        run_spacing=0,
        wrap=True,
    )
    about = need_lines(look, view, title, now=now)
    return tap(
        ft.Row(
            [ft.Column(about, spacing=4, tight=True, expand=True), icon(look, ft.Icons.CHEVRON_RIGHT)],
            spacing=GAP,
        ),
        label=label,
        on_click=lambda: go(under(here, f"need/{view.need.id}")),
        padding=ft.Padding.symmetric(vertical=12),
    )
