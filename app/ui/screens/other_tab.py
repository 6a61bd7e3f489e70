"""What a second window shows: the records are open in the first, and two would harm them."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.state.session import Session, bootstrap
from app.ui.parts.look import BOLD_FAMILY
from app.ui.parts.shapes import notice
from app.ui.parts.tap import primary
from app.ui.parts.text import icon, text
from app.ui.theme import MARGIN, Look
from app.ui.words import words


@ft.component
def OtherTab(on_opened: Callable[[Session], None]) -> list[ft.View]:
    """One view. 在这里用 asks the other window for the records; it stops, and the app opens here."""
    look = Look(bold_family=BOLD_FAMILY)
    step, set_step = ft.use_state("tab.here")

    async def take_over() -> None:
        set_step("tab.taking")
        opened = await bootstrap()
        if isinstance(opened, Session):
            on_opened(opened)
        else:
            set_step("tab.stuck")

    stuck: list[ft.Control] = []
    if step == "tab.stuck":
        stuck = [notice(look, words("zh", step), is_bad=True), text(look, words("en", step), "meta")]
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
                *stuck,
                primary(
                    look,
                    words("zh", "tab.taking" if step == "tab.taking" else "tab.here"),
                    on_click=None if step == "tab.taking" else take_over,
                ),
            ],
        )
    ]
