"""Who a person is and how he is reached: the card at the head of his page, and what has changed in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import flet as ft

from app.store.index import IndexRow
from app.store.people import PersonView
from app.store.profile import Changed
from app.ui.parts.hints import wish_words
from app.ui.parts.people import house_of, sex_and_age, who
from app.ui.parts.profile import field_words, masked_phone, spaced_phone, value_words, written_words
from app.ui.parts.shapes import card, card_border, tag
from app.ui.parts.tags import tag_words
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, RADIUS_CARD, Look
from app.ui.words import words


def who_card(look: Look, view: PersonView, row: IndexRow, *, are_shown: bool) -> ft.Control:
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


def news_card(look: Look, news: Sequence[Changed], *, now: datetime, are_shown: bool) -> ft.Control:
    """What others changed since the worker's last visit: each entry as it stands, by whom and when."""
    language, shade = look.language, look.palette
    title = text(look, words(language, "profile.news", n=len(news)), "strong", is_header=True, expand=True)
    lines: list[ft.Control] = [ft.Row([icon(look, ft.Icons.UPDATE, color=shade.ink), title], spacing=10)]
    for each in news:
        said = words(
            language,
            "profile.news.line",
            field=field_words(language, each.field, are_shown=are_shown),
            value=value_words(language, each.field, each.value, are_shown=are_shown),
        )
        lines.append(text(look, said))
        lines.append(text(look, written_words(language, each.author, now), "meta"))
    return ft.Container(
        content=ft.Column(lines, spacing=2, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=shade.wait_ground,
        border=card_border(look),
        border_radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(horizontal=14, vertical=10),
    )
