"""The frame that all screens share: top bar, what the page holds, one pinned action, the four places."""

from __future__ import annotations

from dataclasses import replace

import flet as ft

from app.state.live import use_live, use_session
from app.store.records import Totals, totals
from app.ui.parts.look import go, part, use_look
from app.ui.parts.saved_bar import SavedBar
from app.ui.parts.tap import Handler, only_icon, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, Look
from app.ui.words import words

PLACES = (
    ("today", "/", ft.Icons.TODAY_OUTLINED, ft.Icons.TODAY),
    ("roster", "/roster", ft.Icons.PEOPLE_OUTLINE, ft.Icons.PEOPLE),
    ("needs", "/needs", ft.Icons.VOLUNTEER_ACTIVISM_OUTLINED, ft.Icons.VOLUNTEER_ACTIVISM),
    ("records", "/records", ft.Icons.OUTBOX_OUTLINED, ft.Icons.OUTBOX),
)
ENGLISH_BAR_STOPS_AT = 1.22


def page_view(
    look: Look,
    *,
    route: str,
    title: str,
    context: str = "",
    body: ft.Control,
    actions: list[ft.Control] | None = None,
    back: Handler | None = None,
    pinned: ft.Control | None = None,
    place: str | None = None,
) -> ft.View:
    """A screen. `body` takes the room that is left; `pinned` or the four places stand below it."""
    foot: list[ft.Control] = []
    if pinned is None:
        foot.append(SavedBar())
    else:
        foot.append(_pinned(look, pinned))
    if place is not None:
        foot.append(BottomBar(place))
    return ft.View(
        route=route,
        padding=0,
        spacing=0,
        bgcolor=look.palette.bg,
        controls=[
            ft.SafeArea(
                expand=True,
                content=ft.Column(
                    [
                        _top_bar(look, title, context, actions or [], back),
                        ft.Container(content=body, expand=True),
                        *foot,
                    ],
                    spacing=0,
                    expand=True,
                    horizontal_alignment=ft.CrossAxisAlignment.STRETCH,
                ),
            )
        ],
    )


def _top_bar(
    look: Look, title: str, context: str, actions: list[ft.Control], back: Handler | None
) -> ft.Control:
    names: list[ft.Control] = [text(look, title, "title", is_header=True)]
    if context:
        names.append(text(look, context, "context", color=look.palette.ink2))
    row: list[ft.Control] = []
    if back is not None:
        label = words(look.language, "back")
        row.append(only_icon(look, ft.Icons.ARROW_BACK, label=label, on_click=back))
    row.append(ft.Column(names, spacing=0, tight=True, expand=True))
    row.extend(actions)
    return ft.Container(
        content=ft.Row(row, spacing=4, vertical_alignment=ft.CrossAxisAlignment.CENTER),
        padding=ft.Padding.only(left=GAP if back else MARGIN + 4, right=GAP, top=6, bottom=6),
    )


def _pinned(look: Look, action: ft.Control) -> ft.Control:
    return ft.Container(
        content=action,
        bgcolor=look.palette.card,
        border=ft.Border.only(top=ft.BorderSide(1, look.palette.line)),
        padding=ft.Padding.only(left=MARGIN, right=MARGIN, top=12, bottom=12),
    )


@part
def BottomBar(place: str) -> ft.Control:
    """The four places; the badge on 记录 counts what the city has not got yet or not accepted."""
    look = use_look()
    session = use_session()
    sums = use_live(totals, "outbox", "receipts", "visits")

    def step_to(path: str) -> None:
        session.close_bar()
        go(path)

    return ft.Container(
        content=ft.Row(
            [
                _place(look, name, path, glyphs, is_here=name == place, sums=sums, step_to=step_to)
                for name, path, *glyphs in PLACES
            ],
            spacing=0,
        ),
        bgcolor=look.palette.card,
        border=ft.Border.only(top=ft.BorderSide(1, look.palette.line)),
        padding=ft.Padding.only(top=6, bottom=6),
    )


def _records_words(look: Look, sums: Totals) -> str:
    """What the badge counts, said: what is on its way, and what the city did not accept."""
    waiting, refused = sums.waiting, sums.refused
    if waiting and refused:
        return words(look.language, "place.records.both", n=waiting, refused=refused)
    key = "place.records.refused" if refused else "place.records.waiting"
    return words(look.language, key, n=waiting or refused)


def _place(
    look: Look,
    name: str,
    path: str,
    glyphs: list[ft.IconData],
    *,
    is_here: bool,
    sums: Totals,
    step_to: Handler,
) -> ft.Control:
    shade = look.palette
    label = words(look.language, f"place.{name}")
    spoken = label
    ink = shade.on_tint if is_here else shade.ink2
    # Four English words stand beside each other only when they grow less.
    beside = replace(look, scale=min(look.scale, ENGLISH_BAR_STOPS_AT)) if look.language == "en" else look
    pill: ft.Control = ft.Container(
        content=icon(look, glyphs[1] if is_here else glyphs[0], color=ink),
        bgcolor=shade.tint if is_here else None,
        border_radius=18,
        padding=ft.Padding.symmetric(horizontal=19, vertical=4),
    )
    counted = sums.waiting + sums.refused
    if name == "records" and counted:
        spoken = _records_words(look, sums)
        badge = ft.Container(
            content=text(
                look,
                f"{counted}" if counted < 100 else "99+",
                "badge",
                color=shade.on_bad if sums.refused else shade.on_primary,
            ),
            bgcolor=shade.bad if sums.refused else shade.primary,
            border_radius=14,
            padding=ft.Padding.symmetric(horizontal=6, vertical=3),
            right=0,
            top=0,
        )
        pill = ft.Stack([pill, badge])
    return tap(
        ft.Column(
            [
                pill,
                text(beside, label, "place_here" if is_here else "place", color=ink, is_centred=True),
            ],
            spacing=2,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        label=spoken,
        selected=is_here,
        on_click=lambda: step_to(path),
        padding=2,
        align=ft.Alignment.CENTER,
        expand=1,
    )
