"""Why the city did not take a record, in words for the one who wrote it."""

from __future__ import annotations

from app.store.outbox import Refusal
from app.ui.theme import Language
from app.ui.words import words

_KEPT = "，已原样保留"  # in the city's sentences (sync_server/records/refusals.py)
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


def refusal_words(language: Language, refusal: Refusal | None) -> str:
    """That the record is safe, then the city's reason: two sentences."""
    said = _in_one(reason_words(language, refusal))
    if not said:
        return words(language, "rejected.unknown")
    gap = " " if language == "en" else ""
    return gap.join((words(language, "rejected.safe"), words(language, "rejected.reason", reason=said)))


def _in_one(reason: str) -> str:
    """The city's sentences as one, without what it says of the record being kept: that is said before."""
    parts = [part.replace(_KEPT, "") for part in reason.split("。") if part and "没有丢" not in part]
    return f"{'；'.join(parts)}。" if "。" in reason and parts else reason


def first_reason(reason: str) -> str:
    """What is wrong alone, without the point: the first sentence of a reason."""
    return reason.split("。", maxsplit=1)[0].replace(_KEPT, "").rstrip(".")


def reason_words(language: Language, refusal: Refusal | None) -> str:
    """The reason alone; empty where none can be told."""
    if refusal is None:
        return ""
    return _IN_ENGLISH.get(refusal.code, "") if language == "en" else refusal.message
