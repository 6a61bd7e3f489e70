"""走访单: print who is left on paper, and write a sheet up afterwards, line by line in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import flet as ft

from app.domain.errors import ZoufangError
from app.domain.paper import PaperLine
from app.state import paper
from app.state.form import FormProblem, VisitForm
from app.state.live import use_live, use_session, use_watched
from app.state.paper import PaperWork
from app.state.session import Session
from app.store.index import PeopleIndex, people_index
from app.ui.parts.faults import fault_words
from app.ui.parts.field import field
from app.ui.parts.form_choices import checklist_grid, method_grid, result_grid
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.more_parts import problem_words
from app.ui.parts.people import house_of, meta_of, shown_name, who
from app.ui.parts.shapes import card, notice, scrolled, section, tag
from app.ui.parts.tags import tag_words
from app.ui.parts.tap import calls, primary, quiet
from app.ui.parts.text import text
from app.ui.parts.villages import village_names, village_picker
from app.ui.theme import GAP, Look
from app.ui.words import words


@screen
def Paper() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    index = use_live(people_index, "people", "visits", "account")
    here = ft.use_view_path() or "/paper"
    begun: Any = ft.use_ref(lambda: paper.begun(session))
    work: PaperWork | None
    work, draw = ft.use_state(begun.current)
    shows_all, show_all = ft.use_state(False)
    chosen, choose = ft.use_state("")
    code, write_code = ft.use_state("")
    said, say = ft.use_state("")
    language = look.language
    villages = index.villages()
    village = chosen or (next(iter(villages)) if len(villages) == 1 else "")

    def attempt(step: Callable[[], PaperWork | None]) -> None:
        try:
            moved = step()
        except FormProblem as fault:
            say(problem_words(look, fault))
        except ZoufangError as fault:
            say(fault_words(session, fault))
        else:
            say("")
            draw(moved)

    if work is not None:
        return _writing(
            look, session, index, work, here=here, said=said, draw=draw, attempt=attempt,
            are_shown=names.are_shown, shows_all=shows_all, show_all=show_all,
        )  # fmt: skip

    async def print_it() -> None:
        content = paper.sheet_of(
            session,
            village,
            village_names(look, session, index)[village],
            [_line(look, index, one, are_shown=names.are_shown) for one in paper.left_in(session, village)],
        )
        name = words(language, "paper.file", day=f"{session.now():%Y-%m-%d}")
        await ft.FilePicker().save_file(file_name=name, src_bytes=content)
        say(words(language, "paper.printed"))

    def begins(how: Callable[[], PaperWork]) -> Callable[[], None]:
        return calls(attempt, how)

    body: list[ft.Control] = [*village_picker(look, session, index, village, choose)]
    if village:
        left = len(paper.left_in(session, village))
        body += [
            section(look, words(language, "paper.print")),
            text(look, words(language, "paper.print.hint", n=left), "body"),
        ]
        if left:
            body.append(
                primary(look, words(language, "paper.print.go"), glyph=ft.Icons.PRINT, on_click=print_it)
            )
        body.append(section(look, words(language, "paper.write")))
        body += _beginnings(look, session, index, village, begins)
    body.append(
        field(
            look,
            words(language, "paper.code"),
            code,
            on_change=write_code,
            hint=words(language, "paper.code.hint"),
        )
    )
    if code.strip():
        scanned = words(language, "paper.code.go")
        begin_scanned = begins(lambda: paper.begin_scanned(session, code))
        body.append(quiet(look, scanned, on_click=begin_scanned, is_outlined=True, wraps=True))
    if said:
        body.append(ft.Semantics(live_region=True, content=notice(look, said)))
    return page_view(
        look,
        route=here,
        title=words(language, "paper.title"),
        context=words(language, "paper.context"),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=12),
        place="today",
    )


def _beginnings(
    look: Look,
    session: Session,
    index: PeopleIndex,
    village: str,
    begins: Callable[[Callable[[], PaperWork]], Callable[[], None]],
) -> list[ft.Control]:
    """Where writing up can begin: where it was left, with the sheet printed last, or with the roster."""
    language = look.language
    ways: list[tuple[str, Callable[[], PaperWork]]] = []
    left_off = paper.begun(session)
    if left_off is not None:
        said = words(language, "paper.write.on", n=left_off.at + 1, all=len(left_off.people))
        ways.append((said, lambda: left_off))
    order = paper.printed_order(session, village)
    if order:
        said = words(language, "paper.write.last", n=len(order))
        ways.append((said, lambda: paper.begin(session, order)))
    said = words(language, "paper.write.roster")
    ways.append((said, lambda: paper.begin(session, index.search(village=village))))
    return [quiet(look, said, on_click=begins(way), is_outlined=True, wraps=True) for said, way in ways]


def _line(look: Look, index: PeopleIndex, person: str, *, are_shown: bool) -> PaperLine:
    """What is printed of a person; names only while they are shown, and their showing is written down."""
    row = index.row(person)
    return PaperLine(
        person=person,
        house=f"{row.hamlet} {house_of(row)}".strip(),
        name=shown_name(row.name, are_shown=are_shown),
        age=words("zh", "age", n=row.age) if row.age is not None else "",
        tags=" ".join(row.tags[:2]),
    )


def _writing(
    look: Look,
    session: Session,
    index: PeopleIndex,
    work: PaperWork,
    *,
    here: str,
    said: str,
    draw: Callable[[PaperWork | None], None],
    attempt: Callable[[Callable[[], PaperWork | None]], None],
    are_shown: bool,
    shows_all: bool,
    show_all: Callable[[bool], None],
) -> ft.View:
    """The line that is next: method and day stay, so most lines are one touch and the next."""
    language = look.language
    undo = (
        quiet(
            look,
            words(language, "paper.undo"),
            on_click=calls(attempt, lambda: paper.undo_line(session, work)),
            glyph=ft.Icons.UNDO,
            is_outlined=True,
            wraps=True,
        )
        if work.saved
        else None
    )
    if work.person is None:
        done = text(look, words(language, "paper.end", n=len(work.saved)), "body")
        rest: list[ft.Control] = [done, text(look, words(language, "paper.destroy"), "body")]
        if undo is not None:
            rest.append(undo)
        return page_view(
            look,
            route=here,
            title=words(language, "paper.write"),
            back=lambda: draw(None),
            body=scrolled(look, rest, spacing=12),
            pinned=primary(look, words(language, "paper.finish"), on_click=lambda: draw(None)),
        )

    def change(edit: Callable[[VisitForm], VisitForm]) -> None:
        draw(paper.keep(session, replace(work, form=edit(work.form))))

    body: list[ft.Control] = [_who(look, index, work.person, are_shown=are_shown)]
    if said:
        body.append(ft.Semantics(live_region=True, content=notice(look, said, is_bad=True)))
    body += [
        *method_grid(look, work.form, session.campaign, change),
        *result_grid(look, work.form, session.campaign, change, is_missing=False),
        field(
            look,
            words(language, "form.when.date"),
            work.form.day,
            on_change=lambda day: change(lambda was: replace(was, day=day)),
            hint=words(language, "paper.day.hint"),
        ),
        field(
            look,
            words(language, "form.when.time"),
            work.form.time,
            on_change=lambda time: change(lambda was: replace(was, time=time)),
        ),
        *checklist_grid(
            look, work.form, session.campaign, change, last=session.last_checklist(), shows_all=shows_all,
            show_all=show_all,
        ),
        field(
            look,
            words(language, "form.note"),
            work.form.note,
            on_change=lambda note: change(lambda was: replace(was, note=note)),
        ),
        quiet(
            look,
            words(language, "paper.skip"),
            on_click=calls(attempt, lambda: paper.skip_line(session, work)),
            is_outlined=True, wraps=True,
        ),
    ]  # fmt: skip
    if undo is not None:
        body.append(undo)
    list_view = scrolled(look, body, spacing=12)
    list_view.key = f"line-{work.at}"
    return page_view(
        look,
        route=here,
        title=words(language, "paper.write"),
        context=words(language, "paper.line", n=work.at + 1, all=len(work.people)),
        back=lambda: draw(None),
        body=list_view,
        pinned=primary(
            look,
            words(language, "paper.next"),
            glyph=ft.Icons.CHECK,
            on_click=calls(attempt, lambda: paper.save_line(session, work)),
        ),
    )


def _who(look: Look, index: PeopleIndex, person: str, *, are_shown: bool) -> ft.Control:
    row = index.row(person)
    named = who(row, are_shown=are_shown)
    marks: list[ft.Control] = [tag(look, tag_words(look, label)) for label in row.tags[:2]]
    if row.state == "visited":
        marks.append(tag(look, words(look.language, "person.visited"), glyph=ft.Icons.CHECK))
    lines: list[ft.Control] = [
        text(look, named.name, "person", is_header=True),
        text(look, f"{row.hamlet} {meta_of(row, look)}".strip(), "body", color=look.palette.ink2),
    ]
    if marks:
        lines.append(ft.Row(marks, spacing=GAP, wrap=True))
    return card(look, lines, spacing=4)
