"""The bar after a save: 已存在本机 · 撤销 | 下一位. It stays until the next step, never on a timer."""

from __future__ import annotations

import flet as ft

from app.domain.errors import ZoufangError
from app.state.activity import undo_activity
from app.state.findings import undo_finding
from app.state.form import Saved
from app.state.greeting import undo_greetings
from app.state.live import use_session, use_watched
from app.state.session import Session
from app.ui.parts.faults import fault_words
from app.ui.parts.look import go, part, under, use_look
from app.ui.parts.people import who
from app.ui.parts.tap import only_icon, quiet
from app.ui.parts.text import icon, text, width_of
from app.ui.theme import MARGIN, NARROWEST
from app.ui.words import words

_EDGES = 2 * 12 + 2 * 1.5  # padding and edge on both sides of an outlined action


@part
def SavedBar() -> ft.Control:
    """Nothing while there is nothing to say; else what was saved, and the two things to do about it."""
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    saved = use_watched(session.bar).saved
    here = ft.use_view_path()
    if saved is None or here != saved.shown_at:
        return ft.Container(height=0)

    def undo() -> None:
        try:
            _undo(session, saved)
        except ZoufangError as fault:
            session.note_on_bar(fault_words(session, fault))

    def close() -> None:
        session.close_bar()

    shade = look.palette
    said = saved.problem or words(look.language, _said(saved), n=len(saved.visits))
    done = ft.Semantics(
        live_region=True,
        expand=True,
        content=ft.Row(
            [
                icon(look, ft.Icons.UNDO if saved.is_undone else ft.Icons.SMARTPHONE, color=shade.wait),
                text(look, said, "meta_strong", color=shade.wait, expand=True),
            ],
            spacing=8,
        ),
    )
    close_it = only_icon(
        look,
        ft.Icons.CLOSE,
        label=words(look.language, "saved.close"),
        on_click=close,
        color=shade.ink2,
    )
    rows: list[ft.Control] = [ft.Row([done, close_it], spacing=4)]
    if saved.kind != "choice" and not saved.is_undone and not saved.problem:
        undo_words = words(look.language, "saved.undo")
        undo_label = "saved.undo.label" if saved.kind == "visit" else f"saved.undo.{saved.kind}"
        follower = session.next_after(saved.person) if saved.kind == "visit" else None
        person = who(session.index.row(follower), are_shown=names.are_shown) if follower is not None else None
        next_words = words(look.language, "saved.next", name=person.name) if person is not None else ""
        needed = sum(width_of(look, each, "meta_strong") + _EDGES for each in (undo_words, next_words))
        # One line leaves the list its room; a step to any of the four places closes it.
        is_one_line = not look.is_stacked and look.language == "zh"
        is_beside = needed + 8 <= NARROWEST - 2 * MARGIN

        def go_on() -> None:
            session.close_bar()
            first = here.strip("/").split("/")[0]
            place = f"/{first}" if first in ("roster", "needs", "records") else "/"
            go(under(place, f"visit/{follower}"))

        actions = [
            quiet(
                look,
                undo_words,
                label=words(look.language, undo_label),
                on_click=undo,
                is_outlined=True,
                expand=None if is_beside else 1,
            )
        ]
        if person is not None:
            actions.append(
                quiet(
                    look,
                    next_words,
                    label=words(look.language, "saved.next.label", who=person.spoken),
                    on_click=go_on,
                    is_outlined=True,
                    expand=None if is_one_line else 1,
                )
            )
        if is_one_line:
            rows = [ft.Row([done, *actions], spacing=8)]
        elif is_beside:
            rows.append(ft.Row(actions, spacing=8))
        else:
            rows.append(ft.Column(actions, spacing=8, horizontal_alignment=ft.CrossAxisAlignment.STRETCH))
    return ft.Container(
        content=ft.Column(rows, spacing=4, tight=True),
        bgcolor=shade.card,
        border=ft.Border.only(top=ft.BorderSide(2, shade.wait)),
        padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=6, bottom=6),
    )


def _undo(session: Session, saved: Saved) -> None:
    if saved.kind == "visit":
        session.undo_visit(saved.visit)
    elif saved.kind == "greeting":
        undo_greetings(session, saved)
    elif saved.kind == "activity":
        undo_activity(session, saved.person, shown_at=saved.shown_at)
    elif saved.kind == "finding":
        undo_finding(session, saved.visit)
    else:
        session.undo_newcomer(saved.person, shown_at=saved.shown_at)


def _said(saved: Saved) -> str:
    """A key of the words."""
    if saved.kind in ("greeting", "activity"):
        return f"undo.{saved.kind}" if saved.is_undone else f"saved.{saved.kind}"
    if not saved.is_undone:
        return "saved.bar"
    return "undo.newcomer" if saved.kind == "newcomer" else "undo.done"
