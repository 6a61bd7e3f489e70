"""名册: find a person by name, initials or hamlet; filters that can be put together; a window of fifty."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import flet as ft

from app.domain.divisions import spoken_name
from app.state.live import use_live, use_session, use_watched
from app.state.session import RosterQuery
from app.store.index import DECEASED, UNVISITED, PeopleIndex, people_index
from app.ui.parts.field import search_field
from app.ui.parts.filters import filter_chips
from app.ui.parts.first_load import FirstLoad
from app.ui.parts.frame import page_view
from app.ui.parts.look import go, screen, under, use_look
from app.ui.parts.people import person_rows, spoken_apart
from app.ui.parts.reveal import reveal_action, reveal_card, under_question
from app.ui.parts.shapes import scrolled
from app.ui.parts.tap import only_icon, quiet
from app.ui.parts.text import text
from app.ui.theme import GAP, MARGIN, Look
from app.ui.words import words

WINDOW = 50
# A screenful at once, the rest of the window when the typing pauses: a row costs a slow phone 10 ms.
FIRST_ROWS, FILL_AFTER_S = 12, 0.25
# Counting people a hamlet reads every row found; on a county's phone the list is too long for that.
COUNTED_HAMLETS = 2000


@screen
def Roster() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    query = use_watched(session.roster)
    index = use_live(people_index, "people", "visits", "needs", "account")
    here = ft.use_view_path() or "/roster"
    is_asking, set_asking = ft.use_state(False)
    shows_all_filters, show_all_filters = ft.use_state(False)
    language = look.language

    def search(text_: str) -> None:
        query.text, query.start = text_, 0

    def ask() -> None:
        session.close_bar()
        set_asking(True)

    def reveal(reason: str) -> None:
        set_asking(False)
        session.reveal(reason)

    wanted = (query.text, query.filters, query.start)
    filled: Any
    filled, fill = ft.use_state(None)

    async def fill_window() -> None:
        await asyncio.sleep(FILL_AFTER_S)
        fill(wanted)

    ft.use_effect(fill_window, [wanted])
    rows_now = WINDOW if filled == wanted else FIRST_ROWS
    everyone = index.progress().due
    look_up = index.find(query.text, query.filters)
    found = look_up.people
    head: list[ft.Control] = []
    head.append(ft.Container(content=_search(look, query.text, search), key="search"))
    head.append(
        filter_chips(
            look,
            query,
            session.campaign,
            known=index.counts(),
            counts=look_up.counts,
            shows_all=shows_all_filters,
            show_all=show_all_filters,
        )
    )
    body: list[ft.Control]
    if everyone == 0 and DECEASED not in query.filters:
        body = [FirstLoad()]
    elif not found:
        # Somebody searched for by name is found, whatever the filters say: most often just visited.
        beyond = index.search(query.text) if query.text and query.filters else []
        body = [*head, *_nobody(look, query, len(beyond), here=here)]
        if beyond:
            body += _window(look, query, index, beyond, here=here, are_shown=names.are_shown, most=rows_now)
    else:
        count = _count(look, query, len(found), shows_all=shows_all_filters, show_all=show_all_filters)
        window = _window(look, query, index, found, here=here, are_shown=names.are_shown, most=rows_now)
        body = [*head, count, *window]
    shown = "roster.context.shown" if names.are_shown else "roster.context.masked"
    list_view = scrolled(look, body, spacing=0)
    # Another window is another list: it begins at its top.
    list_view.key = f"window-{query.start}"
    return page_view(
        look,
        route=here,
        title=words(language, "place.roster"),
        context=words(language, shown, station=spoken_name(session.account.organisation_name), n=everyone),
        actions=[reveal_action(look, are_shown=names.are_shown, on_ask=ask, on_hide=session.hide)],
        body=under_question(
            look,
            list_view,
            reveal_card(look, on_reason=reveal, on_cancel=lambda: set_asking(False))
            if is_asking and not names.are_shown
            else None,
        ),
        place="roster",
    )


def _search(look: Look, value: str, search: Callable[[str], None]) -> ft.Control:
    tail = None
    if value:
        tail = only_icon(
            look,
            ft.Icons.CLOSE,
            label=words(look.language, "roster.search.clear"),
            on_click=lambda: search(""),
            color=look.palette.ink2,
        )
    return search_field(
        look,
        words(look.language, "roster.search"),
        value,
        hint=words(look.language, "roster.search.hint.short" if look.is_stacked else "roster.search.hint"),
        on_change=search,
        tail=tail,
    )


def add_person(look: Look, here: str) -> ft.Control:
    """The way to somebody who is on no roster."""
    return ft.Container(
        content=quiet(
            look,
            words(look.language, "newcomer.go"),
            on_click=lambda: go(under(here, "add")),
            glyph=ft.Icons.PERSON_ADD_ALT,
            is_outlined=True,
        ),
        padding=ft.Padding.only(top=12),
        key="add",
    )


def _nobody(look: Look, query: RosterQuery, beyond: int, *, here: str) -> list[ft.Control]:
    """Nobody fits; `beyond` are found without the filters and follow."""
    language = look.language
    if beyond:
        said = words(language, "roster.beyond", text=query.text, n=beyond)
        return [ft.Container(content=text(look, said), padding=ft.Padding.only(top=GAP), key="beyond")]
    said = words(language, "roster.nobody", text=query.text)
    if not query.text:
        said = words(language, "roster.nobody.filters")

    def clear() -> None:
        query.text, query.filters, query.start = "", frozenset(), 0

    return [
        ft.Container(content=text(look, said, "body"), padding=ft.Padding.symmetric(vertical=MARGIN)),
        quiet(look, words(language, "roster.clear"), on_click=clear, is_outlined=True),
        add_person(look, here),
    ]


def _count(
    look: Look, query: RosterQuery, count: int, *, shows_all: bool, show_all: Callable[[bool], None]
) -> ft.Control:
    """How many are left by the filters, and the way to more of these."""
    key = "roster.count.unvisited" if query.filters == {UNVISITED} else "roster.count"
    beside = None if look.is_stacked else True
    said = text(look, words(look.language, key, n=count), "name", is_header=True, expand=beside)
    if look.is_huge:
        return ft.Container(content=said, key="count")
    more = words(look.language, "filter.less" if shows_all else "filter.more")
    opener = quiet(look, more, on_click=lambda: show_all(not shows_all), glyph=ft.Icons.FILTER_LIST)
    if look.is_stacked:
        return ft.Column([opener, said], spacing=0, key="count")
    return ft.Row([said, opener], spacing=GAP, key="count")


def _window(
    look: Look,
    query: RosterQuery,
    index: PeopleIndex,
    found: list[str],
    *,
    here: str,
    are_shown: bool,
    most: int,
) -> list[ft.Control]:
    """The rows of this window, `most` of them now, under the names of their hamlets."""
    language = look.language
    start = query.start if query.start < len(found) else 0
    rows = [index.row(person) for person in found[start : start + most]]
    hamlets = (
        Counter((index.row(person).village, index.row(person).hamlet) for person in found)
        if len(found) <= COUNTED_HAMLETS
        else Counter()
    )
    spoken = spoken_apart(rows, language=language, are_shown=are_shown)
    shown: list[ft.Control] = []
    if start:
        shown.append(_turn(look, "roster.earlier", min(WINDOW, start), query, start - WINDOW))
    at = 0
    while at < len(rows):
        place = (rows[at].village, rows[at].hamlet)
        end = at
        while end < len(rows) and (rows[end].village, rows[end].hamlet) == place:
            end += 1
        shown.append(_hamlet(look, "-".join(place), place[1], hamlets.get(place)))
        shown.extend(person_rows(look, rows[at:end], here=here, are_shown=are_shown, spoken=spoken[at:end]))
        at = end
    behind = len(found) - start - WINDOW
    if behind > 0 and most == WINDOW:
        shown.append(_turn(look, "roster.more", min(WINDOW, behind), query, start + WINDOW))
    if behind <= 0:
        shown.append(add_person(look, here))
    return shown


def _hamlet(look: Look, key: str, hamlet: str, count: int | None) -> ft.Control:
    shade = look.palette
    cells: list[ft.Control] = [
        text(
            look,
            hamlet or words(look.language, "roster.no_hamlet"),
            "meta_strong",
            color=shade.ink2,
            is_header=True,
            expand=True,
        )
    ]
    if count is not None:
        cells.append(text(look, words(look.language, "roster.count", n=count), "meta", color=shade.ink2))
    return ft.Container(
        content=ft.Row(cells), padding=ft.Padding.only(left=4, right=4, top=14, bottom=6), key=f"hamlet-{key}"
    )


def _turn(look: Look, key: str, count: int, query: RosterQuery, start: int) -> ft.Control:
    def turn() -> None:
        query.start = max(0, start)

    return ft.Container(
        content=quiet(look, words(look.language, key, n=count), on_click=turn, is_outlined=True),
        padding=ft.Padding.only(top=12),
        key=key,
    )
