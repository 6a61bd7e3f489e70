"""A page's own ciphers seal as the installed app does: the county opens both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext
from sqlalchemy import Engine

from app.device.webcrypto_js import SEAL
from app.domain.sealing import INFO, NONCE_BYTES, POINT_BYTES, VERSION, Sealed, point_of
from sync_server.db.engine import open_engine, reading
from sync_server.records.sealed import county_public_key, opened

PAGE = "https://zoufang.test/"  # answered here; https, or the browser would keep its ciphers from it
WORDS = "从不上门，𠅤"


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path_factory.mktemp('sealing') / 'z.sqlite'}")
    yield made
    made.dispose()


@pytest.mark.browser
def test_the_county_opens_what_a_page_has_sealed(chromium_context: BrowserContext, engine: Engine) -> None:
    page = chromium_context.new_page()
    page.route(PAGE, lambda route: route.fulfill(body="<title>x</title>", content_type="text/html"))
    page.goto(PAGE)
    with reading(engine) as connection:
        key = county_public_key(connection, "331121")
    call = f"async parts => Array.from(await ({SEAL})(...parts.map(part => new Uint8Array(part))))"
    parts = [list(part) for part in (point_of(key), WORDS.encode(), INFO, VERSION)]
    whole = bytes(page.evaluate(call, parts))
    box_at = POINT_BYTES + NONCE_BYTES
    sealed = Sealed(whole[:POINT_BYTES], whole[POINT_BYTES:box_at], whole[box_at:])
    with reading(engine) as connection:
        assert opened(connection, "331121", sealed.text()) == WORDS
