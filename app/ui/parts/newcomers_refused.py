"""Newcomers whom the city did not take: on 记录 each with the reason and the way to put him right."""

from __future__ import annotations

from collections import Counter

import flet as ft

from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.store.refused_newcomers import refused_newcomer, refused_newcomers
from app.ui.parts.look import go, part, under, use_look
from app.ui.parts.refusal import refusal_words
from app.ui.parts.shapes import notice
from app.ui.parts.tap import calls, primary
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD
from app.ui.words import words

SHOWN = 5


@part
def NewcomersRefused(*, here: str) -> ft.Control:
    """Nothing where all were taken. Red as what else was not accepted."""
    look = use_look()
    names = use_watched(use_session().names)
    found = use_live(refused_newcomers, "people", "outbox", "receipts", "account")
    if not found:
        return ft.Container(height=0)
    shade, language = look.palette, look.language
    title = words(language, "newcomer.refused.list", n=len(found))
    rows: list[ft.Control] = [
        ft.Row(
            [
                icon(look, ft.Icons.ERROR_OUTLINE, color=shade.bad),
                text(look, title, "strong", color=shade.bad, expand=True),
            ],
            spacing=10,
        )
    ]
    seen: Counter[str] = Counter()
    for one in found[:SHOWN]:
        name = one.person.name if names.are_shown else mask_name(one.person.name)
        called = "·".join(part for part in (name, f"{one.person.hamlet}{one.person.house}") if part)
        seen[called] += 1
        nth = words(language, "record.nth", n=seen[called]) if seen[called] > 1 else ""
        rows.append(text(look, called + nth, "body"))
        rows.append(text(look, refusal_words(language, one.refusal), "meta"))
        rows.append(
            primary(
                look,
                words(language, "rejected.mend"),
                label=words(language, "newcomer.refused.go", who=called + nth),
                is_bad=True,
                on_click=calls(go, under(here, f"newcomer/{one.person.id}")),
            )
        )
    return ft.Container(
        content=ft.Column(rows, spacing=GAP, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=shade.bad_ground,
        border=ft.Border.all(2, shade.bad) if shade.edge_width > 2 else None,
        border_radius=RADIUS_CARD,
        padding=MARGIN,
    )


@part
def NewcomerRefused(*, person: str, here: str) -> ft.Control:
    """On the page of such a person: why the city did not take him, and the way to put him right."""
    look = use_look()
    one = use_live(lambda store: refused_newcomer(store, person), "people", "outbox", "receipts", "account")
    if one is None:
        return ft.Container(height=0)
    why = refusal_words(look.language, one.refusal)
    return ft.Column(
        [
            notice(look, why, is_bad=True, glyph=ft.Icons.ERROR_OUTLINE),
            primary(
                look,
                words(look.language, "rejected.mend"),
                glyph=ft.Icons.EDIT_OUTLINED,
                is_bad=True,
                on_click=calls(go, under(here, "refused")),
            ),
        ],
        spacing=GAP,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
