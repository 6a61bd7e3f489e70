"""By a printed card anybody tells the county, and no station below it hears."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic_core import from_json
from sqlalchemy import Engine, select

from app.domain.wire import head_from_json
from sync_server.db import tables
from sync_server.db.engine import reading
from sync_server.records.sealed import opened
from sync_server.records.tell import card_code
from tests.fakes import FakeClock
from tests.server.phones import Phone, ask

SignIn = Callable[[str], Phone]
VILLAGE = "331121209200"


@pytest.fixture
def code(engine: Engine) -> str:
    with reading(engine) as connection:
        return card_code(connection, VILLAGE)


def token_on(page: httpx.Response) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def post(app: FastAPI, code: str, **form: str) -> httpx.Response:
    return ask(app, "POST", f"/tell/{code}", data=form)


def told(engine: Engine) -> list[tuple[str, str, dict[str, Any]]]:

    h = tables.heads.c
    with reading(engine) as connection:
        rows = connection.execute(select(h.path, h.person, h.row).where(h.entity == "opinion")).all()
    return [(path, person, dict(head_from_json(from_json(row)).values)) for path, person, row in rows]


def test_what_is_said_of_a_worker_is_sealed_and_lies_with_the_county(
    app: FastAPI, engine: Engine, code: str, sign_in: SignIn
) -> None:
    page = ask(app, "GET", f"/tell/{code}")
    assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    said = post(app, code, token=token_on(page), target="WORKER", words="从不上门")
    assert (said.status_code, "收到了" in said.text) == (200, True)
    [(path, person, values)] = told(engine)
    sealed = values.pop("sealed")
    assert (path, person, values) == (
        "3311/331121",
        "",
        {
            "campaign": "lishui-2022",
            "organisation": "331121",
            "target": "WORKER",
            "day": "2022-07-28",
            "anonymous": True,
        },
    )
    with reading(engine) as connection:
        assert opened(connection, "331121", sealed).endswith("的卡片）从不上门")
    fed = {login: len(sign_in(login).sync().rows) for login in ("village", "town", "county")}
    assert fed == {"village": 0, "town": 0, "county": 1}


def test_the_same_form_sent_twice_is_kept_once(app: FastAPI, engine: Engine, code: str) -> None:
    token = token_on(ask(app, "GET", f"/tell/{code}"))
    for _ in range(2):
        assert post(app, code, token=token, target="WORK", words="多走访").status_code == 200
    assert [values["words"][-3:] for _, _, values in told(engine)] == ["多走访"]


def test_a_card_may_be_typed_in_small_letters_with_figures_that_look_like_them(
    app: FastAPI, engine: Engine, code: str
) -> None:
    small = code.lower().replace("o", "0").replace("i", "1")
    token = token_on(ask(app, "GET", f"/tell/{small}"))
    assert post(app, small, token=token, target="OTHER", words="好").status_code == 200
    assert len(told(engine)) == 1


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"target": "WORK", "words": " "}, "还没有写。"),
        ({"target": "WORK", "words": "长" * 1001}, "请写在 1000 字以内。"),
        ({"target": "WEATHER", "words": "好"}, "请选一下是哪方面的意见。"),
        ({"target": "WORK", "words": "好", "token": "x.1.y"}, "这一页打开太久了。"),
        ({"target": "WORK", "words": "好", "token": ""}, "这一页打开太久了。"),
    ],
    ids=["no words", "too many", "no target", "an old form", "no form"],
)
def test_what_cannot_be_taken_is_said_and_what_was_written_stays(
    app: FastAPI, engine: Engine, code: str, form: dict[str, str], sentence: str
) -> None:
    token = token_on(ask(app, "GET", f"/tell/{code}"))
    answer = post(app, code, **{"token": token, **form})
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert form["words"].strip()[:1000] in answer.text
    assert told(engine) == []


def test_a_form_of_another_card_is_refused(app: FastAPI, engine: Engine, code: str) -> None:
    with reading(engine) as connection:
        other = card_code(connection, "331121209202")
    token = token_on(ask(app, "GET", f"/tell/{other}"))
    answer = post(app, code, token=token, target="WORK", words="好")
    assert "这一页不是从卡片打开的" in answer.text
    assert told(engine) == []


def test_who_says_too_much_in_an_hour_has_to_wait(app: FastAPI, code: str, clock: FakeClock) -> None:
    token = token_on(ask(app, "GET", f"/tell/{code}"))
    answers = [post(app, code, token=token, target="WORK", words="好").status_code for _ in range(7)]
    assert answers == [200] * 6 + [429]
    clock.go_on(ms=3600 * 1000)
    assert post(app, code, token=token, target="WORK", words="好").status_code == 200


@pytest.mark.parametrize("wrong", ["X", "A" * 12, "%00", VILLAGE])
def test_a_card_that_is_none_opens_one_sentence(app: FastAPI, wrong: str) -> None:
    answer = ask(app, "GET", f"/tell/{wrong}")
    assert (answer.status_code, "卡片上的网址不对" in answer.text) == (404, True)


def test_the_sheet_holds_a_card_for_each_village_of_the_viewer(
    app: FastAPI, sign_in: SignIn, code: str
) -> None:
    town = sign_in("town")
    sheet = ask(app, "GET", "/cards?org=331121209", headers={"Cookie": f"zoufang={town.token}"})
    assert sheet.status_code == 200
    assert f"http://server.test/tell/{code}" in sheet.text
    assert sheet.text.count('class="slip"') == sheet.text.count("data:image/svg+xml")
    refused = ask(app, "GET", "/cards?org=331102", headers={"Cookie": f"zoufang={town.token}"})
    assert refused.status_code == 403
