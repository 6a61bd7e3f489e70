"""What is worth a word before a visit is recorded: somebody was there lately, or wants no calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app.domain.models import Person
from app.state.session import Session
from app.store.visits import VisitView
from app.ui.parts import when
from app.ui.parts.states import method_words, result_words
from app.ui.theme import Language, Look
from app.ui.words import words

HINT_DAYS = 14  # someone else's contact within two weeks is worth a word; it never blocks
_PERFORMERS_EN = {
    "本站": "This station", "单位": "A unit", "村里": "A village", "乡镇": "The township",
    "县里": "The county", "市里": "The city", "其他站": "Another station",
}  # fmt: skip


def performer_words(look: Look, view: VisitView) -> str:
    """From where a visit was made: 村里, 县里; the worker's own name for his own."""
    return station_words(look.language, view.performer_label)


def station_words(language: Language, label: str) -> str:
    """A station as the store names it, in the language of the screen; any other name as it is."""
    return _PERFORMERS_EN.get(label, label) if language == "en" else label


def hint_words(look: Look, session: Session, history: Sequence[VisitView]) -> str:
    """Who was there lately, in one sentence, and nothing is blocked by it; empty if nobody was.

    `history` newest first. One's own are those of the account that is signed in, on whichever phone
    they were made; of these only today's are worth a word.
    """
    now, language, own = session.now(), look.language, session.account.account_id
    today = when.local(now).date()
    for view in history:
        at = when.local(view.visit.at)
        if view.visit.performer == own:
            if at.date() == today:
                return words(language, "duplicate.today", time=when.clock(at))
            continue
        if now - at > timedelta(days=HINT_DAYS):
            continue
        result = session.campaign.result(view.visit.result)
        reached = result is not None and (result.contact or result.sent)
        return words(
            language,
            "duplicate.hint" if reached else "duplicate.tried",
            ago=when.ago(language, at, now),
            who=performer_words(look, view),
            method=method_words(session.campaign, look, view.visit.method),
            **({} if reached else {"result": result_words(session.campaign, look, view.visit)}),
        )
    return ""


def wish_words(look: Look, person: Person) -> str:
    """What the person has asked for, 不愿接电话 or 不愿拍照; empty where there is nothing."""
    held = (("person.no_call", person.no_call), ("person.no_photo", person.no_photo))
    return "·".join(words(look.language, key) for key, holds in held if holds)
