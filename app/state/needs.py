"""The form for one step of a need: what is typed so far, and the step that it describes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.domain.codes import NeedState
from app.state.begun import form_begun, keep_form
from app.state.problems import FormProblem
from app.state.typed import fen_of
from app.store import needs
from app.store.needs import NewStep, draft_about

if TYPE_CHECKING:
    from app.state.session import Session


@dataclass(frozen=True, slots=True)
class StepForm:
    """Texts as typed. `outcome` and `assistance` are codes; `content` is yes, no or nothing asked.

    `state` is the step that was begun: a form begun for one is not shown for another.
    """

    state: str = ""
    words: str = ""
    outcome: str = ""
    assistance: tuple[str, ...] = ()
    money: str = ""
    content: str = ""

    def toggled(self, code: str) -> StepForm:
        """The form with this kind of help ticked, or no longer ticked."""
        if code in self.assistance:
            return replace(self, assistance=tuple(each for each in self.assistance if each != code))
        return replace(self, assistance=(*self.assistance, code))


def step_form(session: Session, need: str, person: str, state: str) -> tuple[StepForm, bool]:
    """The form for bringing the need to `state`; True where it is what was begun and not saved."""
    kept = form_begun(session, StepForm, person, draft_about(need))
    if kept is not None and kept.state == state:
        return kept, True
    return StepForm(state=state), False


def keep_step(session: Session, need: str, person: str, form: StepForm) -> None:
    """Keep what is typed of the step so far."""
    keep_form(session, form, person, draft_about(need), blank=StepForm(state=form.state))


def save_step(session: Session, need: str, person: str, form: StepForm, *, back: str) -> None:
    """Save the step; committed when this returns. The bar at `back` says so.

    Raises FormProblem for what is missing or unclear, ZoufangError for what cannot be; then nothing
    was saved and the draft is still there.
    """
    money_fen = fen_of(form.money)
    if money_fen is None:
        raise FormProblem("money", "form.number.bad")
    if form.state == NeedState.CLOSED and not form.outcome:
        raise FormProblem("outcome", "step.outcome.missing")
    needs.take_step(
        session.store,
        need,
        NewStep(
            state=form.state,
            words=form.words,
            outcome=form.outcome or None,
            assistance=form.assistance,
            money_fen=money_fen,
            satisfied={"yes": True, "no": False}.get(form.content),
        ),
        at=session.now(),
    )
    session.say_saved("choice", person, back)
