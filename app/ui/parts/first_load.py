"""What stands where the roster will be while none has come yet: how long it takes, and how far it is."""

from __future__ import annotations

import flet as ft

from app.state.live import use_live, use_session, use_watched
from app.store.index import people_index
from app.ui.parts.look import part, use_look
from app.ui.parts.shapes import card
from app.ui.parts.tap import primary, quiet
from app.ui.parts.text import icon, text
from app.ui.words import words


@part
def FirstLoad() -> ft.Control:
    """先取一次名册: the list fills while it is fetched, and can be used at once."""
    look = use_look()
    session = use_session()
    net = use_watched(session.net)
    count = use_live(lambda store: people_index(store).progress().due, "people")
    is_put_off, put_off = ft.use_state(False)

    def fetch() -> None:
        put_off(False)
        session.wake("hand")

    language, shade = look.language, look.palette
    phase = net.status.phase if net.status else None
    has_asked = net.status is not None and net.status.last_contact_ms is not None
    is_empty = phase == "idle" and has_asked and not count
    if is_put_off:
        # The place stays where it is, so that the list can be fetched at any time.
        later = words(language, "first.load.later.hint")
        rows: list[ft.Control] = [text(look, later, "body", color=shade.ink2)]
        rows.append(quiet(look, words(language, "first.load.go"), on_click=fetch))
        return card(look, rows, spacing=12)
    rows = [
        icon(look, ft.Icons.DOWNLOAD_FOR_OFFLINE_OUTLINED, size=36, color=shade.primary),
        text(look, words(language, "first.empty" if is_empty else "first.load"), "body"),
    ]
    if phase == "offline" or not net.is_online:
        rows.append(text(look, words(language, "first.load.offline"), "meta", color=shade.ink2))
    elif phase == "no_answer":
        rows.append(text(look, words(language, "net.server"), "meta", color=shade.ink2))
    elif phase == "sending" or count:
        rows.append(ft.ProgressBar(bar_height=8, color=shade.primary, bgcolor=shade.sunk, border_radius=4))
        rows.append(text(look, words(language, "first.load.progress", n=count), "meta", color=shade.ink2))
    rows.append(primary(look, words(language, "first.load.go"), on_click=fetch))
    rows.append(quiet(look, words(language, "first.load.later"), on_click=lambda: put_off(True)))
    return card(look, rows, spacing=12)
