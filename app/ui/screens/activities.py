"""座谈会、宣讲会: which there were and how far each has come; here they are corrected and taken back."""

from __future__ import annotations

import flet as ft

from app.domain.errors import ZoufangError
from app.state.activity import undo_activity
from app.state.live import use_live, use_session
from app.state.session import Session
from app.store.activities import ActivityView, activities
from app.ui.parts import when
from app.ui.parts.codes import meeting_words
from app.ui.parts.faults import fault_words
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.shapes import card, notice, scrolled
from app.ui.parts.states import state_line, state_words
from app.ui.parts.tap import Handler, calls, primary, quiet
from app.ui.parts.text import text
from app.ui.theme import GAP, Look
from app.ui.words import words

SHOWN = 50  # a station holds a few in a month


@screen
def Activities() -> ft.View:
    look = use_look()
    session = use_session()
    found = use_live(activities, "activity", "receipts", "outbox", "account")
    here = ft.use_view_path() or "/records/activities"
    problem, complain = ft.use_state("")
    language = look.language

    def undo(record: str) -> None:
        try:
            undo_activity(session, record, shown_at=here)
        except ZoufangError as fault:
            complain(fault_words(session, fault))

    def begin() -> None:
        session.close_bar()
        go(under(here, "new"))

    body: list[ft.Control] = [
        primary(look, words(language, "activity.new"), glyph=ft.Icons.ADD, on_click=begin)
    ]
    if problem:
        body.append(ft.Semantics(live_region=True, content=notice(look, problem, is_bad=True)))
    if not found:
        body.append(text(look, words(language, "activity.list.none"), color=look.palette.ink2))
    for view, spoken in zip(found[:SHOWN], _spoken(look, session, found[:SHOWN]), strict=True):
        body.append(_one(look, session, view, spoken, here=here, undo=calls(undo, view.activity.id)))
    return page_view(
        look,
        route=here,
        title=words(language, "activity.list"),
        context=words(language, "activity.list.context", n=sum(not view.is_undone for view in found)),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=12),
        place="records",
    )


def _spoken(look: Look, session: Session, views: list[ActivityView]) -> list[str]:
    """What each is called, no two alike."""
    said: list[str] = []
    for view in views:
        name = words(
            look.language,
            "activity.open",
            when=when.day_and_clock(look.language, view.activity.at, session.now()),
            name=meeting_words(look, view.activity.kind),
            n=sum(view.activity.attendance.values()),
            state=state_words(look, view.state),
        )
        before = sum(one == name or one.startswith(name) for one in said)
        said.append(name + (words(look.language, "activity.open.nth", nth=before + 1) if before else ""))
    return said


def _one(
    look: Look, session: Session, view: ActivityView, spoken: str, *, here: str, undo: Handler
) -> ft.Control:
    meeting, language = view.activity, look.language
    name, day = meeting_words(look, meeting.kind), when.day_and_clock(language, meeting.at, session.now())
    total = words(language, "activity.total", n=sum(meeting.attendance.values()))
    lines: list[ft.Control] = [
        text(look, name, "name", is_header=True),
        text(look, "·".join(part for part in (day, meeting.place, total) if part), "meta"),
    ]
    if meeting.minutes:
        lines.append(text(look, meeting.minutes, "body"))
    if view.is_undone:
        lines.append(text(look, words(language, "activity.undone"), "meta", color=look.palette.ink2))
    lines.append(state_line(look, view.state))
    if view.is_mine and not view.is_undone:
        correct = quiet(
            look,
            words(language, "activity.correct"),
            label=words(language, "activity.correct.label", who=spoken),
            on_click=lambda: go(under(here, f"amend/{meeting.id}")),
            is_outlined=True,
        )
        take_back = quiet(
            look,
            words(language, "activity.undo"),
            label=words(language, "activity.undo.label", who=spoken),
            on_click=undo,
        )
        lines.append(ft.Row([correct, take_back], spacing=GAP, wrap=True))
    return card(look, lines, spacing=4)
