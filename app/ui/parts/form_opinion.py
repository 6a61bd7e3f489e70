"""An opinion in the visit form: about what, whether it is noted who said it, and the words.

Before the first letter it is said who will read it. Once saved, nobody reads it on this phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flet as ft

from app.domain.codes import OpinionTarget
from app.state.findings import OpinionForm
from app.state.form import VisitForm
from app.ui.code_words import code_words
from app.ui.parts.code_grid import one_of
from app.ui.parts.field import field
from app.ui.parts.more_parts import MoreParts
from app.ui.parts.shapes import goal, notice
from app.ui.parts.tap import quiet, tick
from app.ui.parts.text import text
from app.ui.theme import MARGIN, Look
from app.ui.words import words


def opinion_rows(look: Look, parts: MoreParts) -> list[ft.Control]:
    """The row 意见建议, opened: the target first; the words are asked only when it is said who reads them."""
    language, form = look.language, parts.form.opinion

    def change(edit: Callable[[OpinionForm], OpinionForm]) -> None:
        parts.change(lambda f: replace(f, opinion=edit(f.opinion)))

    asked: list[ft.Control] = [text(look, words(language, "opinion.about"), "meta", color=look.palette.ink2)]
    missing = parts.said(look, "opinion_target")
    if missing:
        asked.append(text(look, missing, "strong", color=look.palette.bad))
    rows: list[ft.Control] = [
        goal("opinion_target", ft.Column(asked, spacing=4)),
        one_of(
            look,
            OpinionTarget,
            form.target,
            lambda code: change(lambda o: replace(o, target=code or o.target)),
            label="opinion.target.label",
            columns=4,
            inset=2 * MARGIN,
        ),
    ]
    if form.target == OpinionTarget.WORKER:
        rows += _only_for_the_county(look, has_key=parts.has_county_key)
    if not form.target:
        return rows
    anonymous = words(language, "opinion.anonymous")
    return [
        *rows,
        tick(
            look,
            anonymous,
            label=anonymous,
            is_ticked=form.is_anonymous,
            on_click=lambda: change(lambda o: replace(o, is_anonymous=not o.is_anonymous)),
            expand=None,
        ),
        text(look, words(language, "opinion.anonymous.hint"), "meta", color=look.palette.ink2),
        goal(
            "opinion_words",
            field(
                look,
                words(language, "opinion.words"),
                form.words,
                on_change=lambda said: change(lambda o: replace(o, words=said)),
                lines=3,
                problem=parts.said(look, "opinion_words"),
            ),
        ),
        quiet(look, words(language, "opinion.drop"), on_click=lambda: change(lambda _: OpinionForm())),
    ]


def opinion_words(look: Look, form: VisitForm) -> str:
    """工作，12 字: never the words themselves, for others may look at the form."""
    said = form.opinion
    if not said.target and not said.words:
        return words(look.language, "form.none")
    about = code_words(look.language, OpinionTarget, said.target) if said.target else ""
    return words(look.language, "opinion.written", about=about, n=len(said.words.strip()))


def _only_for_the_county(look: Look, *, has_key: bool) -> list[ft.Control]:
    sentence = notice(look, words(look.language, "opinion.worker"), glyph=ft.Icons.LOCK_OUTLINED)
    rows: list[ft.Control] = [ft.Semantics(live_region=True, content=sentence)]
    key = "opinion.worker.after" if has_key else "opinion.no_key"
    rows.append(
        text(look, words(look.language, key), "meta", color=None if not has_key else look.palette.ink2)
    )
    return rows
