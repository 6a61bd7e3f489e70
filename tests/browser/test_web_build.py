"""The browser build keeps its promises: no server, no strangers, rows that last, one tab, whole versions."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Playwright

from tests.browser.phone import START_LIMIT_MS, Phone, open_context
from tests.browser.serving import LocalServer, site_server

pytestmark = pytest.mark.browser
OpenPhone = Callable[[str], Phone]


def test_saved_rows_and_the_app_are_there_with_the_server_gone(
    probe_server: LocalServer, open_phone: OpenPhone
) -> None:
    phone = open_phone(probe_server.app_url)
    phone.text("存储 durable").wait_for(timeout=START_LIMIT_MS)
    phone.fill("姓名", "李四")
    phone.tap("保存")
    phone.text("已存 李四").wait_for()
    phone.wait_until_kept()
    phone.screenshot("probe-online")
    assert (phone.foreign_requests(), phone.problems) == ([], [])
    phone.close()
    probe_server.stop()

    again = open_phone(probe_server.app_url)
    again.text("已存 李四").wait_for(timeout=START_LIMIT_MS)
    again.screenshot("probe-offline")
    assert (again.failed, again.problems) == ([], [])


def test_rows_are_there_after_the_browser_was_killed_in_the_middle_of_a_transaction(
    probe_server: LocalServer, playwright: Playwright, tmp_path: Path
) -> None:
    with open_context(playwright, tmp_path / "profile") as context:
        phone = Phone(context, probe_server.app_url).open()
        phone.text("日志 0").wait_for(timeout=START_LIMIT_MS)
        phone.fill("姓名", "李四")
        phone.tap("保存")
        phone.text("已存 李四").wait_for()
        phone.tap("写一半")
        phone.text("写到一半").wait_for()
        # The page goes without a word to Python: its files keep a half-written transaction.
        phone.page.evaluate("jsDisconnect()")

    with open_context(playwright, tmp_path / "profile") as context:
        again = Phone(context, probe_server.app_url).open()
        again.text("已存").wait_for(timeout=START_LIMIT_MS)
        assert again.text("日志").inner_text() != "日志 0", "nothing was half-written: this proves nothing"
        assert again.text("已存").inner_text() == "已存 李四"


def test_full_disk_refuses_the_save_and_keeps_what_was_saved(
    probe_server: LocalServer, chromium_context: BrowserContext, open_phone: OpenPhone
) -> None:
    phone = open_phone(probe_server.app_url)
    phone.text("存储 durable").wait_for(timeout=START_LIMIT_MS)
    phone.fill("姓名", "李四")
    phone.tap("保存")
    phone.text("已存 李四").wait_for()
    phone.wait_until_kept()
    used = phone.page.evaluate("navigator.storage.estimate().then((estimate) => estimate.usage)")
    chromium_context.new_cdp_session(phone.page).send(
        "Storage.overrideQuotaForOrigin", {"origin": probe_server.origin, "quotaSize": used + 500_000}
    )
    phone.tap("写满")
    phone.text("没写进").wait_for()
    assert phone.text("没写进").inner_text() == "没写进 database or disk is full"
    phone.fill("姓名", "王五")
    phone.tap("保存")
    phone.text("已存 李四、王五").wait_for()


def test_second_tab_is_told_that_the_first_has_the_database(
    probe_server: LocalServer, open_phone: OpenPhone
) -> None:
    first = open_phone(probe_server.app_url)
    first.text("存储 durable").wait_for(timeout=START_LIMIT_MS)

    second = open_phone(probe_server.app_url)
    second.text("存储 busy").wait_for(timeout=START_LIMIT_MS)

    first.close()
    second.page.reload()
    second.read_aloud()
    second.text("存储 durable").wait_for(timeout=START_LIMIT_MS)


def test_second_tab_takes_the_records_over_and_the_first_takes_them_back(
    probe_server: LocalServer, open_phone: OpenPhone
) -> None:
    first = open_phone(probe_server.app_url)
    first.text("存储 durable").wait_for(timeout=START_LIMIT_MS)
    first.fill("姓名", "李四")
    first.tap("保存")
    first.text("已存 李四").wait_for()

    second = open_phone(probe_server.app_url)
    second.text("存储 busy").wait_for(timeout=START_LIMIT_MS)
    second.tap("在这里用")
    second.text("存储 durable").wait_for(timeout=START_LIMIT_MS)
    second.text("已存 李四").wait_for()

    moved = first.page.locator("#moved")
    moved.wait_for()
    first.screenshot("probe-moved")
    moved.get_by_role("button").tap()
    second.page.locator("#moved").wait_for(timeout=START_LIMIT_MS)
    first.read_aloud()
    first.text("已存 李四").wait_for(timeout=START_LIMIT_MS)


def test_page_says_so_where_the_browser_keeps_no_files(
    probe_server: LocalServer, chromium_context: BrowserContext
) -> None:
    # As in a private window of some browsers: the worker asks for the folder and is refused.
    chromium_context.route(
        "**/opfs.js",
        lambda route: route.fulfill(
            body=route.fetch().text().replace("navigator.storage?.getDirectory", "navigator.storage?.absent"),
            content_type="text/javascript",
        ),
    )
    phone = Phone(chromium_context, probe_server.app_url).open()
    phone.text("存储 memory").wait_for(timeout=START_LIMIT_MS)
    phone.fill("姓名", "李四")
    phone.tap("保存")
    phone.text("已存 李四").wait_for()


def test_libraries_load_and_requests_reach_the_server_through_httpx(
    probe_server: LocalServer, open_phone: OpenPhone
) -> None:
    phone = open_phone(probe_server.app_url)
    phone.text("还没有问").wait_for(timeout=START_LIMIT_MS)
    phone.tap("装载")
    phone.text("已装").wait_for()
    assert "zgz" in phone.text("已装").inner_text()
    # From here on every request goes through the service worker, which must leave these alone.
    phone.wait_until_kept()
    phone.tap("问服务器")
    phone.text("回答 200").wait_for()
    phone.text("超时").wait_for()
    assert phone.text("回答 200").inner_text() == (
        "回答 200 {'method': 'POST', 'bytes': 256000, 'authorization': 'Bearer x', 'cookie': None} 超时"
    )
    probe_server.stop()
    phone.tap("问服务器")
    phone.text("连不上 连不上").wait_for()


def test_app_hears_the_network_come_back(
    probe_server: LocalServer, chromium_context: BrowserContext, open_phone: OpenPhone
) -> None:
    phone = open_phone(probe_server.app_url)
    phone.text("事件 0").wait_for(timeout=START_LIMIT_MS)
    chromium_context.set_offline(True)
    phone.tap("问服务器")
    phone.text("连不上 连不上").wait_for()
    chromium_context.set_offline(False)
    phone.text("事件 有网 True").wait_for()


def test_new_version_waits_until_the_user_agrees_and_is_taken_whole(
    probe_site: Path, tmp_path: Path, open_phone: OpenPhone
) -> None:
    site = tmp_path / "site"
    shutil.copytree(probe_site, site, ignore=shutil.ignore_patterns("*.br", "*.gz"))
    server = site_server(site).start()
    try:
        phone = open_phone(server.app_url)
        phone.text("存储 durable").wait_for(timeout=START_LIMIT_MS)
        phone.fill("姓名", "李四")
        phone.tap("保存")
        phone.text("已存 李四").wait_for()
        phone.wait_until_kept()

        script = site / "register-sw.js"
        old, new = script.read_bytes(), script.read_bytes() + b"// the next version\n"
        _announce(site, old, new)
        # The server is caught half-way: the worker is new, the file is still the old one.
        assert _update(phone) == {"waiting": False, "active": True}
        script.write_bytes(new)
        assert _update(phone) == {"waiting": True, "active": True}
        phone.page.locator("#update").wait_for()
        phone.screenshot("probe-update")
        assert "next version" not in _fetched(phone, "register-sw.js")

        phone.page.locator("#update").tap()
        phone.page.wait_for_url(server.app_url)
        phone.read_aloud()
        phone.text("已存 李四").wait_for(timeout=START_LIMIT_MS)
        assert "next version" in _fetched(phone, "register-sw.js")
        assert len(phone.page.evaluate("caches.keys()")) == 1
    finally:
        server.stop()


def _announce(site: Path, old: bytes, new: bytes) -> None:
    """Make the service worker of a version in which the file `old` has become `new`."""
    worker = site / "sw.js"
    text = worker.read_text("utf-8").replace(_hash(old), _hash(new))
    version = text.split('VERSION = "')[1].split('"')[0]
    worker.write_text(text.replace(version, "0" * 12), "utf-8")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _update(phone: Phone) -> dict[str, bool]:
    """Look for a new version, wait until its installation has ended, and say what there is."""
    return phone.page.evaluate(
        """async () => {
            const registration = await navigator.serviceWorker.getRegistration();
            await registration.update();
            const installing = registration.installing;
            if (installing) await new Promise((done) => {
                const look = () => ["installed", "redundant"].includes(installing.state) && done();
                installing.addEventListener("statechange", look);
                look();
            });
            return { waiting: Boolean(registration.waiting), active: Boolean(registration.active) };
        }"""
    )


def _fetched(phone: Phone, name: str) -> str:
    return phone.page.evaluate("(name) => fetch(name).then((answer) => answer.text())", name)
