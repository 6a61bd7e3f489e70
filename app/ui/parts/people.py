"""How a person is named and shown in lists: masked, told apart by hamlet and house, one row each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import flet as ft

from app.domain.names import mask_name
from app.state.form import label_of_result
from app.state.live import use_session
from app.state.session import Session
from app.store.index import IndexRow
from app.ui.parts import when
from app.ui.parts.look import go, part, under, use_look
from app.ui.parts.shapes import line, tag
from app.ui.parts.tags import tag_words
from app.ui.parts.tap import tap
from app.ui.parts.text import text
from app.ui.theme import MARGIN, RADIUS_CARD, Language, Look
from app.ui.words import words


@dataclass(frozen=True, slots=True)
class Who:
    """A person in words. `name` as it may be shown now; `spoken` with hamlet and house before it."""

    name: str
    place: str
    spoken: str


def shown_name(name: str, *, are_shown: bool) -> str:
    """The name, or 张** for any of them while names are hidden."""
    return name if are_shown else mask_name(name)


def house_of(row: IndexRow) -> str:
    """12号, however the roster writes it."""
    house = row.house.strip()
    return f"{house}号" if house.isdigit() else house


def who(row: IndexRow, *, are_shown: bool) -> Who:
    """How `row`'s person is called on the screen and by its label."""
    name = shown_name(row.name, are_shown=are_shown)
    place = f"{row.hamlet}{house_of(row)}"
    return Who(name, place, f"{place}{name}")


def spoken_apart(rows: Sequence[IndexRow], *, language: Language, are_shown: bool) -> list[str]:
    """A spoken name for each of `rows`, no two alike: age is added where place and name agree, then a number.

    Two of one surname in one house are common, and while names are hidden they look the same.
    """
    first = [who(row, are_shown=are_shown).spoken for row in rows]
    twice = {name for name, n in Counter(first).items() if n > 1}
    second = [
        f"{name}{words(language, 'and')}{sex_and_age(row, language)}" if name in twice else name
        for name, row in zip(first, rows, strict=True)
    ]
    again = {name for name, n in Counter(second).items() if n > 1}
    seen: Counter[str] = Counter()
    third = []
    for name in second:
        seen[name] += 1
        third.append(name + words(language, "row.nth", n=seen[name]) if name in again else name)
    return third


def sex_and_age(row: IndexRow, language: Language) -> str:
    """男 83岁"""
    parts = [words(language, f"sex.{row.sex}")] if row.sex in ("M", "F") else []
    if row.age is not None:
        parts.append(words(language, "age", n=row.age))
    return " ".join(parts)


def meta_of(row: IndexRow, look: Look) -> str:
    """男 83岁·12号, or where somebody away lives now; at large type with less between."""
    language = look.language
    place = words(language, "row.away", place=row.away_place) if row.away_place else house_of(row)
    return ("  " if look.is_stacked else "·").join(p for p in (sex_and_age(row, language), place) if p)


@part
def PersonRow(
    row: IndexRow, spoken: str, *, here: str, are_shown: bool, is_first: bool, is_last: bool
) -> ft.Control:
    """One person of a list: the row opens the person, 记走访 goes straight to the form."""
    look = use_look()
    session = use_session()
    shade = look.palette
    language = look.language
    name = shown_name(row.name, are_shown=are_shown)

    def open_person() -> None:
        go(under(here, f"person/{row.id}"))

    def record() -> None:
        session.close_bar()
        go(under(here, f"visit/{row.id}"))

    title: list[ft.Control] = [
        text(look, name, "name", color=shade.ink2 if row.deceased else None),
        text(look, meta_of(row, look), "meta", color=shade.ink2),
    ]
    about: list[ft.Control] = (
        list(title)
        if look.is_stacked
        else [
            ft.Row(
                title, spacing=10, run_spacing=0, wrap=True, vertical_alignment=ft.CrossAxisAlignment.CENTER
            )
        ]
    )
    tags = [tag(look, tag_words(look, label)) for label in row.tags[:2]]
    state = _state_words(row, look, session)
    if state:
        tags.append(tag(look, state, is_waiting=not row.deceased))
    elif row.state == "visited":
        tags.append(tag(look, words(language, "person.visited"), glyph=ft.Icons.CHECK))
    if tags:
        about.append(ft.Row(tags, spacing=6, run_spacing=4, wrap=True))
    # A row is at least 72 high; with tags under the name its own lines make it so.
    above_and_below = 10 if tags or look.is_stacked else look.upright("name", 73)
    opener = tap(
        ft.Column(about, spacing=4, tight=True),
        label=words(language, "row.open", who=spoken),
        on_click=open_person,
        padding=ft.Padding.only(left=MARGIN, right=4, top=above_and_below, bottom=above_and_below),
        align=ft.Alignment.CENTER_LEFT,
        expand=True,
    )
    cells: list[ft.Control] = [opener]
    if not row.deceased:
        cells.append(
            tap(
                text(look, words(language, "row.record"), "side", color=shade.primary, is_centred=True),
                label=words(language, "row.visit", who=spoken),
                on_click=record,
                bgcolor=shade.tint,
                border=ft.Border.all(2, shade.primary) if shade.edge_width > 2 else None,
                padding=ft.Padding.symmetric(
                    horizontal=10, vertical=look.upright("side", max(57, look.cell_height))
                ),
            )
        )
    corners = ft.BorderRadius.only(
        top_left=RADIUS_CARD if is_first else 0,
        top_right=RADIUS_CARD if is_first else 0,
        bottom_left=RADIUS_CARD if is_last else 0,
        bottom_right=RADIUS_CARD if is_last else 0,
    )
    lines: list[ft.Control] = [
        ft.Container(content=ft.Row(cells, spacing=4), padding=ft.Padding.only(right=12))
    ]
    if not is_last:
        lines.append(ft.Container(content=line(look), padding=ft.Padding.symmetric(horizontal=MARGIN)))
    return ft.Container(
        content=ft.Column(lines, spacing=0),
        bgcolor=shade.card,
        border_radius=corners,
        padding=ft.Padding.only(top=2 if is_first else 0, bottom=2 if is_last else 0),
    )


def _state_words(row: IndexRow, look: Look, session: Session) -> str:
    """没填完, or 昨天上门未遇: what the worker left behind at this door."""
    if row.deceased:
        return words(look.language, "person.deceased")
    if row.state == "draft":
        return words(look.language, "state.draft")
    if row.state == "refused":
        return words(look.language, "state.refused.short")
    if row.state != "not_met" or row.last_attempt is None:
        return ""
    last = row.last_attempt
    method, result = session.campaign.method(last.method), session.campaign.result(last.result)
    if method is None or result is None:
        return words(look.language, "person.not_met")
    said = words(
        look.language,
        "row.last",
        when=when.day(look.language, last.at, session.now()),
        method=method.label if look.language == "zh" else method.label_en,
        result=label_of_result(result, is_face=method.face, language=look.language),
    )
    if row.attempts < 2:
        return said
    return words(look.language, "row.last.times", last=said, n=row.attempts)


def person_rows(
    look: Look, rows: Sequence[IndexRow], *, here: str, are_shown: bool, spoken: Sequence[str] | None = None
) -> list[ft.Control]:
    """The rows of one card, first and last rounded.

    Each has its person for a key: when one leaves the list, Flet takes one row away instead of
    writing every following row anew, which on a slow phone is the difference between now and soon.
    """
    named = spoken or spoken_apart(rows, language=look.language, are_shown=are_shown)
    last = len(rows) - 1
    return [
        PersonRow(
            row, label, here=here, are_shown=are_shown, is_first=at == 0, is_last=at == last, key=row.id
        )
        for at, (row, label) in enumerate(zip(rows, named, strict=True))
    ]
