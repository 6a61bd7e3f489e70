"""One need: what it is, how far it has come step by step, and the one thing that I may do now."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from app.domain.codes import Assistance, NeedCause, NeedOutcome, NeedSeverity, NeedState
from app.domain.errors import UnknownRecord
from app.domain.facts import NeedStep
from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.state.typed import yuan
from app.store.needs import NeedView, hear, need_view
from app.store.store import Store
from app.store.visits import organisation_label
from app.ui.code_words import code_words
from app.ui.parts import when
from app.ui.parts.frame import page_view
from app.ui.parts.hints import station_words
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.need import due_words, kind_words, move_words, state_of_need
from app.ui.parts.shapes import card, notice, scrolled, section, tag
from app.ui.parts.tap import calls, primary, quiet
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, Look
from app.ui.words import words

# The road that most needs take; what lies ahead is drawn from it.
_ROAD = (
    NeedState.FOUND, NeedState.VERIFIED, NeedState.REPORTED, NeedState.ACCEPTED, NeedState.ASSIGNED,
    NeedState.IN_PROGRESS, NeedState.CLOSED, NeedState.FOLLOWED_UP,
)  # fmt: skip


@screen
def NeedPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    need = ft.use_route_params().get("need", "")
    here = ft.use_view_path() or "/needs"
    view = use_live(lambda store: _need(store, need), "needs", "people")
    ft.use_effect(lambda: _heard(session, need), [view.steps if view else None])
    language = look.language
    back = above(here, 2)
    if view is None:
        return page_view(
            look,
            route=here,
            title=words(language, "need.title"),
            back=lambda: go(back),
            body=scrolled(look, [text(look, words(language, "need.gone"))]),
        )
    body: list[ft.Control] = []
    if view.need.severity == NeedSeverity.URGENT and view.is_open:
        body.append(notice(look, words(language, "form.need.urgent"), is_bad=True))
    body.append(_what(look, view, session.now()))
    body.append(section(look, words(language, "need.steps")))
    body.append(card(look, _road(look, session, view), spacing=MARGIN))
    if due_words(language, view):
        body.append(text(look, due_words(language, view), "meta", color=look.palette.ink2))
    if not view.waits_for_me:
        key = "need.not_yours" if view.is_open else "need.over"
        body.append(text(look, words(language, key), color=look.palette.ink2))
    # What is not waited for, such as a second look at what was not so, is offered but not pressed for.
    for move in view.moves[1:] if view.waits_for_me else view.moves:
        body.append(
            quiet(
                look,
                move_words(language, view, move),
                on_click=calls(go, under(here, f"step/{move}")),
                is_outlined=True,
            )
        )
    if "/person/" not in here:
        see = calls(go, under(back, f"person/{view.need.person}"))
        body.append(quiet(look, words(language, "need.person"), on_click=see, glyph=ft.Icons.PERSON_OUTLINE))
    name = view.person_name if names.are_shown else mask_name(view.person_name)
    return page_view(
        look,
        route=here,
        title=words(language, "need.title"),
        context=f"{name}·{kind_words(look, view)}",
        back=lambda: go(back),
        body=scrolled(look, body, spacing=GAP + 2),
        pinned=primary(
            look,
            move_words(language, view, view.moves[0]),
            on_click=calls(go, under(here, f"step/{view.moves[0]}")),
        )
        if view.waits_for_me
        else None,
    )


def _need(store: Store, need: str) -> NeedView | None:
    try:
        return need_view(store, need)
    except UnknownRecord:
        return None


def _heard(session: Session, need: str) -> None:
    if _need(session.store, need) is not None:
        hear(session.store, need)


def _what(look: Look, view: NeedView, now: datetime) -> ft.Control:
    """What was found, as it was written then."""
    need, language = view.need, look.language
    lines: list[ft.Control] = [text(look, kind_words(look, view), "name")]
    if need.words:
        lines.append(text(look, need.words))
    if need.cause:
        cause = code_words(language, NeedCause, need.cause)
        lines.append(text(look, words(language, "need.cause", cause=cause), "meta"))
    found = words(language, "need.found", when=when.day(language, need.found_at, now))
    lines.append(
        ft.Row(
            [
                tag(look, state_of_need(look, view), is_waiting=view.is_open),
                text(look, found, "meta", color=look.palette.ink2),
            ],
            spacing=GAP,
            wrap=True,
        )
    )
    return card(look, lines, spacing=6)


def _road(look: Look, session: Session, view: NeedView) -> list[ft.Control]:
    """The steps from the first to the present one, then those that usually follow, in grey."""
    language, now = look.language, session.now()
    found = f"{when.day(language, view.need.found_at, now)}·{_station(look, session, view.need.organisation)}"
    taken: list[tuple[str, list[str]]] = [(view.need.state, [found])]
    taken += [(step.state, _step_lines(look, session, view, step)) for step in view.steps]
    rows = [
        _milestone(look, code_words(language, NeedState, state), lines, is_now=at == len(taken) - 1)
        for at, (state, lines) in enumerate(taken)
    ]
    return rows + [_ahead(look, code_words(language, NeedState, state)) for state in _left(view)]


def _left(view: NeedView) -> tuple[NeedState, ...]:
    if view.state == NeedState.NOT_CONFIRMED:
        return ()
    here = NeedState.VERIFIED if view.state == NeedState.RETURNED else view.state
    at = next((at for at, state in enumerate(_ROAD) if state == here), len(_ROAD))
    return _ROAD[at + 1 :]


def _step_lines(look: Look, session: Session, view: NeedView, step: NeedStep) -> list[str]:
    language, now = look.language, session.now()
    said = [f"{when.day_and_clock(language, step.at, now)}·{_station(look, session, step.organisation)}"]
    if step.outcome:
        outcome = code_words(language, NeedOutcome, step.outcome)
        said.append(words(language, "need.outcome", outcome=outcome))
    given = [code_words(language, Assistance, code) for code in step.assistance]
    if step.money_fen:
        given.append(words(language, "yuan", n=yuan(step.money_fen)))
    if given:
        said.append(words(language, "need.given", given="、".join(given)))
    if step.satisfied is not None:
        said.append(words(language, "need.content.yes" if step.satisfied else "need.content.no"))
    if step.words:
        said.append(step.words)
    return said + [words(language, f"flaw.{flaw}") for flaw in view.flaws.get(step.id, ())]


def _station(look: Look, session: Session, organisation: str) -> str:
    return station_words(look.language, organisation_label(organisation, session.account))


def _milestone(look: Look, name: str, lines: list[str], *, is_now: bool) -> ft.Control:
    shade = look.palette
    title: list[ft.Control] = [text(look, name, "strong")]
    if is_now:
        title.append(tag(look, words(look.language, "need.step.now"), is_waiting=True))
    told: list[ft.Control] = [ft.Row(title, spacing=GAP, run_spacing=0, wrap=True)]
    told.append(text(look, lines[0], "meta", color=shade.ink2))
    told += [text(look, each, "meta") for each in lines[1:]]
    glyph = ft.Icons.RADIO_BUTTON_CHECKED if is_now else ft.Icons.CHECK_CIRCLE
    return _on_line(icon(look, glyph, color=shade.wait if is_now else shade.primary), told)


def _ahead(look: Look, name: str) -> ft.Control:
    said = words(look.language, "need.step.ahead")
    grey = look.palette.ink2
    line: list[ft.Control] = [text(look, name, color=grey), text(look, said, "meta", color=grey)]
    return _on_line(
        icon(look, ft.Icons.RADIO_BUTTON_UNCHECKED), [ft.Row(line, spacing=GAP, run_spacing=0, wrap=True)]
    )


def _on_line(mark: ft.Control, told: list[ft.Control]) -> ft.Control:
    return ft.Row(
        [mark, ft.Column(told, spacing=2, tight=True, expand=True)],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
