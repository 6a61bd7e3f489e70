"""The hand that writes in the visit form: what each touch does to the page, the draft and the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import flet as ft

from app.domain.errors import ZoufangError
from app.state.findings import sealed_opinion
from app.state.form import VisitForm
from app.state.problems import FormProblem
from app.state.session import Session
from app.store.mending import can_mend
from app.store.opinions import take_back_opinions
from app.store.photos import NewPhoto
from app.store.records import record_view
from app.store.visits import VisitView
from app.ui.parts.faults import fault_words
from app.ui.parts.form_gifts import over_limit
from app.ui.parts.goals import show, show_soon
from app.ui.parts.look import above, go, under
from app.ui.parts.refusal import first_reason, reason_words, refusal_words
from app.ui.theme import Language

# Where in 还要记 a field is to be found that could not be understood.
_SECTION_OF = {
    "cash": "gifts", "goods_value": "gifts", "goods_pieces": "gifts", "letters": "gifts",
    "booklets": "gifts", "need_severity": "need", "when": "when", "note": "note",
    "opinion_target": "opinion", "opinion_words": "opinion", "confirmation_method": "confirm",
    "photos": "photos",
    "exemplary_kind": "exemplary", "exemplary_deeds": "exemplary", "exemplary_year": "exemplary",
}  # fmt: skip
_FIELDS_OF_DEATH = frozenset({"death_when"})  # asked on the page about a death alone
# A field of a visit as the city names it: where the form asks it.
_FORM_FIELD = {
    "method": "result", "result": "result", "at": "when", "saved_at": "when", "note": "note",
    "cash_fen": "cash", "goods_fen": "goods_value", "goods_pieces": "goods_pieces", "goods": "cash",
    "letters": "letters", "booklets": "booklets",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """The form and what the page itself remembers beside it. Replaced whole at each change."""

    form: VisitForm
    opened: str = ""  # the row of 还要记 that is open
    shows_all_items: bool = False
    problem: FormProblem | None = None
    fault: str = ""  # why nothing could be stored
    is_saving: bool = False
    is_restored: bool = False
    asks_death: bool = False
    is_taken_back: bool = False  # the opinion saved with the visit
    refusal: str = ""  # why the city did not take what is put right here
    shrinking: int = 0  # photos that are being made small
    photo_problem: str = ""  # why the last one was not added
    is_room_low: bool = False


@dataclass(slots=True)
class Pen:
    """The hand that writes in the form: what each touch does to the page, the draft and the store.

    It lives as long as the page and holds the latest page itself: two quick touches may both arrive
    before the page is drawn again, and neither may undo the other.
    """

    session: Session
    person: str
    here: str
    back: str
    page: Page
    corrects: str = ""  # the visit that is put right or corrected
    history: Sequence[VisitView] = ()  # of the person, as it was before the form was saved
    redraw: Callable[[Page], None] = lambda _: None
    column: ft.Ref[Any] = field(default_factory=ft.Ref)
    saved: str = ""  # the visit, once it is saved

    def turn(self, **changes: Any) -> None:
        """Replace fields of the page and draw it anew."""
        self.page = replace(self.page, **changes)
        self.redraw(self.page)

    def change(self, edit: Callable[[VisitForm], VisitForm]) -> None:
        """Edit the form: it is kept as a draft first, then drawn."""
        before, form = self.page.form, edit(self.page.form)
        if self.corrects:
            self.session.keep_correction(self.corrects, form)
        else:
            self.session.keep_draft(self.person, form)
        self.turn(form=form, problem=None, fault="")
        campaign = self.session.campaign
        for name in over_limit(form, campaign).keys() - over_limit(before, campaign).keys():
            show_soon(self.column, name)
        if form.need_type and not before.need_type:
            show_soon(self.column, "need")
        if form.opinion.target != before.opinion.target:
            show_soon(
                self.column, "opinion"
            )  # what is said of who reads it must be seen before a word is typed

    def open_row(self, name: str) -> None:
        """Open this row of 还要记, or none, and bring what it holds above the pinned action."""
        self.turn(opened=name)
        if name:
            show_soon(self.column, name)
        if name == "photos":
            ft.context.page.run_task(self._look_at_room)

    def start_again(self) -> None:
        """Drop what was restored."""
        blank = self.session.form_as_saved(self.corrects) if self.corrects else self.session.blank_form()
        self.change(lambda _: blank)
        self.turn(is_restored=False)

    def take_back_opinion(self) -> None:
        """Take back what was saved with the visit that is corrected, unread."""
        take_back_opinions(self.session.store, self.corrects)
        self.session.wake("save")
        self.turn(is_taken_back=True, opened="")

    def not_dead(self) -> None:
        """Back from the page about a death to the form, with no result chosen."""
        self.change(lambda f: replace(f, result=""))
        self.turn(asks_death=False)

    def show_refused(self) -> None:
        """Bring the field that the city did not take into view; to be called once, when drawn first."""
        if self.page.refusal and self.page.problem is not None:
            show_soon(self.column, self.page.problem.field)

    async def take_photo(self) -> None:
        """Open the camera and add what it takes."""
        await self._add_photos(is_camera=True)

    async def pick_photos(self) -> None:
        """Add what is chosen among the photos on the phone."""
        await self._add_photos(is_camera=False)

    async def _add_photos(self, *, is_camera: bool) -> None:
        worker = self.session.account.account_id
        chosen = await self.session.photos.choose(is_camera=is_camera)
        self.turn(shrinking=self.page.shrinking + len(chosen), photo_problem="")
        for content in chosen:
            problem = self.page.photo_problem
            try:
                photo = await self.session.photos.keep(content)
                if self.session.account.account_id != worker:
                    return  # the phone has changed hands: it is nothing of the other's
                self._add(photo)
            except ZoufangError as fault:
                problem = fault_words(self.session, fault)
            self.turn(shrinking=self.page.shrinking - 1, photo_problem=problem)

    def _add(self, photo: NewPhoto) -> None:
        """To the form, or to the visit where that was saved meanwhile."""
        if self.saved:
            self.session.photos.add(self.saved, photo)
        else:
            self.change(lambda form: form.with_photo(photo))

    async def _look_at_room(self) -> None:
        self.turn(is_room_low=await self.session.photos.is_room_low())

    async def press_save(self) -> None:
        """Save, or ask once more where the result is a death. Pressing twice saves once."""
        if self.page.is_saving:
            return
        result = self.session.campaign.result(self.page.form.result)
        if result is not None and result.death and not self.page.asks_death:
            self.turn(asks_death=True)
            return
        self.turn(is_saving=True, problem=None, fault="")
        await asyncio.sleep(0)  # let 正在存 be drawn before the commit
        form = self.page.form
        try:
            if self.corrects:
                self.session.correct_visit(self.corrects, form)
            else:
                sealed = await sealed_opinion(self.session, form.opinion)
                # A photo may have come meanwhile; the words are those that were sealed.
                form = replace(self.page.form, opinion=form.opinion)
                self.saved = self.session.save_visit(self.person, form, back=self.back, sealed=sealed)
        except FormProblem as problem:
            await self._point_to(problem)
        except ZoufangError as fault:
            self.turn(is_saving=False, fault=fault_words(self.session, fault))
            await show(self.column, "fault")
        else:
            self.redraw = lambda _: None  # the page is gone; a photo may still be on its way to the visit
            go(self.back)

    async def _point_to(self, problem: FormProblem) -> None:
        opened = _SECTION_OF.get(problem.field, self.page.opened)
        asks_death = self.page.asks_death and problem.field in _FIELDS_OF_DEATH
        self.turn(is_saving=False, problem=problem, opened=opened, asks_death=asks_death)
        await show(self.column, "result" if problem.field == "method" else problem.field)


def take_pen(session: Session, person: str, here: str) -> Pen:
    """A pen for `person` over the draft or a new form."""
    # From the list the way back is from .../visit/ID, from a person's page from .../person/ID/visit.
    back = above(here) if here.endswith("/visit") else above(here, 2)
    has_draft = session.draft(person) is not None
    return Pen(session, person, here, back, Page(session.begin_form(person), is_restored=has_draft))


def take_correcting_pen(session: Session, visit: str, here: str, language: Language) -> Pen:
    """A pen over what was saved as `visit`, which the city refused or the worker corrects."""
    person, form, is_restored = session.form_to_correct(visit)
    back = under(above(here, 2), f"record/{visit}")
    page = Page(form, is_restored=is_restored)
    view = record_view(session.store, visit)
    refused = view.delivery.refusal if can_mend(session.store, visit) else None
    if refused is not None:
        named = _FORM_FIELD.get((refused.field or "").partition("/")[0])
        reason = reason_words(language, refused)
        page = replace(
            page,
            refusal=refusal_words(language, view.delivery.refusal),
            problem=FormProblem(named, "form.refused", reason=first_reason(reason)) if named else None,
            opened=_SECTION_OF.get(named or "", ""),
        )
    return Pen(session, person, here, back, page, corrects=visit)
