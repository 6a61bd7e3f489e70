from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.device import Device
from app.device.pillow_shrinker import PillowShrinker
from app.state.session import Session
from app.store.inbox import apply_page
from app.store.store import Store, open_store
from app.ui.shell import App
from tests.fakes import (
    FakeClock,
    FakeNetwork,
    FakeServer,
    answer_of,
    head_of,
    person,
    seeded_entropy,
    signed_in_store,
)
from tests.photo_server import ChosenFiles, MemoryBlobs, SlowShrinker
from tests.ui.headless import Phone

ROSTER = [
    person("p-zhang", name="张三", hamlet="上坞", house="12号", sex="M", born="1939-03-01",
           living=("LIVING_ALONE",), merit="SECOND", phones={"13800000000": "本人"}),
    person("p-li", name="李四", hamlet="上坞", house="15号", sex="F", born="1943",
           categories=("MARTYR_SURVIVOR",)),
    person("p-wang", name="王五", hamlet="上坞", house="20号", sex="M", born="1961-05-05"),
    person("p-sun", name="孙小满", hamlet="下坞", house="3号", sex="M", born="1988-01-02",
           away="OUT_OF_CITY", away_place="温州"),
    person("p-zhou", name="周一", hamlet="下坞", house="7号", sex="M", born="1964-01-02", living=("DIBAO",)),
]  # fmt: skip


class PageNetwork(FakeNetwork):
    """A fake network that is also a page's: it knows its server, which is `server`, if any."""

    def __init__(self, server: FakeServer | None = None) -> None:
        super().__init__()
        self.server = server

    def server_origin(self) -> str | None:
        return "https://server.test"

    def attach(self, page: Any) -> None:
        pass

    def http_client(self, base_url: str) -> Any:
        assert self.server is not None, f"this test of the screens does not go to {base_url}"
        return self.server.client()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """The phone of a worker of 清水村 with five people on the roster."""
    store = signed_in_store(tmp_path / "phone.db", clock)
    apply_page(store, "phone-1", answer_of(rows=[head_of(model) for model in ROSTER]))
    yield store
    store.close()


@pytest.fixture
def fresh_store(tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """A phone on which nobody has signed in."""
    store = open_store(tmp_path / "fresh.db", now_ms=clock, entropy=seeded_entropy(2))
    yield store
    store.close()


def session_over(store: Store, clock: FakeClock, server: FakeServer | None = None) -> Session:
    """A session as bootstrap makes it, with the test's clock and network."""
    device = Device(
        files=None,  # type: ignore[arg-type]
        network=PageNetwork(server),
        blobs=MemoryBlobs(),
        camera=ChosenFiles(),
        shrinker=SlowShrinker(PillowShrinker()),
    )
    return Session(store, device, now_ms=clock, chance=Random(1))


async def opened(session: Session, route: str = "/") -> Phone:
    """The app open at `route`."""
    phone = Phone(route)
    phone.page.render_views(App, session)
    await phone.settle()
    return phone


def run(body: Callable[[], Awaitable[None]]) -> None:
    """Run an async test to its end."""
    asyncio.run(body())  # type: ignore[arg-type]
