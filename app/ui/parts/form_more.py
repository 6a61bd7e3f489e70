"""The lower half of the visit form, 还要记: note, cash and goods, a hardship, the time. All optional."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import flet as ft

from app.domain.campaign import Campaign
from app.domain.codes import NeedSeverity, NeedType
from app.state.form import FormProblem, VisitForm, moment_of
from app.state.typed import fen_of, read_date, yuan
from app.ui.parts import when
from app.ui.parts.field import field
from app.ui.parts.form_choices import Change
from app.ui.parts.form_photos import PhotoParts, photos_body, photos_words
from app.ui.parts.shapes import card, goal, line, notice, section
from app.ui.parts.tap import calls, choice, grid, quiet, tap
from app.ui.parts.text import fitting_columns, icon, text
from app.ui.theme import GAP, MARGIN, Look
from app.ui.words import words

NEED_TYPES_EN = {
    "LIVING": "Living", "MEDICAL": "Medical", "HOUSING": "Housing", "EMPLOYMENT": "Work",
    "EDUCATION": "Schooling", "ELDER_CARE": "Elder care", "PSYCH": "Distress", "LEGAL": "Legal",
    "SOCIAL_INSURANCE": "Insurance", "CARD_FILE": "Papers", "OTHER": "Other",
}  # fmt: skip
SEVERITIES_EN = {"1": "Minor", "2": "Moderate", "3": "Serious", "4": "Urgent"}


def need_type_words(look: Look, code: str) -> str:
    """住房; the code itself where it is not known."""
    if look.language == "en":
        return NEED_TYPES_EN.get(code, code)
    return next((kind.label for kind in NeedType if kind == code), code)


def severity_words(look: Look, code: str) -> str:
    """较重."""
    if look.language == "en":
        return SEVERITIES_EN.get(code, code)
    return next((severity.label for severity in NeedSeverity if severity == code), code)


@dataclass(frozen=True, slots=True)
class MoreParts:
    """What the lower half works with: the form and its change, which row is open, what was wrong."""

    form: VisitForm
    change: Change
    campaign: Campaign
    now: datetime
    opened: str
    open_row: Callable[[str], Any]
    problem: FormProblem | None
    photos: PhotoParts | None = None  # None: no photos of this person, or not on this page

    def said(self, look: Look, *names: str) -> str:
        """What is wrong with one of these fields, in words; empty when nothing is."""
        fault = self.problem
        if fault is None or fault.field not in names:
            return ""
        return problem_words(look, fault)


def problem_words(look: Look, fault: FormProblem) -> str:
    """The sentence of `fault`, dates in words."""
    fields = {
        name: when.month_day(look.language, value) if isinstance(value, date) else value
        for name, value in fault.values.items()
    }
    return words(look.language, fault.key, **fields)


_Row = tuple[str, ft.IconData, str, Callable[[Look, MoreParts], list[ft.Control]]]


def more_card(look: Look, parts: MoreParts) -> list[ft.Control]:
    """One row each with its present value; a row opens under itself, and only one at a time."""
    form, language = parts.form, look.language
    rows: tuple[_Row, ...] = (
        ("note", ft.Icons.NOTES, form.note or words(language, "form.note.none"), _note),
        ("gifts", ft.Icons.CARD_GIFTCARD, _gifts_words(look, form), _gifts),
        ("need", ft.Icons.VOLUNTEER_ACTIVISM_OUTLINED, _need_words(look, form), _need),
        ("when", ft.Icons.TODAY_OUTLINED, _when_words(look, parts), _when),
    )
    if parts.photos is not None:
        shown = photos_words(look, form, parts.photos.shrinking)
        rows = (*rows[:3], ("photos", ft.Icons.PHOTO_CAMERA_OUTLINED, shown, _photos), rows[3])
    drawn: list[ft.Control] = []
    for at, (name, glyph, value, opened) in enumerate(rows):
        if at:
            drawn.append(line(look))
        drawn.append(goal(name, _row(look, name, glyph, value, parts)))
        if parts.opened == name:
            drawn.append(
                ft.Container(
                    content=ft.Column(opened(look, parts), spacing=12), padding=ft.Padding.only(bottom=14)
                )
            )
    return [section(look, words(language, "form.also")), card(look, drawn, spacing=0, holds_rows=True)]


def _row(look: Look, name: str, glyph: ft.IconData, value: str, parts: MoreParts) -> ft.Control:
    shade, language = look.palette, look.language
    title = words(language, f"form.{name}")
    short = value if len(value) <= 24 else value[:24] + "…"
    is_open = parts.opened == name
    named = text(look, title, "body")
    present = text(look, short, "meta", color=shade.ink2)
    both: list[ft.Control] = (
        [ft.Column([named, present], spacing=0, tight=True, expand=True)]
        if look.is_stacked or len(short) > 10
        else [ft.Row([named], expand=True), present]
    )
    arrow = ft.Icons.EXPAND_LESS if is_open else ft.Icons.CHEVRON_RIGHT
    return tap(
        ft.Row([icon(look, glyph), *both, icon(look, arrow)], spacing=10),
        label=words(language, "form.section.label", name=title, value=short),
        on_click=calls(parts.open_row, "" if is_open else name),
        padding=ft.Padding.symmetric(horizontal=0, vertical=look.upright("body", 56)),
    )


def _photos(look: Look, parts: MoreParts) -> list[ft.Control]:
    assert parts.photos is not None
    missing = parts.said(look, "photos")
    return photos_body(look, parts.form, parts.photos, parts.change, missing=missing)


def _note(look: Look, parts: MoreParts) -> list[ft.Control]:
    form, language = parts.form, look.language
    phrases: list[ft.Control] = [
        quiet(
            look,
            phrase,
            label=words(language, "form.note.phrase", words=phrase),
            on_click=calls(parts.change, lambda f, phrase=phrase: f.with_phrase(phrase)),
            is_outlined=True,
        )
        for phrase in parts.campaign.phrases
    ]
    return [
        field(
            look,
            words(language, "form.note"),
            form.note,
            on_change=lambda note: parts.change(lambda f: replace(f, note=note)),
            lines=2,
        ),
        ft.Row(phrases, spacing=GAP, run_spacing=GAP, wrap=True),
    ]


def _gifts(look: Look, parts: MoreParts) -> list[ft.Control]:
    form, language = parts.form, look.language

    over = over_limit(form, parts.campaign)

    def number(name: str, key: str) -> ft.Control:
        entry = field(
            look,
            words(language, key),
            getattr(form, name),
            on_change=lambda value: parts.change(lambda f: f.with_text(name, value)),
            keyboard=ft.KeyboardType.NUMBER,
            problem=parts.said(look, name),
        )
        if name not in over:
            return goal(name, entry)
        # A hint and no bar: the worker may know better, and is told what the city does with it.
        hint = notice(look, words(language, "form.cash.over", limit=yuan(over[name])))
        both: list[ft.Control] = [entry, ft.Semantics(live_region=True, content=hint)]
        return goal(name, ft.Column(both, spacing=GAP))

    rows: list[ft.Control] = [number("cash", "form.cash")]
    rows.append(
        field(
            look,
            words(language, "form.goods"),
            form.goods,
            on_change=lambda goods: parts.change(lambda f: replace(f, goods=goods)),
        )
    )
    rows += [
        number("goods_pieces", "form.goods.pieces"),
        number("goods_value", "form.goods.value"),
        number("letters", "form.letters"),
        number("booklets", "form.booklets"),
    ]
    return rows


def over_limit(form: VisitForm, campaign: Campaign) -> dict[str, int]:
    """The fields of the form whose amount is above the campaign's limit, with that limit in fen."""
    limits = {"cash": campaign.limits.cash_fen, "goods_value": campaign.limits.goods_fen}
    return {name: most for name, most in limits.items() if (fen_of(getattr(form, name)) or 0) > most}


def _gifts_words(look: Look, form: VisitForm) -> str:
    language = look.language
    said = []
    if form.cash:
        said.append(words(language, "yuan", n=form.cash))
    if form.goods or form.goods_pieces:
        said.append(form.goods or words(language, "pieces", n=form.goods_pieces))
    if form.letters:
        said.append(words(language, "copies", n=form.letters))
    return "·".join(said) or words(language, "form.none")


def _need(look: Look, parts: MoreParts) -> list[ft.Control]:
    form, language = parts.form, look.language
    kinds: list[ft.Control] = [
        choice(
            look,
            need_type_words(look, kind),
            label=words(language, "form.need.type.label", name=need_type_words(look, kind)),
            is_chosen=form.need_type == kind,
            on_click=calls(parts.change, lambda f, kind=kind: replace(f, need_type=str(kind.value))),
        )
        for kind in NeedType
    ]
    rows: list[ft.Control] = [
        text(look, words(language, "form.need.type"), "meta", color=look.palette.ink2),
        grid(
            look,
            kinds,
            columns=fitting_columns(look, [need_type_words(look, k) for k in NeedType], 3, inset=2 * MARGIN),
        ),
    ]
    if not form.need_type:
        return rows
    severities: list[ft.Control] = [
        choice(
            look,
            severity_words(look, severity),
            label=words(language, "form.need.severity.label", name=severity_words(look, severity)),
            is_chosen=form.need_severity == severity,
            on_click=calls(parts.change, lambda f, s=severity: replace(f, need_severity=str(s.value))),
        )
        for severity in NeedSeverity
    ]
    asked = text(look, words(language, "form.need.severity"), "meta", color=look.palette.ink2)
    rows.append(goal("need_severity", asked))
    missing = parts.said(look, "need_severity")
    if missing:
        rows.append(text(look, missing, "strong", color=look.palette.bad))
    grades = [severity_words(look, severity) for severity in NeedSeverity]
    rows.append(grid(look, severities, columns=fitting_columns(look, grades, 4, inset=2 * MARGIN)))
    if form.need_severity == NeedSeverity.URGENT:
        rows.append(notice(look, words(language, "form.need.urgent"), is_bad=True))
    rows.append(
        field(
            look,
            words(language, "form.need.words"),
            form.need_words,
            on_change=lambda said: parts.change(lambda f: replace(f, need_words=said)),
            lines=2,
        )
    )
    rows.append(
        quiet(
            look,
            words(language, "form.need.drop"),
            on_click=lambda: parts.change(
                lambda f: replace(f, need_type="", need_severity="", need_words="")
            ),
        )
    )
    return rows


def _need_words(look: Look, form: VisitForm) -> str:
    if not form.need_type:
        return words(look.language, "form.none")
    said = need_type_words(look, form.need_type)
    return f"{said} {severity_words(look, form.need_severity)}" if form.need_severity else said


def _when(look: Look, parts: MoreParts) -> list[ft.Control]:
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


def _when_words(look: Look, parts: MoreParts) -> str:
    """The moment that would be saved, or what is wrong with what was written: never a time that is none."""
    form, language, now = parts.form, look.language, parts.now
    try:
        moment = moment_of(form, campaign=parts.campaign, now=now)
    except FormProblem as problem:
        return problem_words(look, problem)
    if form.day and not form.time:
        return when.day(language, moment, now)
    return f"{when.day(language, moment, now)} {when.clock(moment)}"
