"""A need (困难) in lines: what kind and how urgent, the worker's words, its state and when it was found."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from app.domain.codes import NeedSeverity, NeedState, NeedType
from app.store.needs import NeedView
from app.ui.code_words import code_words
from app.ui.parts import when
from app.ui.parts.shapes import tag
from app.ui.parts.text import text
from app.ui.theme import GAP, Language, Look
from app.ui.words import words

# A step is called after where it leads, but for these: (from, to).
_SPECIAL_MOVES: dict[tuple[str, str], str] = {
    (NeedState.RETURNED, NeedState.REPORTED): "again",
    (NeedState.REPORTED, NeedState.REPORTED): "higher",
    (NeedState.ACCEPTED, NeedState.REPORTED): "higher",
    (NeedState.IN_PROGRESS, NeedState.REPORTED): "higher",
    (NeedState.NOT_CONFIRMED, NeedState.VERIFIED): "still",
    (NeedState.CLOSED, NeedState.IN_PROGRESS): "reopen",
    (NeedState.FOLLOWED_UP, NeedState.IN_PROGRESS): "reopen",
}


def kind_words(look: Look, view: NeedView) -> str:
    """住房 较重"""
    kind = code_words(look.language, NeedType, view.need.type)
    return f"{kind} {code_words(look.language, NeedSeverity, view.need.severity)}"


def state_of_need(look: Look, view: NeedView) -> str:
    """发现, 办理中; the code itself where it is not known."""
    return code_words(look.language, NeedState, view.state)


def move_words(language: Language, view: NeedView, move: str) -> str:
    """What bringing the need to the state `move` is called: 核实属实, 补好材料再报, 回访."""
    key = _SPECIAL_MOVES.get((view.state, move), move)
    return words(language, f"move.{key}")


def due_words(language: Language, view: NeedView) -> str:
    """参考时限：乡镇 8月20日前, or how much later it is: a sentence, never a score. Empty without a clock."""
    if view.late is not None:
        told = words(language, f"level.{view.late.told}")
        return words(language, "need.late", n=view.late.days, told=told)
    if view.next_due is not None:
        by = words(language, f"level.{view.next_due.by}")
        return words(language, "need.due", by=by, date=when.month_day(language, view.next_due.due_on))
    return ""


def need_lines(look: Look, view: NeedView, title: ft.Control, *, now: datetime) -> list[ft.Control]:
    """The lines of one need under `title`."""
    need = view.need
    found_on = words(look.language, "need.found", when=when.day(look.language, need.found_at, now))
    lines: list[ft.Control] = [title]
    if need.words:
        lines.append(text(look, need.words, "meta"))
    # What the station above wrote last is what the worker opens the list for.
    if view.steps and view.steps[-1].words:
        said = words(look.language, "need.said", state=state_of_need(look, view), said=view.steps[-1].words)
        lines.append(text(look, said, "meta"))
    tags: list[ft.Control] = [tag(look, state_of_need(look, view), is_waiting=view.is_open)]
    if view.waits_for_me:
        move = move_words(look.language, view, view.moves[0])
        tags.append(tag(look, words(look.language, "need.next", move=move), is_waiting=True))
    if view.has_news:
        tags.append(tag(look, words(look.language, "need.news"), glyph=ft.Icons.MARK_CHAT_UNREAD_OUTLINED))
    lines.append(
        ft.Row(
            [*tags, text(look, found_on, "meta", color=look.palette.ink2)],
            spacing=GAP,
            run_spacing=4,
            wrap=True,
        )
    )
    due = due_words(look.language, view)
    if due:
        lines.append(text(look, due, "meta", color=look.palette.ink2))
    return lines
