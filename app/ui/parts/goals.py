"""Bringing a part of a page into view: what was wrong must be seen, wherever the worker had scrolled to."""

from __future__ import annotations

import asyncio
from typing import Any

import flet as ft

from app.ui.theme import MARGIN

# How long a change takes to be drawn: what is not there yet cannot be scrolled to.
_DRAWN_S = 0.15


def with_goals(column: ft.Ref[Any], controls: list[ft.Control], *, spacing: float) -> ft.Control:
    """The page's content, to be scrolled to the goals in it (`shapes.goal`) by `show_soon`."""
    content = ft.Container(
        content=ft.Column(controls, spacing=spacing, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=4, bottom=MARGIN * 2),
    )
    return ft.Column(
        [content],
        ref=column,
        scroll=ft.ScrollMode.AUTO,
        spacing=0,
        expand=True,
        horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
    )


def show_soon(column: ft.Ref[Any], name: str) -> None:
    """Scroll to the goal `name`, once what was just changed is drawn."""
    ft.context.page.run_task(show, column, name)


async def show(column: ft.Ref[Any], name: str) -> None:
    """Scroll to the goal `name`, once what was just changed is drawn; nothing where the page is gone."""
    await asyncio.sleep(_DRAWN_S)
    if column.current is not None:
        await column.current.scroll_to(scroll_key=name, duration=200)
