"""人员: who it is, how to reach them, and who has been there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import flet as ft

from app.domain.errors import UnknownRecord
from app.state.live import use_live, use_session, use_watched
from app.state.profile import draft_about
from app.state.session import Session
from app.store.drafts import draft_of
from app.store.findings import Findings, findings_of
from app.store.index import people_index
from app.store.needs import NeedView, needs_of
from app.store.people import PersonView, person_view
from app.store.profile import Changed, changed_since_visit
from app.store.store import Store
from app.store.visits import VisitView, visits_of
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

_TABLES = ("people", "visits", "needs", "findings", "drafts", "receipts", "outbox")


@dataclass(frozen=True, slots=True)
class Known:
    """What the page shows; `news` is what others changed since the worker's last visit, `is_begun` that
    he began to edit the entries and did not save."""

    view: PersonView
    needs: Sequence[NeedView]
    history: Sequence[VisitView]
    news: Sequence[Changed]
    findings: Findings
    is_begun: bool


@screen
def PersonPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/"
    person = params.get("person", "")
    known = use_live(lambda store: _known(store, person), *_TABLES)
    is_asking, set_asking = ft.use_state(False)
    language = look.language
    back = above(here, 2)
    if known is None:
        return page_view(
            look,
            route=here,
            title=words(language, "person.title"),
            back=lambda: go(back),
            body=scrolled(look, [text(look, words(language, "person.gone"))]),
        )

    def ask() -> None:
        session.close_bar()
        set_asking(True)

    def reveal(reason: str) -> None:
        set_asking(False)
        session.reveal(reason)

    def record() -> None:
        session.close_bar()
        go(under(here, "visit"))

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
                    scrolled(
                        look,
                        _body(look, session, known, here=here, are_shown=names.are_shown),
                        spacing=GAP + 2,
                    ),
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
        if known.view.is_deceased
        else primary(look, words(language, "person.record"), glyph=ft.Icons.EDIT_NOTE, on_click=record),
    )


def _body(look: Look, session: Session, known: Known, *, here: str, are_shown: bool) -> list[ft.Control]:
    """The page from top to bottom."""
    language, view = look.language, known.view
    row = session.index.row(view.person.id)
    body: list[ft.Control] = [NewcomerRefused(person=view.person.id, here=here)]
    body.append(who_card(look, view, row, are_shown=are_shown))
    if not view.is_deceased:
        body.append(person_acts(look, session, view.person, row, here=here, are_shown=are_shown))
    if known.is_begun:
        go_on = words(language, "profile.begun")
        body.append(
            quiet(
                look,
                go_on,
                on_click=calls(go, under(here, "edit")),
                glyph=ft.Icons.EDIT_OUTLINED,
                is_outlined=True,
            )
        )
    if known.news:
        body.append(news_card(look, known.news, now=session.now(), are_shown=are_shown))
    hint = hint_words(look, session, known.history)
    if hint:
        body.append(notice(look, hint))
    if view.conflict_fields:
        said = words(language, "conflict.hint", n=len(view.conflict_fields))
        body.append(notice(look, said, glyph=ft.Icons.CALL_SPLIT))
        choose = words(language, "conflict.go")
        body.append(quiet(look, choose, on_click=calls(go, under(here, "conflict")), is_outlined=True))
    if known.needs:
        body.append(section(look, words(language, "place.needs")))
        body.append(
            card(look, _needs(look, known.needs, session.now(), here=here), spacing=0, holds_rows=True)
        )
    if not view.is_deceased:
        body.append(section(look, words(language, "person.found")))
        body.append(findings_card(look, session, view.person, known.findings, here=here))
    body.append(section(look, words(language, "person.history")))
    body.append(contacts(look, session, known.history, here=here))
    body.append(
        quiet(
            look,
            words(language, "profile.history"),
            glyph=ft.Icons.HISTORY,
            on_click=calls(go, under(here, "changes")),
        )
    )
    body.append(NewcomerUndo(person=view.person.id))
    return body


def _known(store: Store, person: str) -> Known | None:
    view = _person(store, person)
    if view is None:
        return None
    return Known(
        view=view,
        needs=needs_of(store, person),
        history=visits_of(store, person),
        news=changed_since_visit(store, person),
        findings=findings_of(store, person),
        is_begun=draft_of(store, person, about=draft_about(person)) is not None,
    )


def _person(store: Store, person: str) -> PersonView | None:
    if not people_index(store).is_listed(person):
        return None  # taken back since, or never here
    try:
        return person_view(store, person)
    except UnknownRecord:
        return None


def _needs(look: Look, needs: Sequence[NeedView], now: datetime, *, here: str) -> list[ft.Control]:
    rows: list[ft.Control] = []
    seen: dict[str, int] = {}
    for view in needs:
        called = f"{kind_words(look, view)} {state_of_need(look, view)}"
        label = words(look.language, "need.open.label", need=called)
        seen[label] = seen.get(label, 0) + 1
        if seen[label] > 1:
            label += words(look.language, "record.nth", n=seen[label])
        if rows:
            rows.append(line(look))
        rows.append(_need(look, view, now, label=label, here=here))
    return rows


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
