"""The time of a visit: now, or the day and hour of one that is written up later (补记)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import flet as ft

from app.state.form import moment_of
from app.state.problems import FormProblem
from app.state.typed import read_date
from app.ui.parts import when
from app.ui.parts.field import field
from app.ui.parts.more_parts import MoreParts, problem_words
from app.ui.parts.tap import calls, choice, grid
from app.ui.theme import Look
from app.ui.words import words


def when_rows(look: Look, parts: MoreParts) -> list[ft.Control]:
    """The row 时间, opened."""
    form, language = parts.form, look.language
    today = when.local(parts.now).date()
    days = (("today", 0), ("yesterday", 1), ("before", 2))
    cells: list[ft.Control] = []
    for name, back in days:
        day = today - timedelta(days=back)
        written = "" if back == 0 else f"{day.month}-{day.day}"
        label = words(language, f"form.when.{name}")
        meant = read_date(form.day, today) if form.day else today
        cells.append(
            choice(
                look,
                label,
                label=words(language, "form.when.day.label", name=label),
                is_chosen=meant == day,
                on_click=calls(parts.change, lambda f, day=written: replace(f, day=day)),
            )
        )
    return [
        grid(look, cells, columns=3),
        field(
            look,
            words(language, "form.when.date"),
            form.day,
            on_change=lambda day: parts.change(lambda f: replace(f, day=day)),
        ),
        field(
            look,
            words(language, "form.when.time"),
            form.time,
            on_change=lambda time: parts.change(lambda f: replace(f, time=time)),
            problem=parts.said(look, "when"),
        ),
    ]


def when_words(look: Look, parts: MoreParts) -> str:
    """The moment that would be saved, or what is wrong with what was written: never a time that is none."""
    form, language, now = parts.form, look.language, parts.now
    try:
        moment = moment_of(form, campaign=parts.campaign, now=now)
    except FormProblem as problem:
        return problem_words(look, problem)
    if form.day and not form.time:
        return when.day(language, moment, now)
    return f"{when.day(language, moment, now)} {when.clock(moment)}"
