"""The hand that writes in a small form: what each touch does to the form, its draft and the page.

A pen lives as long as its page and holds the latest form itself: two quick touches may both arrive
before the page is drawn again, and neither may undo the other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import flet as ft

from app.domain.errors import ZoufangError
from app.state.problems import FormProblem
from app.state.session import Session
from app.ui.parts.faults import fault_words
from app.ui.parts.goals import show_soon
from app.ui.parts.look import go
from app.ui.parts.more_parts import problem_words
from app.ui.parts.restored import restored
from app.ui.parts.shapes import goal, notice
from app.ui.theme import Look

FAULT = "fault"  # the goal of what is wrong with no single field


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page shows: the form, what was wrong with which field, and whether it is a draft."""

    form: Any
    wrong: str = ""
    sentence: str = ""
    is_restored: bool = False


@dataclass(slots=True)
class FormPen:
    """`keep` writes the draft, `save` the record (it raises FormProblem or ZoufangError), `fresh` is the
    form with nothing typed. After the save the page leads `back`."""

    session: Session
    sheet: Sheet
    keep: Callable[[Any], None]
    save: Callable[[Any], None]
    fresh: Callable[[], Any]
    back: str
    is_saved: bool = False
    redraw: Callable[[Sheet], None] = lambda _: None
    column: ft.Ref[Any] = field(default_factory=ft.Ref)

    def change(self, edit: Callable[[Any], Any]) -> None:
        """Edit the form: it is kept as a draft first, then drawn."""
        form = edit(self.sheet.form)
        self.keep(form)
        self._turn(form=form, wrong="", sentence="")

    def start_again(self) -> None:
        """Drop what was restored."""
        self.change(lambda _: self.fresh())
        self._turn(is_restored=False)

    def press_save(self, look: Look) -> None:
        """Save and go back, or say beside the field what is wrong with it. Pressing twice saves once."""
        if self.is_saved:
            return
        try:
            self.save(self.sheet.form)
        except FormProblem as problem:
            self._point_to(problem.field, problem_words(look, problem))
        except ZoufangError as fault:
            self._point_to(FAULT, fault_words(self.session, fault))
        else:
            self.is_saved = True
            go(self.back)

    def said(self, name: str) -> str:
        """What is wrong with the field, in words; empty when nothing is."""
        return self.sheet.sentence if self.sheet.wrong == name else ""

    def above(self, look: Look) -> list[ft.Control]:
        """What stands over the form: that it was begun before."""
        return [restored(look, "form.restored", self.start_again)] if self.sheet.is_restored else []

    def below(self, look: Look) -> list[ft.Control]:
        """What stands under the form: why nothing could be stored."""
        if self.sheet.wrong != FAULT:
            return []
        said = notice(look, self.sheet.sentence, is_bad=True)
        return [goal(FAULT, ft.Semantics(live_region=True, content=said))]

    def _point_to(self, name: str, sentence: str) -> None:
        self._turn(wrong=name, sentence=sentence)
        show_soon(self.column, name)

    def _turn(self, **changes: Any) -> None:
        self.sheet = replace(self.sheet, **changes)
        self.redraw(self.sheet)


def use_pen(here: str, take: Callable[[], FormPen]) -> FormPen:
    """The pen of the page at `here`, made once by `take`; the page is drawn again at each of its touches.

    A hook. From one page to another of its kind Flet keeps what the first one held, hence `here`.
    """
    held: Any = ft.use_ref(dict)
    if here not in held.current:
        held.current = {here: take()}
    pen: FormPen = held.current[here]
    _, redraw = ft.use_state(pen.sheet)
    pen.redraw = redraw
    return pen
