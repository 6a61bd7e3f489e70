"""A worker's phone for these tests: the real store, client and engine against the real application."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from app.store.account import keep_sign_in, signed_in_account
from app.store.store import Store, open_store
from app.sync.client import SyncClient
from app.sync.engine import SyncOutcome, sync_once
from tests.fakes import FakeClock, seeded_entropy
from tests.server.phones import PASSWORD, ask
from tests.server.phones import Phone as Clerk

ADDRESS = "http://server.test"
Spoil = Callable[[httpx.Response, bytes], httpx.Response]


class Phone:
    """The phone of the worker `login`, its files in `folder`; `app` is the server that it reaches.

    `clock` gives its own time, which may be wrong.
    """

    def __init__(
        self, folder: Path, app: FastAPI, login: str, *, clock: Callable[[], int], seed: int = 1
    ) -> None:
        self.folder, self.app, self.login, self.clock, self.seed = folder, app, login, clock, seed
        folder.mkdir(exist_ok=True)
        self.open()

    def open(self) -> None:
        """Start the app."""
        self.store: Store = open_store(
            self.folder / "phone.db", now_ms=self.clock, entropy=seeded_entropy(self.seed)
        )

    def sign_in(self) -> None:
        answer = self._run(lambda client: client.sign_in(self.login, PASSWORD, "测试机"))
        keep_sign_in(self.store, answer, ADDRESS)

    def sync(self, *, spoil: Spoil | None = None) -> SyncOutcome:
        """A sync to its end; `spoil` alters each answer on its way down. Raises what sync_once raises."""
        token = signed_in_account(self.store).token
        return self._run(lambda c: sync_once(self.store, c, now_ms=self.clock), token, spoil=spoil)

    def copied_to(self, folder: Path, *, seed: int) -> Phone:
        """Another phone with a copy of this one's files as they are now: a backup, or a clone."""
        folder.mkdir()
        for file in self.folder.iterdir():
            shutil.copy(file, folder / file.name)
        return Phone(folder, self.app, self.login, clock=self.clock, seed=seed)

    def _run(
        self, step: Callable[[SyncClient], Awaitable[Any]], token: str = "", *, spoil: Spoil | None = None
    ) -> Any:
        async def go() -> Any:
            way: httpx.AsyncBaseTransport = httpx.ASGITransport(self.app)
            client = SyncClient(
                httpx.AsyncClient(base_url=ADDRESS, transport=_Spoiling(way, spoil) if spoil else way), token
            )
            try:
                return await step(client)
            finally:
                await client.close()

        return asyncio.run(go())


class _Spoiling(httpx.AsyncBaseTransport):
    def __init__(self, way: httpx.AsyncBaseTransport, spoil: Spoil) -> None:
        self._way, self._spoil = way, spoil

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._way.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        return self._spoil(response, b"".join([part async for part in response.stream]))


def whole(response: httpx.Response, body: bytes) -> httpx.Response:
    """The answer as it is."""
    return httpx.Response(response.status_code, headers=response.headers, content=body)


def cut(response: httpx.Response, body: bytes) -> httpx.Response:
    """Half of the answer."""
    return httpx.Response(response.status_code, headers=response.headers, content=body[: len(body) // 2])


def release_what_waits(app: FastAPI, clock: FakeClock) -> None:
    """The town's reviewer takes in every Change that waits, in the order of arrival."""
    town = Clerk.sign_in(app, clock, "town")
    items = ask(app, "GET", "/v1/review", headers=town.headers).json()["items"]
    assert items
    headers = {**town.headers, "Content-Type": "application/json"}
    for item in items:
        path = f"/v1/review/{item['device']}/{item['seq']}"
        assert ask(app, "POST", path, headers=headers, json={"action": "release"}).status_code == 200


__all__ = ["ADDRESS", "Phone", "cut", "release_what_waits", "whole"]
