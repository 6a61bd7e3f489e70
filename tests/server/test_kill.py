"""The answer that never arrives is the normal case: the push is sent again and changes nothing more.

First with the connection cut in process, at each point; then with a real server process that dies by
SIGKILL and one that is started on what it left behind.
"""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.types import Message, Receive, Scope, Send

from app.domain.wire import decode_answer
from sync_server.asgi import create_app
from sync_server.db import tables
from sync_server.settings import Settings
from tests.fakes import FakeClock
from tests.server.phones import Phone, ask, need_fields

ROOT = Path(__file__).parents[2]


class CutConnection(Exception):
    """The network, not the server."""


class Cut:
    """The application behind a network that breaks at a point of the exchange."""

    def __init__(self, app: FastAPI, point: str) -> None:
        self._app = app
        self._point = point

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._point == "before the request arrives":
            raise CutConnection
        parts = 0

        async def cut_receive() -> Message:
            nonlocal parts
            parts += 1
            message = await receive()
            if self._point == "in the middle of the request" and message["type"] == "http.request":
                return (
                    {**message, "body": message["body"][:50], "more_body": True}
                    if parts == 1
                    else {"type": "http.disconnect"}
                )
            return message

        async def cut_send(message: Message) -> None:
            is_body = message["type"] == "http.response.body"
            if self._point == "before the answer" or (
                self._point == "in the middle of the answer" and is_body
            ):
                raise CutConnection
            await send(message)

        await self._app(scope, cut_receive, cut_send)


def _body(phone: Phone) -> bytes:
    return phone.body(
        phone.add_person("p1"),
        phone.add_visit("v1", "p1", cash_fen=50000),
        phone.add_visit("v2", "p404"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
    )


def _send(app: Any, phone: Phone, body: bytes) -> httpx.Response:
    headers = {**phone.headers, "Content-Encoding": "gzip"}
    return ask(app, "POST", "/v1/sync", content=gzip.compress(body), headers=headers)


@pytest.mark.parametrize(
    ("point", "is_taken"),
    [
        ("before the request arrives", False),
        ("in the middle of the request", False),
        ("before the answer", True),
        ("in the middle of the answer", True),
    ],
)
def test_a_cut_connection_and_a_second_try_are_one_push(
    phone: Phone, everything: Callable[[], dict[str, list[Any]]], point: str, is_taken: bool
) -> None:
    before = everything()
    body = _body(phone)
    try:
        response = _send(Cut(phone.app, point), phone, body)
        assert response.status_code >= 400 or not response.content.endswith(b"\n")
    except CutConnection:
        pass
    after_cut = everything()
    assert (after_cut != before) is is_taken
    first = _send(phone.app, phone, body)
    after_first = everything()
    second = _send(phone.app, phone, body)
    assert (second.content, everything()) == (first.content, after_first)
    if is_taken:
        assert after_first == after_cut
    assert [r.status for r in decode_answer(first.content).receipts] == [
        "accepted",
        "accepted",
        "quarantined",
        "accepted",
    ]


@contextmanager
def _server_that_dies(data: Path, moment: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.server.killable", str(data), str(port), moment]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}"
        assert process.wait(timeout=30) == -9
    finally:
        process.kill()
        process.wait()


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server did not start"
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not open its port")


@pytest.mark.parametrize(
    ("moment", "kept_visits"),
    [
        ("before the commit", []),
        ("between commit and answer", ["v1"]),
        ("half-way through the answer", ["v1"]),
    ],
)
def test_a_server_killed_during_a_push_loses_and_doubles_nothing(
    settings: Settings, clock: FakeClock, tmp_path: Path, moment: str, kept_visits: list[str]
) -> None:
    app = create_app(settings, now_ms=clock, site=tmp_path / "web")
    phone = Phone.sign_in(app, clock, "village")
    app.state.server.engine.dispose()
    body = _body(phone)
    with _server_that_dies(tmp_path, moment) as address, pytest.raises(httpx.TransportError):
        headers = {**phone.headers, "Content-Encoding": "gzip"}
        httpx.post(f"{address}/v1/sync", content=gzip.compress(body), headers=headers, timeout=30)

    app = create_app(settings, now_ms=clock, site=tmp_path / "web")
    engine = app.state.server.engine

    def visits() -> list[str]:
        with engine.connect() as connection:
            return list(connection.execute(select(tables.visit_facts.c.record)).scalars())

    assert visits() == kept_visits
    answers = [_send(app, phone, body).content for _ in range(2)]
    assert answers[0] == answers[1]
    answer = decode_answer(answers[0])
    assert [(r.seq, r.status) for r in answer.receipts] == [
        (1, "accepted"),
        (2, "accepted"),
        (3, "quarantined"),
        (4, "accepted"),
    ]
    assert [(h.record, h.version) for h in answer.rows] == [("p1", 1), ("v1", 1), ("n1", 1)]
    assert visits() == ["v1"]
    engine.dispose()
