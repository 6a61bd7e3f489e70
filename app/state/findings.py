"""What is found out of a person as it is typed: confirmation, card, file, exemplary deeds, an opinion.

The same form is part of a visit's and stands alone on the person's page; an opinion belongs to a visit.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from app.device.sealing import seal_for_county
from app.domain.codes import ConfirmationMethod, OpinionTarget
from app.state.begun import form_begun, keep_form
from app.state.problems import FormProblem
from app.store import findings, prefs
from app.store.findings import NewConfirmation, NewExemplary, NewFindings
from app.store.opinions import NewOpinion

if TYPE_CHECKING:
    from app.state.session import Session

_METHOD_KEPT = "last_confirmation_method"  # preference
# How a visit was made tells how the confirmation was, where that is one of its ways.
_METHOD_OF_VISIT = {
    "HOME": ConfirmationMethod.HOME,
    "PHONE": ConfirmationMethod.PHONE,
    "VIDEO": ConfirmationMethod.VIDEO,
    "WECHAT": ConfirmationMethod.VIDEO,
}
_YEARS = (1930, 2100)


@dataclass(frozen=True, slots=True)
class FindingsForm:
    """Codes, and texts as typed. `confirmation_method` empty: as the visit was made."""

    confirmation: str = ""
    confirmation_method: str = ""
    confirmation_words: str = ""
    card: str = ""
    file: str = ""
    exemplary_kind: str = ""
    exemplary_deeds: str = ""
    exemplary_level: str = ""
    exemplary_year: str = ""
    exemplary_consent: str = ""

    def with_value(self, name: str, value: str) -> FindingsForm:
        """The form with `value` for `name`."""
        changed: dict[str, Any] = {name: value}
        return replace(self, **changed)


@dataclass(frozen=True, slots=True)
class OpinionForm:
    """An opinion as it is said: `target` is a code."""

    target: str = ""
    words: str = ""
    is_anonymous: bool = False


def confirmation_method(form: FindingsForm, visit_method: str = "") -> str:
    """How the confirmation was made: as chosen, else as the visit; "" where that tells nothing."""
    return form.confirmation_method or str(_METHOD_OF_VISIT.get(visit_method, ""))


def new_findings(form: FindingsForm, *, visit_method: str = "") -> NewFindings:
    """What `form` describes; raises FormProblem for the first thing that is missing or unclear."""
    confirmation = None
    if form.confirmation:
        method = confirmation_method(form, visit_method)
        if not method:
            raise FormProblem("confirmation_method", "found.confirm.method.missing")
        confirmation = NewConfirmation(method, form.confirmation, form.confirmation_words.strip())
    return NewFindings(
        confirmation=confirmation,
        card=form.card or None,
        file=form.file or None,
        exemplary=_exemplary(form),
    )


def new_opinion(form: OpinionForm, sealed: str) -> NewOpinion | None:
    """The opinion that `form` describes, None for none; `sealed` is what `sealed_opinion` gave for it."""
    if not form.target and not form.words.strip():
        return None
    if not form.target:
        raise FormProblem("opinion_target", "opinion.target.missing")
    if not form.words.strip():
        raise FormProblem("opinion_words", "opinion.words.missing")
    is_countys = form.target == OpinionTarget.WORKER
    words = "" if is_countys else form.words.strip()
    return NewOpinion(form.target, words=words, sealed=sealed, anonymous=form.is_anonymous)


async def sealed_opinion(session: Session, form: OpinionForm) -> str:
    """The words of an opinion about a worker as only the county opens them; "" for every other.

    Raises BadInput where this phone has no key of the county yet.
    """
    if form.target != OpinionTarget.WORKER or not form.words.strip():
        return ""
    return await seal_for_county(session.account.county_key, form.words)


def draft_about(person: str, kind: str) -> str:
    """Under what a finding of this kind that was begun without a visit is kept (drafts.py)."""
    return f"{kind}:{person}"


def findings_form(session: Session, person: str, kind: str) -> tuple[FindingsForm, bool]:
    """The form for one kind of finding; True where it is what was begun and not saved."""
    kept = form_begun(session, FindingsForm, person, draft_about(person, kind))
    return (blank_findings(session), False) if kept is None else (kept, True)


def blank_findings(session: Session) -> FindingsForm:
    """A new form; how a confirmation was last made is remembered, nothing else."""
    return FindingsForm(confirmation_method=str(prefs.pref(session.store, _METHOD_KEPT, "HOME")))


def keep_findings(session: Session, person: str, kind: str, form: FindingsForm) -> None:
    """Keep what is typed so far."""
    blank = replace(blank_findings(session), confirmation_method=form.confirmation_method)
    keep_form(session, form, person, draft_about(person, kind), blank=blank)


def save_findings(
    session: Session, person: str, form: FindingsForm, *, kind: str, field: str, back: str
) -> None:
    """Save what was found out without a visit; committed when this returns. The bar at `back` says so.

    `field` is where it is said that nothing was chosen. Raises FormProblem for what is missing or
    unclear, ZoufangError; then nothing was saved and the draft is still there.
    """
    new = new_findings(form)
    if new == NewFindings():
        raise FormProblem(field, "found.none")
    about = findings.record_findings(
        session.store, person, new, at=session.now(), draft=draft_about(person, kind)
    )
    if new.confirmation is not None:
        prefs.set_pref(session.store, _METHOD_KEPT, new.confirmation.method)
    session.say_saved("finding", person, back, about)


def undo_finding(session: Session, about: str) -> None:
    """Take back what was found out without a visit; raises TooLateToUndo after 24 hours."""
    findings.undo_findings(session.store, about)
    if session.bar.saved and session.bar.saved.visit == about:
        session.bar.saved = replace(session.bar.saved, is_undone=True)
    session.wake("save")


def _exemplary(form: FindingsForm) -> NewExemplary | None:
    typed = {name: value for name, value in asdict(form).items() if name.startswith("exemplary_")}
    if not any(value.strip() for value in typed.values()):
        return None
    if not form.exemplary_kind:
        raise FormProblem("exemplary_kind", "found.exemplary.kind.missing")
    if not form.exemplary_deeds.strip():
        raise FormProblem("exemplary_deeds", "found.exemplary.deeds.missing")
    year = form.exemplary_year.strip().removesuffix("年")
    if year and not (re.fullmatch(r"\d{4}", year, re.ASCII) and _YEARS[0] <= int(year) <= _YEARS[1]):
        raise FormProblem("exemplary_year", "found.exemplary.year.bad", year=year)
    return NewExemplary(
        kind=form.exemplary_kind,
        deeds=form.exemplary_deeds.strip(),
        level=form.exemplary_level or None,
        year=int(year) if year else None,
        consent=form.exemplary_consent.strip(),
    )
