"""The page 待看 through the real application: what waits, in words, and the two buttons."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from tests.dashboard.test_pages import cookie_of, get
from tests.server.phones import Phone, ask
from tests.server.test_quarantine_life import outcomes

SignIn = Callable[[str], Phone]


def post(app: FastAPI, path: str, headers: dict[str, str], **form: str) -> httpx.Response:
    return ask(app, "POST", path, headers=headers, content=str(httpx.QueryParams(form)).encode())


@pytest.fixture
def refused(phone: Phone) -> str:
    """The address of a visit that was refused, with 李四 in the roster."""
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1", cash_fen=9_000_000, note="特批慰问"))
    return f"/review/{phone.device}/2"


def test_the_page_says_what_why_and_who_without_a_name_or_a_code(app: FastAPI, refused: str) -> None:
    page = get(app, "/review", cookie_of(app, "town"))
    assert page.status_code == 200
    for words in (
        "没收下的记录",
        "走访 · 李**",
        "“慰问金”超过活动规定的上限",
        "90000.00 元",
        "特批慰问",
        refused,
    ):
        assert words in page.text
    for hidden in ("李四", "over_limit", "cash_fen", "MET_SELF"):
        assert hidden not in page.text
    assert "<script" not in page.text and "default-src 'none'" in page.headers["content-security-policy"]


def test_taking_in_leads_back_and_says_so(app: FastAPI, phone: Phone, refused: str) -> None:
    cookie = cookie_of(app, "town")
    answer = post(app, refused, cookie, action="release")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?done=released")
    page = get(app, "/review?done=released", cookie).text
    assert "收下了，已计入汇总表" in page and "没有要看的记录" in page
    assert outcomes(phone.sync().rows) == {2: ("released", 1)}


def test_who_lives_beyond_the_reviewers_scope_is_said_above_the_list(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    county = sign_in("county")
    county.sync(county.add_person("p1", village="331121201201"))
    phone.sync(phone.add_visit("v1", "p1", note="邻镇的"))
    told_before = get(app, "/review", cookie_of(app, "town")).text
    assert ('value="release"' in told_before, "不收" in told_before) == (False, True)
    assert 'value="release"' in get(app, "/review", cookie_of(app, "county")).text
    answer = post(app, f"/review/{phone.device}/1", cookie_of(app, "town"), action="release")
    told = "这个人不在您的管理范围内。请县里（市里）收下，或写明理由不收。"
    assert (answer.status_code, told in answer.text, "邻镇的" in answer.text) == (403, True, True)


def test_setting_aside_wants_a_reason_and_keeps_the_list_in_sight(
    app: FastAPI, phone: Phone, refused: str
) -> None:
    cookie = cookie_of(app, "town")
    answer = post(app, refused, cookie, action="set_aside", reason=" ")
    assert (answer.status_code, "不收要写明理由" in answer.text, "特批慰问" in answer.text) == (
        422,
        True,
        True,
    )
    assert post(app, refused, cookie, action="set_aside", reason="没有批过").status_code == 303
    assert [row.values["message"] for row in phone.sync().rows] == ["没有批过"]


def test_two_reviewers_at_once_are_told_so(app: FastAPI, refused: str) -> None:
    town, county = cookie_of(app, "town"), cookie_of(app, "county")
    assert post(app, refused, town, action="release").status_code == 303
    answer = post(app, refused, county, action="set_aside", reason="不对")
    assert (answer.status_code, "已经处理过了" in answer.text) == (409, True)


def test_what_only_the_worker_can_mend_has_no_button_to_take_it_in(app: FastAPI, phone: Phone) -> None:
    phone.sync(phone.add_person("p1", born="昨天"))
    page = get(app, "/review", cookie_of(app, "town")).text
    assert ("改好再传" in page, 'value="release"' in page, 'value="set_aside"' in page) == (True, False, True)


def test_more_than_a_page_goes_on_behind_a_link(app: FastAPI, phone: Phone) -> None:
    phone.sync(*(phone.add_person(f"p{n}", born="?", hamlet=f"第{n}组") for n in range(60)))
    cookie = cookie_of(app, "town")
    first = get(app, "/review", cookie).text
    following = first.partition('href="/review?after=')[2].partition('"')[0]
    second = get(app, f"/review?after={following}", cookie).text
    seen = [sum(f"第{n}组" in page for n in range(60)) for page in (first, second)]
    assert (seen, "60 条" in first, "看后面的" in second) == ([50, 10], True, False)


@pytest.mark.parametrize("login", ["village", "unit"])
def test_only_reviewers_have_the_page_and_the_link(app: FastAPI, login: str) -> None:
    cookie = cookie_of(app, login)
    assert 'href="/review"' not in get(app, "/", cookie).text
    answer = get(app, "/review", cookie)
    assert (answer.status_code, "由乡镇审核员、县级经办和市级汇总处理" in answer.text) == (403, True)


def test_words_that_were_sent_cannot_smuggle_markup_in(app: FastAPI, phone: Phone) -> None:
    phone.sync(phone.add_person("p1", born="?", note="<script>alert(1)</script>"))
    page = get(app, "/review", cookie_of(app, "town")).text
    assert "<script" not in page and "&lt;script&gt;" in page


def test_two_entries_of_one_person_are_joined_and_taken_apart_on_the_page(app: FastAPI, phone: Phone) -> None:
    phone.sync(phone.add_person("a", name="张三"), phone.add_person("b", name="张三"))
    cookie = cookie_of(app, "town")
    page = get(app, "/review", cookie).text
    assert page.count("留这条，另一条并进来") == 2 and "张三" not in page and "张**" in page
    answer = post(app, "/review/merge", cookie, record="b", into="a", version="1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review?done=merged")
    page = get(app, "/review?done=merged", cookie).text
    assert "没有发现重复的人" in page and "不是同一人，拆开" in page
    assert post(app, "/review/apart", cookie, record="b", version="2").status_code == 303
    assert get(app, "/review", cookie).text.count("留这条，另一条并进来") == 2
    answer = post(app, "/review/merge", cookie, record="b", into="nobody", version="1")
    assert (answer.status_code, "没有这个人" in answer.text) == (404, True)


def test_a_false_pair_is_put_away_and_brought_back_by_a_button(app: FastAPI, phone: Phone) -> None:
    phone.sync(phone.add_person("a"), phone.add_person("b"))
    cookie = cookie_of(app, "town")
    assert "不是同一人，不再列出" in get(app, "/review", cookie).text
    answer = post(app, "/review/distinct", cookie, record="a", other="b", version="1")
    assert answer.headers["location"] == "/review?done=distinct"
    page = get(app, answer.headers["location"], cookie).text
    assert ("不再列出。弄错了" in page, "没有发现重复的人" in page, "取消，再列出来" in page) == (True,) * 3
    answer = post(app, "/review/distinct", cookie, record="a", other="b", version="2", back="1")
    assert answer.headers["location"] == "/review?done=doubted"
    page = get(app, "/review", cookie).text
    assert ("不是同一人，不再列出" in page, "取消，再列出来" in page) == (True, False)
