"""联系记录: who has been with a person, how and with what result; opinions never stand here."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.state.session import Session
from app.store.visits import VisitView
from app.ui.parts import when
from app.ui.parts.hints import performer_words
from app.ui.parts.look import go, under
from app.ui.parts.shapes import card
from app.ui.parts.states import glyph_of, method_words, result_words, state_line, state_words
from app.ui.parts.tap import tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, Look
from app.ui.words import words

SHOWN_VISITS = 30


def contacts(look: Look, session: Session, history: Sequence[VisitView], *, here: str) -> ft.Control:
    """The latest visits, newest first; one's own lead to their record."""
    if not history:
        return card(look, [text(look, words(look.language, "person.history.none"), color=look.palette.ink2)])
    return card(
        look, [_contact(look, session, view, here=here) for view in history[:SHOWN_VISITS]], spacing=MARGIN
    )


def _contact(look: Look, session: Session, view: VisitView, *, here: str) -> ft.Control:
    shade, campaign, visit = look.palette, session.campaign, view.visit
    method = campaign.method(visit.method)
    result = campaign.result(visit.result)
    is_contact = result is not None and result.contact
    day = when.day_and_clock(look.language, visit.at, session.now())
    name = method_words(campaign, look, visit.method)
    lines: list[ft.Control] = [
        ft.Row(
            [text(look, name, "strong"), text(look, result_words(campaign, look, visit), "body")],
            spacing=GAP,
            run_spacing=0,
            wrap=True,
        ),
        text(look, f"{day}·{performer_words(look, view)}", "meta", color=shade.ink2),
    ]
    # Free text of others is shown only where it was written to be shared; none is, yet.
    if visit.note and visit.performer == session.account.account_id:
        lines.append(text(look, visit.note, "meta"))
    lines.append(state_line(look, view.state))
    content = ft.Row(
        [
            ft.Container(
                content=icon(
                    look,
                    glyph_of(method.icon if method else ""),
                    color=shade.primary if is_contact else shade.ink2,
                ),
                bgcolor=shade.tint if is_contact else shade.sunk,
                border_radius=30,
                padding=8,
            ),
            ft.Column(lines, spacing=2, tight=True, expand=True),
        ],
        spacing=12,
        vertical_alignment=ft.CrossAxisAlignment.START,
    )
    if not view.is_mine:
        return content
    return tap(
        content,
        label=words(look.language, "and").join(
            (f"{day} {name} {result_words(campaign, look, visit)}", state_words(look, view.state))
        ),
        on_click=lambda: go(under(here, f"record/{visit.id}")),
    )
