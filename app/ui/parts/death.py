"""已故: the gentle page before such a visit is saved. A false death is the worst error: one page more."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.state.form import VisitForm
from app.ui.parts.field import field
from app.ui.parts.form_choices import Change
from app.ui.parts.shapes import goal
from app.ui.parts.tap import calls, choice, grid, quiet
from app.ui.parts.text import fitting_columns, text
from app.ui.theme import Look
from app.ui.words import words


def death_body(
    look: Look, form: VisitForm, change: Change, *, problem: str, on_mistake: Callable[[], None]
) -> list[ft.Control]:
    """What happens after saving; then family, when it was, and whether the county is to follow up.

    Nothing is chosen beforehand and everything may be left. `problem`: what is wrong with the day.
    """
    language, shade = look.language, look.palette

    def one_of(name: str, chosen: str, answers: dict[str, str], labels: str) -> ft.Control:
        said = {code: words(language, key) for code, key in answers.items()}
        cells = [
            choice(
                look,
                said[code],
                label=words(language, labels, name=said[code]),
                is_chosen=chosen == code,
                on_click=calls(change, lambda f, code=code: f.with_text(name, code)),
            )
            for code in answers
        ]
        return grid(look, cells, columns=fitting_columns(look, list(said.values()), 2))

    family = {"met": "death.family.met", "later": "death.family.later"}
    follow = {"yes": "death.follow.yes", "no": "death.follow.no"}
    return [
        text(look, words(language, "death.thanks"), "body"),
        text(look, words(language, "death.after"), "body", color=shade.ink2),
        text(look, words(language, "death.family"), "body"),
        one_of("death_family", form.death_family, family, "death.family.label"),
        goal(
            "death_when",
            field(
                look,
                words(language, "death.when"),
                form.death_when,
                on_change=lambda told: change(lambda f: f.with_text("death_when", told)),
                problem=problem,
            ),
        ),
        text(look, words(language, "death.follow"), "body"),
        one_of("death_follow", form.death_follow, follow, "death.follow.label"),
        quiet(look, words(language, "death.no"), on_click=on_mistake, is_outlined=True),
    ]
