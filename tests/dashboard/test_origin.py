"""What another site's page sends is refused, on every form of the dashboard and in one place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from tests.dashboard.test_pages import cookie_of
from tests.server.phones import ask
from tests.server.test_scope import endpoints

Everything = Callable[[], dict[str, list[tuple]]]
ELSEWHERE = {
    "an origin elsewhere": {"Origin": "https://elsewhere.cn"},
    "no origin that it would name": {"Origin": "null"},
    "another port of the same host": {"Origin": "http://server.test:8080"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another host of the same domain": {"Sec-Fetch-Site": "same-site", "Origin": "http://server.test"},
}


def posts(app: FastAPI) -> list[str]:
    """Every address under which a page's form is taken in."""
    return [
        re.sub(r"\{\w+\}", "1", route.path)
        for route in endpoints(app.routes)
        if "POST" in route.methods and not route.path.startswith("/v1/")
    ]


@pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
def test_no_form_takes_what_another_sites_page_sends(
    app: FastAPI, everything: Everything, headers: dict[str, str]
) -> None:
    cookie = cookie_of(app, "town")
    before = everything()
    paths = posts(app)
    assert {
        "/sign-in",
        "/sign-out",
        "/review/merge",
        "/review/apart",
        "/review/1/1",
        "/publicity/1",
        "/needs/1/step",
    } <= {*paths}
    for path in paths:
        answer = ask(app, "POST", path, headers={**cookie, **headers}, content=b"login=town")
        assert (answer.status_code, "不是从本网站的页面发来的" in answer.text) == (403, True), path
    assert everything() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://server.test"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://server.test"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
    ids=["its origin", "the same origin", "typed by hand", "no browser"],
)
def test_a_form_of_ones_own_page_is_taken(app: FastAPI, headers: dict[str, str]) -> None:
    cookie = cookie_of(app, "town")
    assert ask(app, "POST", "/sign-out", headers={**cookie, **headers}, content=b"").status_code == 303
