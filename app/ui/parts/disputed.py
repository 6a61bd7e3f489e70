"""两处不一样 on 记录: the people of whom two sides wrote different things, each with the way to choose."""

from __future__ import annotations

from collections import Counter

import flet as ft

from app.state.live import use_live, use_session, use_watched
from app.store.conflicts import open_conflicts
from app.ui.parts.look import go, part, under, use_look
from app.ui.parts.people import spoken_apart
from app.ui.parts.shapes import card_border
from app.ui.parts.tap import calls, quiet
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD
from app.ui.words import words

SHOWN = 5


@part
def Disputed(*, here: str) -> ft.Control:
    """Nothing while everything agrees. Amber, not red: nothing is lost and nothing has to be done now."""
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    counts = Counter(conflict.record for conflict in use_live(open_conflicts, "people", "account"))
    index = session.index
    people = [person for person in counts if index.is_listed(person)]
    if not people:
        return ft.Container(height=0)
    shade, language = look.palette, look.language
    rows: list[ft.Control] = [
        ft.Row(
            [
                icon(look, ft.Icons.CALL_SPLIT, color=shade.wait),
                text(
                    look,
                    words(language, "conflict.list", n=len(people)),
                    "strong",
                    color=shade.wait,
                    expand=True,
                ),
            ],
            spacing=10,
        ),
        text(look, words(language, "conflict.list.hint"), "meta"),
    ]
    shown = [index.row(person) for person in people[:SHOWN]]
    spoken = spoken_apart(shown, language=language, are_shown=names.are_shown)
    for row, who in zip(shown, spoken, strict=True):
        said = text(look, words(language, "conflict.row", who=who, n=counts[row.id]), "body", expand=True)
        choose = quiet(
            look,
            words(language, "conflict.go"),
            label=words(language, "conflict.go.label", who=who),
            on_click=calls(go, under(here, f"conflict/{row.id}")),
            is_outlined=True,
        )
        rows.append(ft.Row([said, choose], spacing=GAP))
    return ft.Container(
        content=ft.Column(rows, spacing=GAP, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=shade.wait_ground,
        border=card_border(look),
        border_radius=RADIUS_CARD,
        padding=MARGIN,
    )
