"""What went wrong, in the language of the screen: errors carry their sentence in Chinese."""

from __future__ import annotations

from app.domain.errors import ZoufangError
from app.state.session import Session

_ENGLISH = {
    "not_signed_in": "Account or password is not right. Please check and try again.",
    "too_many_attempts": "Too many attempts. Please wait a few minutes.",
    "not_allowed": "This account may not do that. Please ask the town station.",
    "outside_scope": "This is not yours to record. Please ask the town station.",
    "unsupported_protocol": "Please update the app. All records are on this phone.",
    "unavailable": "The city does not answer now. Please try again later.",
    "unreachable": "The city cannot be reached. Please try again where there is signal.",
    "storage_full": "Phone is full and this is NOT saved yet. Free some space and save again. "
    "Your text is still here.",
    "store_unreadable": "The data on this phone cannot be read. Keep the app installed and see the town "
    "station.",
    "unknown_record": "This phone does not have that record. Please update the roster first.",
    "too_late_to_undo": "After 24 hours you can correct it, not undo it.",
}
_ANY = "This could not be done. Records saved before are safe; please try again."


def fault_words(session: Session, fault: ZoufangError) -> str:
    """The sentence of `fault` for the worker."""
    return _ENGLISH.get(fault.code, _ANY) if session.looks.language == "en" else fault.sentence
