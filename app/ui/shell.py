"""Start of the app on one page: open the store, draw the first list, then begin to synchronise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flet as ft

from app.state.live import SessionContext, use_live
from app.state.session import Session, bootstrap
from app.store.account import signed_in
from app.ui.parts.look import BOLD_FAMILY, REGULAR_FAMILY
from app.ui.routes import ROUTES
from app.ui.screens.other_tab import OtherTab
from app.ui.screens.sign_in import SignIn


async def main(page: ft.Page) -> None:
    """Run the app on `page`."""
    dress(page)
    opened = await bootstrap()
    session = opened if isinstance(opened, Session) else None
    if session is not None:
        follow_system(page, session)
    page.render_views(Root, session, lambda found: begin(page, found))
    if session is not None:
        begin(page, session)


def begin(page: ft.Page, session: Session) -> None:
    """Start what runs beside the screens; the first frame is on its way already."""
    follow_system(page, session)
    session.device.network.attach(page)
    session.device.camera.attach(page)
    page.run_task(session.run_loop)
    page.run_task(session.prepare_search)


def dress(page: ft.Page) -> None:
    """Title, fonts and motion: nothing moves but the platform's ripple."""
    page.title = "走访"
    still = ft.PageTransitionTheme.NONE
    transitions = ft.PageTransitionsTheme(android=still, ios=still, linux=still, macos=still, windows=still)
    if REGULAR_FAMILY is not None and BOLD_FAMILY is not None:
        page.fonts = {
            REGULAR_FAMILY: "fonts/NotoSansSC-Regular.ttf",
            BOLD_FAMILY: "fonts/NotoSansSC-Bold.ttf",
        }
    page.theme = ft.Theme(font_family=REGULAR_FAMILY, page_transitions=transitions)
    page.dark_theme = ft.Theme(font_family=REGULAR_FAMILY, page_transitions=transitions)
    page.padding = 0


def follow_system(page: ft.Page, session: Session) -> None:
    """Let the looks follow the phone's own light or dark."""

    def changed() -> None:
        session.looks.is_system_dark = page.platform_brightness == ft.Brightness.DARK

    page.on_platform_brightness_change = changed
    changed()


@ft.component
def Root(opened: Session | None, begin: Callable[[Session], None]) -> Any:
    """The app over `opened`; while another window has the records, the page that says so."""
    session, set_session = ft.use_state(opened)

    def take(found: Session) -> None:
        begin(found)
        set_session(found)

    return OtherTab(take) if session is None else App(session)


@ft.component
def App(session: Session) -> ft.Control:
    """The providers around the routes; before the first sign-in, the sign-in alone."""
    return SessionContext(session, Screens)


@ft.component
def Screens() -> ft.Control | list[ft.View]:
    account = use_live(signed_in, "account")
    if account is None:
        return [SignIn()]
    return ft.Router(ROUTES, manage_views=True)
