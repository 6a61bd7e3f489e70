"""A hardship in the visit form: what kind and how urgent, from what cause, and the worker's words."""

from __future__ import annotations

from dataclasses import replace

import flet as ft

from app.domain.codes import NeedCause, NeedSeverity, NeedType
from app.state.form import VisitForm
from app.ui.code_words import code_words
from app.ui.parts.code_grid import one_of
from app.ui.parts.field import field
from app.ui.parts.more_parts import MoreParts
from app.ui.parts.shapes import goal, notice
from app.ui.parts.tap import quiet
from app.ui.parts.text import text
from app.ui.theme import MARGIN, Look
from app.ui.words import words


def need_rows(look: Look, parts: MoreParts) -> list[ft.Control]:
    """The row 发现困难, opened: the kind first, and only then what belongs to it."""
    form, language, change = parts.form, look.language, parts.change
    rows: list[ft.Control] = [
        _asked(look, "form.need.type"),
        one_of(
            look,
            NeedType,
            form.need_type,
            lambda code: change(lambda f: replace(f, need_type=code or f.need_type)),
            label="form.need.type.label",
            inset=2 * MARGIN,
        ),
    ]
    if not form.need_type:
        return rows
    rows.append(goal("need_severity", _asked(look, "form.need.severity")))
    missing = parts.said(look, "need_severity")
    if missing:
        rows.append(text(look, missing, "strong", color=look.palette.bad))
    rows.append(
        one_of(
            look,
            NeedSeverity,
            form.need_severity,
            lambda code: change(lambda f: replace(f, need_severity=code or f.need_severity)),
            label="form.need.severity.label",
            columns=4,
            inset=2 * MARGIN,
        )
    )
    if form.need_severity == NeedSeverity.URGENT:
        rows.append(notice(look, words(language, "form.need.urgent"), is_bad=True))
    rows += [
        _asked(look, "form.need.cause"),
        one_of(
            look,
            NeedCause,
            form.need_cause,
            lambda code: change(lambda f: replace(f, need_cause=code)),
            label="form.need.cause.label",
            columns=2,
            inset=2 * MARGIN,
        ),
        field(
            look,
            words(language, "form.need.words"),
            form.need_words,
            on_change=lambda said: change(lambda f: replace(f, need_words=said)),
            lines=2,
        ),
        quiet(
            look,
            words(language, "form.need.drop"),
            on_click=lambda: change(
                lambda f: replace(f, need_type="", need_severity="", need_cause="", need_words="")
            ),
        ),
    ]
    return rows


def need_words(look: Look, form: VisitForm) -> str:
    """住房 较重, as the closed row says it."""
    if not form.need_type:
        return words(look.language, "form.none")
    said = code_words(look.language, NeedType, form.need_type)
    if form.need_severity:
        said += f" {code_words(look.language, NeedSeverity, form.need_severity)}"
    return said


def _asked(look: Look, key: str) -> ft.Control:
    return text(look, words(look.language, key), "meta", color=look.palette.ink2)
