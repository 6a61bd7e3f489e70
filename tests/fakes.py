"""A clock, chance, a network and an account for tests, all of them obedient.

Persons are invented.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx

from app.device.ports import NetworkKind
from app.domain.campaign import Campaign, read_campaign
from app.domain.digest import bucket_of, buckets_of, digest_of
from app.domain.merge import Head, Mark
from app.domain.models import Person, RecordModel
from app.domain.wire import (
    Answer,
    AnswerEnd,
    DigestAnswer,
    DigestQuestion,
    Gone,
    PushBatch,
    Receipt,
    decode_request,
    encode_answer,
    head_to_json,
    row_text,
)
from app.store.account import keep_sign_in
from app.store.store import Store, open_store
from app.store.visits import NewVisit

NOON = 1_658_980_800_000  # 2022-07-28 04:00 UTC, noon in Lishui
DAY_MS = 24 * 3600 * 1000
VILLAGE, OTHER_VILLAGE = "331121209200", "331121209201"
_CAMPAIGN = Path(__file__).parents[1] / "assets" / "campaigns" / "lishui-2022.toml"


@dataclass
class FakeClock:
    """Stands still until told otherwise."""

    now: int = NOON

    def __call__(self) -> int:
        return self.now

    def go_on(self, *, ms: int = 0, days: float = 0) -> None:
        self.now += ms + int(days * DAY_MS)


def seeded_entropy(seed: int) -> Callable[[int], bytes]:
    """Random bytes that are the same with every run."""
    return Random(seed).randbytes


def campaign() -> Campaign:
    return read_campaign(_CAMPAIGN.read_text(encoding="utf-8"), source=_CAMPAIGN.name)


def sign_in_answer(
    *, device: str = "phone-1", villages: Sequence[str] = (VILLAGE, OTHER_VILLAGE)
) -> dict[str, Any]:
    """What the server says to a worker of VILLAGE who signs in."""
    return {
        "device": device,
        "token": f"token-of-{device}",
        "account": {"id": "worker-1", "name": "周岚", "role": "RECORDER"},
        "organisation": {"code": VILLAGE, "name": "清水村", "path": f"3311/331121/331121209/{VILLAGE}"},
        "villages": list(villages),
        "campaign": campaign().model_dump(mode="json"),
        "time": NOON,
    }


def head_of(model: RecordModel, *, version: int = 1, mark: Mark | None = None, **more: Any) -> Head:
    """A record as the server sends it, written by the roster import unless `mark` says otherwise."""
    first = mark or Mark(1, 1, "roster:331121209", 1, "roster")
    return Head(model.entity, model.id, version, {**model.fields_of(), **more}, first)


def answer_of(
    *,
    receipts: Sequence[Receipt] = (),
    rows: Sequence[Head] = (),
    cursor: str = "c1",
    more: bool = False,
    epoch: str = "e1",
    have: int = 0,
    time: int = NOON,
    gone: Sequence[tuple[str, str]] = (),
    restarted: bool = False,
    is_revoked: bool = False,
    levels: dict[str, str] | None = None,
) -> Answer:
    """A whole answer of the server; `gone` as (entity, record)."""
    end = AnswerEnd(
        receipts=len(receipts),
        rows=len(rows) + len(gone),
        cursor=cursor,
        more=more,
        epoch=epoch,
        have=have,
        time=time,
        restarted=restarted,
        is_revoked=is_revoked,
        levels=levels or {},
    )
    removed = [Gone(entity=entity, record=record) for entity, record in gone]
    return Answer(receipts=list(receipts), rows=list(rows), end=end, gone=removed)


@dataclass
class FakeServer:
    """Answers /v1/sync as the protocol says, to whom nothing is known but what it was sent.

    It accepts every Change as version 1 of its record, once; `feed` is handed out `page_rows` at a
    time. `before_answer` may raise or return another response instead of the answer, after the work
    was taken: the answer that never arrives. `held`, where given, is what it compares by digest;
    `fresh` are device ids that it gives out, `logins` the answers to a sign-in by login; a request
    with a token is enrolled on that token's device. While `hold` is set and not released, no request
    is answered. `photos`, where given, answers what is asked of /v1/photos.
    """

    feed: list[Head] = field(default_factory=list)
    page_rows: int = 2000
    epoch: str = "e1"
    clock: FakeClock = field(default_factory=FakeClock)
    refuse: Callable[[Any], Receipt | None] = lambda _: None
    held: list[Head] | None = None
    fresh: list[str] = field(default_factory=list)
    logins: dict[str, dict[str, Any]] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    photos: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    asked: list[str] = field(default_factory=list)
    signed_out: list[str] = field(default_factory=list)
    before_take: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    before_answer: Callable[[httpx.Response], httpx.Response | None] = lambda _: None
    batches: list[PushBatch] = field(default_factory=list)
    taken: dict[tuple[str, int], Receipt] = field(default_factory=dict)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url="https://server.test", transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.hold is not None:
            await self.hold.wait()
        return self._handle(request)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        photo = self.photos(request)
        if photo is not None:
            return photo
        early = self.before_take(request)
        if early is not None:
            return early
        self.asked.append(request.url.path)
        if request.url.path == "/v1/device" and self.fresh:
            device = self.fresh.pop(0)
            return httpx.Response(200, json={"device": device, "token": f"token-of-{device}"})
        if request.url.path == "/v1/sign-in":
            return self._sign_in(request)
        if request.url.path == "/v1/sign-out":
            self.signed_out.append(json.loads(request.content)["account"])
            return httpx.Response(200, json={"accounts": 1})
        if request.url.path == "/v1/digest" and self.held is not None:
            return self._compare(DigestQuestion.model_validate_json(request.content), self.held)
        if request.url.path != "/v1/sync":
            return httpx.Response(404, json={"sentence": "没有这个地址。"})
        batch = decode_request(gzip.decompress(request.content))
        self.batches.append(batch)
        receipts = [self._receipt(batch.header.device, change) for change in batch.changes]
        start = int(batch.header.cursor or 0)
        rows = self.feed[start : start + self.page_rows]
        have = 0
        while (batch.header.device, have + 1) in self.taken:
            have += 1
        end = AnswerEnd(
            receipts=len(receipts),
            rows=len(rows),
            cursor=str(start + len(rows)),
            more=start + len(rows) < len(self.feed),
            epoch=self.epoch,
            have=have,
            time=self.clock(),
            digest=None if self.held is None else digest_of(_triples(self.held)),
        )
        body = gzip.compress(encode_answer(receipts, [row_text(row) for row in rows], end))
        response = httpx.Response(200, headers={"content-encoding": "gzip"}, content=body)
        return self.before_answer(response) or response

    def _sign_in(self, request: httpx.Request) -> httpx.Response:
        answer = self.logins.get(json.loads(request.content)["login"])
        if answer is None:
            return httpx.Response(401, json={"sentence": "账号或密码不对。"})
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not token:
            return httpx.Response(200, json=answer)
        device = token.removeprefix("token-of-")
        return httpx.Response(200, json={**answer, "device": device, "token": ""})

    def _compare(self, question: DigestQuestion, held: list[Head]) -> httpx.Response:
        rows = [
            head_to_json(head)
            for head in held
            if bucket_of(head.record) in question.want.get(head.entity, [])
        ]
        answer = DigestAnswer(cursor=question.cursor, parts=buckets_of(_triples(held)), rows=rows)
        return httpx.Response(200, content=answer.model_dump_json())

    def _receipt(self, device: str, change: Any) -> Receipt:
        key = (device, change.seq)
        if key not in self.taken:
            self.taken[key] = self.refuse(change) or Receipt(
                seq=change.seq, status="accepted", version=1, ref=f"REF{change.seq:05}"
            )
        return self.taken[key]


def _triples(held: list[Head]) -> list[tuple[str, str, int]]:
    return [(head.entity, head.record, head.version) for head in held]


class FakeNetwork:
    """Says what it is told about the network, and calls back when told to."""

    def __init__(self, *, is_online: bool = True, kind: NetworkKind = "unknown") -> None:
        self.online = is_online
        self.cost: NetworkKind = kind
        self._online: list[Callable[[], None]] = []
        self._resume: list[Callable[[], None]] = []

    def is_online(self) -> bool:
        return self.online

    def kind(self) -> NetworkKind:
        return self.cost

    def on_online(self, callback: Callable[[], None]) -> None:
        self._online.append(callback)

    def on_resume(self, callback: Callable[[], None]) -> None:
        self._resume.append(callback)

    def resumes(self) -> None:
        """The app comes back before the worker's eyes."""
        for callback in self._resume:
            callback()

    def comes_back(self) -> None:
        self.online = True
        for callback in self._online:
            callback()


class FakeSleep:
    """Sleeps that end when the test lets time pass; `asked` lists every wait in seconds."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._ids = itertools.count()
        self._sleepers: dict[int, tuple[int, asyncio.Future[None]]] = {}
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        number = next(self._ids)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers[number] = (self._clock.now + int(seconds * 1000), future)
        try:
            await future
        finally:
            del self._sleepers[number]

    def let_pass(self, seconds: float) -> None:
        self._clock.go_on(ms=int(seconds * 1000))
        for due, future in list(self._sleepers.values()):
            if due <= self._clock.now and not future.done():
                future.set_result(None)


async def settled(turns: int = 50) -> None:
    """Let every task run until it waits for something that only the test can give."""
    for _ in range(turns):
        await asyncio.sleep(0)


def signed_in_store(path: Path | str, clock: FakeClock, *, seed: int = 1, device: str = "phone-1") -> Store:
    """A phone on which a worker of VILLAGE has signed in once, with nothing pulled yet."""
    store = open_store(path, now_ms=clock, entropy=seeded_entropy(seed))
    keep_sign_in(store, sign_in_answer(device=device), "https://server.test")
    return store


def person(record: str = "person-1", *, name: str = "单小满", **fields: Any) -> Person:
    """Somebody invented, of VILLAGE unless `fields` says otherwise."""
    return Person(id=record, name=name, **{"village": VILLAGE, **fields})


def visit_to(record: str, *, method: str = "HOME", result: str = "MET_SELF", **fields: Any) -> NewVisit:
    """A visit to `record` now, as the form gives it."""
    return NewVisit(
        person=record,
        method=method,
        result=result,
        **{"at": datetime.fromtimestamp(NOON / 1000, UTC), **fields},
    )
