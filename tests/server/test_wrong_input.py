"""Whatever comes in wrong gets one clear sentence and the right status, and leaves the data as it was.

The shape of every error: {"code": str, "sentence": str, "field": str | null}, as
application/problem+json; the sentence is Chinese, ends with 。 and names nobody.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.wire import BATCH_BYTES, SUPPORTED
from sync_server.db.engine import writing
from sync_server.records.accounts import revoke_device
from tests.fakes import NOON
from tests.server.phones import NDJSON, PASSWORD, Phone, ask

Everything = Callable[[], dict[str, list[Any]]]


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """`response` is a problem of this status and code, in the one shape."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    said: dict[str, Any] = response.json()
    assert set(said) - {"supported", "limit"} == {"code", "sentence", "field"}
    assert (said.get("limit") is None) == (status != 413)
    assert said.get("supported") == (sorted(SUPPORTED) if status == 426 else None)
    assert said["code"] == code, said
    assert said["sentence"].endswith("。")
    assert any("\u4e00" <= c <= "\u9fff" for c in said["sentence"])
    return said


def _whole(phone: Phone) -> bytes:
    return phone.body(phone.add_person("p1"), phone.add_visit("v1", "p1"))


def _replaced(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new)


SPOILT: dict[str, tuple[Callable[[bytes], bytes], int, str]] = {
    "empty body": (lambda _: b"", 400, "wire_error"),
    "malformed JSON": (lambda _: b"{", 400, "wire_error"),
    "not text": (lambda _: b"\xff\xfe\x00garbage\n\n\n", 400, "wire_error"),
    "cut in the middle": (lambda b: b[: len(b) // 2], 400, "wire_error"),
    "cut before the last line break": (lambda b: b[:-1], 400, "wire_error"),
    "no end line": (lambda b: b[: b.rindex(b'{"end"')], 400, "wire_error"),
    "miscounted": (_replaced(b'"count":2', b'"count":1'), 400, "wire_error"),
    "protocol 99": (_replaced(b'"protocol":1', b'"protocol":99'), 426, "unsupported_protocol"),
    "protocol 0": (_replaced(b'"protocol":1', b'"protocol":0'), 426, "unsupported_protocol"),
    "5,001 Changes": (_replaced(b'"count":2', b'"count":5001'), 413, "too_large"),
    "protocol x": (_replaced(b'"protocol":1', b'"protocol":"x"'), 400, "wire_error"),
    "first below one": (_replaced(b'"first":1', b'"first":0'), 400, "wire_error"),
    "first beyond numbers": (_replaced(b'"first":1', b'"first":%d' % 10**30), 400, "wire_error"),
    "another's device": (_replaced(b'"device":"', b'"device":"x'), 400, "wire_error"),
    "header nested 100,000 deep": (lambda _: b"[" * 100_000 + b"\n\n\n", 400, "wire_error"),
    "4 MB and more": (lambda b: b + b" " * BATCH_BYTES, 413, "too_large"),
}


@pytest.mark.parametrize(("spoil", "status", "code"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_request_is_refused_whole(
    phone: Phone, everything: Everything, spoil: Callable[[bytes], bytes], status: int, code: str
) -> None:
    before = everything()
    assert_problem(phone.post(spoil(_whole(phone))), status, code)
    assert everything() == before


def test_a_request_of_more_changes_than_are_taken_is_told_the_limit(phone: Phone) -> None:
    body = phone.body(phone.add_person("p1"))
    first, line, _ = body.splitlines(keepends=True)
    header = {**json.loads(first), "count": 5001}
    lines = [json.dumps(header).encode() + b"\n", *[line] * 5001, b'{"end":{"count":5001}}\n']
    said = assert_problem(phone.post(b"".join(lines)), 413, "too_large")
    assert (said["field"], said["limit"], "5000" in said["sentence"]) == ("count", 5000, True)


@pytest.mark.parametrize(
    ("protocol", "words"), [(3, "服务器的版本比手机上的软件旧"), (0, "请更新软件")], ids=["newer", "older"]
)
def test_a_phone_of_another_age_is_told_which_end_is_the_older_and_to_go_on(
    phone: Phone, protocol: int, words: str
) -> None:
    said = assert_problem(phone.post(phone.body(protocol=protocol)), 426, "unsupported_protocol")
    assert (words in said["sentence"], "照常记录" in said["sentence"]) == (True, True)
    assert ("更新软件" in said["sentence"]) == (protocol == 0)  # a newer one has nothing to update


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"[" * 100_000, id="nested 100,000 deep"),
        pytest.param(b'{"entity":"person","record":"p1","hlc":1,"actor":"a","fields":{"name":NaN', id="cut"),
        pytest.param(b"\xff\xfe", id="not text"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"hlc":%d}' % 10**40, id="a number of forty digits"),
        pytest.param(b'{"hlc":' + b"9" * 5000 + b"}", id="a number of five thousand digits"),
    ],
)
def test_an_unreadable_line_does_not_hold_up_the_next(phone: Phone, line: bytes) -> None:
    lines = phone.body(phone.add_person("p1"), phone.add_person("p2")).split(b"\n")
    lines[1] = line
    response = phone.post(b"\n".join(lines))
    assert response.status_code == 200
    receipts = [json.loads(text)["receipt"] for text in response.text.splitlines()[:2]]
    assert [(r["seq"], r["status"], r.get("code")) for r in receipts] == [
        (1, "quarantined", "unreadable"),
        (2, "accepted", None),
    ]


def test_a_wrong_content_type_is_told_which_is_right(phone: Phone, everything: Everything) -> None:
    before = everything()
    said = assert_problem(
        phone.post(_whole(phone), **{"Content-Type": "text/html"}), 415, "wrong_content_type"
    )
    assert NDJSON in said["sentence"]
    assert everything() == before


def test_an_unknown_compression_is_refused(phone: Phone) -> None:
    assert_problem(phone.post(_whole(phone), **{"Content-Encoding": "lzma"}), 415, "wrong_content_type")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"not gzip at all", id="not gzip"),
        pytest.param(gzip.compress(b"x" * 1000)[:-10], id="cut"),
        pytest.param(gzip.compress(b"x") + b"more", id="something behind it"),
    ],
)
def test_damaged_compression_is_refused(phone: Phone, everything: Everything, sent: bytes) -> None:
    before = everything()
    headers = {**phone.headers, "Content-Encoding": "gzip"}
    assert_problem(ask(phone.app, "POST", "/v1/sync", content=sent, headers=headers), 400, "wire_error")
    assert everything() == before


def test_a_gzip_bomb_is_refused_without_being_unpacked(phone: Phone) -> None:
    bomb = gzip.compress(b"\0" * (64 * 2**20))
    assert len(bomb) < 100_000
    headers = {**phone.headers, "Content-Encoding": "gzip"}
    assert_problem(ask(phone.app, "POST", "/v1/sync", content=bomb, headers=headers), 413, "too_large")


@pytest.mark.parametrize("path", ["/v1/sync", "/v1/sign-in"])
def test_a_body_of_fifty_megabytes_is_refused_before_it_is_read(
    app: FastAPI, phone: Phone, everything: Everything, path: str
) -> None:
    before = everything()
    taken = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(800):
            taken += 2**16
            yield b"x" * 2**16

    async def send() -> httpx.Response:
        headers = phone.headers if path == "/v1/sync" else {"Content-Type": "application/json"}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://server.test"
        ) as client:
            return await client.post(path, content=flood(), headers=headers)

    said = assert_problem(asyncio.run(send()), 413, "too_large")
    assert ("请分几次传" in said["sentence"]) == (path == "/v1/sync")
    assert taken <= BATCH_BYTES + 2 * 2**16
    assert everything() == before


def test_a_stated_length_of_fifty_megabytes_is_refused_before_a_byte_is_read(phone: Phone) -> None:
    headers = {**phone.headers, "Content-Length": str(50 * 2**20)}
    response = ask(phone.app, "POST", "/v1/sync", content=b"x", headers=headers)
    assert_problem(response, 413, "too_large")


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic abc",
        "Bearer " + "x" * 5000,
        "Bearer \u00e9\u00ff",
    ],
    ids=repr,
)
def test_without_a_right_token_nothing_is_answered(
    phone: Phone, everything: Everything, authorization: str | None
) -> None:
    before = everything()
    headers: dict[str, Any] = {"Content-Type": NDJSON}
    if authorization is not None:
        headers["Authorization"] = authorization.encode("latin-1")
    response = ask(phone.app, "POST", "/v1/sync", content=_whole(phone), headers=headers)
    assert_problem(response, 401, "not_signed_in")
    assert response.headers["www-authenticate"] == "Bearer"
    assert everything() == before


def test_a_revoked_device_does_not_revoke_its_account(phone: Phone, engine: Engine, clock: Any) -> None:
    with writing(engine) as connection:
        revoke_device(connection, phone.device, now_ms=NOON)
    assert Phone.sign_in(phone.app, clock, "village").sync().end.have == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param(b"{", 400, "wire_error", id="malformed"),
        pytest.param(b"[1]", 400, "wire_error", id="not an object"),
        pytest.param(b"[" * 10_000, 400, "wire_error", id="nested"),
        pytest.param(b"{}", 422, "bad_input", id="nothing said"),
        pytest.param(b'{"login":"village"}', 422, "bad_input", id="no password"),
        pytest.param(b'{"login":1,"password":[]}', 422, "bad_input", id="wrong types"),
        pytest.param(b'{"login":"%s","password":"x"}' % (b"x" * 5000), 422, "bad_input", id="endless login"),
        pytest.param(b'{"login":"village","password":"\\ud800"}', 422, "bad_input", id="half a character"),
        pytest.param(b'{"login":"village\\u0000","password":"xxxxxx"}', 422, "bad_input", id="NUL"),
        pytest.param(b'{"login":"village","password":"wrong!"}', 401, "not_signed_in", id="wrong password"),
        pytest.param(b'{"login":"nobody","password":"wrong!"}', 401, "not_signed_in", id="wrong login"),
        pytest.param(b" " * 20_000, 413, "too_large", id="too long"),
    ],
)
def test_a_wrong_sign_in_is_told_in_one_sentence(
    app: FastAPI, everything: Everything, body: bytes, status: int, code: str
) -> None:
    before = everything()
    headers = {"Content-Type": "application/json"}
    assert_problem(ask(app, "POST", "/v1/sign-in", content=body, headers=headers), status, code)
    assert everything() == before


def test_wrong_login_and_wrong_password_are_told_alike(app: FastAPI) -> None:
    said = [
        ask(app, "POST", "/v1/sign-in", json={"login": login, "password": "wrong!"}).json()
        for login in ("village", "nobody")
    ]
    assert said[0] == said[1]


def test_guessing_must_wait_but_never_for_good(app: FastAPI, clock: Any) -> None:
    def attempt(password: str) -> httpx.Response:
        return ask(app, "POST", "/v1/sign-in", json={"login": "village", "password": password})

    for _ in range(5):
        assert attempt("wrong!").status_code == 401
    refused = attempt(PASSWORD)
    assert_problem(refused, 429, "too_many_attempts")
    assert refused.headers["retry-after"]
    clock.go_on(ms=1000)
    for _ in range(20):
        attempt("wrong!")
        clock.go_on(ms=60_000)
    assert attempt(PASSWORD).status_code == 200
    assert attempt(PASSWORD).status_code == 200  # a right one ends the counting


@pytest.mark.parametrize("method_and_path", ["GET /v1/photos/a%00b/" + 64 * "0", "POST /v1/review/a%00b/1"])
def test_an_address_with_a_nul_is_no_address(
    phone: Phone, everything: Everything, method_and_path: str
) -> None:
    method, path = method_and_path.split(" ")
    before = everything()
    headers = {"Authorization": f"Bearer {phone.token}"}
    assert_problem(ask(phone.app, method, path, headers=headers, json={}), 404, "not_found")
    assert everything() == before


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/sign-in", {"login": "village", "password": PASSWORD, "label": "a\0b"}),
        ("/v1/sign-out", {"account": "a\0b", "since": 1}),
        ("/v1/photos/proofs", {"sha256": ["\0"]}),
        ("/v1/photos/proofs", {"sha256": ["x" * 500]}),
    ],
)
def test_what_no_database_can_hold_is_refused_where_it_comes_in(
    phone: Phone, everything: Everything, path: str, said: dict[str, Any]
) -> None:
    before = everything()
    headers = {"Authorization": f"Bearer {phone.token}"}
    assert_problem(ask(phone.app, "POST", path, headers=headers, json=said), 422, "bad_input")
    assert everything() == before


def test_an_unknown_address_and_a_wrong_method_are_told_in_the_same_shape(app: FastAPI) -> None:
    assert_problem(ask(app, "GET", "/v2/anything"), 404, "not_found")
    assert_problem(ask(app, "GET", "/v1/sync"), 405, "method_not_allowed")


def test_what_nobody_foresaw_is_told_in_the_same_shape_without_details(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fall_over(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("sync_server.api.sync.page_after", fall_over)
    response = phone.post(_whole(phone))
    assert_problem(response, 500, "server_fault")
    assert "secret" not in response.text


def test_the_phone_app_that_is_not_built_answers_one_clear_sentence(app: FastAPI) -> None:
    response = ask(app, "GET", "/app/")
    assert (response.status_code, "zoufang build-web" in response.text) == (503, True)
