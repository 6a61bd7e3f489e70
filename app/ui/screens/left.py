"""还没联系到: who is left, hamlet by hamlet, priority groups first, and who is to be tried again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from app.state.live import use_live, use_session, use_watched
from app.state.session import Session
from app.store.index import IndexRow, people_index
from app.store.left import OwnWork, left_places, own_work, to_try_again
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.people import person_rows, spoken_apart
from app.ui.parts.shapes import card, scrolled, section
from app.ui.parts.states import method_words
from app.ui.parts.tap import quiet
from app.ui.parts.text import text
from app.ui.parts.villages import village_names, village_picker
from app.ui.theme import GAP, Look
from app.ui.words import words

WINDOW = 50


@screen
def Left() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    index = use_live(people_index, "people", "visits", "needs", "account", "drafts")
    own = use_live(own_work, "visits", "outbox")
    here = ft.use_view_path() or "/left"
    chosen, choose = ft.use_state("")
    most, show = ft.use_state(WINDOW)
    language = look.language
    village = chosen or None
    places = left_places(index, session.campaign, village)
    again = to_try_again(index, now=session.now(), village=village)
    body: list[ft.Control] = list(village_picker(look, session, index, chosen, choose))
    groups: list[tuple[str, Sequence[IndexRow]]] = []
    if again:
        groups.append((words(language, "left.again", n=len(again)), again))
    met = {row.id for row in again}
    for place in places:
        rows = [row for row in place.rows if row.id not in met]
        hamlet = place.hamlet or words(language, "roster.no_hamlet")
        if rows:
            groups.append(
                (words(language, "left.place", hamlet=hamlet, n=len(place.rows), all=place.due), rows)
            )
    body += _groups(look, groups, here=here, are_shown=names.are_shown, most=most, show=show)
    left = sum(len(place.rows) for place in places)
    if not left:
        body.append(text(look, words(language, "left.none"), "body"))
    body.append(
        ft.Container(
            content=quiet(
                look,
                words(language, "paper.open"),
                on_click=lambda: go("/paper"),
                glyph=ft.Icons.PRINT_OUTLINED,
                is_outlined=True,
                wraps=True,
            ),
            padding=ft.Padding.only(top=GAP * 2),
        )
    )
    body.append(_own(look, session, own))
    return page_view(
        look,
        route=here,
        title=words(language, "left.title"),
        context=words(language, "left.context", n=left, places=len(places)),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=0),
        place="today",
    )


def _groups(
    look: Look,
    groups: list[tuple[str, Sequence[IndexRow]]],
    *,
    here: str,
    are_shown: bool,
    most: int,
    show: Callable[[int], None],
) -> list[ft.Control]:
    """The rows under their headings, `most` of them all together."""
    everyone = [row for _, rows in groups for row in rows]
    spoken = spoken_apart(everyone[:most], language=look.language, are_shown=are_shown)
    body: list[ft.Control] = []
    at = 0
    for heading, rows in groups:
        shown = list(rows)[: max(0, most - at)]
        if not shown:
            break
        body.append(section(look, heading))
        body += person_rows(look, shown, here=here, are_shown=are_shown, spoken=spoken[at : at + len(shown)])
        at += len(shown)
    behind = len(everyone) - at
    if behind > 0:
        more = words(look.language, "roster.more", n=min(WINDOW, behind))
        body.append(quiet(look, more, on_click=lambda: show(most + WINDOW), is_outlined=True, wraps=True))
    return body


def _own(look: Look, session: Session, own: OwnWork) -> ft.Control:
    """What the worker has done himself, by method and by village; nobody else is counted here."""
    language = look.language
    lines: list[ft.Control] = [
        text(look, words(language, "left.own", n=own.people), "strong", is_header=True)
    ]
    for method in session.campaign.methods:
        count = own.by_method.get(method.code)
        if count:
            name = method_words(session.campaign, look, method.code)
            lines.append(text(look, words(language, "left.own.line", name=name, n=count), "body"))
    if len(own.by_village) > 1:
        named = village_names(look, session, session.index)
        for village, count in sorted(own.by_village.items()):
            said = words(language, "left.own.line", name=named.get(village, village), n=count)
            lines.append(text(look, said, "body"))
    lines.append(text(look, words(language, "left.own.hint"), "meta", color=look.palette.ink2))
    return ft.Container(content=card(look, lines, spacing=4), padding=ft.Padding.only(top=GAP * 2))
