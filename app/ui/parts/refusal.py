"""Why the city did not take a record, in words for the one who wrote it."""

from __future__ import annotations

from app.store.records import RecordView
from app.ui.theme import Look
from app.ui.words import words


def refusal_words(look: Look, view: RecordView) -> str:
    """The reason in the city's words, and that the record is safe."""
    refusal = view.delivery.refusal
    said = refusal.message if refusal else ""
    if not said:
        return words(look.language, "rejected.unknown")
    reason = words(look.language, "rejected.reason", reason=said)
    safe = words(look.language, "rejected.safe")
    return reason if "没有丢" in said else f"{reason}{safe}"
