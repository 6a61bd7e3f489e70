"""One record: what was written, when it was saved, sent and received, and the receipt to read out."""

from __future__ import annotations

import flet as ft

from app.domain.errors import UnknownRecord, ZoufangError
from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.state.typed import yuan
from app.store.mending import can_mend
from app.store.opinions import opinions_with
from app.store.outbox import RecordState
from app.store.records import RecordView, record_view
from app.store.store import Store
from app.ui.parts import when
from app.ui.parts.corrections import Corrections
from app.ui.parts.faults import fault_words
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.record_photos import RecordPhotos
from app.ui.parts.refusal import refusal_words
from app.ui.parts.shapes import card, notice, scrolled
from app.ui.parts.states import method_words, result_words, spelt, state_line
from app.ui.parts.tap import calls, primary, quiet
from app.ui.parts.text import text
from app.ui.theme import GAP, Look
from app.ui.words import words

UNDO_MS = 24 * 3600 * 1000


@screen
def Record() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/"
    visit = params.get("visit", "")
    view = use_live(lambda store: _record(store, visit), "visits", "outbox", "receipts")
    problem, set_problem = ft.use_state("")
    language = look.language

    def undo() -> None:
        try:
            session.undo_visit(visit)
        except ZoufangError as fault:
            set_problem(fault_words(session, fault))

    if view is None:
        body: list[ft.Control] = [text(look, words(language, "record.gone"))]
        name = ""
    else:
        name = view.person_name if names.are_shown else mask_name(view.person_name)
        body = [card(look, _written(look, session, view)), card(look, _proof(look, session, view))]
        if view.delivery.state == RecordState.REFUSED:
            body.insert(
                0,
                notice(
                    look,
                    refusal_words(look.language, view.delivery.refusal),
                    is_bad=True,
                    glyph=ft.Icons.ERROR_OUTLINE,
                ),
            )
            if can_mend(session.store, visit):
                body.insert(
                    1,
                    primary(
                        look,
                        words(language, "rejected.mend"),
                        glyph=ft.Icons.EDIT_OUTLINED,
                        is_bad=True,
                        on_click=calls(go, under(above(here, 2), f"mend/{visit}")),
                    ),
                )
        body.append(RecordPhotos(visit=visit))
        body.append(Corrections(visit=visit))
        if view.delivery.state != RecordState.REFUSED and not view.is_undone:
            body.append(
                quiet(
                    look,
                    words(language, "amend.go"),
                    on_click=calls(go, under(above(here, 2), f"amend/{visit}")),
                    glyph=ft.Icons.EDIT_OUTLINED,
                    is_outlined=True,
                )
            )
        if problem:
            body.append(notice(look, problem))
        elif not view.is_undone and session.now_ms() - view.delivery.saved_ms >= UNDO_MS:
            body.append(text(look, words(language, "amend.late"), "meta", color=look.palette.ink2))
        elif not view.is_undone and session.now_ms() - view.delivery.saved_ms < UNDO_MS:
            body.append(
                quiet(
                    look, words(language, "record.undo"), on_click=undo, glyph=ft.Icons.UNDO, is_outlined=True
                )
            )
    return page_view(
        look,
        route=here,
        title=words(language, "record.title"),
        context=name,
        back=lambda: go(above(here, 2)),
        body=scrolled(look, body, spacing=12),
    )


def _record(store: Store, visit: str) -> RecordView | None:
    try:
        return record_view(store, visit)
    except UnknownRecord:
        return None


def _written(look: Look, session: Session, view: RecordView) -> list[ft.Control]:
    """What was recorded, as far as there is anything."""
    language, campaign, visit = look.language, session.campaign, view.visit
    title = f"{method_words(campaign, look, visit.method)} {result_words(campaign, look, visit)}"
    rows: list[ft.Control] = [text(look, title, "name")]
    if view.is_undone:
        rows.append(text(look, words(language, "undo.done"), "strong", color=look.palette.wait))
    done = [
        item.label if language == "zh" else item.label_en
        for item in campaign.checklist
        if item.code in visit.checklist
    ]
    goods = [visit.goods] if visit.goods else []
    if visit.goods_pieces:
        goods.append(words(language, "pieces", n=visit.goods_pieces))
    if visit.goods_fen:
        goods.append(words(language, "yuan", n=yuan(visit.goods_fen)))
    opinions = opinions_with(session.store, visit.id)
    facts = (
        ("record.at", when.day_and_clock(language, visit.at, session.now())),
        ("record.done", ("、" if language == "zh" else ", ").join(done)),
        ("record.cash", words(language, "yuan", n=yuan(visit.cash_fen)) if visit.cash_fen else ""),
        ("record.goods", "·".join(goods)),
        ("form.letters", f"{visit.letters}" if visit.letters else ""),
        ("form.booklets", f"{visit.booklets}" if visit.booklets else ""),
        ("form.need", words(language, "pieces", n=view.needs_count) if view.needs_count else ""),
        # That there was one is all that can be seen of it here.
        ("form.opinion", words(language, "opinion.count", n=opinions) if opinions else ""),
        ("form.note", visit.note),
    )
    rows += [_fact(look, words(language, key), value) for key, value in facts if value]
    return rows


def _proof(look: Look, session: Session, view: RecordView) -> list[ft.Control]:
    """Saved, sent, received, each with its time; the receipt large, since it is read out."""
    language, delivery = look.language, view.delivery

    def at(ms: int | None) -> str:
        if ms is None:
            return words(language, "record.receipt.none")
        return when.day_and_clock(language, when.from_ms(ms), session.now())

    is_refused = delivery.state == RecordState.REFUSED
    answered = "state.refused.short" if is_refused else "state.received.short"
    rows: list[ft.Control] = [
        state_line(look, delivery.state),
        _fact(look, words(language, "record.saved_at"), at(delivery.saved_ms)),
        _fact(look, words(language, "state.sent.short"), at(delivery.sent_ms)),
        _fact(look, words(language, answered), at(delivery.answered_ms)),
    ]
    if delivery.receipt:
        named = "record.code" if is_refused else "record.receipt"
        rows.append(
            ft.Column(
                [
                    text(look, words(language, named), "meta", color=look.palette.ink2),
                    text(look, spelt(delivery.receipt), "tile"),
                    text(look, words(language, "record.receipt.hint"), "meta", color=look.palette.ink2),
                ],
                spacing=0,
            )
        )
    return rows


def _fact(look: Look, name: str, value: str) -> ft.Control:
    named = text(look, name, "meta", color=look.palette.ink2)
    if look.is_stacked or len(value) > 12:
        return ft.Column([named, text(look, value, "body")], spacing=0)
    return ft.Row(
        [named, text(look, value, "body")], spacing=GAP, alignment=ft.MainAxisAlignment.SPACE_BETWEEN
    )
