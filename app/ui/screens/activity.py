"""座谈会、宣讲会: one meeting, when and where, how many came, who of the roster, what was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import flet as ft

from app.domain.codes import ActivityKind, AttendeeKind
from app.domain.errors import ZoufangError
from app.state import activity
from app.state.activity import ActivityForm
from app.state.form import FormProblem
from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.store.index import PeopleIndex, people_index
from app.ui.parts.codes import attendee_words, meeting_words
from app.ui.parts.faults import fault_words
from app.ui.parts.field import field, search_field
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.more_parts import problem_words
from app.ui.parts.picker import Window, picker
from app.ui.parts.restored import restored
from app.ui.parts.shapes import card, line, notice, scrolled, section
from app.ui.parts.tap import calls, choice, grid, only_icon, primary, step, tap
from app.ui.parts.text import fitting_columns, icon, text
from app.ui.theme import GAP, Look
from app.ui.words import words

MOST_SHOWN = 500  # people to pick from before a search: a county's roster is not read through


@dataclass(frozen=True)
class _Page:
    look: Look
    session: Session
    form: ActivityForm
    change: Callable[[Callable[[ActivityForm], ActivityForm]], None]
    problem: tuple[str, str]

    def words(self, key: str, **fields_: object) -> str:
        return words(self.look.language, key, **fields_)

    def wrong(self, *names: str) -> str:
        return self.problem[1] if self.problem[0] in names else ""

    def writes(self, name: str) -> Callable[[str], None]:
        def write(value: str) -> None:
            typed: dict[str, Any] = {name: value}
            self.change(lambda was: replace(was, **typed))

        return write


@screen
def ActivityPage() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    index = use_live(people_index, "people", "visits", "account")
    here = ft.use_view_path() or "/activity"
    record = str(ft.use_route_params().get("activity", ""))
    begun: Any = ft.use_ref(lambda: activity.begin_activity(session, record))
    form: ActivityForm
    form, draw = ft.use_state(begun.current[0])
    latest: Any = ft.use_ref(form)
    is_begun, set_begun = ft.use_state(begun.current[1])
    problem: Any
    problem, set_problem = ft.use_state(("", ""))
    is_picking, set_picking = ft.use_state(False)
    start, turn = ft.use_state(0)
    sought, seek = ft.use_state("")
    back = above(here, 2 if record else 1)

    def change(edit: Callable[[ActivityForm], ActivityForm]) -> None:
        latest.current = edit(latest.current)
        activity.keep_activity(session, record, latest.current)
        set_problem(("", ""))
        draw(latest.current)

    def start_again() -> None:
        change(lambda _: activity.as_saved(session, record))
        set_begun(False)

    def save() -> None:
        try:
            activity.save_activity(session, record, latest.current, back=back)
        except FormProblem as fault:
            set_problem((fault.field, problem_words(look, fault)))
        except ZoufangError as fault:
            set_problem(("", fault_words(session, fault)))
        else:
            go(back)

    page = _Page(look, session, form, change, problem)
    title = page.words("activity.amend" if record else "activity.title")
    if is_picking:
        window = Window(start, turn, names.are_shown)
        done = page.words("activity.people.done", n=len(form.people))
        return page_view(
            look,
            route=here,
            title=page.words("activity.people"),
            context=title,
            back=lambda: set_picking(False),
            body=scrolled(look, _people(page, index, sought, seek, window), spacing=12),
            pinned=primary(look, done, on_click=lambda: set_picking(False)),
        )
    body: list[ft.Control] = []
    if is_begun:
        body.append(restored(look, "form.restored", start_again))
    body += [*_what(page), *_when_and_where(page), *_attendance(page)]
    chosen = page.words("activity.people.some" if form.people else "activity.people.none", n=len(form.people))
    body.append(
        card(
            look,
            [
                tap(
                    ft.Row(
                        [
                            icon(look, ft.Icons.PEOPLE_OUTLINE),
                            text(look, chosen, "body", expand=True),
                            icon(look, ft.Icons.CHEVRON_RIGHT),
                        ],
                        spacing=10,
                    ),
                    label=chosen,
                    on_click=lambda: set_picking(True),
                    padding=ft.Padding.symmetric(vertical=look.upright("body", 56)),
                )
            ],
            holds_rows=True,
        )
    )
    body.append(
        field(
            look,
            page.words("activity.minutes"),
            form.minutes,
            on_change=page.writes("minutes"),
            lines=4,
        )
    )
    if problem[1]:
        body.append(ft.Semantics(live_region=True, content=notice(look, problem[1], is_bad=True)))
    return page_view(
        look,
        route=here,
        title=title,
        context=page.words("activity.context"),
        back=lambda: go(back),
        body=scrolled(look, body, spacing=12),
        pinned=primary(look, page.words("form.save"), on_click=save, glyph=ft.Icons.CHECK),
    )


def _what(page: _Page) -> list[ft.Control]:
    def settle(kind: str) -> None:
        page.change(lambda was: replace(was, kind=kind))

    cells: list[ft.Control] = [
        choice(
            page.look,
            meeting_words(page.look, kind.value),
            label=page.words("activity.kind.label", name=meeting_words(page.look, kind.value)),
            is_chosen=page.form.kind == kind.value,
            on_click=calls(settle, kind.value),
        )
        for kind in ActivityKind
    ]
    names = [meeting_words(page.look, kind.value) for kind in ActivityKind]
    columns = fitting_columns(page.look, names, 2)
    return [section(page.look, page.words("activity.kind")), grid(page.look, cells, columns=columns)]


def _when_and_where(page: _Page) -> list[ft.Control]:
    wrong = page.wrong("when")
    return [
        field(
            page.look,
            page.words("form.when.date"),
            page.form.day,
            on_change=page.writes("day"),
            hint=page.words("activity.day.hint"),
            problem=wrong,
        ),
        field(
            page.look,
            page.words("form.when.time"),
            page.form.time,
            on_change=page.writes("time"),
        ),
        field(page.look, page.words("activity.place"), page.form.place, on_change=page.writes("place")),
    ]


def _attendance(page: _Page) -> list[ft.Control]:
    """By kind, with - and + beside a number that can be typed."""
    look, form = page.look, page.form
    lines: list[ft.Control] = []
    for kind in AttendeeKind:
        if lines:
            lines.append(line(look))
        name = attendee_words(look, kind.value)
        less, more = (
            step(
                look,
                glyph,
                label=page.words(key, name=name),
                on_click=calls(page.change, _stepped(kind.value, by)),
            )
            for glyph, key, by in (
                (ft.Icons.REMOVE, "activity.less", -1),
                (ft.Icons.ADD, "activity.more", 1),
            )
        )
        entry = field(
            look,
            page.words("activity.count", name=name),
            form.attendance.get(kind.value, ""),
            on_change=_counted(page, kind.value),
            problem=page.wrong(kind.value),
            keyboard=ft.KeyboardType.NUMBER,
        )
        lines.append(
            ft.Row(
                [less, ft.Container(content=entry, expand=True), more],
                spacing=GAP,
                vertical_alignment=ft.CrossAxisAlignment.END,
            )
        )
    total = page.words("activity.total", n=form.total)
    heading = section(look, page.words("activity.attendance"))
    told = text(look, total, "strong")
    return [heading, card(look, [*lines, told], spacing=12)]


def _stepped(kind: str, by: int) -> Callable[[ActivityForm], ActivityForm]:
    return lambda was: was.stepped(kind, by)


def _counted(page: _Page, kind: str) -> Callable[[str], None]:
    return lambda value: page.change(lambda was: was.with_count(kind, value))


def _people(
    page: _Page, index: PeopleIndex, sought: str, seek: Callable[[str], None], window: Window
) -> list[ft.Control]:
    """Who of the roster was there; those picked stay picked whatever is searched for."""
    found = index.search(sought)
    rows = [index.row(person) for person in found[:MOST_SHOWN]]
    shown = {row.id for row in rows}

    def pick(picked: frozenset[str]) -> None:
        page.change(
            lambda was: replace(was, people=tuple(sorted((set(was.people) - shown) | (picked & shown))))
        )

    def search(value: str) -> None:
        window.turn(0)
        seek(value)

    clear = None
    if sought:
        said = page.words("roster.search.clear")
        clear = only_icon(page.look, ft.Icons.CLOSE, label=said, on_click=lambda: search(""))
    hint = page.words("roster.search.hint.short" if page.look.is_stacked else "roster.search.hint")
    entry = search_field(
        page.look, page.words("roster.search"), sought, hint=hint, on_change=search, tail=clear
    )
    body: list[ft.Control] = [entry]
    if len(found) > MOST_SHOWN:
        body.append(_not_all(page, len(found)))
    if rows:
        body += picker(page.look, rows, frozenset(page.form.people), pick, window=window)
    else:
        body.append(text(page.look, page.words("roster.nobody", text=sought), "body"))
    return body


def _not_all(page: _Page, count: int) -> ft.Control:
    """That not all are shown, and what to do."""
    said = page.words("activity.people.search", n=count, most=MOST_SHOWN)
    return text(page.look, said, "meta", color=page.look.palette.ink2)
