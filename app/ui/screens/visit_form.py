"""记走访: one screen for one visit. Only how and with what result is asked; the rest may be left.

What is typed is kept as a draft at each change. 存在本机 is said only after the commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import flet as ft

from app.domain.errors import ZoufangError
from app.state.form import FormProblem, VisitForm
from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.store.mending import can_mend
from app.store.people import person_view
from app.store.photos import NewPhoto
from app.store.records import record_view
from app.store.visits import VisitView, visits_of
from app.ui.parts.death import death_body
from app.ui.parts.faults import fault_words
from app.ui.parts.form_choices import checklist_grid, method_grid, result_grid
from app.ui.parts.form_more import MoreParts, more_card, over_limit
from app.ui.parts.form_photos import PhotoParts
from app.ui.parts.frame import page_view
from app.ui.parts.hints import hint_words, wish_words
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.people import who
from app.ui.parts.refusal import first_reason, reason_words, refusal_words
from app.ui.parts.restored import restored
from app.ui.parts.shapes import goal, notice
from app.ui.parts.tap import primary
from app.ui.theme import GAP, MARGIN, Language, Look
from app.ui.words import words

_ABOUT = ("people", "visits", "receipts", "outbox")
# Where in 还要记 a field is to be found that could not be understood.
_SECTION_OF = {
    "cash": "gifts", "goods_value": "gifts", "goods_pieces": "gifts", "letters": "gifts",
    "booklets": "gifts", "need_severity": "need", "when": "when", "note": "note",
    "photos": "photos",
}  # fmt: skip
# A field of a visit as the city names it: where the form asks it.
_FORM_FIELD = {
    "method": "result", "result": "result", "at": "when", "saved_at": "when", "note": "note",
    "cash_fen": "cash", "goods_fen": "goods_value", "goods_pieces": "goods_pieces", "goods": "cash",
    "letters": "letters", "booklets": "booklets",
}  # fmt: skip
# How long a change takes to be drawn: what is not there yet cannot be scrolled to.
_DRAWN_S = 0.15


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
            self._show_soon(name)
        if form.need_type and not before.need_type:
            self._show_soon("need")

    def open_row(self, name: str) -> None:
        """Open this row of 还要记, or none, and bring what it holds above the pinned action."""
        self.turn(opened=name)
        if name:
            self._show_soon(name)
        if name == "photos":
            ft.context.page.run_task(self._look_at_room)

    def start_again(self) -> None:
        """Drop what was restored."""
        blank = self.session.form_as_saved(self.corrects) if self.corrects else self.session.blank_form()
        self.change(lambda _: blank)
        self.turn(is_restored=False)

    def not_dead(self) -> None:
        """Back from the page about a death to the form, with no result chosen."""
        self.change(lambda f: replace(f, result=""))
        self.turn(asks_death=False)

    def show_refused(self) -> None:
        """Bring the field that the city did not take into view; to be called once, when drawn first."""
        if self.page.refusal and self.page.problem is not None:
            self._show_soon(self.page.problem.field)

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
            self.session.add_photo(self.saved, photo)
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
        try:
            if self.corrects:
                self.session.correct_visit(self.corrects, self.page.form)
            else:
                self.saved = self.session.save_visit(self.person, self.page.form, back=self.back)
        except FormProblem as problem:
            await self._point_to(problem)
        except ZoufangError as fault:
            self.turn(is_saving=False, fault=fault_words(self.session, fault))
            await self._show("fault")
        else:
            self.redraw = lambda _: None  # the page is gone; a photo may still be on its way to the visit
            go(self.back)

    async def _point_to(self, problem: FormProblem) -> None:
        opened = _SECTION_OF.get(problem.field, self.page.opened)
        self.turn(is_saving=False, problem=problem, opened=opened, asks_death=False)
        await self._show("result" if problem.field == "method" else problem.field)

    def _show_soon(self, name: str) -> None:
        ft.context.page.run_task(self._show, name)

    async def _show(self, name: str) -> None:
        """Scroll the goal `name` to the top of the page, once it is drawn."""
        await asyncio.sleep(_DRAWN_S)
        column = self.column.current
        if column is not None:
            await column.scroll_to(scroll_key=name, duration=200)


def take_pen(session: Session, person: str, here: str) -> Pen:
    """A pen for `person` over the draft or a new form."""
    # From the list the way back is from .../visit/ID, from a person's page from .../person/ID/visit.
    back = above(here) if here.endswith("/visit") else above(here, 2)
    has_draft = session.draft(person) is not None
    return Pen(session, person, back, Page(session.begin_form(person), is_restored=has_draft))


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
            refusal=refusal_words(language, view),
            problem=FormProblem(named, "form.refused", reason=first_reason(reason)) if named else None,
            opened=_SECTION_OF.get(named or "", ""),
        )
    return Pen(session, person, back, page, corrects=visit)


@screen
def VisitPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/"
    person = params.get("person", "")
    corrected = params.get("mended", "") or params.get("amended", "")
    pen_ref: Any = ft.use_ref(
        lambda: (
            take_correcting_pen(session, corrected, here, look.language)
            if corrected
            else take_pen(session, person, here)
        )
    )
    _, redraw = ft.use_state(pen_ref.current.page)
    pen: Pen = pen_ref.current
    pen.redraw = redraw
    ft.use_effect(pen.show_refused, [])
    person, page, language = pen.person, pen.page, look.language
    about = use_live(lambda store: (visits_of(store, person), person_view(store, person).person), *_ABOUT)
    if not page.is_saving:
        pen.history = about[0]  # what is just being saved is no news to whoever saves it
    called = who(session.index.row(person), are_shown=names.are_shown)
    body: list[ft.Control]
    if page.asks_death:
        body = death_body(look, page.form, pen.change, on_mistake=pen.not_dead)
    else:
        hint = "" if corrected else hint_words(look, session, pen.history)
        said = [notice(look, each) for each in (hint, wish_words(look, about[1])) if each]
        if page.refusal:
            said.insert(0, notice(look, page.refusal, is_bad=True, glyph=ft.Icons.ERROR_OUTLINE))
        takes_photos = not corrected and not about[1].no_photo
        body = [*said, *form_body(look, session, pen, takes_photos=takes_photos)]
    if page.fault:
        fault = notice(look, page.fault, is_bad=True)
        body.append(goal("fault", ft.Semantics(live_region=True, content=fault)))
    title = "amend.title" if "amended" in params else "form.mend" if corrected else "form.title"
    key = "form.saving" if page.is_saving else "death.save" if page.asks_death else "form.save"
    content = ft.Container(
        content=ft.Column(body, spacing=GAP), padding=ft.Padding.symmetric(horizontal=MARGIN)
    )
    return page_view(
        look,
        route=here,
        title=called.name if page.asks_death else words(language, title),
        context="" if page.asks_death else "·".join(p for p in (called.name, called.place) if p),
        back=pen.not_dead if page.asks_death else lambda: go(pen.back),
        body=ft.Column(
            [content, ft.Container(height=MARGIN)],
            ref=pen.column,
            scroll=ft.ScrollMode.AUTO,
            spacing=0,
            expand=True,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        ),
        pinned=primary(
            look,
            words(language, key),
            glyph=ft.Icons.CHECK,
            on_click=None if page.is_saving else pen.press_save,
        ),
    )


def form_body(look: Look, session: Session, pen: Pen, *, takes_photos: bool) -> list[ft.Control]:
    """The form from top to bottom; no photos of somebody who does not want any (不愿拍照)."""
    page, campaign = pen.page, session.campaign
    body: list[ft.Control] = [restored(look, "form.restored", pen.start_again)] if page.is_restored else []
    is_missing = page.problem is not None and page.problem.key == "result.missing"
    body += method_grid(look, page.form, campaign, pen.change)
    body += result_grid(look, page.form, campaign, pen.change, is_missing=is_missing)
    body += checklist_grid(
        look,
        page.form,
        campaign,
        pen.change,
        last=session.last_checklist(),
        shows_all=page.shows_all_items,
        show_all=lambda shows: pen.turn(shows_all_items=shows),
    )
    body += more_card(
        look,
        MoreParts(
            form=page.form,
            change=pen.change,
            campaign=campaign,
            now=session.now(),
            opened=page.opened,
            open_row=pen.open_row,
            problem=page.problem,
            photos=photo_parts(session, pen) if takes_photos else None,
        ),
    )
    return body


def photo_parts(session: Session, pen: Pen) -> PhotoParts:
    """What the photo row of the form works with."""
    return PhotoParts(
        shrinking=pen.page.shrinking,
        problem=pen.page.photo_problem,
        is_low=pen.page.is_room_low,
        take=pen.take_photo if session.photos.can_take() else None,
        pick=pen.pick_photos,
    )
