"""更正经过: what a visit said at first and each correction, by whom and when, and what counts now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flet as ft

from app.domain.campaign import Campaign
from app.domain.errors import UnknownRecord
from app.state.form import label_of_result
from app.state.live import use_live, use_session
from app.state.typed import yuan
from app.store.history import History, Step, history_of
from app.store.records import record_view
from app.store.store import Store
from app.ui.parts import when
from app.ui.parts.look import part, use_look
from app.ui.parts.profile import author_words
from app.ui.parts.shapes import card, line, notice, section
from app.ui.parts.states import method_words, state_line
from app.ui.parts.text import icon, text
from app.ui.theme import Look
from app.ui.words import words

# field of a visit: the words for it; the order in which they are told
_NAMES = {
    "method": "form.method", "result": "form.result", "at": "record.at", "checklist": "record.done",
    "cash_fen": "record.cash", "goods": "record.goods", "goods_pieces": "form.goods.pieces",
    "goods_fen": "form.goods.value", "letters": "form.letters", "booklets": "form.booklets",
    "note": "form.note",
}  # fmt: skip


@part
def Corrections(*, visit: str) -> ft.Control:
    """Nothing for a visit that was never corrected."""
    look = use_look()
    session = use_session()
    history, method = use_live(lambda store: _history(store, visit), "visits", "outbox", "receipts")
    if not history.steps:
        return ft.Container(height=0)
    language, now = look.language, session.now()
    rows: list[ft.Control] = []
    for at, step in enumerate(history.steps):
        if at:
            rows.append(line(look))
        rows.append(_step(look, session.campaign, step, method=method, now=now))
    body: list[ft.Control] = [section(look, words(language, "amend.history"))]
    if history.is_divided:
        body.append(notice(look, words(language, "amend.two"), glyph=ft.Icons.CALL_SPLIT))
    body.append(card(look, rows, spacing=12))
    return ft.Column(body, spacing=4, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _history(store: Store, visit: str) -> tuple[History, str]:
    """What was said about the visit, and the method that counts now, by which results are called."""
    try:
        return history_of(store, visit), record_view(store, visit).visit.method
    except UnknownRecord:
        return History((), is_divided=False), ""


def _step(look: Look, campaign: Campaign, step: Step, *, method: str, now: datetime) -> ft.Control:
    language, shade = look.language, look.palette
    at = step.author.at_ms
    said = [author_words(language, step.author), words(language, f"amend.kind.{step.kind}")]
    if at is not None:
        said.insert(0, when.day_and_clock(language, when.from_ms(at), now))
    lines: list[ft.Control] = [text(look, "·".join(said), "meta_strong")]
    order = list(_NAMES)
    known = [name for name in step.fields if name.partition("/")[0] in _NAMES]
    for name in sorted(known, key=lambda one: (order.index(one.partition("/")[0]), one)):
        told = words(
            language,
            "amend.said",
            field=words(language, _NAMES[name.partition("/")[0]]),
            value=_value_words(
                look,
                campaign,
                name,
                step.fields[name],
                method=str(step.fields.get("method") or method),
                now=now,
                is_first=step.kind == "create",
            ),
        )
        counts = name in step.counting
        row: list[ft.Control] = [text(look, told, "body", color=None if counts else shade.ink2, expand=True)]
        if counts:
            row.append(icon(look, ft.Icons.CHECK, size=18, color=shade.primary))
            row.append(text(look, words(language, "amend.counts"), "meta", color=shade.primary))
        lines.append(ft.Column(row, spacing=0) if look.is_stacked else ft.Row(row, spacing=6))
    if step.is_mended:  # nothing is left to be done about it
        lines.append(text(look, words(language, "state.refused.short"), "meta", color=shade.ink2))
    elif step.state is not None and step.kind != "create":
        lines.append(state_line(look, step.state))
    return ft.Column(lines, spacing=4, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _value_words(
    look: Look, campaign: Campaign, name: str, value: Any, *, method: str, now: datetime, is_first: bool
) -> str:
    """`is_first`: what was said with the visit itself; nothing can have been taken away by that."""
    language = look.language
    field, _, element = name.partition("/")
    if field == "checklist":
        item = next((item for item in campaign.checklist if item.code == element), None)
        called = element if item is None else item.label if language == "zh" else item.label_en
        without = words(language, "amend.unticked" if is_first else "conflict.taken")
        return called if value else f"{called}（{without}）"
    if value in (None, "", 0):
        return words(language, "form.none")
    if field == "method":
        return method_words(campaign, look, str(value))
    if field == "result":
        result = campaign.result(str(value))
        if result is None:
            return str(value)
        known = campaign.method(method)
        return label_of_result(result, is_face=known is None or known.face, language=language)
    if field == "at":
        return when.day_and_clock(language, datetime.fromisoformat(str(value)), now)
    if field in ("cash_fen", "goods_fen"):
        return words(language, "yuan", n=yuan(int(value)))
    return str(value)
