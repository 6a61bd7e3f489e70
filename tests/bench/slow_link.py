"""A day's 30 visits over a village's link: 400 kbit/s, 800 ms a round trip, one packet in fifty lost.

The link is simulated: what it would have taken is added up, not slept through. Everything else is real
and counted by the clock: the phone's store and client, the whole server application, its commits.
"""

from __future__ import annotations

import asyncio
import shutil
from math import ceil
from pathlib import Path
from random import Random

import httpx

from app.store.account import keep_sign_in, signed_in_account
from app.store.store import open_store
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from sync_server.asgi import create_app
from sync_server.demo.accounts import PASSWORD, VILLAGE
from sync_server.settings import Settings
from tests.bench.data import fresh_folder
from tests.bench.figures import Figure, timed
from tests.bench.visits import now_ms, save_visits

VISITS, DAYS = 30, 25
ROUND_TRIP_S, BYTES_PER_S, LOSS = 0.8, 400_000 / 8, 0.02
_PACKET, _FIRST_FLIGHT = 1400, 10  # bytes of one, and how many go before the first is acknowledged
_CONNECTING = 2  # round trips: TCP, then TLS 1.3


class SlowLink(httpx.AsyncBaseTransport):
    """`inner` behind the link; `seconds` is what the link has taken since it was set to 0."""

    def __init__(self, inner: httpx.AsyncBaseTransport, chance: Random) -> None:
        self._inner = inner
        self._chance = chance
        self.seconds = 0.0
        self.requests = 0

    def connect(self) -> None:
        """A connection is made anew, as after a day without a signal."""
        self.seconds = _CONNECTING * ROUND_TRIP_S
        self.requests = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        body = await request.aread()
        self._carry(len(body) + sum(len(n) + len(v) + 4 for n, v in request.headers.raw))
        response = await self._inner.handle_async_request(request)
        content = b"".join([part async for part in response.aiter_raw()])
        self._carry(len(content) + sum(len(n) + len(v) + 4 for n, v in response.headers.raw))
        return httpx.Response(response.status_code, headers=response.headers, content=content)

    def _carry(self, size: int) -> None:
        """One way: half a round trip, the bytes, the waits for acknowledgement while the window opens, and
        a round trip for each packet that is lost and sent again."""
        packets = ceil(size / _PACKET)
        flights, room = 0, _FIRST_FLIGHT
        left = packets - room
        while left > 0:
            flights, room = flights + 1, room * 2
            left -= room
        lost = sum(self._chance.random() < LOSS for _ in range(packets))
        self.seconds += ROUND_TRIP_S * (0.5 + flights + lost) + size / BYTES_PER_S


def measure_slow_link(city: Path, *, days: int = DAYS) -> list[Figure]:
    """Seconds of the evening's sync, the worst of many days and the usual one."""
    folder = fresh_folder("slow-link")
    shutil.copytree(city, folder / "server")
    taken = sorted(asyncio.run(_days(folder, days)))
    return [
        Figure(
            f"{VISITS} visits over a slow link",
            taken[len(taken) // 2],
            "s",
            3,
            f"median of {days} days; simulated: 400 kbit/s, 800 ms, 2 % loss; connecting included",
            key="slow_link_s",
        ),
        Figure("  worst day", taken[-1], "s", key="slow_link_worst_s"),
    ]


async def _days(folder: Path, days: int) -> list[float]:
    app = create_app(Settings.at(folder / "server"), site=folder / "web")
    link = SlowLink(httpx.ASGITransport(app), Random(7))
    taken: list[float] = []
    async with httpx.AsyncClient(transport=link, base_url="http://slow.test") as http:
        store = open_store(folder / "phone.sqlite", now_ms=now_ms)
        answer = await SyncClient(http).sign_in(VILLAGE.login, PASSWORD, "bench")
        keep_sign_in(store, answer, "http://slow.test")
        client = SyncClient(http, signed_in_account(store).token)
        await sync_once(store, client, now_ms=now_ms)
        for _ in range(days):
            save_visits(store, VISITS)
            link.connect()
            with timed() as lap:
                await sync_once(store, client, now_ms=now_ms)
            taken.append(link.seconds + lap.seconds)
        store.close()
    app.state.server.engine.dispose()
    return taken
