"""Start of the app on one page: open the store, draw the first list, then begin to synchronise."""

from __future__ import annotations

import logging

import flet as ft

from app.device import current_device
from app.state.live import SessionContext, use_live
from app.state.session import Session, bootstrap
from app.store.account import signed_in
from app.ui.parts.look import BOLD_FAMILY, REGULAR_FAMILY
from app.ui.routes import ROUTES
from app.ui.screens.other_tab import OtherTab
from app.ui.screens.sign_in import SignIn

log = logging.getLogger("zoufang.ui")


async def main(page: ft.Page) -> None:
    """Run the app on `page`."""
    dress(page)
    device = current_device()
    opened = await bootstrap(device)
    if not isinstance(opened, Session):
        page.render_views(OtherTab, lambda session: start(page, session))
        return
    start(page, opened)


def start(page: ft.Page, session: Session) -> None:
    """Draw the app for `session`, and start its loop once the first frame is on its way."""
    follow_system(page, session)
    session.device.network.attach(page)
    page.render_views(App, session)
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
def App(session: Session) -> ft.Control:
    """The providers around the routes; before the first sign-in, the sign-in alone."""
    return SessionContext(session, Screens)


@ft.component
def Screens() -> ft.Control | list[ft.View]:
    account = use_live(signed_in, "account")
    if account is None:
        return [SignIn()]
    return ft.Router(ROUTES, manage_views=True)
