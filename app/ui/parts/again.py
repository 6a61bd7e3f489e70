"""The worker's own visit of today: record once more, which the form under it is, or change that one."""

from __future__ import annotations

from collections.abc import Sequence

import flet as ft

from app.state.session import Session
from app.store.visits import VisitView
from app.ui.parts import when
from app.ui.parts.look import above, go, under
from app.ui.parts.tap import calls, quiet
from app.ui.theme import Look
from app.ui.words import words


def again(look: Look, session: Session, history: Sequence[VisitView], *, here: str) -> list[ft.Control]:
    """The way to the latest visit that this phone recorded today, if there is one; it is corrected there."""
    today, own = when.local(session.now()).date(), session.account.account_id
    for view in history:
        visit = view.visit
        if view.is_mine and visit.performer == own and when.local(visit.at).date() == today:
            # From the list the form is at .../visit/ID, from a person's page at .../person/ID/visit.
            place = above(here) if here.endswith("/visit") else above(here, 2)
            change = calls(go, under(place, f"amend/{visit.id}"))
            return [quiet(look, words(look.language, "again.change"), on_click=change, is_outlined=True)]
    return []
