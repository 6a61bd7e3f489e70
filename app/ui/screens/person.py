"""人员: who it is, how to reach them, and who has been there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import flet as ft

from app.domain.errors import UnknownRecord
from app.domain.models import Person
from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.store.index import IndexRow, people_index
from app.store.needs import NeedView, needs_of
from app.store.people import PersonView, person_view
from app.store.store import Store
from app.store.visits import VisitView, visits_of
from app.ui.parts import when
from app.ui.parts.frame import page_view
from app.ui.parts.hints import hint_words, performer_words, wish_words
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.need import kind_words, need_lines, state_of_need
from app.ui.parts.newcomer_undo import NewcomerUndo
from app.ui.parts.people import house_of, sex_and_age, who
from app.ui.parts.profile import masked_phone, spaced_phone
from app.ui.parts.reveal import reveal_action, reveal_card, under_question
from app.ui.parts.saved_bar import SavedBar
from app.ui.parts.shapes import card, line, notice, scrolled, section, tag
from app.ui.parts.states import glyph_of, method_words, result_words, state_line, state_words
from app.ui.parts.tags import tag_words
from app.ui.parts.tap import calls, primary, quiet, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD, Look
from app.ui.words import words

SHOWN_VISITS = 30


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
    body.append(_who_card(look, view, row, are_shown=names.are_shown))
    if not view.is_deceased:
        acts = _acts(look, session, view.person, row, here=here, are_shown=names.are_shown)
        if acts:
            body.append(grid_of_acts(look, acts))
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
    body.append(section(look, words(language, "person.history")))
    body.append(_history(look, session, history, here=here))
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


def _who_card(look: Look, view: PersonView, row: IndexRow, *, are_shown: bool) -> ft.Control:
    shade, language, person = look.palette, look.language, view.person
    name = text(look, who(row, are_shown=are_shown).name, "person")
    about = text(look, sex_and_age(row, language), "body", color=shade.ink2)
    title = ft.Row(
        [name, about], spacing=12, wrap=True, vertical_alignment=ft.CrossAxisAlignment.CENTER, expand=True
    )
    standing = _standing(look, view, row)
    rows: list[ft.Control] = (
        [title, ft.Row([standing])] if look.is_stacked else [ft.Row([title, standing], spacing=GAP)]
    )
    tags = [tag(look, tag_words(look, label)) for label in row.tags]
    if person.id_problem and are_shown:
        tags.append(tag(look, words(language, "person.id_problem"), is_waiting=True))
    if tags:
        rows.append(ft.Row(tags, spacing=6, run_spacing=6, wrap=True))
    address = f"{row.hamlet}{house_of(row)}" or words(language, "person.no_address")
    rows.append(_fact(look, ft.Icons.HOME_OUTLINED, address))
    if person.phones:
        for number, whose in person.phones.items():
            shown = spaced_phone(number) if are_shown else masked_phone(number)
            rows.append(_fact(look, ft.Icons.CALL_OUTLINED, f"{shown} {whose}".strip()))
    else:
        rows.append(_fact(look, ft.Icons.CALL_OUTLINED, words(language, "person.no_phone")))
    if person.away and person.away != "HOME":
        away = person.away_place
        said = words(language, "person.away", place=away) if away else words(language, "person.away.unknown")
        rows.append(_fact(look, ft.Icons.FLIGHT_TAKEOFF, said))
    wishes = wish_words(look, person)
    if wishes:
        rows.append(_fact(look, ft.Icons.RECORD_VOICE_OVER_OUTLINED, wishes))
    return card(look, rows, spacing=6)


def _standing(look: Look, view: PersonView, row: IndexRow) -> ft.Control:
    language = look.language
    if view.is_deceased:
        return tag(look, words(language, "person.deceased"))
    if view.visited:
        return tag(look, words(language, "person.visited"), glyph=ft.Icons.CHECK)
    key = {"not_met": "person.not_met", "refused": "state.refused.short"}.get(row.state, "person.unvisited")
    return tag(look, words(language, key), is_waiting=True)


def _fact(look: Look, glyph: ft.IconData, value: str) -> ft.Control:
    return ft.Row([icon(look, glyph, size=22), text(look, value, "body", expand=True)], spacing=10)


def _acts(
    look: Look, session: Session, person: Person, row: IndexRow, *, here: str, are_shown: bool
) -> list[ft.Control]:
    """打电话 and 发短信 by the system's own app; on return the form is open with the method filled."""
    if not person.phones or person.no_call:
        return []
    number = next((n for n, whose in person.phones.items() if whose == "本人"), next(iter(person.phones)))
    spoken = who(row, are_shown=are_shown).spoken

    def act(scheme: str, method: str) -> Callable[[], object]:
        async def reach() -> None:
            session.choose_method(person.id, method)
            go(under(here, "visit"))
            await ft.UrlLauncher().launch_url(f"{scheme}:{number}")

        return reach

    language = look.language
    return [
        _act(
            look,
            words(language, key),
            words(language, f"{key}.label", who=spoken),
            glyph,
            act(scheme, method),
        )
        for key, glyph, scheme, method in (
            ("person.call", ft.Icons.CALL_OUTLINED, "tel", "PHONE"),
            ("person.sms", ft.Icons.SMS_OUTLINED, "sms", "SMS"),
        )
        if session.campaign.method(method)
    ]


def _act(look: Look, said: str, label: str, glyph: ft.IconData, on_click: Callable[[], object]) -> ft.Control:
    shade = look.palette
    return tap(
        ft.Column(
            [icon(look, glyph, color=shade.primary), text(look, said, "meta_strong", color=shade.primary)],
            spacing=4,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        label=label,
        on_click=on_click,
        bgcolor=shade.tint,
        border=ft.Border.all(2, shade.primary) if shade.edge_width > 2 else None,
        radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(vertical=10, horizontal=GAP),
        align=ft.Alignment.CENTER,
        expand=1,
    )


def grid_of_acts(look: Look, acts: Sequence[ft.Control]) -> ft.Control:
    """The acts side by side, equally high."""
    return ft.Row(
        list(acts), spacing=GAP, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH
    )


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


def _history(look: Look, session: Session, history: Sequence[VisitView], *, here: str) -> ft.Control:
    if not history:
        return card(look, [text(look, words(look.language, "person.history.none"), color=look.palette.ink2)])
    return card(
        look, [_contact(look, session, view, here=here) for view in history[:SHOWN_VISITS]], spacing=MARGIN
    )


def _contact(look: Look, session: Session, view: VisitView, *, here: str) -> ft.Control:
    shade, campaign, visit = look.palette, session.campaign, view.visit
    method = campaign.method(visit.method)
    result = campaign.result(visit.result)
    is_contact = result is not None and result.contact
    day = when.day_and_clock(look.language, visit.at, session.now())
    name = method_words(campaign, look, visit.method)
    lines: list[ft.Control] = [
        ft.Row(
            [text(look, name, "strong"), text(look, result_words(campaign, look, visit), "body")],
            spacing=GAP,
            run_spacing=0,
            wrap=True,
        ),
        text(look, f"{day}·{performer_words(look, view)}", "meta", color=shade.ink2),
    ]
    # Free text of others is shown only where it was written to be shared; none is, yet.
    if visit.note and visit.performer == session.account.account_id:
        lines.append(text(look, visit.note, "meta"))
    lines.append(state_line(look, view.state))
    content = ft.Row(
        [
            ft.Container(
                content=icon(
                    look,
                    glyph_of(method.icon if method else ""),
                    color=shade.primary if is_contact else shade.ink2,
                ),
                bgcolor=shade.tint if is_contact else shade.sunk,
                border_radius=30,
                padding=8,
            ),
            ft.Column(lines, spacing=2, tight=True, expand=True),
        ],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    if not view.is_mine:
        return content
    return tap(
        content,
        label=words(look.language, "and").join(
            (f"{day} {name} {result_words(campaign, look, visit)}", state_words(look, view.state))
        ),
        on_click=lambda: go(under(here, f"record/{visit.id}")),
    )
