"""Why the city did not take a record, in words for the one who wrote it."""

from __future__ import annotations

from app.store.outbox import Refusal
from app.store.records import RecordView
from app.ui.theme import Language, Look
from app.ui.words import words

# The city's sentences are Chinese; its codes are the same in every language (docs/SYNC.md).
_IN_ENGLISH = {
    "seq_reused": "The numbering of this phone was used twice. It is sent again by itself.",
    "unknown_entity": "The city does not know this kind of record yet. Please tell the administrator.",
    "unknown_record": "The record to be changed is not in the city. Please refresh and write it again.",
    "record_in_use": "This number belongs to another kind of record. Please write it again.",
    "unknown_person": "The person is not on the city's roster. Please choose from the roster again.",
    "unknown_visit": "The visit that this belongs to was not accepted. Please put that right first.",
    "unknown_actor": "The writer has not signed in on this phone. Please sign in and write it again.",
    "bad_field": "One entry is not as it should be. Please correct it and save again.",
    "too_large": "This record is too long. Please shorten it.",
    "outside_scope": "The person or unit is not yours to record. The county will look.",
    "unknown_campaign": "The city does not have this campaign. Please sign in again.",
    "unknown_method": "The campaign does not have this method. Please choose again.",
    "unknown_result": "The campaign does not have this result. Please choose again.",
    "unknown_checklist": "The campaign does not have one of the ticks. Please tick again.",
    "unknown_organisation": "The city does not know this unit or village. Please choose again.",
    "over_limit": "An amount is over the campaign's limit. Please correct it, or tell the town station.",
    "future_time": "The time of the visit has not come yet. Please check the phone's date.",
    "server_fault": "The city had trouble with this record. Please tell the administrator.",
}


def refusal_words(look: Look, view: RecordView) -> str:
    """The reason in the city's words, and that the record is safe."""
    said = reason_words(look.language, view.delivery.refusal)
    if not said:
        return words(look.language, "rejected.unknown")
    reason = words(look.language, "rejected.reason", reason=said)
    safe = words(look.language, "rejected.safe")
    if look.language == "en":
        return f"{reason} {safe}"
    return reason if "没有丢" in said else f"{reason}{safe}"


def reason_words(language: Language, refusal: Refusal | None) -> str:
    """The reason alone; empty where none can be told."""
    if refusal is None:
        return ""
    return _IN_ENGLISH.get(refusal.code, "") if language == "en" else refusal.message
