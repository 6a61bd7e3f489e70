"""交接: the roster and open work to another phone, or from it, by a sealed file and without a network."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.domain.errors import ZoufangError
from app.state.handover import sealed_handover, take_in
from app.state.live import use_live, use_session
from app.store.handover import reasons, relayed
from app.ui.parts.faults import fault_words
from app.ui.parts.field import field
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, part, screen, use_look
from app.ui.parts.shapes import card, notice, scrolled, section
from app.ui.parts.tap import primary, quiet
from app.ui.parts.text import text
from app.ui.theme import Look
from app.ui.words import words


@screen
def HandoverPage() -> ft.View:
    look = use_look()
    carried = use_live(relayed, "receipts")
    refusals = use_live(reasons, "receipts")
    here = ft.use_view_path() or "/handover"
    language = look.language
    body: list[ft.Control] = [Give(), Take()]
    told = [
        (key, count)
        for key, count in (
            ("handover.waiting", carried.waiting),
            ("handover.arrived", carried.taken),
            ("handover.refused", carried.refused),
        )
        if count
    ]
    if told:
        body.append(section(look, words(language, "handover.carried")))
    body += [text(look, words(language, key, n=count), "body") for key, count in told]
    body += [text(look, reason, "meta", color=look.palette.ink2) for reason in refusals]
    return page_view(
        look,
        route=here,
        title=words(language, "handover.title"),
        context=words(language, "handover.context"),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=12),
    )


@part
def Give() -> ft.Control:
    """Save the file, and show the code that opens it for as long as the page is open."""
    look = use_look()
    session = use_session()
    code, show_code = ft.use_state("")
    fault_said, complain = ft.use_state("")
    is_busy, set_busy = ft.use_state(False)

    async def give() -> None:
        if is_busy:
            return
        set_busy(True)
        complain("")
        try:
            content, fresh = await sealed_handover(session)
            show_code(fresh)
            name = words(look.language, "handover.file", day=f"{session.now():%Y-%m-%d}")
            await ft.FilePicker().save_file(file_name=name, src_bytes=content)
        except ZoufangError as fault:
            complain(fault_words(session, fault))
        finally:
            set_busy(False)

    rows: list[ft.Control] = [
        section(look, words(look.language, "handover.give")),
        text(look, words(look.language, "handover.give.hint"), "body"),
        _action(look, "handover.give.go", ft.Icons.OUTBOX, give, is_busy=is_busy),
    ]
    if code:
        told: list[ft.Control] = [
            text(look, words(look.language, "handover.code"), "meta", color=look.palette.ink2),
            text(look, code, "title", is_header=True),
            text(look, words(look.language, "handover.code.hint"), "body"),
        ]
        rows.append(card(look, told, spacing=4))
    return _column(look, rows, fault_said, is_bad=True)


@part
def Take() -> ft.Control:
    """Choose the other phone's file, write its code, and see what came."""
    look = use_look()
    session = use_session()
    written, write = ft.use_state("")
    picked: Any
    picked, pick = ft.use_state(None)  # the file's name and bytes
    said: Any
    said, say = ft.use_state(("", False))  # a sentence, and whether it tells of a fault
    is_busy, set_busy = ft.use_state(False)

    async def choose() -> None:
        files = await ft.FilePicker().pick_files(with_data=True)
        if files and files[0].bytes:
            pick((files[0].name, files[0].bytes))
            say(("", False))

    async def take() -> None:
        if is_busy or picked is None:
            return
        set_busy(True)
        try:
            found = await take_in(session, picked[1], written)
        except ZoufangError as fault:
            say((fault_words(session, fault), True))
        else:
            came = {"people": found.people, "facts": found.facts, "changes": found.changes}
            say((words(look.language, "handover.taken", **came), False))
            pick(None)
            write("")
        finally:
            set_busy(False)

    file_words = words(look.language, "handover.pick")
    if picked:
        file_words = words(look.language, "handover.picked", name=picked[0])
    rows: list[ft.Control] = [
        section(look, words(look.language, "handover.take")),
        text(look, words(look.language, "handover.take.hint"), "body"),
        quiet(look, file_words, on_click=choose, glyph=ft.Icons.FOLDER_OPEN, is_outlined=True, wraps=True),
    ]
    if picked:
        name = words(look.language, "handover.code.write")
        rows.append(field(look, name, written, on_change=write, keyboard=ft.KeyboardType.NUMBER))
        rows.append(_action(look, "handover.take.go", ft.Icons.CHECK, take, is_busy=is_busy))
    return _column(look, rows, said[0], is_bad=said[1])


def _action(look: Look, key: str, glyph: ft.IconData, act: Any, *, is_busy: bool) -> ft.Control:
    said = words(look.language, "handover.busy" if is_busy else key)
    return primary(look, said, glyph=glyph, on_click=act)


def _column(look: Look, rows: list[ft.Control], said: str, *, is_bad: bool) -> ft.Control:
    if said:
        rows.append(ft.Semantics(live_region=True, content=notice(look, said, is_bad=is_bad)))
    return ft.Column(rows, spacing=12, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
