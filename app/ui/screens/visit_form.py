"""记走访: one screen for one visit. Only how and with what result is asked; the rest may be left.

What is typed is kept as a draft at each change. 存在本机 is said only after the commit.
"""

from __future__ import annotations

from typing import Any

import flet as ft

from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.store.opinions import opinions_with
from app.store.people import person_view
from app.store.visits import visits_of
from app.ui.parts.again import again
from app.ui.parts.death import death_body
from app.ui.parts.form_choices import checklist_grid, method_grid, result_grid
from app.ui.parts.form_more import more_card
from app.ui.parts.form_photos import PhotoParts
from app.ui.parts.frame import page_view
from app.ui.parts.goals import with_goals
from app.ui.parts.hints import hint_words, wish_words
from app.ui.parts.look import go, screen, under, use_look
from app.ui.parts.more_parts import MoreParts, problem_words
from app.ui.parts.people import who
from app.ui.parts.restored import restored
from app.ui.parts.shapes import goal, notice
from app.ui.parts.tap import calls, primary
from app.ui.parts.visit_pen import Pen, take_correcting_pen, take_pen
from app.ui.theme import GAP, Look
from app.ui.words import words

_ABOUT = ("people", "visits", "receipts", "outbox")


@screen
def VisitPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/"
    person = params.get("person", "")
    corrected = params.get("mended", "") or params.get("amended", "")
    held: Any = ft.use_ref(dict)
    if here not in held.current:
        # From 改那一次 to the form of that visit Flet keeps what the first form held.
        held.current = {
            here: take_correcting_pen(session, corrected, here, look.language)
            if corrected
            else take_pen(session, person, here)
        }
    pen: Pen = held.current[here]
    _, redraw = ft.use_state(pen.page)
    pen.redraw = redraw
    ft.use_effect(pen.show_refused, [here])
    person, page, language = pen.person, pen.page, look.language
    about = use_live(lambda store: (visits_of(store, person), person_view(store, person).person), *_ABOUT)
    if not page.is_saving:
        pen.history = about[0]  # what is just being saved is no news to whoever saves it
    called = who(session.index.row(person), are_shown=names.are_shown)
    body: list[ft.Control]
    if page.asks_death:
        wrong = problem_words(look, page.problem) if page.problem is not None else ""
        body = death_body(look, page.form, pen.change, problem=wrong, on_mistake=pen.not_dead)
    else:
        hint = "" if corrected else hint_words(look, session, pen.history)
        said = [notice(look, each) for each in (hint, wish_words(look, about[1])) if each]
        if hint:
            said += again(look, session, pen.history, here=here)
        if page.is_taken_back:
            said.insert(0, notice(look, words(language, "opinion.taken_back")))
        if page.refusal:
            said.insert(0, notice(look, page.refusal, is_bad=True, glyph=ft.Icons.ERROR_OUTLINE))
        takes_photos = not corrected and not about[1].no_photo
        body = [*said, *form_body(look, session, pen, takes_photos=takes_photos)]
    if page.fault:
        fault = notice(look, page.fault, is_bad=True)
        body.append(goal("fault", ft.Semantics(live_region=True, content=fault)))
    title = "amend.title" if "amended" in params else "form.mend" if corrected else "form.title"
    key = "form.saving" if page.is_saving else "death.save" if page.asks_death else "form.save"
    return page_view(
        look,
        route=here,
        title=called.name if page.asks_death else words(language, title),
        context="" if page.asks_death else "·".join(p for p in (called.name, called.place) if p),
        back=pen.not_dead if page.asks_death else lambda: go(pen.back),
        body=with_goals(pen.column, body, spacing=GAP),
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
            is_correction=bool(pen.corrects),
            has_county_key=bool(session.account.county_key),
            opinions=opinions_with(session.store, pen.corrects) if pen.corrects else 0,
            take_back=pen.take_back_opinion,
            edit_profile=calls(go, under(pen.here, "edit")),
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
