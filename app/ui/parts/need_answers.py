"""有回音: what other stations answered to the needs found here, brought to whoever found them."""

from __future__ import annotations

import flet as ft

from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.store.needs import needs_with_news
from app.ui.parts.look import go, part, under, use_look
from app.ui.parts.need import kind_words, state_of_need
from app.ui.parts.shapes import card, line, section
from app.ui.parts.tap import calls, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP
from app.ui.words import words

ANSWERS_SHOWN = 3


@part
def NeedAnswers() -> ft.Control:
    """Nothing while nothing is new; what was looked at is new no more."""
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    found = use_live(needs_with_news, "needs", "people", "prefs", "account")
    here = ft.use_view_path() or "/"
    if not found:
        return ft.Container(height=0)
    language = look.language
    rows: list[ft.Control] = []
    seen: dict[str, int] = {}
    for at, view in enumerate(found[:ANSWERS_SHOWN]):
        name = view.person_name if names.are_shown else mask_name(view.person_name)
        kind, state = f"{name} {kind_words(look, view)}", state_of_need(look, view)
        told: list[ft.Control] = [text(look, kind, "strong")]
        last = view.steps[-1]
        said = words(language, "need.said", state=state, said=last.words) if last.words else state
        told.append(text(look, said, "meta"))
        label = words(language, "need.open.label", need=f"{kind} {state}")
        seen[label] = seen.get(label, 0) + 1
        if seen[label] > 1:
            label += words(language, "record.nth", n=seen[label])
        if at:
            rows.append(line(look))
        rows.append(
            tap(
                ft.Row(
                    [
                        icon(look, ft.Icons.MARK_CHAT_UNREAD_OUTLINED),
                        ft.Column(told, spacing=2, tight=True, expand=True),
                        icon(look, ft.Icons.CHEVRON_RIGHT),
                    ],
                    spacing=GAP + 2,
                ),
                label=label,
                on_click=calls(go, under(here, f"need/{view.need.id}")),
                padding=ft.Padding.symmetric(vertical=12),
            )
        )
    if len(found) > ANSWERS_SHOWN:
        more = words(language, "need.answers.more", n=len(found) - ANSWERS_SHOWN)
        rows += [
            line(look),
            tap(
                text(look, more, "meta_strong", color=look.palette.primary),
                label=more,
                on_click=calls(go, "/needs"),
                padding=ft.Padding.symmetric(vertical=14),
            ),
        ]
    return ft.Column(
        [section(look, words(language, "need.answers")), card(look, rows, spacing=0, holds_rows=True)],
        spacing=0,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )
