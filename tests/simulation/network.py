"""A network that loses, cuts, garbles, delays, repeats and reorders what passes.

One transport for each phone, under its real client. What a request does to the server and what the
phone hears of it are two things, and every way in which they can come apart is here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

import httpx

from app.domain.errors import WireError
from app.domain.wire import Answer, decode_answer
from app.sync.client import PHOTO_RECEIPT
from tests.simulation.disk import Died
from tests.simulation.server import Raw, Server
from tests.simulation.tally import Broken, Tally

FAULTS = (
    "no route", "lost up", "cut up", "garbled up", "delayed", "repeated", "503", "portal",
    "lost down", "cut down", "garbled down",
)  # fmt: skip
_LATE_AT_MOST = 12  # requests that wander about; the oldest are forgotten


class Air:
    """What all phones share: the requests still on their way, and how bad it is (0 to 1).

    `server_danger` is the chance that the server meets a fault of its own over a request.
    """

    def __init__(self, server: Server, random: Random, tally: Tally) -> None:
        self.server, self.random, self.tally = server, random, tally
        self.badness = 0.0
        self.server_danger = 0.0
        self._late: list[tuple[httpx.Request, bytes]] = []

    async def deliver_late(self) -> None:
        """One of the requests that wander about arrives at last; nobody waits for the answer."""
        if self._late:
            request, body = self._late.pop(self.random.randrange(len(self._late)))
            self.tally.faults["arrived late"] += 1
            await self.reach(request, body)

    def keep_for_later(self, request: httpx.Request, body: bytes) -> None:
        """Let a request wander about."""
        self._late.append((request, body))
        del self._late[:-_LATE_AT_MOST]

    async def reach(self, request: httpx.Request, body: bytes) -> Raw | None:
        """What the server answers to `body`; None if it dies over it."""
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"content-length"]
        sent = httpx.Request(request.method, request.url, headers=headers, content=body)
        self._endanger()
        self.tally.requests += 1
        faults_before = self.tally.faults["server full"]
        try:
            answer = await self.server.handle(sent)
        except Died:
            return None
        if answer[0] == 500 and self.tally.faults["server full"] == faults_before:
            raise Broken(f"P6 the server failed over {request.url.path}")
        return answer

    def _endanger(self) -> None:
        if self.random.random() >= self.server_danger:
            return
        fault = self.random.choice(("die before", "die after", "full"))
        at_commit = self.random.random() < 0.5
        steps = self.random.randint(1, 2 if at_commit else 30)
        self.server.disk.arm(fault, steps=steps, at_commit=at_commit)


class Wire(httpx.AsyncBaseTransport):
    """One phone's way to the server.

    `meanwhile` is awaited while a request is under way; `step` is a moment at which the phone may die;
    `heard` gets each answer to a sync that reached the phone as the server gave it, `heard_of_photo` each
    receipt of a photo.
    """

    def __init__(
        self,
        air: Air,
        *,
        meanwhile: Callable[[], Awaitable[None]],
        step: Callable[[], None],
        heard: Callable[[Answer], None],
        heard_of_photo: Callable[[str], None],
    ) -> None:
        self._air = air
        self._meanwhile, self._step, self._heard = meanwhile, step, heard
        self._heard_of_photo = heard_of_photo

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        air = self._air
        fault = air.random.choice(FAULTS) if air.random.random() < air.badness else ""
        if fault:
            air.tally.faults[fault] += 1
        self._step()
        answer = await self._up(fault, request, body)
        await self._meanwhile()
        self._step()
        return self._down(fault, request, answer)

    async def _up(self, fault: str, request: httpx.Request, body: bytes) -> Raw | None:
        random = self._air.random
        if fault == "no route":
            raise httpx.ConnectError("no route")
        if fault in ("503", "portal"):
            page = b"<html>welcome to the hotel</html>"
            return (503 if fault == "503" else 200), httpx.Headers({"content-type": "text/html"}), page
        if fault == "lost up":
            raise httpx.ReadTimeout("lost on the way up")
        if fault in ("delayed", "repeated"):
            self._air.keep_for_later(request, body)
        if fault == "delayed":
            raise httpx.ReadTimeout("still on its way")
        if fault == "cut up":
            body = body[: random.randrange(len(body) or 1)]
        if fault == "garbled up" and request.headers.keys() & {"content-encoding", "upload-checksum"}:
            body = _garbled(body, random)
        return await self._air.reach(request, body)

    def _down(self, fault: str, request: httpx.Request, answer: Raw | None) -> httpx.Response:
        if answer is None:
            raise httpx.RemoteProtocolError("the server went away")
        status, headers, body = answer
        if fault == "lost down":
            raise httpx.ReadTimeout("lost on the way down")
        if fault == "cut down":
            body = body[: self._air.random.randrange(len(body) or 1)]
        if fault == "garbled down" and "content-encoding" in headers:
            body = _garbled(body, self._air.random)
        response = httpx.Response(status, headers=headers, content=body)
        if (answer_heard := _answer_in(request, response)) is not None:
            self._heard(answer_heard)
        for receipt in _photo_receipts(request, response):
            self._heard_of_photo(receipt)
        return response


def _answer_in(request: httpx.Request, response: httpx.Response) -> Answer | None:
    """The answer to a sync as it comes to the phone; a byte that was garbled may be one that says nothing."""
    if request.url.path != "/v1/sync" or response.status_code != 200:
        return None
    try:
        return decode_answer(response.content)
    except (httpx.DecodingError, WireError):
        return None


def _photo_receipts(request: httpx.Request, response: httpx.Response) -> list[str]:
    """What this answer, as it comes to the phone, proves; in a body that was cut nothing can be read."""
    if request.url.path == "/v1/photos/proofs" and response.status_code == 200:
        try:
            return [str(receipt) for receipt in response.json()["proofs"].values()]
        except ValueError:
            return []
    receipt = response.headers.get(PHOTO_RECEIPT)
    return [receipt] if receipt is not None else []


def _garbled(body: bytes, random: Random) -> bytes:
    """One bit flipped. Only in compressed bodies, which carry a checksum; for the others there is TLS."""
    if not body:
        return body
    place = random.randrange(len(body))
    return body[:place] + bytes([body[place] ^ 1 << random.randrange(8)]) + body[place + 1 :]
