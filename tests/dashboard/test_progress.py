"""When phones last reported, said and not blamed; dashboards are no phones."""

from __future__ import annotations

import re

from fastapi import FastAPI

from tests.dashboard.test_pages import COUNTY, TOWNSHIP, cookie_of, get
from tests.fakes import FakeClock
from tests.server.phones import Phone

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


def seen(page: str, name: str) -> str:
    """What the line of `name` says of its phones."""
    line = page[page.index(f">{name}<") :]
    found = re.search(r'data-label="最近到达">([^<]*)<', line)
    assert found
    return found[1]


def test_each_line_says_when_a_phone_below_it_last_spoke(
    app: FastAPI, phone: Phone, clock: FakeClock
) -> None:
    cookie = cookie_of(app, "city")
    phone.sync()
    said = []
    for passed in (0, 5 * MINUTE, 2 * HOUR, 3 * DAY):
        clock.now += passed
        said.append(seen(get(app, f"/?org={COUNTY}", cookie).text, "巨浦乡"))
    assert said == ["刚刚", "5 分钟前", "2 小时前", "3 天前"]


def test_a_dashboard_does_not_pass_for_a_phone(app: FastAPI) -> None:
    cookie = cookie_of(app, "village")
    assert get(app, "/", cookie).status_code == 200
    page = get(app, f"/?org={COUNTY}", cookie_of(app, "county")).text
    assert seen(page, "巨浦乡") == "还没有"


def test_a_village_account_sees_its_own_line_and_no_way_up(app: FastAPI) -> None:
    page = get(app, "/", cookie_of(app, "village")).text
    assert f"org={TOWNSHIP}&" not in page and "合计" not in page
