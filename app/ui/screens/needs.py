"""困难: the hardships known on this phone, the most serious first."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.store.needs import NeedView, needs_here
from app.ui.parts.form_more import need_type_words, severity_words
from app.ui.parts.frame import page_view
from app.ui.parts.look import go, screen, under, use_look
from app.ui.parts.need import kind_words, need_lines, state_of_need
from app.ui.parts.shapes import card, line, scrolled
from app.ui.parts.tap import quiet, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, Look
from app.ui.words import words

WINDOW = 50


@screen
def Needs() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    here = ft.use_view_path() or "/needs"
    found = use_live(needs_here, "needs", "people")
    limit, set_limit = ft.use_state(WINDOW)
    language = look.language
    body: list[ft.Control]
    if not found:
        body = [
            text(look, words(language, "needs.none")),
            text(look, words(language, "needs.none.hint"), "meta", color=look.palette.ink2),
        ]
    else:
        rows: list[ft.Control] = []
        seen: dict[str, int] = {}
        for at, view in enumerate(found[:limit]):
            if at:
                rows.append(line(look))
            label = _label(look, view, are_shown=names.are_shown)
            seen[label] = seen.get(label, 0) + 1
            if seen[label] > 1:
                label += words(language, "record.nth", n=seen[label])
            rows.append(_row(look, view, label, session.now(), here=here, are_shown=names.are_shown))
        body = [card(look, rows, spacing=0, holds_rows=True)]
        if len(found) > limit:
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


def _label(look: Look, view: NeedView, *, are_shown: bool) -> str:
    return words(
        look.language,
        "need.label",
        name=view.person_name if are_shown else mask_name(view.person_name),
        type=need_type_words(look, view.need.type),
        severity=severity_words(look, view.need.severity),
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
        on_click=lambda: go(under(here, f"person/{view.need.person}")),
        padding=ft.Padding.symmetric(vertical=12),
    )
