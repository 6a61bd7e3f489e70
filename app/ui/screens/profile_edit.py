"""改资料: a person's entries by field. Only what the worker changes is saved, on the version he saw.

A field in dispute is not edited here: it leads to the page that shows all its values. Names and
numbers stay hidden until they are shown for a reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flet as ft

from app.domain.codes import AwayStatus, Employment, LivingTag
from app.domain.errors import UnknownRecord
from app.state.live import use_live, use_session, use_watched
from app.state.profile import (
    Entries,
    ProfileEdit,
    fresh_profile,
    keep_profile,
    profile_edit,
    save_profile,
)
from app.state.session import Session
from app.store.index import people_index
from app.ui.parts.code_grid import any_of, one_of
from app.ui.parts.field import field
from app.ui.parts.frame import page_view
from app.ui.parts.goals import with_goals
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.pen import FormPen, Sheet, use_pen
from app.ui.parts.people import who
from app.ui.parts.profile import field_words
from app.ui.parts.profile_numbers import id_rows, phone_rows
from app.ui.parts.reveal import reveal_action, reveal_card
from app.ui.parts.shapes import goal, notice, scrolled, section
from app.ui.parts.tags import tag_words
from app.ui.parts.tap import calls, choice, grid, primary, quiet, tick
from app.ui.parts.text import text
from app.ui.parts.villages import village_names
from app.ui.theme import Look
from app.ui.words import words


@screen
def ProfileEditPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    person = ft.use_route_params().get("person", "")
    here = ft.use_view_path() or "/"
    index = use_live(people_index, "people", "account")
    pen = use_pen(here, lambda: _take(session, person, above(here)))
    is_asking, set_asking = ft.use_state(False)
    if not index.is_listed(person):
        return page_view(
            look,
            route=here,
            title=words(look.language, "profile.title"),
            back=lambda: go(pen.back),
            body=scrolled(look, [text(look, words(look.language, "person.gone"))]),
        )

    def reveal(reason: str) -> None:
        set_asking(False)
        session.reveal(reason)

    body: list[ft.Control] = pen.above(look)
    if is_asking and not names.are_shown:
        body.insert(0, reveal_card(look, on_reason=reveal, on_cancel=lambda: set_asking(False)))
    parts = Parts(look=look, pen=pen, settle=calls(go, _dispute_of(here, person)))
    body += parts.living()
    body += parts.home(village_names(look, session, index))
    body += parts.away()
    body += parts.wishes()
    body += parts.numbers(are_shown=names.are_shown, unlock=lambda: set_asking(True))
    called = who(index.row(person), are_shown=names.are_shown)
    return page_view(
        look,
        route=here,
        title=words(look.language, "profile.title"),
        context=f"{called.name}·{words(look.language, 'profile.context')}",
        actions=[
            reveal_action(
                look, are_shown=names.are_shown, on_ask=lambda: set_asking(True), on_hide=session.hide
            )
        ],
        back=lambda: go(pen.back),
        body=with_goals(pen.column, [*body, *pen.below(look)], spacing=12),
        pinned=primary(
            look,
            words(look.language, "form.save"),
            glyph=ft.Icons.CHECK,
            on_click=lambda: pen.press_save(look),
        ),
    )


def _dispute_of(here: str, person: str) -> str:
    """The page on which what is in dispute is settled; a visit form has none below it."""
    if "/visit" in here:
        return under(here[: here.index("/visit")].partition("/person/")[0] or "/", f"conflict/{person}")
    return under(above(here), "conflict")


def _take(session: Session, person: str, back: str) -> FormPen:
    try:
        edit, is_begun = profile_edit(session, person)
    except UnknownRecord:
        edit, is_begun = ProfileEdit(0, Entries(), Entries()), False
    return FormPen(
        session,
        Sheet(edit, is_restored=is_begun),
        keep=lambda edit: keep_profile(session, person, edit),
        save=lambda edit: save_profile(session, person, edit, back=back),
        fresh=lambda: fresh_profile(session, person),
        back=back,
    )


class Parts:
    """The parts of the page, each with its heading; what is in dispute is a way to the choice instead."""

    def __init__(self, *, look: Look, pen: FormPen, settle: Callable[[], Any]) -> None:
        self.look, self.settle, self.said = look, settle, pen.said
        self.edit: ProfileEdit = pen.sheet.form
        self._pen = pen

    def change(self, edit: Callable[[Entries], Entries]) -> None:
        """Edit the entries, and leave what stood there when they were begun."""
        self._pen.change(lambda was: replace(was, now=edit(was.now)))

    def living(self) -> list[ft.Control]:
        """生活情况 and 就业."""
        look, now = self.look, self.edit.now
        return [
            *self._under(
                "living",
                "profile.living",
                lambda: any_of(
                    look,
                    LivingTag,
                    now.living,
                    lambda code: self.change(lambda e: e.toggled(code)),
                    label="profile.living.label",
                    name_of=lambda code: tag_words(look, code.label),
                ),
            ),
            *self._under(
                "employment",
                "profile.employment",
                lambda: one_of(
                    look,
                    Employment,
                    now.employment,
                    self._put("employment"),
                    label="profile.employment.label",
                ),
            ),
        ]

    def home(self, villages: dict[str, str]) -> list[ft.Control]:
        """Hamlet and house; the village only where there is a choice."""
        rows: list[ft.Control] = [section(self.look, words(self.look.language, "profile.home"))]
        rows += [self._text("hamlet"), self._text("house")]
        if len(villages) > 1 or self.edit.now.village not in villages:
            cells: list[ft.Control] = [
                choice(
                    self.look,
                    name,
                    label=words(self.look.language, "newcomer.village.label", name=name),
                    is_chosen=self.edit.now.village == code,
                    on_click=calls(self._put("village"), code),
                )
                for code, name in villages.items()
            ]
            rows += self._under("village", "newcomer.village", lambda: grid(self.look, cells, columns=2))
            if self.said("village"):
                rows.append(text(self.look, self.said("village"), "meta_strong", color=self.look.palette.bad))
        return rows

    def away(self) -> list[ft.Control]:
        """Where he usually lives; the place only for one who is away."""
        now = self.edit.now
        rows = self._under(
            "away",
            "profile.away",
            lambda: one_of(self.look, AwayStatus, now.away, self._put("away"), label="profile.away.label"),
        )
        if now.away not in ("", AwayStatus.HOME) or now.away_place:
            rows.append(self._text("away_place", "profile.away_place"))
        return rows

    def wishes(self) -> list[ft.Control]:
        """What the person has asked for, and the note."""
        look, now = self.look, self.edit.now
        cells: list[ft.Control] = [
            tick(
                look,
                words(look.language, f"field.{name}"),
                label=words(look.language, f"field.{name}"),
                is_ticked=getattr(now, name),
                on_click=calls(self.change, lambda e, name=name: e.with_value(name, not getattr(e, name))),
            )
            for name in ("no_call", "no_photo")
            if name not in self.edit.open_fields
        ]
        rows: list[ft.Control] = [section(look, words(look.language, "profile.wishes"))]
        if cells:
            rows.append(grid(look, cells, columns=2))
        rows += [self._disputed(name) for name in ("no_call", "no_photo") if name in self.edit.open_fields]
        rows.append(self._text("note"))
        return rows

    def numbers(self, *, are_shown: bool, unlock: Callable[[], Any]) -> list[ft.Control]:
        """Phones, name, ID number and birth."""
        look, now, language = self.look, self.edit.now, self.look.language
        rows: list[ft.Control] = [section(look, words(language, "profile.phones"))]
        if "phones" in self.edit.open_fields:
            rows.append(self._disputed("phones"))
        else:
            rows += phone_rows(look, now, self.change, self.said, are_shown=are_shown)
        rows.append(section(look, words(language, "profile.identity")))
        if not are_shown:
            rows.append(text(look, words(language, "profile.locked"), color=look.palette.ink2))
            rows.append(quiet(look, words(language, "profile.unlock"), on_click=unlock, is_outlined=True))
            return rows
        rows.append(self._text("name"))
        if "id_number" in self.edit.open_fields:
            rows.append(self._disputed("id_number"))
        else:
            rows += id_rows(look, now, self.change, self.said)
        rows.append(self._text("born", "profile.born"))
        return rows

    def _put(self, name: str) -> Callable[[str], None]:
        return lambda value: self.change(lambda e: e.with_value(name, value))

    def _text(self, name: str, key: str = "") -> ft.Control:
        if name in self.edit.open_fields:
            return self._disputed(name)
        called = words(self.look.language, key or f"field.{name}")
        entry = field(
            self.look,
            called,
            getattr(self.edit.now, name),
            on_change=self._put(name),
            problem=self.said(name),
            lines=2 if name == "note" else 1,
        )
        return goal(name, entry)

    def _under(self, name: str, key: str, drawn: Callable[[], ft.Control]) -> list[ft.Control]:
        heading = section(self.look, words(self.look.language, key))
        return [goal(name, heading), self._disputed(name) if name in self.edit.open_fields else drawn()]

    def _disputed(self, name: str) -> ft.Control:
        """The field is written in two ways: the way to the page where one is chosen."""
        called = field_words(self.look.language, name, are_shown=False)
        said = words(self.look.language, "profile.disputed", field=called)
        return ft.Column(
            [
                notice(self.look, said, glyph=ft.Icons.CALL_SPLIT),
                quiet(
                    self.look,
                    words(self.look.language, "profile.disputed.go", field=called),
                    on_click=self.settle,
                    is_outlined=True,
                ),
            ],
            spacing=4,
            horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
        )
