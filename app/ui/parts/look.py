"""The hooks and guards with which every screen begins: its look, and a boundary around what may break."""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from typing import Any, cast

import flet as ft

from app.state.live import use_session, use_watched
from app.ui.parts.tap import primary
from app.ui.parts.text import icon, text
from app.ui.theme import LIGHT, MARGIN, Language, Look, Theme, palette_of
from app.ui.words import words

log = logging.getLogger("zoufang.ui")

# In the page the font manifest gives both faces to one family; elsewhere each file is a family.
REGULAR_FAMILY = None if sys.platform == "emscripten" else "Zoufang"
BOLD_FAMILY = None if sys.platform == "emscripten" else "Zoufang Bold"


def use_look() -> Look:
    """How to draw now; the component is drawn anew when the worker changes it. A hook."""
    looks = use_watched(use_session().looks)
    return Look(
        scale=looks.scale,
        palette=palette_of(cast(Theme, looks.theme), system_is_dark=looks.is_system_dark),
        language=cast(Language, looks.language),
        bold_family=BOLD_FAMILY,
    )


def screen(body: Callable[[], ft.View]) -> Callable[[], ft.View]:
    """Make `body` a screen: a component that shows a calm page instead of failing.

    A component that raises while it is drawn again would end Flet's update scheduler without a word
    and freeze the app for good.
    """

    @functools.wraps(body)
    def guarded() -> ft.View:
        try:
            return body()
        except Exception:
            log.exception("screen %s could not be drawn", body.__name__)
            return broken_view()

    return cast(Callable[[], ft.View], ft.component(guarded))


def part(body: Callable[..., ft.Control]) -> Callable[..., Any]:
    """Make `body` a component that is drawn again only when what it is given or watches has changed.

    It fails like a screen: with a line in its place, never with an exception.
    """

    @functools.wraps(body)
    def guarded(*args: Any, **kwargs: Any) -> ft.Control:
        try:
            return body(*args, **kwargs)
        except Exception:
            log.exception("part %s could not be drawn", body.__name__)
            return text(Look(), words("zh", "broken.row"), "meta")

    return cast(Callable[..., Any], ft.memo(ft.component(guarded)))


def broken_view() -> ft.View:
    """The page in place of one that could not be drawn. Uses nothing that might be broken itself."""
    look = Look(bold_family=BOLD_FAMILY)

    def home() -> None:
        ft.context.page.navigate("/")

    return ft.View(
        route="/broken",
        bgcolor=LIGHT.bg,
        padding=MARGIN,
        spacing=MARGIN,
        vertical_alignment=ft.MainAxisAlignment.CENTER,
        controls=[
            icon(look, ft.Icons.INFO_OUTLINE, size=40),
            text(look, words("zh", "broken.title"), "title", is_header=True),
            text(look, words("zh", "broken.safe"), "body"),
            primary(look, words("zh", "broken.home"), on_click=home),
        ],
    )


def go(path: str) -> None:
    """Show the screen at `path`. To be called from a handler."""
    ft.context.page.navigate(path)


def under(here: str, path: str) -> str:
    """The route `path` below the view at `here`."""
    return f"{here.rstrip('/')}/{path}"


def above(here: str, levels: int = 1) -> str:
    """The route `levels` segments above `here`."""
    return "/" + "/".join(here.strip("/").split("/")[:-levels])
