"""Forms that were begun and not saved, kept as drafts: one way for every small form.

A form is a frozen dataclass of plain values and tuples, replaced whole at each touch; what is kept is
all of it. The verb that saves the record drops the draft in its transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, TypeVar

from app.store import drafts

if TYPE_CHECKING:
    from app.state.session import Session

Form = TypeVar("Form")


def form_begun(session: Session, form: type[Form], person: str, about: str) -> Form | None:
    """What was begun of this kind about `person`, None if nothing was."""
    kept = drafts.draft_of(session.store, person, about=about)
    return None if kept is None else read_form(form, kept)


def keep_form(session: Session, form: Any, person: str, about: str, *, blank: Any) -> None:
    """Keep `form` as typed so far; one that says no more than `blank` leaves no draft behind."""
    if form == blank:
        drafts.drop_draft(session.store, person, about=about)
    else:
        drafts.keep_draft(session.store, person, asdict(form), about=about)


def read_form(form: type[Form], kept: Mapping[str, Any]) -> Form:
    """The form that `kept` describes; what another version wrote and this one does not know is left out."""
    known = {
        each.name: _frozen(kept[each.name])
        for each in fields(form)  # type: ignore[arg-type]
        if each.name in kept
    }
    return form(**known)


def _frozen(value: Any) -> Any:
    """JSON knows no tuples."""
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
