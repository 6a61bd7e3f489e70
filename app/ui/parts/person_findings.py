"""年度确认, 优待证, 建档立卡, 先进典型 on a person's page: how it stands, and the way to record more."""

from __future__ import annotations

import flet as ft

from app.domain.codes import CardState, ConfirmationResult, FileState
from app.domain.models import Person
from app.state.session import Session
from app.store.findings import Findings
from app.ui.code_words import code_words
from app.ui.parts.look import go, under
from app.ui.parts.shapes import card, line
from app.ui.parts.tap import calls, tap
from app.ui.parts.text import icon, text
from app.ui.theme import Look
from app.ui.words import words

_GLYPHS = {
    "confirm": ft.Icons.FACT_CHECK_OUTLINED,
    "card": ft.Icons.BADGE_OUTLINED,
    "file": ft.Icons.FOLDER_OUTLINED,
    "exemplary": ft.Icons.STAR_OUTLINE,
}


def findings_card(look: Look, session: Session, person: Person, known: Findings, *, here: str) -> ft.Control:
    """One row each: a touch leads to what can be recorded and what was."""
    language = look.language
    this_year = next((one for one in known.confirmations if one.year == session.campaign.year), None)
    # The latest step holds; before the first one, what the roster says.
    card_state = known.card_steps[0].state if known.card_steps else person.card_state or CardState.NONE
    file_state = known.file_steps[0].state if known.file_steps else person.file_state or FileState.NONE
    values = {
        "confirm": code_words(language, ConfirmationResult, this_year.result)
        if this_year is not None
        else words(language, "found.confirm.not_yet"),
        "card": code_words(language, CardState, card_state),
        "file": code_words(language, FileState, file_state),
        "exemplary": words(language, "found.exemplary.count", n=len(known.exemplary))
        if known.exemplary
        else words(language, "found.exemplary.none"),
    }
    rows: list[ft.Control] = []
    for kind, value in values.items():
        if rows:
            rows.append(line(look))
        name = words(language, f"form.{kind}")
        both: list[ft.Control] = [text(look, name), text(look, value, "meta", color=look.palette.ink2)]
        told = (
            ft.Column(both, spacing=0, tight=True, expand=True)
            if look.is_stacked or language == "en"
            else ft.Row([ft.Row([both[0]], expand=True), both[1]], expand=True)
        )
        rows.append(
            tap(
                ft.Row([icon(look, _GLYPHS[kind]), told, icon(look, ft.Icons.CHEVRON_RIGHT)], spacing=10),
                label=words(language, "found.row.label", name=name, value=value),
                on_click=calls(go, under(here, f"found/{kind}")),
                padding=ft.Padding.symmetric(horizontal=0, vertical=look.upright("body", 56)),
            )
        )
    return card(look, rows, spacing=0, holds_rows=True)
