"""Fixtures of the browser tests. Mark these tests with `@pytest.mark.browser`.

    site                the app itself, built once a session into build/web (seconds if nothing changed)
    probe_site          the same build with tests/browser/probe_app.py in the place of main.py
    chromium_context    a phone's browser with an empty profile
    open_phone          open_phone(url) -> Phone, opened in `chromium_context`

A test that brings its own server wraps its ASGI application in `serving.LocalServer`; the page is
then at `server.app_url` if the application mounts `sync_server.pwa.serve.web_app(site)` at /app.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Playwright, sync_playwright

from sync_server.pwa.build import DEFAULT_OUT, build_web
from tests.browser.phone import Phone, open_context
from tests.browser.serving import LocalServer, site_server

_HERE = Path(__file__).parent
_PHONES = pytest.StashKey[list[Phone]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: the quick ones answer first, and Playwright keeps an event loop running
    in this thread until the session ends, in which no other test could start its own.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def site() -> Path:
    return build_web().out


@pytest.fixture(scope="session")
def probe_site() -> Path:
    return build_web(DEFAULT_OUT.with_name("probe-web"), main=_HERE / "probe_app.py").out


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture
def chromium_context(playwright: Playwright, tmp_path: Path) -> Iterator[BrowserContext]:
    with open_context(playwright, tmp_path / "profile") as context:
        yield context


@pytest.fixture
def open_phone(request: pytest.FixtureRequest, chromium_context: BrowserContext) -> Callable[[str], Phone]:
    phones = request.node.stash.setdefault(_PHONES, [])

    def opened(url: str) -> Phone:
        phones.append(Phone(chromium_context, url))
        return phones[-1].open()

    return opened


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A failed test tells what was on its phones: where only the output is kept, nothing else would."""
    report = yield
    if report.when == "call" and report.failed:
        for number, phone in enumerate(item.stash.get(_PHONES, []), start=1):
            with contextlib.suppress(Error):
                report.sections.append((f"phone {number}", phone.seen(f"failed-{item.name}-{number}")))
    return report


@pytest.fixture
def probe_server(probe_site: Path) -> Iterator[LocalServer]:
    server = site_server(probe_site).start()
    yield server
    server.stop()
