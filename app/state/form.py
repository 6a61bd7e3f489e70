"""The visit form's state: what a worker has chosen and typed so far, and what it becomes.

Immutable, replaced whole at each change. Text stays as it was typed until saving, so that a half
written amount survives as a draft; `new_visit` is where it must make sense.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from app.domain.campaign import Campaign, Result
from app.domain.codes import PhotoKind
from app.domain.models import Visit
from app.state.begun import read_form
from app.state.findings import FindingsForm, OpinionForm, new_findings, new_opinion
from app.state.partial_date import begins_after, read_partial_date
from app.state.problems import FormProblem
from app.state.typed import CHINA, count_of, fen_of, read_clock, read_date, yuan
from app.store.photos import NewPhoto, photo_from_json, photo_to_json
from app.store.visits import NewNeed, NewVisit


@dataclass(frozen=True, slots=True)
class VisitForm:
    """Codes of the campaign file, and texts as typed. `day` and `time` empty: now.

    Method is remembered from the last visit; result and checklist start empty, because a fact that
    was ticked beforehand is a false record.
    """

    method: str = ""
    result: str = ""
    checklist: tuple[str, ...] = ()
    note: str = ""
    cash: str = ""
    goods: str = ""
    goods_pieces: str = ""
    goods_value: str = ""
    letters: str = ""
    booklets: str = ""
    need_type: str = ""
    need_severity: str = ""
    need_cause: str = ""
    need_words: str = ""
    day: str = ""
    time: str = ""
    # Asked on the page about a death alone: when it was, 见到家属 (met) or 以后再访 (later), and
    # whether the county is to follow up (yes, no). Each may be left.
    death_when: str = ""
    death_family: str = ""
    death_follow: str = ""
    photos: tuple[NewPhoto, ...] = ()
    findings: FindingsForm = field(default_factory=FindingsForm)
    opinion: OpinionForm = field(default_factory=OpinionForm)

    def with_method(self, method: str, campaign: Campaign) -> VisitForm:
        """The form with `method`; a result that it does not offer is taken back."""
        chosen = campaign.method(method)
        offered = {r.code for r in campaign.results_for(chosen)} if chosen else set()
        return replace(self, method=method, result=self.result if self.result in offered else "")

    def with_text(self, name: str, value: str) -> VisitForm:
        """The form with `value` as typed in the field `name`."""
        typed: dict[str, Any] = {name: value}
        return replace(self, **typed)

    def toggled(self, item: str) -> VisitForm:
        """The form with checklist `item` ticked, or no longer ticked."""
        if item in self.checklist:
            return replace(self, checklist=tuple(c for c in self.checklist if c != item))
        return replace(self, checklist=(*self.checklist, item))

    def with_photo(self, photo: NewPhoto) -> VisitForm:
        """The form with `photo` as well, in the place of one with the same bytes."""
        others = tuple(kept for kept in self.photos if kept.file != photo.file)
        if len(others) == len(self.photos):
            return replace(self, photos=(*self.photos, photo))
        return replace(self, photos=tuple(photo if kept.file == photo.file else kept for kept in self.photos))

    def without_photo(self, sha256: str) -> VisitForm:
        """The form without the photo of these bytes."""
        return replace(self, photos=tuple(kept for kept in self.photos if kept.file.sha256 != sha256))

    def with_phrase(self, phrase: str) -> VisitForm:
        """The form with `phrase` added to the note, after a comma where the note does not end in a stop."""
        note = self.note.strip()
        joint = "" if not note or note.endswith(("，", "。", "；", "！", "？")) else "，"
        return replace(self, note=f"{note}{joint}{phrase}")

    def written_at(self, moment: datetime, *, campaign: Campaign, now: datetime) -> VisitForm:
        """The form, not saved when it was written at `moment`, as it is to be taken up again at `now`.

        The visit was then, not now; a day or time that the worker wrote stays, and a moment at which
        no visit can have been is left aside.
        """
        there = moment.astimezone(CHINA)
        is_possible = there <= now and there.date() >= campaign.starts_on
        if self.day or self.time or not is_possible:
            return self
        return replace(self, day=f"{there:%Y-%m-%d}", time=f"{there:%H:%M}")

    def is_empty_beside(self, method: str) -> bool:
        """True if nothing but the remembered `method` is in it: no draft is worth keeping."""
        return replace(self, method=method) == VisitForm(method=method)

    def to_draft(self) -> dict[str, Any]:
        """The form as plain JSON values."""
        return {**asdict(replace(self, photos=())), "photos": [photo_to_json(photo) for photo in self.photos]}


def form_from_draft(draft: dict[str, Any]) -> VisitForm:
    """The form that `draft` kept; what an older or newer app wrote and this one does not know is left out."""
    return replace(
        read_form(VisitForm, draft),
        photos=tuple(photo_from_json(kept) for kept in draft.get("photos", ())),
        findings=read_form(FindingsForm, draft.get("findings", {})),
        opinion=read_form(OpinionForm, draft.get("opinion", {})),
    )


def form_of_visit(visit: Visit) -> VisitForm:
    """The form that would save `visit` once more, to the minute; its needs are records of their own."""
    at = visit.at.astimezone(CHINA)
    return VisitForm(
        method=visit.method,
        result=visit.result,
        checklist=visit.checklist,
        note=visit.note,
        cash=yuan(visit.cash_fen) if visit.cash_fen else "",
        goods=visit.goods,
        goods_pieces=f"{visit.goods_pieces}" if visit.goods_pieces else "",
        goods_value=yuan(visit.goods_fen) if visit.goods_fen else "",
        letters=f"{visit.letters}" if visit.letters else "",
        booklets=f"{visit.booklets}" if visit.booklets else "",
        day=f"{at:%Y-%m-%d}",
        time=f"{at:%H:%M}",
        death_when=visit.died_on or "",
        death_follow="yes" if visit.asks_follow_up else "",
    )


def label_of_result(result: Result, *, is_face: bool, language: str) -> str:
    """What `result` is called face to face or at a distance (见到本人 / 联系到本人)."""
    if language == "en":
        return result.label_en if is_face else result.label_far_en or result.label_en
    return result.label if is_face else result.label_far or result.label


Kind = Literal["visit", "newcomer", "choice", "finding", "greeting", "activity"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What was just saved about `person`, for the bar that says so.

    A `visit` and a `newcomer` can be taken back there, a `greeting` with all its `visits`, an `activity`
    whose id stands for the person, and a `finding` (`visit` is what it is undone by); a `choice` is what
    was settled of his entries or done about a need.
    """

    kind: Kind
    person: str
    shown_at: str  # the route to which saving led back; elsewhere the bar is not shown
    visit: str = ""
    visits: tuple[str, ...] = ()
    is_undone: bool = False
    problem: str = ""


_FAMILY_TOLD = {"met": "见到家属", "later": "家属以后再访"}


def new_visit(
    form: VisitForm, person: str, *, campaign: Campaign, now: datetime, sealed: str = ""
) -> NewVisit:
    """The visit that `form` describes; raises FormProblem for the first thing that is missing or unclear.

    `sealed`: the words of an opinion about a worker (findings.sealed_opinion).
    """
    if not form.method or not form.result:
        raise FormProblem("result" if form.method else "method", "result.missing")
    result = campaign.result(form.result)
    is_death = result is not None and result.death
    told = form.with_phrase(_FAMILY_TOLD[form.death_family]) if is_death and form.death_family else form
    return NewVisit(
        person=person,
        method=form.method,
        result=form.result,
        checklist=form.checklist,
        note=told.note.strip(),
        cash_fen=_number("cash", fen_of(form.cash)),
        goods=form.goods.strip(),
        goods_fen=_number("goods_value", fen_of(form.goods_value)),
        goods_pieces=_number("goods_pieces", count_of(form.goods_pieces)),
        letters=_number("letters", count_of(form.letters)),
        booklets=_number("booklets", count_of(form.booklets)),
        died_on=_died_on(form.death_when, now.astimezone(CHINA).date()) if is_death else None,
        asks_follow_up=is_death and form.death_follow == "yes",
        needs=_needs(form),
        photos=_photos(form),
        opinion=new_opinion(form.opinion, sealed),
        findings=new_findings(form.findings, visit_method=form.method),
        # The time is asked last: of several faults the uppermost is told first.
        at=moment_of(form, campaign=campaign, now=now),
    )


def _number(field: str, value: int | None) -> int:
    if value is None:
        raise FormProblem(field, "form.number.bad")
    return value


def _needs(form: VisitForm) -> tuple[NewNeed, ...]:
    if not form.need_type:
        return ()
    if not form.need_severity:
        raise FormProblem("need_severity", "form.need.severity.missing")
    return (
        NewNeed(
            type=form.need_type,
            severity=form.need_severity,
            words=form.need_words.strip(),
            cause=form.need_cause or None,
        ),
    )


def _photos(form: VisitForm) -> tuple[NewPhoto, ...]:
    if any(photo.kind == PhotoKind.PUBLICITY and not photo.consent.strip() for photo in form.photos):
        raise FormProblem("photos", "form.photo.consent.missing")
    return form.photos


def _died_on(written: str, today: date) -> str | None:
    """When somebody died, as far as it is known; None where nothing is written."""
    died_on = read_partial_date(written, today)
    if died_on is None:
        raise FormProblem("death_when", "death.when.bad")
    if died_on and begins_after(died_on, today):
        raise FormProblem("death_when", "death.when.future")
    return died_on or None


def moment_of(form: VisitForm, *, campaign: Campaign, now: datetime) -> datetime:
    """When it happened: now, or the day and time written for a visit entered later (补记).

    Raises FormProblem for what is no day or time, is still to come or before the campaign.
    """
    if not form.day and not form.time:
        return now
    here = now.astimezone(CHINA)
    day = read_date(form.day, here.date()) if form.day else here.date()
    if form.time:
        clock = read_clock(form.time)
    else:
        clock = (here.hour, here.minute) if day == here.date() else (12, 0)
    if day is None or clock is None:
        raise FormProblem("when", "form.when.bad")
    moment = datetime(day.year, day.month, day.day, *clock, tzinfo=CHINA)
    if moment > now:
        raise FormProblem("when", "form.when.future")
    if day < campaign.starts_on:
        raise FormProblem("when", "form.when.early", date=campaign.starts_on)
    return moment
