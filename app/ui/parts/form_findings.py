"""What is found out of a person, to be chosen and written: confirmation, card, file, exemplary deeds.

The same rows stand in the visit form and alone on the person's page.
"""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.domain.codes import (
    CardState,
    ConfirmationMethod,
    ConfirmationResult,
    ExemplaryKind,
    FileState,
    HonourLevel,
)
from app.state.findings import FindingsForm, confirmation_method
from app.ui.code_words import code_words
from app.ui.parts.code_grid import one_of
from app.ui.parts.field import field
from app.ui.parts.shapes import goal, notice
from app.ui.parts.tap import calls, quiet
from app.ui.parts.text import text
from app.ui.theme import GAP, Look
from app.ui.words import words

Change = Callable[[Callable[[FindingsForm], FindingsForm]], None]
Said = Callable[[str], str]

# A death is told by a visit, whose page stops all greetings and asks once more.
_RESULTS = [result for result in ConfirmationResult if result is not ConfirmationResult.DECEASED]
_CONSENTS = ("spoken", "written")


def confirmation_rows(
    look: Look, form: FindingsForm, change: Change, said: Said, *, visit_method: str = "", inset: float = 0
) -> list[ft.Control]:
    """The result, how it was confirmed, and words; the way of the visit is chosen already."""
    rows: list[ft.Control] = [
        _asked(look, "confirmation", "found.confirm.result", said),
        one_of(
            look,
            _RESULTS,
            form.confirmation,
            _put(change, "confirmation"),
            label="found.confirm.label",
            inset=inset,
        ),
    ]
    if form.confirmation == ConfirmationResult.CHANGED:
        rows.append(notice(look, words(look.language, "found.confirm.changed")))
    if form.confirmation:
        rows += [
            _asked(look, "confirmation_method", "found.confirm.method", said),
            one_of(
                look,
                ConfirmationMethod,
                confirmation_method(form, visit_method),
                _put(change, "confirmation_method"),
                label="found.confirm.method.label",
                inset=inset,
            ),
            _entry(look, form, "confirmation_words", change, said),
        ]
    rows.append(text(look, words(look.language, "found.confirm.deceased"), "meta", color=look.palette.ink2))
    return rows


def card_rows(
    look: Look, form: FindingsForm, change: Change, said: Said, *, inset: float = 0
) -> list[ft.Control]:
    """How far the preferential card is."""
    states = [state for state in CardState if state is not CardState.NONE]
    cells = one_of(look, states, form.card, _put(change, "card"), label="found.card.label", inset=inset)
    return [_missing(look, "card", said), cells]


def file_rows(
    look: Look, form: FindingsForm, change: Change, said: Said, *, inset: float = 0
) -> list[ft.Control]:
    """How far the file is."""
    states = [state for state in FileState if state is not FileState.NONE]
    cells = one_of(look, states, form.file, _put(change, "file"), label="found.file.label", inset=inset)
    return [_missing(look, "file", said), cells]


def exemplary_rows(
    look: Look, form: FindingsForm, change: Change, said: Said, *, inset: float = 0
) -> list[ft.Control]:
    """Kind and deeds, then level, year and consent, which may all be left."""
    language = look.language
    return [
        _missing(look, "exemplary", said),
        _asked(look, "exemplary_kind", "found.exemplary.kind", said),
        one_of(
            look,
            ExemplaryKind,
            form.exemplary_kind,
            _put(change, "exemplary_kind"),
            label="found.exemplary.kind.label",
            columns=2,
            inset=inset,
        ),
        _entry(look, form, "exemplary_deeds", change, said, lines=3),
        _asked(look, "exemplary_level", "found.exemplary.level", said),
        one_of(
            look,
            HonourLevel,
            form.exemplary_level,
            _put(change, "exemplary_level"),
            label="found.exemplary.level.label",
            inset=inset,
        ),
        _entry(look, form, "exemplary_year", change, said),
        text(look, words(language, "found.exemplary.consent.hint"), "meta", color=look.palette.ink2),
        _entry(look, form, "exemplary_consent", change, said),
        ft.Row(_consents(look, change), spacing=GAP, run_spacing=GAP, wrap=True),
    ]


def _consents(look: Look, change: Change) -> list[ft.Control]:
    chips: list[ft.Control] = []
    for code in _CONSENTS:
        # Stored as the county reads it, whatever the language of the screen.
        name, stored = (words(each, f"found.exemplary.consent.{code}") for each in (look.language, "zh"))
        chips.append(
            quiet(
                look,
                name,
                label=words(look.language, "found.exemplary.consent.label", name=name),
                on_click=calls(_put(change, "exemplary_consent"), stored),
                is_outlined=True,
            )
        )
    return chips


def confirmation_words(look: Look, form: FindingsForm) -> str:
    """正常; what the closed row says."""
    return _chosen(look, ConfirmationResult, form.confirmation)


def card_words(look: Look, form: FindingsForm) -> str:
    """已发放."""
    return _chosen(look, CardState, form.card)


def file_words(look: Look, form: FindingsForm) -> str:
    """已建档."""
    return _chosen(look, FileState, form.file)


def exemplary_words(look: Look, form: FindingsForm) -> str:
    """退役军人."""
    return _chosen(look, ExemplaryKind, form.exemplary_kind)


def _chosen(
    look: Look, codes: type[CardState | ConfirmationResult | FileState | ExemplaryKind], code: str
) -> str:
    return code_words(look.language, codes, code) if code else words(look.language, "form.none")


def _put(change: Change, name: str) -> Callable[[str], None]:
    return lambda value: change(lambda form: form.with_value(name, value))


def _asked(look: Look, name: str, key: str, said: Said) -> ft.Control:
    """What is asked, to be scrolled to, with what is wrong with the answer."""
    lines: list[ft.Control] = [text(look, words(look.language, key), "meta", color=look.palette.ink2)]
    if said(name):
        lines.append(_wrong(look, said(name)))
    return goal(name, ft.Column(lines, spacing=4))


def _missing(look: Look, name: str, said: Said) -> ft.Control:
    return goal(name, _wrong(look, said(name)) if said(name) else ft.Container(height=0))


def _wrong(look: Look, sentence: str) -> ft.Control:
    drawn = text(look, sentence, "strong", color=look.palette.bad)
    return ft.Semantics(live_region=True, content=drawn)


def _entry(
    look: Look, form: FindingsForm, name: str, change: Change, said: Said, *, lines: int = 1
) -> ft.Control:
    entry = field(
        look,
        words(look.language, f"found.{name.replace('_', '.')}"),
        getattr(form, name),
        on_change=_put(change, name),
        problem=said(name),
        lines=lines,
    )
    return goal(name, entry)
