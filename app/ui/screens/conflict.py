"""两处不一样: for each field of a person that two sides wrote differently, every value; the worker picks.

Nothing is chosen beforehand, and what is shown elsewhere meanwhile is not favoured here. A choice is
dropped when another value arrives after it, since nobody may settle what he has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flet as ft

from app.domain.errors import UnknownRecord, ZoufangError
from app.domain.merge import Conflict as Disputed
from app.state.live import use_live, use_session, use_watched
from app.store.authors import Author, author_of
from app.store.conflicts import both_of
from app.store.heads import shown_head
from app.store.store import Store
from app.ui.parts.faults import fault_words
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.people import shown_name
from app.ui.parts.profile import field_words, sides_words, value_words, written_words
from app.ui.parts.reveal import reveal_action, reveal_card
from app.ui.parts.shapes import card, notice, scrolled
from app.ui.parts.tap import Handler, calls, primary, quiet, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CONTROL, RADIUS_PRIMARY, Look
from app.ui.words import words


@dataclass(frozen=True, slots=True)
class Chosen:
    """A value picked for a field, of the candidates that were seen then."""

    value: Any
    seen: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a field with everybody who wrote it; `is_both` keeps all of them."""

    value: Any
    authors: tuple[Author, ...]
    is_both: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """An option in words: what stands on it, and its label."""

    lines: tuple[str, ...]
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field in conflict with its options."""

    name: str
    options: tuple[Option, ...]
    seen: tuple[Any, ...]


@screen
def Conflict() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    params = ft.use_route_params()
    here = ft.use_view_path() or "/"
    person = params.get("person", "")
    called, fields = use_live(lambda store: _fields(store, person), "people", "account")
    chosen: Any
    chosen, choose = ft.use_state({})
    problem, set_problem = ft.use_state("")
    is_asking, set_asking = ft.use_state(False)
    language = look.language
    back = above(here) if here.endswith("/conflict") else above(here, 2)
    valid = {field.name: chosen[field.name] for field in fields if _holds(field, chosen)}

    def pick(field: Field, option: Option) -> None:
        set_problem("")
        # Two quick touches may both come before the page is drawn again.
        choose(lambda was: {**was, field.name: Chosen(option.value, field.seen)})

    def settle() -> None:
        try:
            choices = {name: choice.value for name, choice in valid.items()}
            session.settle_conflicts(person, choices, back=back)
        except ZoufangError as fault:
            set_problem(fault_words(session, fault))
        else:
            go(back)

    def reveal(reason: str) -> None:
        set_asking(False)
        session.reveal(reason)

    name = shown_name(called, are_shown=names.are_shown)
    body: list[ft.Control] = []
    if is_asking and not names.are_shown:
        body.append(reveal_card(look, on_reason=reveal, on_cancel=lambda: set_asking(False)))
    if fields:
        authors = [author for field in fields for option in field.options for author in option.authors]
        sides = sides_words(language, authors)
        # One worker may have two phones, and then there are no two sides to name.
        key = "conflict.said" if len(sides) > 1 else "conflict.said.one"
        joined = words(language, "who.and").join(sides)
        said = words(language, key, sides=joined, name=name, n=len(fields))
        body.append(notice(look, said, glyph=ft.Icons.CALL_SPLIT))
    else:
        body.append(text(look, words(language, "conflict.none")))
    for at, field in enumerate(fields, start=1):
        heading = field_words(language, field.name, are_shown=names.are_shown)
        options = [
            _option(look, option, said, is_chosen=_is(valid, field, option), pick=calls(pick, field, option))
            for option, said in _said(look, session.now(), field, are_shown=names.are_shown)
        ]
        body.append(card(look, [_heading(look, heading, at, len(fields)), *options], spacing=GAP + 2))
    if any(name in chosen and name not in valid for name in (field.name for field in fields)):
        problem = words(language, "conflict.again")
    if problem:
        body.append(ft.Semantics(live_region=True, content=notice(look, problem)))
    return page_view(
        look,
        route=here,
        title=words(language, "conflict.title", n=len(fields)) if fields else words(language, "person.title"),
        context=words(language, "conflict.context", name=name),
        actions=[
            reveal_action(
                look, are_shown=names.are_shown, on_ask=lambda: set_asking(True), on_hide=session.hide
            )
        ],
        back=lambda: go(back),
        body=scrolled(look, body, spacing=12),
        pinned=_pinned(look, left=len(fields) - len(valid), settle=settle, later=lambda: go(back))
        if fields
        else None,
    )


def _fields(store: Store, person: str) -> tuple[str, tuple[Field, ...]]:
    """The person's name and the fields in conflict; nothing of somebody who is not here any more."""
    try:
        head = shown_head(store, person)
    except UnknownRecord:
        return "", ()
    found = tuple(_field(store, person, conflict) for conflict in head.conflicts())
    return str(head.values.get("name") or ""), found


def _field(store: Store, person: str, conflict: Disputed) -> Field:
    """Candidates of one value are one option; the order tells nothing about which is shown elsewhere."""
    by_value: dict[str, tuple[Any, list[Author]]] = {}
    for candidate in sorted(conflict.candidates, key=lambda c: (c.mark.hlc, c.mark.device, c.mark.seq)):
        _, authors = by_value.setdefault(repr(candidate.value), (candidate.value, []))
        authors.append(author_of(store, candidate.mark, person=person))
    options = [Option(value, tuple(authors)) for value, authors in by_value.values()]
    both = both_of(conflict)
    if both is not None:
        options.append(Option(both, (), is_both=True))
    return Field(conflict.field, tuple(options), tuple(c.mark for c in conflict.candidates))


def _holds(field: Field, chosen: dict[str, Chosen]) -> bool:
    choice = chosen.get(field.name)
    return choice is not None and choice.seen == field.seen


def _is(valid: dict[str, Chosen], field: Field, option: Option) -> bool:
    return field.name in valid and repr(valid[field.name].value) == repr(option.value)


def _said(look: Look, now: datetime, field: Field, *, are_shown: bool) -> list[tuple[Option, Said]]:
    """Each option in words, no two labels alike."""
    language = look.language
    found: list[tuple[Option, Said]] = []
    for option in field.options:
        if option.is_both:
            called = field_words(language, field.name, are_shown=are_shown)
            label = words(language, "conflict.keepboth.label", field=called)
            found.append((option, Said((words(language, "conflict.keepboth"),), label)))
            continue
        value = value_words(language, field.name, option.value, are_shown=are_shown)
        lines = [written_words(language, author, now) for author in option.authors]
        label = words(language, "conflict.use", value=value, where="、".join(lines))
        nth = sum(label == said.label for _, said in found)
        if nth:
            label += words(language, "record.nth", n=nth + 1)
        found.append((option, Said((value, *lines), label)))
    return found


def _heading(look: Look, name: str, at: int, count: int) -> ft.Control:
    heading = text(look, name, "heading", is_header=True, expand=True)
    if count == 1:
        return ft.Row([heading])
    return ft.Row([heading, text(look, f"{at} / {count}", "meta", color=look.palette.ink2)], spacing=GAP)


def _option(look: Look, option: Option, said: Said, *, is_chosen: bool, pick: Handler) -> ft.Control:
    shade = look.palette
    ink = shade.primary if is_chosen or option.is_both else shade.edge
    if option.is_both:
        mark = ft.Icons.CHECK if is_chosen else ft.Icons.ADD
    else:
        mark = ft.Icons.RADIO_BUTTON_CHECKED if is_chosen else ft.Icons.RADIO_BUTTON_UNCHECKED
    value, *lines = said.lines
    about: list[ft.Control] = [
        text(look, value, "strong", color=shade.primary) if option.is_both else text(look, value, "name")
    ]
    about += [text(look, line, "meta", color=shade.ink2) for line in lines]
    # Keeping all is a lesser thing in look, as in the design: a line, not one more card.
    edge = None if option.is_both else ft.Border.all(1.5, shade.edge)
    return tap(
        ft.Row(
            [icon(look, mark, color=ink), ft.Column(about, spacing=2, tight=True, expand=True)], spacing=14
        ),
        label=said.label,
        checked=is_chosen,
        on_click=pick,
        bgcolor=shade.tint if is_chosen else None if option.is_both else shade.card,
        border=ft.Border.all(2.5, shade.primary) if is_chosen else edge,
        radius=RADIUS_CONTROL,
        padding=ft.Padding.symmetric(horizontal=14, vertical=GAP + 4),
    )


def _pinned(look: Look, *, left: int, settle: Handler, later: Handler) -> ft.Control:
    language, shade = look.language, look.palette
    wait = quiet(look, words(language, "conflict.later"), on_click=later)
    if left:
        said = words(language, "conflict.left", n=left)
        use = tap(
            text(look, said, "action", color=shade.ink2, is_centred=True),
            label=said,
            on_click=None,
            bgcolor=shade.sunk,
            border=ft.Border.all(1.5, shade.edge) if shade.edge_width > 2 else None,
            radius=RADIUS_PRIMARY,
            padding=ft.Padding.symmetric(
                horizontal=MARGIN, vertical=look.upright("action", look.primary_height)
            ),
            align=ft.Alignment.CENTER,
            expand=1,
        )
    else:
        use = primary(look, words(language, "conflict.done"), on_click=settle, expand=1)
    return ft.Column([use, wait], spacing=4) if look.is_huge else ft.Row([wait, use], spacing=GAP)
