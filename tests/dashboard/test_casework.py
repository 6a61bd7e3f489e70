"""The pages 困难, 意见 and 活动, and a need that staff bring to its end there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from app.device.sealing import seal_for_county
from tests.fakes import FakeClock
from tests.server.fact_fields import activity_fields, opinion_fields, step_fields
from tests.server.phones import Phone, ask, need_fields

SignIn = Callable[[str], Phone]


@pytest.fixture
def visited(phone: Phone) -> Phone:
    """A village phone that has found a leaking roof and reported it."""
    phone.sync(
        phone.add_person("p1", name="王五六"),
        phone.change("need", "n1", {**need_fields(phone, "p1"), "words": "屋顶漏雨"}),
        phone.change("need_step", "s1", step_fields(phone, "p1", "n1", "REPORTED")),
    )
    return phone


def look(app: FastAPI, who: Phone, path: str) -> httpx.Response:
    return ask(app, "GET", path, headers={"Cookie": f"zoufang={who.token}"})


def step(app: FastAPI, who: Phone, need: str = "n1", **form: str) -> httpx.Response:
    return ask(app, "POST", f"/needs/{need}/step", data=form, headers={"Cookie": f"zoufang={who.token}"})


def test_the_board_lists_needs_by_state_and_what_is_overdue_first(
    app: FastAPI, visited: Phone, sign_in: SignIn, clock: FakeClock
) -> None:
    town = sign_in("town")
    board = look(app, town, "/needs").text
    assert "上报 <small>1 件" in board and "过了参考时限" not in board and "王五六" not in board
    clock.go_on(ms=7 * 24 * 3600 * 1000)
    late = look(app, town, "/needs").text
    assert "过了参考时限" in late and "由乡镇(街道)办，过了 2 天" in late


def test_the_town_accepts_and_closes_and_the_villages_phone_hears_of_it(
    app: FastAPI, visited: Phone, sign_in: SignIn
) -> None:
    town = sign_in("town")
    first = step(app, town, state="ACCEPTED", words="周三去看")
    assert (first.status_code, first.headers["location"]) == (303, "/needs/n1?done=1")
    second = step(
        app, town, state="CLOSED", outcome="SOLVED", assistance="HOUSE_REPAIR", money="1200.50", words="修好"
    )
    assert second.status_code == 303, second.text
    page = look(app, town, "/needs/n1").text
    assert all(words in page for words in ("屋顶漏雨", "受理", "办结 · 解决", "住房修缮", "1,200.50 元"))
    rows = [row for row in visited.sync().rows if row.entity == "need_step" and row.record != "s1"]
    assert [(row.values["state"], row.values["organisation"]) for row in rows] == [
        ("ACCEPTED", "331121209"),
        ("CLOSED", "331121209"),
    ]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"state": "FOLLOWED_UP"}, "这件困难现在是“上报”，不能这样办。"),
        ({"state": "ASSIGNED"}, "这件困难现在是“上报”，不能这样办。"),
        ({"state": "CLOSED"}, "办结要选办成了什么样。"),
        ({"state": "ACCEPTED", "money": "一百"}, "帮扶资金要写数字"),
        ({"state": "ACCEPTED", "money": "300000"}, "超过单次上限 200000 元"),
        ({"state": "ACCEPTED", "assistance": "GOLD"}, "帮扶措施认不出来"),
    ],
    ids=["not yet", "not this level's", "no outcome", "words for money", "too much", "no such aid"],
)
def test_a_step_that_cannot_be_taken_is_said_and_nothing_is_kept(
    app: FastAPI, visited: Phone, sign_in: SignIn, form: dict[str, str], sentence: str
) -> None:
    answer = step(app, sign_in("town"), **form)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "还没有办理步骤" not in answer.text and answer.text.count('<article class="card item">') == 2


@pytest.mark.parametrize("login", ["village", "city", "unit"])
def test_only_town_and_county_take_steps_there(
    app: FastAPI, visited: Phone, sign_in: SignIn, login: str
) -> None:
    assert step(app, sign_in(login), state="ACCEPTED").status_code == 403


@pytest.mark.parametrize("login", ["stranger", "neighbour", "other-county"])
def test_a_need_of_another_place_is_not_there(
    app: FastAPI, visited: Phone, sign_in: SignIn, login: str
) -> None:
    answer = look(app, sign_in(login), "/needs/n1")
    assert (answer.status_code, "屋顶漏雨" in answer.text) == (404, False)


def test_a_step_taken_at_once_elsewhere_is_shown_and_flagged(
    app: FastAPI, visited: Phone, sign_in: SignIn
) -> None:
    step(app, sign_in("town"), state="RETURNED", words="缺照片")
    visited.clock.go_on(ms=1000)
    visited.sync(
        visited.change("need_step", "s2", step_fields(visited, "p1", "n1", "FOLLOWED_UP", satisfied=True))
    )
    page = look(app, sign_in("town"), "/needs/n1").text
    assert "缺照片" in page and "可能两处同时办理，请核对" in page and "本人满意" in page


def test_opinions_about_workers_are_opened_for_the_county_and_shown_to_no_station(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    sealed = asyncio.run(seal_for_county(phone.answer["county_key"], "从不上门"))
    phone.sync(
        phone.change("opinion", "o1", opinion_fields(phone, "WORKER", sealed=sealed, anonymous=True)),
        phone.change("opinion", "o2", opinion_fields(phone, words="多走访")),
    )
    shown = {}
    for login in ("village", "town", "county", "city"):
        text = look(app, sign_in(login), "/opinions").text
        shown[login] = ("从不上门" in text, "多走访" in text, "只有它的县能打开" in text)
    assert shown == {
        "village": (False, True, False),
        "town": (False, True, False),
        "county": (True, True, False),
        "city": (False, True, True),
    }
    below = look(app, sign_in("county"), "/opinions?org=331121209").text
    assert ("从不上门" in below, "多走访" in below) == (False, True)


def test_meetings_are_listed_with_who_came(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.change("activity", "a1", activity_fields(phone, place="文化礼堂", minutes="谈就业")))
    text = look(app, sign_in("county"), "/activities").text
    assert all(words in text for words in ("座谈会", "文化礼堂", "参加 12 人次：退役军人 12", "谈就业"))


def test_empty_pages_say_what_will_be_there(app: FastAPI, phone: Phone) -> None:
    for path in ("/needs", "/opinions", "/activities"):
        answer = look(app, phone, path)
        assert (answer.status_code, "传到了就在这里" in answer.text) == (200, True)
