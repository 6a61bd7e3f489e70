"""登录: name and password, once. Where the server is, is asked only of an installed app."""

from __future__ import annotations

import flet as ft

from app.domain.errors import Unreachable, ZoufangError
from app.state.live import use_live, use_session
from app.store.account import signed_in
from app.ui.parts.faults import fault_words
from app.ui.parts.field import field
from app.ui.parts.frame import page_view
from app.ui.parts.look import go, screen, use_look
from app.ui.parts.shapes import notice, scrolled
from app.ui.parts.tap import primary, quiet
from app.ui.parts.text import text
from app.ui.parts.workers import WorkersHere
from app.ui.words import words


@screen
def SignIn() -> ft.View:
    look = use_look()
    session = use_session()
    is_known = use_live(signed_in, "account") is not None
    origin = session.device.network.server_origin()
    login, set_login = ft.use_state("")
    password, set_password = ft.use_state("")
    server, set_server = ft.use_state(origin or "")
    problem, set_problem = ft.use_state("")
    shows_password, show_password = ft.use_state(False)
    is_going, set_going = ft.use_state(False)
    is_pressed = ft.use_ref(False)
    language = look.language

    async def sign_in() -> None:
        if is_pressed.current:
            return
        missing = _missing(login, password, server)
        if missing:
            set_problem(words(language, missing))
            return
        is_pressed.current = True
        set_problem("")
        set_going(True)
        try:
            await session.sign_in(login.strip(), password, server=server.strip().rstrip("/"))
        except Unreachable:
            set_problem(words(language, "sign_in.offline"))
        except ZoufangError as fault:
            set_problem(fault_words(session, fault))
        else:
            go("/")
        finally:
            is_pressed.current = False
            set_going(False)

    body: list[ft.Control] = [
        WorkersHere(only_when_nobody=True),
        text(look, words(language, "sign_in.hint"), "body", color=look.palette.ink2),
        field(
            look,
            words(language, "sign_in.login"),
            login,
            on_change=set_login,
            autofill=ft.AutofillHint.USERNAME,
        ),
        field(
            look,
            words(language, "sign_in.password"),
            password,
            on_change=set_password,
            is_secret=not shows_password,
            on_submit=sign_in,
            autofill=ft.AutofillHint.PASSWORD,
        ),
    ]
    # Flutter's own eye in the field has no name for a screen reader.
    body.append(
        quiet(
            look,
            words(language, "sign_in.hide" if shows_password else "sign_in.show"),
            on_click=lambda: show_password(not shows_password),
            glyph=ft.Icons.VISIBILITY_OFF_OUTLINED if shows_password else ft.Icons.VISIBILITY_OUTLINED,
        )
    )
    if origin is None:
        body.append(
            field(
                look,
                words(language, "sign_in.server"),
                server,
                on_change=set_server,
                hint=words(language, "sign_in.server.hint"),
                keyboard=ft.KeyboardType.URL,
            )
        )
    if problem:
        body.append(ft.Semantics(live_region=True, content=notice(look, problem, is_bad=True)))
    return page_view(
        look,
        route="/sign-in",
        title=words(language, "app.name"),
        context=words(language, "sign_in.title"),
        actions=[
            quiet(
                look,
                "English" if language == "zh" else "中文",
                on_click=lambda: session.set_look(language="en" if language == "zh" else "zh"),
            ),
            quiet(
                look,
                words(language, "look.open"),
                on_click=lambda: session.set_look(scale=_next_scale(look.scale)),
                color=look.palette.ink,
            ),
        ],
        # Signed out by the server, a worker can still go back and record.
        back=(lambda: go("/")) if is_known else None,
        body=scrolled(look, body, spacing=16),
        pinned=primary(
            look,
            words(language, "sign_in.going" if is_going else "sign_in.go"),
            on_click=None if is_going else sign_in,
        ),
    )


def _missing(login: str, password: str, server: str) -> str | None:
    if not login.strip() or not password:
        return "sign_in.empty"
    if not server.strip():
        return "sign_in.no_server"
    return None


def _next_scale(scale: float) -> float:
    from app.ui.theme import SCALES

    larger = [s for s in SCALES if s > scale + 0.01]
    return larger[0] if larger else SCALES[0]
