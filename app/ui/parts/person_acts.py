"""What can be done about a person from his page: call, text, WeChat, edit; the form then knows the method."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import flet as ft

from app.domain.models import Person
from app.state.session import Session
from app.store.index import IndexRow
from app.ui.parts.look import go, under
from app.ui.parts.people import who
from app.ui.parts.tap import calls, tap
from app.ui.parts.text import fitting_columns, icon, text
from app.ui.theme import GAP, RADIUS_CARD, Look
from app.ui.words import words

# words, icon, what is opened (a number goes behind the colon), code of the method
_WAYS = (
    ("person.call", ft.Icons.CALL_OUTLINED, "tel:", "PHONE"),
    ("person.sms", ft.Icons.SMS_OUTLINED, "sms:", "SMS"),
    ("person.wechat", ft.Icons.CHAT_OUTLINED, "weixin://", "WECHAT"),
)


def person_acts(
    look: Look, session: Session, person: Person, row: IndexRow, *, here: str, are_shown: bool
) -> ft.Control:
    """The ways to reach the person by the phone's own apps, and the way to his entries.

    Nothing of a call or a message is kept: on return the form is open with the method filled. Who wants
    no calls is not called from here; who has no number is given one.
    """
    language, spoken = look.language, who(row, are_shown=are_shown).spoken
    edit = calls(go, under(here, "edit"))
    acts: list[ft.Control] = []
    names: list[str] = []

    def add(key: str, glyph: ft.IconData, label: str, on_click: Callable[[], object]) -> None:
        names.append(words(language, key))
        acts.append(_act(look, names[-1], words(language, label, who=spoken), glyph, on_click))

    if not person.phones:
        add("person.no_phone.add", ft.Icons.ADD_CALL, "person.no_phone.label", edit)
    elif not person.no_call:
        own = (number for number, whose in person.phones.items() if whose == "本人")
        number = next(own, next(iter(person.phones)))
        for key, glyph, opens, method in _WAYS:
            if session.campaign.method(method):
                address = f"{opens}{number}" if opens.endswith(":") else opens
                add(key, glyph, f"{key}.label", _reach(session, person.id, method, address, here=here))
    add("profile.edit", ft.Icons.EDIT_OUTLINED, "profile.edit.label", edit)
    columns = fitting_columns(look, names, len(names))
    lines: list[ft.Control] = [
        _line(look, acts[start : start + columns], columns) for start in range(0, len(acts), columns)
    ]
    return ft.Column(lines, spacing=GAP)


def _reach(session: Session, person: str, method: str, address: str, *, here: str) -> Callable[[], object]:
    async def reach() -> None:
        session.choose_method(person, method)
        go(under(here, "visit"))
        await ft.UrlLauncher().launch_url(address)

    return reach


def _act(look: Look, said: str, label: str, glyph: ft.IconData, on_click: Callable[[], object]) -> ft.Control:
    shade = look.palette
    return tap(
        ft.Column(
            [icon(look, glyph, color=shade.primary), text(look, said, "meta_strong", color=shade.primary)],
            spacing=4,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        ),
        label=label,
        on_click=on_click,
        bgcolor=shade.tint,
        border=ft.Border.all(2, shade.primary) if shade.edge_width > 2 else None,
        radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(vertical=10, horizontal=GAP),
        align=ft.Alignment.CENTER,
        expand=1,
    )


def _line(look: Look, acts: Sequence[ft.Control], columns: int) -> ft.Control:
    """Acts side by side, equally wide and high."""
    filled = [*acts, *(ft.Container(expand=1) for _ in range(columns - len(acts)))]
    return ft.Row(
        filled, spacing=GAP, intrinsic_height=True, vertical_alignment=ft.CrossAxisAlignment.STRETCH
    )
