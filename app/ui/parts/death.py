"""已故: the gentle page before such a visit is saved. A false death is the worst error: one page more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import flet as ft

from app.state.form import VisitForm
from app.ui.parts.field import field
from app.ui.parts.form_choices import Change
from app.ui.parts.tap import choice, grid, quiet
from app.ui.parts.text import text
from app.ui.theme import Look
from app.ui.words import words


def death_body(
    look: Look, form: VisitForm, change: Change, *, on_mistake: Callable[[], None]
) -> list[ft.Control]:
    """What happens after saving, a note on when it was, and whether the county is to follow up."""
    language, shade = look.language, look.palette
    asked = words(language, "death.follow.words")
    wants = asked in form.note

    def follow(is_wanted: bool) -> None:
        if is_wanted and not wants:
            change(lambda f: f.with_phrase(asked))
        if not is_wanted and wants:
            change(lambda f: replace(f, note=f.note.replace(f"，{asked}", "").replace(asked, "").strip("，")))

    return [
        text(look, words(language, "death.thanks"), "body"),
        text(look, words(language, "death.after"), "body", color=shade.ink2),
        field(
            look,
            words(language, "death.when"),
            form.note,
            on_change=lambda note: change(lambda f: replace(f, note=note)),
            lines=2,
        ),
        text(look, words(language, "death.follow"), "body"),
        grid(
            look,
            [
                choice(
                    look,
                    words(language, "death.follow.yes"),
                    label=words(language, "death.follow.yes"),
                    is_chosen=wants,
                    on_click=lambda: follow(True),
                ),
                choice(
                    look,
                    words(language, "death.follow.no"),
                    label=words(language, "death.follow.no"),
                    is_chosen=not wants,
                    on_click=lambda: follow(False),
                ),
            ],
            columns=2,
        ),
        quiet(look, words(language, "death.no"), on_click=on_mistake, is_outlined=True),
    ]
