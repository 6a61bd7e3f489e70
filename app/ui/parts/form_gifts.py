"""Cash, goods, letters and law booklets in the visit form, with the campaign's limits."""

from __future__ import annotations

from dataclasses import replace

import flet as ft

from app.domain.campaign import Campaign
from app.state.form import VisitForm
from app.state.typed import fen_of, yuan
from app.ui.parts.field import field
from app.ui.parts.more_parts import MoreParts
from app.ui.parts.shapes import goal, notice
from app.ui.theme import GAP, Look
from app.ui.words import words


def gifts_rows(look: Look, parts: MoreParts) -> list[ft.Control]:
    """The row 慰问金、慰问品, opened."""
    form, language = parts.form, look.language

    over = over_limit(form, parts.campaign)

    def number(name: str, key: str) -> ft.Control:
        entry = field(
            look,
            words(language, key),
            getattr(form, name),
            on_change=lambda value: parts.change(lambda f: f.with_text(name, value)),
            keyboard=ft.KeyboardType.NUMBER,
            problem=parts.said(look, name),
        )
        if name not in over:
            return goal(name, entry)
        # A hint and no bar: the worker may know better, and is told what the city does with it.
        hint = notice(look, words(language, "form.cash.over", limit=yuan(over[name])))
        both: list[ft.Control] = [entry, ft.Semantics(live_region=True, content=hint)]
        return goal(name, ft.Column(both, spacing=GAP))

    rows: list[ft.Control] = [number("cash", "form.cash")]
    rows.append(
        field(
            look,
            words(language, "form.goods"),
            form.goods,
            on_change=lambda goods: parts.change(lambda f: replace(f, goods=goods)),
        )
    )
    rows += [
        number("goods_pieces", "form.goods.pieces"),
        number("goods_value", "form.goods.value"),
        number("letters", "form.letters"),
        number("booklets", "form.booklets"),
    ]
    return rows


def over_limit(form: VisitForm, campaign: Campaign) -> dict[str, int]:
    """The fields of the form whose amount is above the campaign's limit, with that limit in fen."""
    limits = {"cash": campaign.limits.cash_fen, "goods_value": campaign.limits.goods_fen}
    return {name: most for name, most in limits.items() if (fen_of(getattr(form, name)) or 0) > most}


def gifts_words(look: Look, form: VisitForm) -> str:
    """300 元·米两袋, as the closed row says it."""
    language = look.language
    said = []
    if form.cash:
        said.append(words(language, "yuan", n=form.cash))
    if form.goods or form.goods_pieces:
        said.append(form.goods or words(language, "pieces", n=form.goods_pieces))
    if form.letters:
        said.append(words(language, "copies", n=form.letters))
    return "·".join(said) or words(language, "form.none")
