"""A file sealed in a page opens natively, and the other way round: one format, two ciphers."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from app.device import envelope
from app.device.envelope_js import CIPHER
from app.domain.errors import BadInput
from tests.browser.serving import LocalServer

CODE = "1234 5678 9012 3456"
DIGITS = "1234567890123456"
HEAD = b"ZFH1" + (1000).to_bytes(4, "big") + bytes(range(28))
_RUN = f"""([act, digits, rounds, head, content]) => {{
  const bytes = list => new Uint8Array(list)
  return ({CIPHER})(act, bytes(digits), rounds, bytes(head), bytes(content))
    .then(found => [...found], () => null)
}}"""


async def blank(_: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html>")


def in_page(page: Page, act: str, digits: str, content: bytes) -> bytes | None:
    found = page.evaluate(_RUN, [act, list(digits.encode()), 1000, list(HEAD), list(content)])
    return None if found is None else bytes(found)


def opened(code: str, sealed: bytes) -> bytes:
    """As a phone opens it; in a thread of its own, since Playwright's loop runs in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(envelope.open_file(code, sealed))).result()


@pytest.mark.browser
def test_page_and_phone_open_each_others_files(chromium_context: BrowserContext) -> None:
    server = LocalServer(Starlette(routes=[Route("/", blank)])).start()
    try:
        page = chromium_context.new_page()
        page.goto(server.origin)
        content = "名册".encode() * 1000
        sealed = in_page(page, "encrypt", DIGITS, content)
        assert sealed is not None
        assert opened(CODE, HEAD + sealed) == content
        assert in_page(page, "decrypt", DIGITS, sealed) == content
        assert in_page(page, "decrypt", "0" * 16, sealed) is None
        assert in_page(page, "decrypt", DIGITS, sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
        with pytest.raises(BadInput, match="交接码不对"):
            opened("0000 0000 0000 0000", HEAD + sealed)
    finally:
        server.stop()
