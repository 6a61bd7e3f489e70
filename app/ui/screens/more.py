"""还能做什么: what is left to do once everybody has been reached; each line leads to where it is done."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.state.live import use_live, use_session
from app.state.session import Session
from app.store.index import PeopleIndex, people_index
from app.store.left import still_to_confirm
from app.store.needs import needs_here
from app.store.store import Store
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, use_look
from app.ui.parts.shapes import scrolled
from app.ui.parts.tap import calls, quiet
from app.ui.parts.text import text
from app.ui.words import words


@screen
def More() -> ft.View:
    look = use_look()
    session = use_session()
    here = ft.use_view_path() or "/more"

    def ask(store: Store) -> list[tuple[str, int, str]]:
        return _left_to_do(session, store)

    found = use_live(ask, "people", "visits", "needs", "confirmation")
    language = look.language

    def lead(path: str) -> Callable[[], None]:
        def handler() -> None:
            session.show_roster()
            go(path)

        return handler

    body: list[ft.Control] = [
        quiet(look, words(language, key, n=count), on_click=lead(path), is_outlined=True, wraps=True)
        for key, count, path in found
        if count
    ]
    if not body:
        body.append(text(look, words(language, "more.nothing"), "body"))
    body += [
        quiet(look, words(language, key), on_click=calls(go, path), is_outlined=True, wraps=True)
        for key, path in (("newcomer.go", "/roster/add"), ("activity.list", "/records/activities"))
    ]
    return page_view(
        look,
        route=here,
        title=words(language, "more.title"),
        context=words(language, "more.context"),
        back=lambda: go(above(here)),
        body=scrolled(look, body, spacing=12),
        place="today",
    )


def _left_to_do(session: Session, store: Store) -> list[tuple[str, int, str]]:
    """(key of the words, count, where it is done)."""
    index = people_index(store)
    return [
        ("more.confirm", still_to_confirm(store, index, session.campaign), "/roster"),
        ("more.needs", sum(need.is_open for need in needs_here(store)), "/needs"),
        ("more.sent", _only_written_to(session, index), "/left"),
    ]


def _only_written_to(session: Session, index: PeopleIndex) -> int:
    """Who got a message and was not spoken with; none of them counts as reached."""
    sent = {result.code for result in session.campaign.results if result.sent}
    lasts = (row.last_attempt for row in index.left_from(None))
    return sum(last is not None and last.result in sent for last in lasts)
