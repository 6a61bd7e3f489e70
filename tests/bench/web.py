"""`python -m tests.bench web`: the phone app in Chromium, from opening to the first list, and search."""

from __future__ import annotations

import json
import re
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Playwright, sync_playwright

from sync_server.asgi import create_app
from sync_server.demo.accounts import CITY, PASSWORD, VILLAGE, DemoAccount
from sync_server.demo.city import SIZES, Size
from sync_server.pwa.build import DEFAULT_OUT, build_web
from sync_server.settings import Settings
from tests.bench.data import planted_city
from tests.bench.figures import Figure
from tests.bench.server import served
from tests.browser.phone import START_LIMIT_MS, Phone, open_context
from tests.browser.serving import LocalServer

RUNS = 3
_PULL_LIMIT_MS = 180_000
_SETTLE_MS = 1_000  # Chromium writes its caches a moment after the page has gone
_LEFT = re.compile(r"^还有 \d+ 人没联系到，看名单$")
_SEARCH = "搜索姓名、拼音首字母或自然村"
_TYPED = ("z", "zj", "zjg", "l", "la", "lan", "w", "wu", "wuy", "周", "周建", "上坞", "上坞1")
# From the keystroke's arrival in the page until the filters count other people than before.
_WATCH = """() => {
  const count = () => {
    const filter = document.querySelector('[aria-label^="筛选 未走访，"]');
    return filter ? filter.getAttribute("aria-label") : "";
  };
  globalThis.searched = new Promise((resolve) => {
    const before = count();
    let typed = 0;
    document.addEventListener("input", () => { typed = typed || performance.now(); }, {capture: true});
    const look = () => {
      if (typed && count() !== before) resolve(performance.now() - typed);
      else requestAnimationFrame(look);
    };
    look();
  });
}"""
_EVERYBODY = re.compile(r"^筛选 未走访，1[45]\d{3}人$")


def measure() -> list[Figure]:
    """Milliseconds to the first list, with an empty and a filled profile, and of searching 15,000 people."""
    site = build_web()
    village = planted_city(SIZES["small"])
    many = planted_city(Size(people=15_000, visits=0, in_units=0, showcase=36))
    with sync_playwright() as playwright:
        with served(village) as origin:
            figures = _starts(playwright, f"{origin}/app/")
        figures += _search_alone(playwright, many)
        with served(many) as origin:
            figures += _search(playwright, f"{origin}/app/")
    return [*figures, Figure("site", site.size_bytes / 1e6, "MB", note=f"{site.files} files")]


def _starts(playwright: Playwright, url: str) -> list[Figure]:
    cold: list[float] = []
    form: list[float] = []
    warm: list[float] = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            with open_context(playwright, Path(profile)) as context:
                phone = Phone(context, url).open()
                form.append(_form_shown(phone))
                cold.append(form[-1] + _sign_in(phone, VILLAGE))
                phone.wait_until_kept()
                phone.close()
                _settle(context)
            for _ in range(2):
                with open_context(playwright, Path(profile)) as context:
                    phone = Phone(context, url).open()
                    phone.page.get_by_role("button", name=_LEFT).wait_for(timeout=START_LIMIT_MS)
                    warm.append(_now(phone))
                    phone.close()
                    _settle(context)
    return [
        Figure(
            "cold: open to the sign-in form",
            statistics.median(form),
            "ms",
            note=f"empty profile; median of {RUNS}",
        ),
        Figure(
            "cold: open to the first list",
            statistics.median(cold),
            "ms",
            note="with signing in and the first sync, without typing",
        ),
        Figure(
            "warm: open to the first list",
            statistics.median(warm),
            "ms",
            note=f"new browser, same profile; median of {len(warm)}",
        ),
        Figure("warm: longest", max(warm), "ms"),
    ]


def _search(playwright: Playwright, url: str) -> list[Figure]:
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        open_context(playwright, Path(profile)) as context,
    ):
        phone = Phone(context, url).open()
        _form_shown(phone)
        list_ms = _sign_in(phone, CITY)
        phone.button("名册").tap()
        started = _now(phone)
        phone.page.get_by_label(_EVERYBODY).first.wait_for(timeout=_PULL_LIMIT_MS)
        pull_ms = list_ms + _now(phone) - started
        phone.fill(_SEARCH, "y")  # spells every name, once
        phone.page.wait_for_timeout(5_000)
        taken = [ms for text in _TYPED if (ms := _typed(phone, text)) is not None]
    return [
        Figure("15,000 people: sign-in to the first list", list_ms, "ms", note="it fills while it is used"),
        Figure("15,000 people: sign-in to everybody", pull_ms, "ms", note="first sync in the browser"),
        *_searches(taken),
    ]


def _search_alone(playwright: Playwright, data: Path) -> list[Figure]:
    """What the search itself takes in the page's Python, filter counts included, without drawing."""
    page = Path(__file__).with_name("search_page.py")
    site = build_web(DEFAULT_OUT.with_name("bench-web"), main=page).out
    server = LocalServer(create_app(Settings.at(data), site=site)).start()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        open_context(playwright, Path(profile)) as context,
    ):
        phone = Phone(context, server.app_url)
        with phone.page.expect_console_message(
            lambda message: message.text.startswith("SEARCH "), timeout=_PULL_LIMIT_MS
        ) as heard:
            phone.page.goto(phone.url)
        found = json.loads(heard.value.text.removeprefix("SEARCH "))
    server.stop()
    note = f"{len(found['laps'])} searches with filter counts; {found['people']:,} people"
    return [
        Figure(
            "search in the browser, without drawing p50", statistics.median(found["laps"]), "ms", 100, note
        ),
        Figure("search in the browser, without drawing max", max(found["laps"]), "ms", 100),
        Figure("first search in letters, in the browser", found["spelling"], "ms", note="spells every name"),
    ]


def _searches(taken: Sequence[float]) -> list[Figure]:
    if not taken:
        return [
            Figure(
                "keystroke to the new list drawn", float("nan"), "ms", note="no keystroke changed the list"
            )
        ]
    return [
        Figure(
            "keystroke to the new list drawn p50",
            statistics.median(taken),
            "ms",
            note=f"{len(taken)} keystrokes; Flutter without a graphics card",
        ),
        Figure("keystroke to the new list drawn max", max(taken), "ms"),
    ]


def _typed(phone: Phone, text: str) -> float | None:
    """Milliseconds from the keystroke to another count on the screen; None if the count stays."""
    phone.page.evaluate(_WATCH)
    phone.labelled(_SEARCH).fill(text)
    try:
        phone.page.wait_for_function(
            "searched.then((ms) => { globalThis.took = ms; return true; })", timeout=8_000
        )
    except Error:
        return None
    return float(phone.page.evaluate("took"))


def _form_shown(phone: Phone) -> float:
    phone.labelled("账号").wait_for(timeout=START_LIMIT_MS)
    return _now(phone)


def _sign_in(phone: Phone, account: DemoAccount) -> float:
    """Milliseconds from the press on 登录 to the list."""
    phone.fill("账号", account.login)
    phone.fill("密码", PASSWORD)
    pressed = _now(phone)
    phone.tap("登录")
    phone.page.get_by_role("button", name=_LEFT).wait_for(timeout=_PULL_LIMIT_MS)
    return _now(phone) - pressed


def _now(phone: Phone) -> float:
    """Milliseconds since the page was opened."""
    return float(phone.page.evaluate("performance.now()"))


def _settle(context: BrowserContext) -> None:
    context.pages[0].wait_for_timeout(_SETTLE_MS)
