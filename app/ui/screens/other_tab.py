"""What a second window shows: the records are open in the first, and two would harm them."""

from __future__ import annotations

import sys
from collections.abc import Callable

import flet as ft

from app.state.session import Session, bootstrap
from app.ui.parts.look import BOLD_FAMILY
from app.ui.parts.tap import primary
from app.ui.parts.text import icon, text
from app.ui.theme import MARGIN, Look
from app.ui.words import words


@ft.component
def OtherTab(on_opened: Callable[[Session], None]) -> list[ft.View]:
    """One view. 在这里用 tries again, which succeeds once the other window is closed.

    A page asks for its files once in its life, so in a browser trying again means to load the page.
    """
    look = Look(bold_family=BOLD_FAMILY)

    async def try_again() -> None:
        if sys.platform == "emscripten":
            page_alone = (ft.context.page.url or "").partition("#")[0]
            await ft.UrlLauncher().launch_url(page_alone, web_only_window_name="_self")
            return
        opened = await bootstrap()
        if isinstance(opened, Session):
            on_opened(opened)

    return [
        ft.View(
            route="/",
            bgcolor=look.palette.bg,
            padding=MARGIN,
            spacing=MARGIN,
            vertical_alignment=ft.MainAxisAlignment.CENTER,
            controls=[
                icon(look, ft.Icons.TAB_UNSELECTED, size=40),
                text(look, words("zh", "tab.other"), "body"),
                text(look, words("en", "tab.other"), "meta", color=look.palette.ink2),
                primary(look, words("zh", "tab.here"), on_click=try_again),
            ],
        )
    ]
