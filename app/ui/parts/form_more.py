"""The lower half of the visit form, 还要记: note, cash and goods, a hardship, the time. All optional."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flet as ft

from app.state.findings import FindingsForm
from app.ui.parts.field import field
from app.ui.parts.form_findings import (
    card_rows,
    card_words,
    confirmation_rows,
    confirmation_words,
    exemplary_rows,
    exemplary_words,
    file_rows,
    file_words,
)
from app.ui.parts.form_gifts import gifts_rows, gifts_words
from app.ui.parts.form_need import need_rows, need_words
from app.ui.parts.form_opinion import opinion_rows, opinion_words
from app.ui.parts.form_photos import photos_body, photos_words
from app.ui.parts.form_when import when_rows, when_words
from app.ui.parts.more_parts import MoreParts
from app.ui.parts.shapes import card, goal, line, section
from app.ui.parts.tap import calls, quiet, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, Look
from app.ui.words import words

Opened = Callable[[Look, MoreParts], list[ft.Control]]
Row = tuple[str, ft.IconData, str, Opened | None]  # name, icon, present value, what it opens


def more_card(look: Look, parts: MoreParts) -> list[ft.Control]:
    """One row each with its present value; a row opens under itself, and only one at a time."""
    rows = [*_written(look, parts), *_found(look, parts)]
    rows.append(("when", ft.Icons.TODAY_OUTLINED, when_words(look, parts), when_rows))
    drawn: list[ft.Control] = []
    for at, (name, glyph, value, opened) in enumerate(rows):
        if at:
            drawn.append(line(look))
        is_open = parts.opened == name and opened is not None
        step = calls(parts.open_row, "" if is_open else name) if opened is not None else parts.edit_profile
        drawn.append(goal(name, _row(look, name, glyph, value, is_open=is_open, on_click=step)))
        if is_open and opened is not None:
            drawn.append(
                ft.Container(
                    content=ft.Column(opened(look, parts), spacing=12), padding=ft.Padding.only(bottom=14)
                )
            )
    return [section(look, words(look.language, "form.also")), card(look, drawn, spacing=0, holds_rows=True)]


def _written(look: Look, parts: MoreParts) -> list[Row]:
    """What is part of the visit itself."""
    note = parts.form.note or words(look.language, "form.note.none")
    return [
        ("note", ft.Icons.NOTES, note, _note),
        ("gifts", ft.Icons.CARD_GIFTCARD, gifts_words(look, parts.form), gifts_rows),
    ]


def _found(look: Look, parts: MoreParts) -> list[Row]:
    """What the visit found out beside itself; of a visit that is corrected only that there was an opinion."""
    form, found = parts.form, parts.form.findings
    if parts.is_correction:
        said = words(look.language, "opinion.one")
        return [("opinion", ft.Icons.FORUM_OUTLINED, said, _take_back)] if parts.opinions else []
    photos: list[Row] = []
    if parts.photos is not None:
        shown = photos_words(look, form, parts.photos.shrinking)
        photos.append(("photos", ft.Icons.PHOTO_CAMERA_OUTLINED, shown, _photos))
    return [
        ("need", ft.Icons.VOLUNTEER_ACTIVISM_OUTLINED, need_words(look, form), need_rows),
        *photos,
        ("opinion", ft.Icons.FORUM_OUTLINED, opinion_words(look, form), opinion_rows),
        ("profile", ft.Icons.EDIT_OUTLINED, words(look.language, "form.profile.value"), None),
        ("confirm", ft.Icons.FACT_CHECK_OUTLINED, confirmation_words(look, found), _confirmation),
        ("card", ft.Icons.BADGE_OUTLINED, card_words(look, found), _alone(card_rows)),
        ("file", ft.Icons.FOLDER_OUTLINED, file_words(look, found), _alone(file_rows)),
        ("exemplary", ft.Icons.STAR_OUTLINE, exemplary_words(look, found), _alone(exemplary_rows)),
    ]


def _row(
    look: Look, name: str, glyph: ft.IconData, value: str, *, is_open: bool, on_click: Callable[[], object]
) -> ft.Control:
    shade, language = look.palette, look.language
    title = words(language, f"form.{name}")
    short = value if len(value) <= 24 else value[:24] + "…"
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
        on_click=on_click,
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


def _confirmation(look: Look, parts: MoreParts) -> list[ft.Control]:
    return confirmation_rows(
        look,
        parts.form.findings,
        _changing(parts),
        lambda name: parts.said(look, name),
        visit_method=parts.form.method,
        inset=2 * MARGIN,
    )


def _alone(rows: Callable[..., list[ft.Control]]) -> Opened:
    """`rows` of a finding as a row of the visit form opens them."""

    def opened(look: Look, parts: MoreParts) -> list[ft.Control]:
        said = lambda name: parts.said(look, name)  # noqa: E731
        return rows(look, parts.form.findings, _changing(parts), said, inset=2 * MARGIN)

    return opened


def _changing(parts: MoreParts) -> Callable[[Callable[[FindingsForm], FindingsForm]], None]:
    return lambda edit: parts.change(lambda f: replace(f, findings=edit(f.findings)))


def _take_back(look: Look, parts: MoreParts) -> list[ft.Control]:
    """An opinion that was saved with the visit is not opened again; it can be taken back."""
    back = words(look.language, "opinion.take_back")
    return [quiet(look, back, on_click=parts.take_back, glyph=ft.Icons.UNDO, is_outlined=True)]
