"""人员: who it is, how to reach them, and who has been there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import flet as ft

from app.domain.errors import UnknownRecord
from app.state.live import use_live, use_session, use_watched
from app.store.findings import findings_of
from app.store.index import people_index
from app.store.needs import NeedView, needs_of
from app.store.people import PersonView, person_view
from app.store.profile import Changed, changed_since_visit
from app.store.store import Store
from app.store.visits import visits_of
from app.ui.parts.contacts import contacts
from app.ui.parts.frame import page_view
from app.ui.parts.hints import hint_words
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.need import kind_words, need_lines, state_of_need
from app.ui.parts.newcomer_undo import NewcomerUndo
from app.ui.parts.newcomers_refused import NewcomerRefused
from app.ui.parts.person_acts import person_acts
from app.ui.parts.person_card import news_card, who_card
from app.ui.parts.person_findings import findings_card
from app.ui.parts.reveal import reveal_action, reveal_card, under_question
from app.ui.parts.saved_bar import SavedBar
from app.ui.parts.shapes import card, line, notice, scrolled, section
from app.ui.parts.tap import calls, primary, quiet, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, Look
from app.ui.words import words


@screen
def PersonPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/"
    person = params.get("person", "")
    view = use_live(lambda store: _person(store, person), "people", "visits", "needs")
    needs = use_live(lambda store: needs_of(store, person), "needs", "people")
    history = use_live(lambda store: visits_of(store, person), "visits", "receipts", "outbox")
    news = use_live(lambda store: _news(store, person), "people", "visits")
    found = use_live(lambda store: findings_of(store, person), "findings")
    is_asking, set_asking = ft.use_state(False)
    language = look.language
    back = above(here, 2)
    if view is None:
        return page_view(
            look,
            route=here,
            title=words(language, "person.title"),
            back=lambda: go(back),
            body=scrolled(look, [text(look, words(language, "person.gone"))]),
        )
    row = session.index.row(person)

    def ask() -> None:
        session.close_bar()
        set_asking(True)

    def reveal(reason: str) -> None:
        set_asking(False)
        session.reveal(reason)

    def record() -> None:
        session.close_bar()
        go(under(here, "visit"))

    body: list[ft.Control] = []
    body.append(NewcomerRefused(person=person, here=here))
    body.append(who_card(look, view, row, are_shown=names.are_shown))
    if not view.is_deceased:
        body.append(person_acts(look, session, view.person, row, here=here, are_shown=names.are_shown))
    if news:
        body.append(news_card(look, news, now=session.now(), are_shown=names.are_shown))
    hint = hint_words(look, session, history)
    if hint:
        body.append(notice(look, hint))
    if view.conflict_fields:
        said = words(language, "conflict.hint", n=len(view.conflict_fields))
        body.append(notice(look, said, glyph=ft.Icons.CALL_SPLIT))
        choose = words(language, "conflict.go")
        body.append(quiet(look, choose, on_click=calls(go, under(here, "conflict")), is_outlined=True))
    if needs:
        body.append(section(look, words(language, "place.needs")))
        body.append(card(look, _needs(look, needs, session.now(), here=here), spacing=0, holds_rows=True))
    if not view.is_deceased:
        body.append(section(look, words(language, "person.found")))
        body.append(findings_card(look, session, view.person, found, here=here))
    body.append(section(look, words(language, "person.history")))
    body.append(contacts(look, session, history, here=here))
    body.append(
        quiet(
            look,
            words(language, "profile.history"),
            glyph=ft.Icons.HISTORY,
            on_click=calls(go, under(here, "changes")),
        )
    )
    body.append(NewcomerUndo(person=person))
    return page_view(
        look,
        route=here,
        title=words(language, "person.title"),
        context=words(language, "reveal.on" if names.are_shown else "person.masked"),
        actions=[reveal_action(look, are_shown=names.are_shown, on_ask=ask, on_hide=session.hide)],
        back=lambda: go(back),
        body=ft.Column(
            [
                under_question(
                    look,
                    scrolled(look, body, spacing=GAP + 2),
                    reveal_card(look, on_reason=reveal, on_cancel=lambda: set_asking(False))
                    if is_asking and not names.are_shown
                    else None,
                ),
                SavedBar(),
            ],
            spacing=0,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        pinned=None
        if view.is_deceased
        else primary(look, words(language, "person.record"), glyph=ft.Icons.EDIT_NOTE, on_click=record),
    )


def _person(store: Store, person: str) -> PersonView | None:
    if not people_index(store).is_listed(person):
        return None  # taken back since, or never here
    try:
        return person_view(store, person)
    except UnknownRecord:
        return None


def _news(store: Store, person: str) -> list[Changed]:
    return changed_since_visit(store, person) if people_index(store).is_listed(person) else []


def _needs(look: Look, needs: Sequence[NeedView], now: datetime, *, here: str) -> list[ft.Control]:
    rows: list[ft.Control] = []
    for view in needs:
        if rows:
            rows.append(line(look))
        rows.append(_need(look, view, now, label=_need_label(look, view, len(rows)), here=here))
    return rows


def _need_label(look: Look, view: NeedView, at: int) -> str:
    said = words(
        look.language, "need.open.label", need=f"{kind_words(look, view)} {state_of_need(look, view)}"
    )
    return said + words(look.language, "record.nth", n=at // 2 + 1) if at else said


def _need(look: Look, view: NeedView, now: datetime, *, label: str, here: str) -> ft.Control:
    lines = need_lines(look, view, text(look, kind_words(look, view), "strong"), now=now)
    return tap(
        ft.Row(
            [ft.Column(lines, spacing=4, tight=True, expand=True), icon(look, ft.Icons.CHEVRON_RIGHT)],
            spacing=GAP,
        ),
        label=label,
        on_click=calls(go, under(here, f"need/{view.need.id}")),
        padding=ft.Padding.symmetric(vertical=12),
    )
