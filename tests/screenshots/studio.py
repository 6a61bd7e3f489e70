"""The app in Chromium without a build: Flet's own server here, one tab for each filling of the phone.

Screens and looks are changed from this side, in the tab that is open: loading the page anew costs more
than everything else.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event
from types import SimpleNamespace

import flet as ft
from flet_web.fastapi import app as flet_app
from playwright.sync_api import Browser, Page, Playwright

from app.device import Device
from app.device.pillow_shrinker import PillowShrinker
from app.state.session import Session
from app.store.store import open_store
from app.ui.shell import Root, dress
from tests.browser.phone import _FLAGS, chromium_path
from tests.browser.serving import LocalServer
from tests.fakes import FakeClock
from tests.photo_server import ChosenFiles, MemoryBlobs, SlowShrinker
from tests.screenshots.scenes import Scene, fill_with
from tests.ui.conftest import PageNetwork

ROOT = Path(__file__).resolve().parents[2]
_START_MS, _STEP_MS, _DRAWN_MS = 60_000, 20_000, 450

_SHOWS_WORKERS = """wanted => wanted === [...document.querySelectorAll('flt-semantics-host *')]
  .some(one => /谁在用|Who is using/.test(one.textContent + (one.ariaLabel ?? '')))"""


class Tab:
    """One open page over one filled store."""

    def __init__(self, page: Page, flet_page: ft.Page, session: Session, run: Callable[..., None]) -> None:
        self.page = page
        self._flet_page = flet_page
        self._session = session
        self._run = run
        self.language = "zh"

    def show(self, scene: Scene, *, scale: float, theme: str, language: str) -> None:
        """Draw the scene from its beginning, with nothing begun before, and tap what is to be tapped."""
        self.language = language

        def begin() -> None:
            with self._session.store.transaction():
                self._session.store.db.execute("DELETE FROM drafts")
                self._session.store.touch({"drafts"})
            self._session.set_look(scale=scale, theme=theme, language=language)
            self._flet_page.navigate("/me" if scene.route == "/workers" else "/workers")

        self._run(begin)
        self._wait_for_workers(scene.route != "/workers")
        self._run(lambda: self._flet_page.navigate(scene.route))
        self._wait_for_workers(scene.route == "/workers")
        self.page.wait_for_timeout(_DRAWN_MS)
        for labels in scene.taps:
            self.tap(labels[language == "en"])

    def _wait_for_workers(self, is_there: bool) -> None:
        """Wait until the page 谁在用, which lies between any two scenes, has come or gone."""
        self.page.wait_for_function(_SHOWS_WORKERS, arg=is_there, timeout=_STEP_MS)

    def tap(self, label: str) -> None:
        """Tap the first thing whose name begins with `label`, as assistive technology does."""
        named = [
            f"[role={role}]{by}"
            for role in ("button", "checkbox")
            for by in (f':has-text("{label}")', f'[aria-label^="{label}"]')
        ]
        found = self.page.locator(", ".join(named)).last
        found.wait_for(state="attached", timeout=_STEP_MS)
        found.evaluate("element => element.click()")
        self.page.wait_for_timeout(_DRAWN_MS)


class Studio:
    """Runs the server; `tab` opens the app over a filled store."""

    def __init__(self, folder: Path, playwright: Playwright) -> None:
        self._folder = folder
        self._playwright = playwright
        self._browser: Browser
        self._fill = ""
        self._opened: tuple[ft.Page, Session, Callable[..., None]]
        self._is_open = Event()
        self.server = LocalServer(flet_app(self._main, assets_dir=str(ROOT / "assets"), no_cdn=True))

    @contextmanager
    def open(self) -> Iterator[Studio]:
        """The server and the browser, for as long as the block runs."""
        self.server.start()
        self._browser = self._playwright.chromium.launch(executable_path=chromium_path(), args=_FLAGS)
        try:
            yield self
        finally:
            self._browser.close()
            self.server.stop()

    @contextmanager
    def tab(self, fill: str, width: int, height: int) -> Iterator[Tab]:
        """A tab of this size over the store of this `fill`."""
        self._fill = fill
        self._is_open.clear()
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=1, locale="zh-CN"
        )
        page = context.new_page()
        page.goto(self.server.origin)
        switch = page.locator("flt-semantics-placeholder")
        switch.wait_for(state="attached", timeout=_START_MS)
        assert self._is_open.wait(_START_MS / 1000), "the app did not start"
        switch.evaluate("element => element.click()")
        page.locator("[role=button]").nth(1).wait_for(state="attached", timeout=_START_MS)
        try:
            yield Tab(page, *self._opened)
        finally:
            context.close()

    async def _main(self, page: ft.Page) -> None:
        dress(page)
        clock = FakeClock()
        path = self._folder / f"{self._fill}.db"
        if not path.exists():
            fill_with(self._fill, path).close()
        store = open_store(path, now_ms=clock)
        device = Device(
            files=SimpleNamespace(),
            network=PageNetwork(),
            blobs=MemoryBlobs(),
            camera=ChosenFiles(),
            shrinker=SlowShrinker(PillowShrinker()),
        )
        session = Session(store, device, now_ms=clock, chance=Random(1))
        loop, here = asyncio.get_running_loop(), contextvars.copy_context()

        def run(step: Callable[[], None]) -> None:
            done = Event()

            def go() -> None:
                try:
                    step()
                finally:
                    done.set()

            loop.call_soon_threadsafe(go, context=here)
            assert done.wait(10), "the app does not answer"

        page.render_views(Root, session, lambda _: None)
        self._opened = (page, session, run)
        self._is_open.set()
