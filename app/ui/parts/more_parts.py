"""What the rows of 还要记 work with, and what was wrong in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.domain.campaign import Campaign
from app.state.form import VisitForm
from app.state.problems import FormProblem
from app.ui.parts import when
from app.ui.parts.form_choices import Change
from app.ui.parts.form_photos import PhotoParts
from app.ui.theme import Look
from app.ui.words import words


@dataclass(frozen=True, slots=True)
class MoreParts:
    """What the lower half works with: the form and its change, which row is open, what was wrong."""

    form: VisitForm
    change: Change
    campaign: Campaign
    now: datetime
    opened: str
    open_row: Callable[[str], Any]
    problem: FormProblem | None
    photos: PhotoParts | None = None  # None: no photos of this person, or not on this page
    # What a visit found out is recorded with it and has its own history; a correction shows none of it.
    is_correction: bool = False
    has_county_key: bool = True
    opinions: int = 0  # saved with the visit that is corrected
    take_back: Callable[[], Any] = lambda: None
    edit_profile: Callable[[], Any] = lambda: None

    def said(self, look: Look, *names: str) -> str:
        """What is wrong with one of these fields, in words; empty when nothing is."""
        fault = self.problem
        if fault is None or fault.field not in names:
            return ""
        return problem_words(look, fault)


def problem_words(look: Look, fault: FormProblem) -> str:
    """The sentence of `fault`, dates in words."""
    fields = {
        name: when.month_day(look.language, value) if isinstance(value, date) else value
        for name, value in fault.values.items()
    }
    return words(look.language, fault.key, **fields)
