"""The dashboard through the real application: who sees what, and that it says what the table says."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable

import httpx
import openpyxl
import pytest
from fastapi import FastAPI

from tests.server.phones import PASSWORD, Phone, ask

VILLAGE, TOWNSHIP, COUNTY, CITY = "331121209200", "331121209", "331121", "3311"
SignIn = Callable[[str], Phone]


def cookie_of(app: FastAPI, login: str) -> dict[str, str]:
    answer = ask(app, "POST", "/sign-in", content=f"login={login}&password={PASSWORD}".encode())
    assert answer.status_code == 303, answer.text
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def get(app: FastAPI, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return ask(app, "GET", path, headers=headers or {})


def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_cannot_use(app: FastAPI) -> None:
    answer = ask(app, "POST", "/sign-in", content=f"login=county&password={PASSWORD}&next=%2Ftable".encode())
    assert (answer.status_code, answer.headers["location"]) == (303, "/table")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))


@pytest.mark.parametrize("next_page", ["https://elsewhere.cn/", "//elsewhere.cn", "/\\elsewhere.cn", "table"])
def test_signing_in_never_leads_to_another_site(app: FastAPI, next_page: str) -> None:
    body = httpx.QueryParams({"login": "county", "password": PASSWORD, "next": next_page})
    answer = ask(app, "POST", "/sign-in", content=str(body).encode())
    assert answer.headers["location"] == "/"


def test_a_wrong_password_says_so_and_keeps_the_login(app: FastAPI) -> None:
    answer = ask(app, "POST", "/sign-in", content=b"login=county&password=wrong-one")
    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text and 'value="county"' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/table", "/table.xlsx", "/table?org=3311"])
def test_without_a_session_every_page_leads_to_the_sign_in_and_back(app: FastAPI, path: str) -> None:
    answer = get(app, path)
    assert answer.status_code == 303
    assert answer.headers["location"] == str(httpx.URL("/sign-in", params={"next": path})).replace(
        "next=/", "next=%2F"
    )


def test_signing_out_ends_the_session_on_the_server_too(app: FastAPI) -> None:
    cookie = cookie_of(app, "county")
    assert get(app, "/", cookie).status_code == 200
    assert ask(app, "POST", "/sign-out", headers=cookie, content=b"").status_code == 303
    assert get(app, "/", cookie).status_code == 303


@pytest.mark.parametrize("path", ["/", "/table", "/table.xlsx"])
@pytest.mark.parametrize("org", [CITY, "331102", "331102001", "3311U01"])
def test_an_organisation_outside_the_scope_is_refused_in_words(app: FastAPI, path: str, org: str) -> None:
    answer = get(app, f"{path}?org={org}", cookie_of(app, "county"))
    assert answer.status_code == 403
    assert "不在您的管理范围内" in answer.text


@pytest.mark.parametrize(
    ("query", "words"),
    [("org=999", "没有代码为 999 的单位"), ("campaign=lishui-1999", "没有活动 lishui-1999")],
)
def test_an_unknown_code_is_one_sentence(app: FastAPI, query: str, words: str) -> None:
    answer = get(app, f"/?{query}", cookie_of(app, "county"))
    assert (answer.status_code, words in answer.text) == (404, True)


def test_a_name_cannot_smuggle_markup_into_a_page(app: FastAPI) -> None:
    answer = get(app, "/?org=%3Cscript%3E", cookie_of(app, "county"))
    assert "<script" not in answer.text and "&lt;script&gt;" in answer.text


def test_a_form_of_unusual_size_is_refused(app: FastAPI) -> None:
    taken = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(800):
            taken += 2**16
            yield b"x" * 2**16

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://server.test") as client:
            return await client.post("/sign-in", content=flood())

    for answer in (
        asyncio.run(send()),
        ask(app, "POST", "/sign-in", content=b"x", headers={"Content-Length": str(50 * 2**20)}),
    ):
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
        assert "填写的内容超过 4 KB，太长了。请返回重填。" in answer.text
    assert taken <= 2 * 2**16


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("GET", "/nowhere", 404, "没有这个地址。请核对网址。"),
        ("GET", "/sign-out", 405, "这个地址不能直接打开。请从本单位进度进入。"),
        ("DELETE", "/", 405, "这个地址不能直接打开。请从本单位进度进入。"),
    ],
)
def test_a_browser_that_goes_astray_gets_a_page_with_a_way_on(
    app: FastAPI, method: str, path: str, status: int, words: str
) -> None:
    answer = ask(app, method, path, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert words in answer.text and 'href="/"' in answer.text


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1/sync"])
def test_under_v1_a_browser_too_gets_the_answer_for_programs(app: FastAPI, path: str) -> None:
    answer = ask(app, "GET", path, headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


def test_pages_need_no_script_and_nothing_from_elsewhere(app: FastAPI) -> None:
    cookie = cookie_of(app, "county")
    for path in ("/sign-in", "/", "/table"):
        answer = get(app, path, cookie)
        assert "<script" not in answer.text and "http-equiv" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert 'lang="zh-CN"' in answer.text


def figures(content: bytes) -> dict[str, dict[str, object]]:
    """Line -> header -> figure, as a clerk reads the downloaded sheet."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    headers = [str(c.value).partition("\n")[0] for c in sheet[4]][1:]
    lines = {}
    for row in sheet.iter_rows(min_row=5, values_only=True):
        lines[str(row[0])] = dict(zip(headers, row[1:], strict=True))
        if row[0] == "合计":
            break
    return lines


def test_a_visit_that_was_synced_stands_in_the_page_and_the_workbook_at_once(
    app: FastAPI,
    phone: Phone,
) -> None:
    cookie = cookie_of(app, "city")
    before = figures(get(app, f"/table.xlsx?org={TOWNSHIP}", cookie).content)["合计"]
    phone.sync(phone.add_person("p-1"), phone.add_visit("v-1", "p-1"))
    for org in (TOWNSHIP, COUNTY, CITY):
        total = figures(get(app, f"/table.xlsx?org={org}", cookie).content)["合计"]
        assert (total["走访慰问人数"], total["走访人次"]) == (1, 1), org
    assert (before["走访慰问人数"], before["覆盖率"]) == (0, "—")
    page = get(app, f"/?org={TOWNSHIP}", cookie).text
    assert "数据截至" in page and "100.0%" in page


def test_a_unit_sees_its_own_people_only(app: FastAPI) -> None:
    answer = get(app, "/", cookie_of(app, "unit"))
    assert (answer.status_code, "市某局" in answer.text) == (200, True)
    assert get(app, f"/?org={VILLAGE}", cookie_of(app, "unit")).status_code == 403


def test_the_city_lists_its_counties_and_units_in_administrative_order(app: FastAPI) -> None:
    page = get(app, "/", cookie_of(app, "city")).text
    counties = ["莲都区", "青田县", "缙云县", "遂昌县", "松阳县", "云和县", "庆元县", "景宁畲族自治县"]
    names = [*counties, "龙泉市", "市某局"]
    places = [page.index(f">{name}<") for name in names]
    assert places == sorted(places)
