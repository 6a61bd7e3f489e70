"""When visits last arrived, said and not blamed; figures that add up; a line for who is in no village."""

from __future__ import annotations

import re
from collections.abc import Callable

from fastapi import FastAPI

from tests.dashboard.test_pages import COUNTY, TOWNSHIP, cookie_of, get
from tests.fakes import FakeClock
from tests.server.phones import Phone

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ARRIVED = "最近收到走访"


def line_of(page: str, name: str) -> dict[str, str]:
    """Label and unit -> what the line of `name` shows there."""
    line = page[page.index(f">{name}<") :].partition("</tr>")[0]
    cells = re.findall(r'data-label="([^"]*)"(?: data-unit="([^"]*)")?>(.*?)</td>', line)
    return {label + unit: re.sub("<[^>]*>", " ", said).strip() for label, unit, said in cells}


def test_each_line_says_when_a_visit_of_its_workers_last_arrived(
    app: FastAPI, phone: Phone, clock: FakeClock
) -> None:
    cookie = cookie_of(app, "city")
    phone.sync(phone.add_person("p-1"), phone.add_visit("v-1", "p-1"))
    said = []
    for passed in (0, 5 * MINUTE, 2 * HOUR, 3 * DAY):
        clock.now += passed
        said.append(line_of(get(app, f"/?org={COUNTY}", cookie).text, "巨浦乡")[ARRIVED])
    assert said == ["刚刚", "5 分钟前", "2 小时前", "3 天前"]
    page = get(app, f"/?org={COUNTY}", cookie).text
    assert (line_of(page, "合计")[ARRIVED], line_of(page, "章村乡")[ARRIVED]) == ("3 天前", "还没有")


def test_signing_in_and_fetching_is_no_arrival(app: FastAPI, phone: Phone, clock: FakeClock) -> None:
    phone.sync()
    cookie = cookie_of(app, "county")
    assert line_of(get(app, "/", cookie).text, "巨浦乡")[ARRIVED] == "还没有"
    phone.sync(phone.add_person("p-1"), phone.add_visit("v-1", "p-1"))
    clock.now += 5 * HOUR
    phone.sync()
    assert line_of(get(app, "/", cookie).text, "巨浦乡")[ARRIVED] == "5 小时前"


def test_who_died_after_a_contact_is_told_so_that_the_figures_add_up(app: FastAPI, phone: Phone) -> None:
    people = [phone.add_person(f"p-{i}") for i in range(3)]
    phone.sync(*people, phone.add_visit("v-0", "p-0"), phone.add_visit("v-1", "p-1"))
    phone.sync(phone.add_visit("v-2", "p-1", result="DECEASED"))
    page = get(app, f"/?org={COUNTY}", cookie_of(app, "county")).text
    line = line_of(page, "巨浦乡")
    assert (line["应访人"], line["已联系到人"], line["未联系到人"]) == ("2", "2 含已故 1", "1")
    assert "应访 2 ＝ 已联系到 2 － 已故 1 ＋ 未联系到 1。" in page


def test_who_is_in_no_village_has_a_line_and_a_note_on_both_pages(
    app: FastAPI, sign_in: Callable[[str], Phone]
) -> None:
    town = sign_in("town")
    town.sync(town.add_person("p-1", village=TOWNSHIP), town.add_person("p-2", village="331121209200"))
    cookie = cookie_of(app, "county")
    for path in ("/", "/table"):
        page = get(app, f"{path}?org={TOWNSHIP}", cookie).text
        assert page.index(">未写明村（社区）<") < page.index(">合计<")
        assert "“未写明村（社区）”一行是名册上只写到本级的人：在合计里，不在上面任何一行里。" in page
        assert "未写明" not in get(app, f"{path}?org={COUNTY}", cookie).text
    page = get(app, f"/?org={TOWNSHIP}", cookie).text
    assert [line_of(page, name)["应访人"] for name in ("巨浦村村委会", "未写明村（社区）", "合计")] == [
        "1",
        "1",
        "2",
    ]


def test_people_and_households_are_named_by_their_units(app: FastAPI) -> None:
    page = get(app, "/", cookie_of(app, "county")).text
    assert {"应访人", "已联系到人", "未联系到人", "已联系到户", "上门人次", "困难件"} <= line_of(
        page, "合计"
    ).keys()


def test_a_village_account_sees_its_own_line_and_no_way_up(app: FastAPI) -> None:
    page = get(app, "/", cookie_of(app, "village")).text
    assert f"org={TOWNSHIP}&" not in page and ">合计<" not in page
