"""A need (困难) in lines: what kind and how urgent, the worker's words, its state and when it was found."""

from __future__ import annotations

from datetime import datetime

import flet as ft

from app.domain.codes import NeedState
from app.store.needs import NeedView
from app.ui.parts import when
from app.ui.parts.form_more import need_type_words, severity_words
from app.ui.parts.shapes import tag
from app.ui.parts.text import text
from app.ui.theme import GAP, Look
from app.ui.words import words


def kind_words(look: Look, view: NeedView) -> str:
    """住房 较重"""
    return f"{need_type_words(look, view.need.type)} {severity_words(look, view.need.severity)}"


def state_of_need(look: Look, view: NeedView) -> str:
    """发现, 办理中; the code itself where it is not known."""
    code = view.need.state
    if look.language == "en":
        return code.replace("_", " ").lower()
    return next((state.label for state in NeedState if state == code), code)


def need_lines(look: Look, view: NeedView, title: ft.Control, *, now: datetime) -> list[ft.Control]:
    """The lines of one need under `title`."""
    need = view.need
    found_on = words(look.language, "need.found", when=when.day(look.language, need.found_at, now))
    lines: list[ft.Control] = [title]
    if need.words:
        lines.append(text(look, need.words, "meta"))
    lines.append(
        ft.Row(
            [
                tag(look, state_of_need(look, view), is_waiting=view.is_open),
                text(look, found_on, "meta", color=look.palette.ink2),
            ],
            spacing=GAP,
            run_spacing=4,
            wrap=True,
        )
    )
    return lines
