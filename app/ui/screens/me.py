"""我的: who works here, for which campaign, with which phone."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.state.live import use_live, use_session
from app.store.index import people_index
from app.ui.parts.frame import page_view
from app.ui.parts.look import above, go, screen, under, use_look
from app.ui.parts.shapes import card, scrolled
from app.ui.parts.tap import calls, quiet, tick
from app.ui.parts.text import text
from app.ui.theme import Look
from app.ui.words import words


@screen
def Me() -> ft.View:
    look = use_look()
    session = use_session()
    count = use_live(lambda store: people_index(store).progress().due, "people", "visits")
    by_wifi = use_live(lambda _: session.photos.is_wifi_only(), "prefs", "account")
    marked = use_live(lambda _: session.photos.is_marked(), "prefs", "account")
    here = ft.use_view_path() or "/me"
    account, language = session.account, look.language
    campaign = account.campaign.name if language == "zh" else account.campaign.name_en
    facts = [
        (words(language, "me.station"), account.organisation_name),
        (words(language, "me.campaign"), campaign),
        (words(language, "me.people"), f"{count}"),
        (words(language, "me.server"), account.server_url),
        (words(language, "me.device"), account.device[:8]),
    ]
    return page_view(
        look,
        route=here,
        title=account.account_name,
        context=words(language, "me.title"),
        back=lambda: go(above(here)),
        body=scrolled(
            look,
            [
                card(look, [_fact(look, name, value) for name, value in facts], spacing=12),
                quiet(
                    look,
                    words(language, "workers.open"),
                    on_click=lambda: go(under(above(here), "workers")),
                    glyph=ft.Icons.SWITCH_ACCOUNT_OUTLINED,
                    is_outlined=True,
                    wraps=True,
                ),
                quiet(
                    look,
                    words(language, "look.open"),
                    on_click=lambda: go(f"{above(here).rstrip('/')}/text"),
                    glyph=ft.Icons.FORMAT_SIZE,
                ),
                _switch(look, "me.photos.wifi", by_wifi, session.photos.set_wifi_only),
                _switch(look, "me.photos.mark", marked, session.photos.set_marked),
                quiet(
                    look,
                    words(language, "handover.open"),
                    on_click=lambda: go(under(here, "handover")),
                    glyph=ft.Icons.SWAP_HORIZ,
                ),
                quiet(
                    look,
                    words(language, "help.open"),
                    on_click=lambda: go(under(here, "help")),
                    glyph=ft.Icons.HELP_OUTLINE,
                ),
                text(look, words(language, "me.about"), "meta", color=look.palette.ink2),
            ],
            spacing=12,
        ),
    )


def _switch(look: Look, key: str, is_on: bool, turn: Callable[[bool], None]) -> ft.Control:
    name = words(look.language, key)
    return tick(look, name, label=name, is_ticked=is_on, on_click=calls(turn, not is_on), expand=None)


def _fact(look: Look, name: str, value: str) -> ft.Control:
    return ft.Column(
        [text(look, name, "meta", color=look.palette.ink2), text(look, value, "body")], spacing=0
    )
