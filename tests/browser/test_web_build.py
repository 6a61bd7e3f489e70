"""The browser build keeps its promises: no server, no strangers, rows that last, rare characters drawn."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.phone import START_LIMIT_MS, Phone
from tests.browser.serving import LocalServer

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
    assert phone.foreign_requests() == []
    phone.close()
    probe_server.stop()

    again = open_phone(probe_server.app_url)
    again.text("已存 李四").wait_for(timeout=START_LIMIT_MS)
    again.screenshot("probe-offline")
    print(again.marks())
    assert again.failed == []
