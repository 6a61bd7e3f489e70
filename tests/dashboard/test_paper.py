"""The paper sheet of a village: who is left, in order, masked, with the order in a code at its foot."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI

from tests.dashboard.test_pages import VILLAGE, cookie_of, get
from tests.server.phones import Phone


def lines(text: str) -> list[str]:
    return [re.sub(r"<[^>]*>|\s+", " ", row).strip() for row in re.findall(r'<th scope="row">.*?</th>', text)]


def test_a_sheet_names_nobody_and_leaves_out_who_is_reached_or_has_died(app: FastAPI, phone: Phone) -> None:
    people = [
        phone.add_person("p-1", name="张三丰", hamlet="上坞", house="12", born="1939-03-01"),
        phone.add_person("p-2", name="李四", hamlet="上坞", house="2"),
        phone.add_person("p-3", name="王五", hamlet="上坞", house="3"),
        phone.add_person("p-4", name="赵六", hamlet="下坞", house="4"),
    ]
    phone.sync(*people, phone.add_visit("v-1", "p-3"), phone.add_visit("v-2", "p-4", result="DECEASED"))
    page = get(app, "/paper", cookie_of(app, "village"))
    assert page.status_code == 200
    assert [re.sub(" +", " ", line) for line in lines(page.text)] == [
        "□ 李** 上坞 2号",
        "□ 张** 83岁 上坞 12号",
    ]
    assert not re.search("张三丰|李四|王五", page.text)
    assert "用后交站里销毁" in page.text and "data:image/svg+xml" in page.text


def test_a_county_chooses_a_village_and_what_lies_outside_is_refused(app: FastAPI) -> None:
    cookie = cookie_of(app, "county")
    assert 'href="/paper?org=331121209"' in get(app, "/paper", cookie).text
    assert f'href="/paper?org={VILLAGE}"' in get(app, "/paper?org=331121209", cookie).text
    assert get(app, "/paper?org=331102", cookie).status_code == 403
    empty = get(app, f"/paper?org={VILLAGE}", cookie).text
    assert "没有还没联系到的人，不用打印" in empty


@pytest.mark.parametrize("path", ["/paper", f"/paper?org={VILLAGE}"])
def test_without_a_session_the_sheet_leads_to_the_sign_in(app: FastAPI, path: str) -> None:
    assert get(app, path).status_code == 303
