"""The bulk greeting's state: to whom, by what, with which words, and how far the sending has come.

The app never sends by itself: it opens the messaging app, and afterwards the worker says to whom it
went out. Immutable, replaced whole at each change, kept as a draft like every form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal
from urllib.parse import quote

from app.domain.campaign import Campaign, Method
from app.domain.divisions import spoken_name
from app.domain.greeting import GREETINGS, LONGEST, telling_words
from app.state.form import Saved
from app.state.session import Session
from app.store import drafts, greetings, prefs
from app.store.greetings import GREETING
from app.store.store import Store

Step = Literal["method", "people", "send", "ask", "some"]
GROUP = 20  # many phones drop a longer list of recipients
_EACH_HIS_OWN = "sms_each_his_own"
PHONE, WECHAT = "PHONE", "WECHAT"
_GREETINGS_ITEM = "GREETINGS"


@dataclass(frozen=True, slots=True)
class GreetingForm:
    """`people` in list order; for the first `opened` of them the messaging app has been opened.

    `unsent`: to whom it did not go out after all. `is_everyone`: also those reached already are offered.
    """

    step: Step = "method"
    method: str = ""
    words: str = ""
    village: str = ""
    is_everyone: bool = False
    people: tuple[str, ...] = ()
    opened: int = 0
    unsent: tuple[str, ...] = ()

    def to_draft(self) -> dict[str, Any]:
        """The form as plain JSON values."""
        return asdict(self)

    @property
    def sent(self) -> tuple[str, ...]:
        """To whom it went out, as the worker says."""
        return tuple(person for person in self.people if person not in self.unsent)


def greeting_from_draft(draft: dict[str, Any]) -> GreetingForm:
    """The form that `draft` kept; what another version wrote and this one does not know is left out."""
    known = {f.name: draft[f.name] for f in fields(GreetingForm) if f.name in draft}
    for name in ("people", "unsent"):
        known[name] = tuple(known.get(name, ()))
    return GreetingForm(**known)


def greeting_methods(campaign: Campaign) -> list[Method]:
    """By what many can be greeted: what sends a message, and the telephone."""
    return [m for m in reversed(campaign.methods) if m.sends] + [
        m for m in campaign.methods if m.code == PHONE
    ]


def needs_number(method: str) -> bool:
    """Whether a greeting by `method` goes to a number; WeChat knows people by its own names."""
    return method != WECHAT


def begin_greeting(session: Session) -> tuple[GreetingForm, bool]:
    """The form to show: what was begun (then True), or a new one."""
    kept = drafts.draft_of(session.store, "", about=GREETING)
    if kept:
        return greeting_from_draft(kept), True
    return blank_greeting(session), False


def blank_greeting(session: Session) -> GreetingForm:
    """A new form with the first of the words; method and people are for the worker to choose."""
    return GreetingForm(words=greeting_texts(session)[0])


def greeting_texts(session: Session) -> list[str]:
    """The prepared words, from this station."""
    station = spoken_name(session.account.organisation_name)
    return [text.format(station=station) for text in GREETINGS]


def keep_greeting(session: Session, form: GreetingForm) -> None:
    """Keep `form` as chosen so far; one without a method leaves no draft behind."""
    if form.method:
        drafts.keep_draft(session.store, "", form.to_draft(), about=GREETING)
    else:
        drafts.drop_draft(session.store, "", about=GREETING)


def problem_of(form: GreetingForm) -> tuple[str, dict[str, object]] | None:
    """What is wrong with the words of `form`: a key of the sentences and its fields; None: nothing."""
    if form.method == PHONE:
        return None
    if not form.words.strip():
        return "greet.words.empty", {}
    if len(form.words) > LONGEST:
        return "greet.words.long", {"n": len(form.words) - LONGEST}
    telling = telling_words(form.words)
    if telling:
        return "greet.words.telling", {"words": "、".join(telling)}
    return None


def is_android(platform: object) -> bool:
    """Whether this is a phone of the kind that can send several a message each, though not all do."""
    return getattr(platform, "value", platform) == "android"


def gives_each_his_own(store: Store) -> bool:
    """Whether the worker has seen that this phone sends each recipient a message of his own.

    Otherwise several are never written to at once: all would see the numbers of all.
    """
    return bool(prefs.pref(store, _EACH_HIS_OWN, False))


def say_each_his_own(session: Session, is_so: bool) -> None:
    """The worker says whether this phone sends each recipient a message of his own."""
    prefs.set_pref(session.store, _EACH_HIS_OWN, is_so)


def next_address(form: GreetingForm, numbers: Mapping[str, str], *, at_once: int) -> tuple[str, int]:
    """The address that opens the messaging app for the next `at_once`, and for how many it is open then.

    WeChat is opened alone, for all of them: it takes neither names nor words.
    """
    if form.method == WECHAT:
        return "weixin://", len(form.people)
    people = form.people[form.opened : form.opened + at_once]
    to = ",".join(numbers[person] for person in people)
    opened = form.opened + len(people)
    if form.method == PHONE:
        return f"tel:{to}", opened
    # The ampersand is for iPhones, which know no other way; elsewhere it says nothing.
    return f"sms:{to}?&body={quote(form.words)}", opened


def save_greetings(session: Session, form: GreetingForm, *, back: str) -> None:
    """Save a visit to each of `form.sent` together; committed when this returns, then the bar tells it.

    Raises BadInput for nobody, StoreFault; then nothing was saved and the draft is still there.
    """
    campaign = session.campaign
    method = campaign.method(form.method)
    offered = campaign.results_for(method) if method is not None else ()
    counts = [r for r in offered if (r.sent if method is not None and method.sends else r.contact)]
    items = tuple(item.code for item in campaign.checklist if item.code == _GREETINGS_ITEM)
    visits = greetings.record_greetings(
        session.store,
        form.sent,
        method=form.method,
        result=counts[0].code if counts else "",
        at=session.now(),
        checklist=items,
    )
    session.bar.saved = Saved("greeting", form.sent[0], back, visits=visits)
    session.wake("save")


def undo_greetings(session: Session, saved: Saved) -> None:
    """Take back all that `saved` tells of; raises TooLateToUndo after 24 hours."""
    greetings.undo_greetings(session.store, saved.visits)
    session.bar.saved = replace(saved, is_undone=True)
    session.wake("save")
