"""Codes of meetings in the language of the screen; their Chinese terms are in app.domain.codes."""

from __future__ import annotations

from app.domain.codes import ActivityKind, AttendeeKind
from app.ui.theme import Look

MEETINGS_EN = {"SYMPOSIUM": "Symposium", "DEEDS_TALK": "Deeds talk"}
ATTENDEES_EN = {
    "VETERAN": "Veterans",
    "FAMILY": "Families",
    "BENEFICIARY": "Other beneficiaries",
    "WORKER": "Workers",
    "OTHER": "Others",
}


def meeting_words(look: Look, code: str) -> str:
    """座谈会; the code itself where it is not known."""
    if look.language == "en":
        return MEETINGS_EN.get(code, code)
    return next((kind.label for kind in ActivityKind if kind == code), code)


def attendee_words(look: Look, code: str) -> str:
    """军烈属."""
    if look.language == "en":
        return ATTENDEES_EN.get(code, code)
    return next((kind.label for kind in AttendeeKind if kind == code), code)
