"""The states of a record: the same word, icon and colour wherever one is shown."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from app.domain.campaign import Campaign
from app.domain.models import Visit
from app.state.form import label_of_result
from app.store.outbox import RecordState
from app.ui.parts.text import icon, text
from app.ui.theme import Look
from app.ui.words import words


@dataclass(frozen=True, slots=True)
class StateFace:
    """How a state looks. `ink` names a colour of the palette; `short` is the word under a number."""

    glyph: ft.IconData
    ink: str
    short: str


FACES: dict[RecordState, StateFace] = {
    RecordState.SAVED: StateFace(ft.Icons.SMARTPHONE, "wait", "state.saved"),
    RecordState.SENT: StateFace(ft.Icons.NORTH_EAST, "ink2", "state.sent.short"),
    RecordState.RECEIVED: StateFace(ft.Icons.VERIFIED_OUTLINED, "primary", "state.received.short"),
    RecordState.REFUSED: StateFace(ft.Icons.ERROR_OUTLINE, "bad", "state.refused.short"),
}


def state_words(look: Look, state: RecordState, receipt: str | None = None) -> str:
    """存在本机，等网络 and so on; with the receipt where there is one."""
    if state == RecordState.SAVED:
        return words(look.language, "state.waiting")
    if state == RecordState.SENT:
        return words(look.language, "state.sent")
    if state == RecordState.REFUSED:
        return words(look.language, "state.refused")
    if receipt:
        return words(look.language, "state.received", ref=spelt(receipt))
    return words(look.language, "state.received.short")


def spelt(receipt: str) -> str:
    """7F3K-29QD: eight characters in two groups, so that they can be read out."""
    return f"{receipt[:4]}-{receipt[4:]}" if len(receipt) == 8 else receipt


def state_line(look: Look, state: RecordState, receipt: str | None = None) -> ft.Control:
    """Icon and word of a state, in its colour."""
    face = FACES[state]
    ink = getattr(look.palette, face.ink)
    return ft.Row(
        [
            icon(look, face.glyph, size=20, color=ink),
            text(look, state_words(look, state, receipt), "meta", color=ink, expand=True),
        ],
        spacing=8,
    )


def glyph_of(name: str) -> ft.IconData:
    """The outlined icon that a campaign file names (home, call); a plain mark for one that is not known."""
    for candidate in (f"{name.upper()}_OUTLINE", f"{name.upper()}_OUTLINED", name.upper()):
        found = getattr(ft.Icons, candidate, None)
        if found is not None:
            return found
    return ft.Icons.EDIT_NOTE


def method_words(campaign: Campaign, look: Look, code: str) -> str:
    """上门; the code itself where the campaign does not know it."""
    method = campaign.method(code)
    if method is None:
        return code
    return method.label if look.language == "zh" else method.label_en


def result_words(campaign: Campaign, look: Look, visit: Visit) -> str:
    """见到本人, or 联系到本人 for a contact at a distance."""
    method, result = campaign.method(visit.method), campaign.result(visit.result)
    if result is None:
        return visit.result
    return label_of_result(result, is_face=method is None or method.face, language=look.language)
