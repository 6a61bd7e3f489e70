"""The numbers of a person in 改资料: phones with whose they are, the ID number with its check, the birth."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.domain.citizen_id import IdProblem, birth_date
from app.state.profile import PHONES_MOST, Entries, read_number
from app.ui.parts.field import field
from app.ui.parts.shapes import goal, notice
from app.ui.parts.tap import calls, grid, quiet, tick
from app.ui.theme import GAP, Look
from app.ui.words import words

Change = Callable[[Callable[[Entries], Entries]], None]
Said = Callable[[str], str]

WHOSE = ("self", "spouse", "child", "cadre")
_REASONS = ("card", "later")


def phone_rows(
    look: Look, entries: Entries, change: Change, said: Said, *, are_shown: bool
) -> list[ft.Control]:
    """A field for each number and whose it is; while numbers are hidden, only for those just added."""
    rows: list[ft.Control] = []
    for at, phone in enumerate(entries.phones):
        if are_shown or not phone.was:
            rows.append(goal(f"phone{at}", _phone(look, entries, at, change, said(f"phone{at}"))))
    if len(entries.phones) < PHONES_MOST:
        rows.append(
            quiet(
                look,
                words(look.language, "profile.phone.add"),
                glyph=ft.Icons.ADD,
                on_click=lambda: change(lambda e: e.with_phone(len(e.phones))),
                is_outlined=True,
            )
        )
    return rows


def _phone(look: Look, entries: Entries, at: int, change: Change, problem: str) -> ft.Control:
    language, phone, nth = look.language, entries.phones[at], at + 1
    chips: list[ft.Control] = []
    for code in WHOSE:
        # What is stored is the roster's own word, whatever the language of the screen.
        name, stored = words(language, f"whose.{code}"), words("zh", f"whose.{code}")
        chips.append(
            tick(
                look,
                name,
                label=words(language, "profile.phone.whose.label", n=nth, name=name),
                is_ticked=phone.whose == stored,
                on_click=calls(change, lambda e, s=stored: e.with_phone(at, whose=s)),
            )
        )
    return ft.Column(
        [
            field(
                look,
                words(language, "profile.phone", n=nth),
                phone.number,
                on_change=lambda value: change(lambda e: e.with_phone(at, number=value)),
                keyboard=ft.KeyboardType.PHONE,
                problem=problem,
            ),
            field(
                look,
                words(language, "profile.phone.whose", n=nth),
                phone.whose,
                on_change=lambda value: change(lambda e: e.with_phone(at, whose=value)),
            ),
            grid(look, chips, columns=2),
            quiet(
                look,
                words(language, "profile.phone.drop", n=nth),
                glyph=ft.Icons.DELETE_OUTLINE,
                on_click=lambda: change(lambda e: e.with_phone(at, number="", whose="")),
            ),
        ],
        spacing=GAP,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def id_rows(look: Look, entries: Entries, change: Change, said: Said) -> list[ft.Control]:
    """The ID number; a 15-digit one is explained, and one that fails its check asks for a reason."""
    language = look.language
    rows: list[ft.Control] = [
        goal(
            "id_number",
            field(
                look,
                words(language, "field.id_number"),
                entries.id_number,
                on_change=lambda value: change(lambda e: e.with_value("id_number", value)),
                problem=said("id_number"),
            ),
        )
    ]
    explained = _explained(look, entries)
    if explained:
        rows.append(ft.Semantics(live_region=True, content=notice(look, explained)))
    if entries.id_number.strip() and read_number(entries.id_number).problem is IdProblem.CHECKSUM:
        rows += _reason(look, entries, change)
    return rows


def _explained(look: Look, entries: Entries) -> str:
    """What becomes of an old number, and where its birth is another than the one that is written."""
    read, language = read_number(entries.id_number), look.language
    if read.number is None or read.problem is not None:
        return ""
    if len(entries.id_number.strip()) == 15:
        key = "profile.id.century" if read.century_unsure else "profile.id.old"
        return words(language, key, number=read.number)
    born = birth_date(read.number)
    if born is not None and entries.born and not born.isoformat().startswith(entries.born):
        return words(language, "profile.id.birth", born=born.isoformat())
    return ""


def _reason(look: Look, entries: Entries, change: Change) -> list[ft.Control]:
    language = look.language
    chips: list[ft.Control] = []
    for code in _REASONS:
        # Stored as the county reads it, whatever the language of the screen.
        name, stored = (words(each, f"profile.id.reason.{code}") for each in (language, "zh"))
        chips.append(
            quiet(
                look,
                name,
                label=words(language, "profile.id.reason.label", name=name),
                on_click=calls(change, lambda e, s=stored: e.with_value("id_reason", s)),
                is_outlined=True,
            )
        )
    return [
        field(
            look,
            words(language, "profile.id.reason"),
            entries.id_reason,
            on_change=lambda value: change(lambda e: e.with_value("id_reason", value)),
        ),
        ft.Row(chips, spacing=GAP, run_spacing=GAP, wrap=True),
    ]
