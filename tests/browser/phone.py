"""A phone's browser in a test: Chromium of 360 x 780 with touch, driven through accessible labels."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Locator, Page, Playwright, expect

ARTIFACTS = Path(__file__).resolve().parent.parent.parent / "artifacts" / "browser"
# A cold start takes 8 s on two quiet cores; a busy machine may need several times as long.
START_LIMIT_MS = 120_000
STEP_LIMIT_MS = 60_000
_LOOK_EVERY_MS = 60
_CALM_LOOKS = 4
_TOUCHES = 3
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str:
    """The machine's Chromium; a test without one fails, for then the app is unproven."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.fail("no Chromium on this machine: run `bash .ci/setup browser`")


@contextmanager
def open_context(playwright: Playwright, profile: Path) -> Iterator[BrowserContext]:
    """A browser whose files live in `profile`: opened again with the same one, it is the same phone."""
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=chromium_path(),
        args=_FLAGS,
        viewport={"width": 360, "height": 780},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    context.set_default_timeout(STEP_LIMIT_MS)
    try:
        yield context
    finally:
        context.close()


class Phone:
    """One page with the app in it.

    `requests` holds the address of every request made by the page, `problems` what its console
    reported as an error, `lines` whatever the app printed.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page: Page = context.new_page()
        self.url = url
        self.requests: list[str] = []
        self.failed: list[str] = []
        self.problems: list[str] = []
        self.lines: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._hear)

    def open(self) -> Phone:
        """Load the page and wait until Flutter's accessibility tree is there."""
        self.page.goto(self.url)
        self.read_aloud()
        return self

    def read_aloud(self) -> None:
        """Switch Flutter's accessibility tree on, as a screen reader does. Needed after each reload."""
        switch = self.page.locator("flt-semantics-placeholder")
        switch.wait_for(state="attached", timeout=START_LIMIT_MS)
        # It lies outside the viewport, where a pointer cannot reach it.
        switch.evaluate("element => element.click()")

    def button(self, name: str) -> Locator:
        """The button of exactly this accessible name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def text(self, words: str) -> Locator:
        """The first element that reads `words`, or contains them."""
        return self.page.get_by_text(words).first

    def labelled(self, label: str) -> Locator:
        """The first element with this accessible label, such as a text field."""
        return self.page.get_by_label(label).first

    def tap(self, name: str) -> None:
        """Tap the button of this name with a finger."""
        self.touch(self.button(name))

    def touch(self, target: Locator) -> None:
        """Tap what stands still: while a page slides in, its accessible boxes lag behind the picture,
        and a finger sent to where they were would land on a neighbour.
        """
        target.wait_for()
        last, calm = None, 0
        while calm < _CALM_LOOKS:
            box = target.bounding_box()
            calm = calm + 1 if box is not None and box == last else 0
            last = box
            self.page.wait_for_timeout(_LOOK_EVERY_MS)
        target.tap()

    def go(self, place: str, shown: Locator) -> None:
        """Tap the place in the bottom bar until `shown` is there: right after a start, while the page
        still draws itself, a touch may be lost, and a worker would tap again.
        """
        for _ in range(_TOUCHES):
            self.tap(place)
            with contextlib.suppress(Error):
                shown.wait_for(timeout=STEP_LIMIT_MS / _TOUCHES)
                return
        shown.wait_for()

    def choose(self, label: str) -> None:
        """Tap the choice of this label and see that it is taken; tap again if the touch was lost."""
        choice = self.page.get_by_role("checkbox", name=label, exact=True)
        for _ in range(_TOUCHES - 1):
            self.touch(choice)
            with contextlib.suppress(AssertionError):
                expect(choice).to_be_checked(timeout=STEP_LIMIT_MS / _TOUCHES)
                return
        self.touch(choice)
        expect(choice).to_be_checked()

    def fill(self, label: str, text: str) -> None:
        """Type `text` into the field of this label, in the place of what it holds."""
        field = self.labelled(label)
        self.touch(field)
        # Flutter listens to the field only after a trip through its framework, and what is typed
        # before that is lost. It then sets this attribute, unless the field asks for no correction.
        with contextlib.suppress(AssertionError):
            expect(field).to_have_attribute("autocorrect", "on", timeout=2_000)
        field.fill(text)

    def wait_until_kept(self) -> None:
        """Wait until the service worker holds the whole app, so that it opens without a server."""
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")

    def marks(self) -> dict[str, int]:
        """Milliseconds after the page was opened at which each step of the start was done."""
        return self.page.evaluate("globalThis.marks")

    def screenshot(self, name: str) -> Path:
        """Keep what is on the screen as a build artefact."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        target = ARTIFACTS / f"{name}.png"
        self.page.screenshot(path=target)
        return target

    def seen(self, name: str) -> str:
        """What a screen reader would find on the page now and what its console told, in words; the
        picture is kept under `name`. Empty for a page that was closed.
        """
        if self.page.is_closed():
            return ""
        self.screenshot(name)
        parts = self.page.locator("body").aria_snapshot(timeout=5_000)
        return "\n".join([self.page.url, parts, *self.problems[-20:], *self.lines[-20:]])

    def close(self) -> None:
        self.page.close()

    def foreign_requests(self) -> list[str]:
        """Requests that left the server the page came from."""
        origin = self.page.evaluate("location.origin") + "/"
        return [url for url in self.requests if not url.startswith((origin, "blob:", "data:"))]

    def _hear(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        (self.problems if kind == "error" else self.lines).append(text)
