"""困难: the hardships known on this phone, the most serious first."""

from __future__ import annotations

import flet as ft

from app.domain.codes import NeedState
from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.store.needs import NeedView, needs_here
from app.ui.parts import when
from app.ui.parts.form_more import need_type_words, severity_words
from app.ui.parts.frame import page_view
from app.ui.parts.look import go, screen, under, use_look
from app.ui.parts.shapes import card, line, scrolled, tag
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
            found_on = words(
                language, "need.found", when=when.day(language, view.need.found_at, session.now())
            )
            rows.append(_row(look, view, label, found_on, here=here, are_shown=names.are_shown))
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


def _state_words(look: Look, code: str) -> str:
    if look.language == "en":
        return code.replace("_", " ").lower()
    return next((state.label for state in NeedState if state == code), code)


def _label(look: Look, view: NeedView, *, are_shown: bool) -> str:
    return words(
        look.language,
        "need.label",
        name=view.person_name if are_shown else mask_name(view.person_name),
        type=need_type_words(look, view.need.type),
        severity=severity_words(look, view.need.severity),
        state=_state_words(look, view.need.state),
    )


def _row(look: Look, view: NeedView, label: str, found_on: str, *, here: str, are_shown: bool) -> ft.Control:
    shade, need = look.palette, view.need
    name = view.person_name if are_shown else mask_name(view.person_name)
    kind = f"{need_type_words(look, need.type)} {severity_words(look, need.severity)}"
    about: list[ft.Control] = [
        ft.Row([text(look, name, "name"), text(look, kind, "body")], spacing=10, run_spacing=0, wrap=True)
    ]
    if need.words:
        about.append(text(look, need.words, "meta"))
    about.append(
        ft.Row(
            [
                tag(look, _state_words(look, need.state), is_waiting=view.is_open),
                text(look, found_on, "meta", color=shade.ink2),
            ],
            spacing=GAP,
            run_spacing=4,
            wrap=True,
        )
    )
    return tap(
        ft.Row(
            [ft.Column(about, spacing=4, tight=True, expand=True), icon(look, ft.Icons.CHEVRON_RIGHT)],
            spacing=GAP,
        ),
        label=label,
        on_click=lambda: go(under(here, f"person/{need.person}")),
        padding=ft.Padding.symmetric(vertical=12),
    )
