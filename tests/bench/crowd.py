"""500 devices of 500 villages that sync five visits each at the same moment, against one server process.

Each asks what a phone asks: its own headers, its cursor, compressed bytes, `merges_own`. What is sent is
made, and the connections opened, before the clock starts.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from time import process_time

from argon2 import PasswordHasher
from sqlalchemy import func, select

from app.domain.change import Change
from app.domain.codes import Role
from app.domain.models import Visit
from app.domain.stamp import hlc_of
from app.domain.wire import PROTOCOL, SyncHeader, decode_answer, encode_request
from sync_server.db.engine import open_engine, reading, writing
from sync_server.db.tables import heads, visit_facts
from sync_server.demo.plant import CAMPAIGN
from sync_server.records.accounts import create_account, enrol_device
from tests.bench.data import fresh_folder
from tests.bench.figures import Figure, percentile, timed
from tests.bench.lean import Line, Reply, post
from tests.bench.server import Serving, serving

DEVICES, VISITS = 500, 5
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(slots=True)
class Device:
    """An enrolled device, the people of its village, and where it stands in the feed."""

    id: str
    token: str
    account: str
    village: str
    people: list[str]
    cursor: str | None = None

    def request(self, changes: list[Change]) -> bytes:
        """The bytes of a sync that sends `changes`."""
        header = SyncHeader(
            protocol=PROTOCOL,
            device=self.id,
            cursor=self.cursor,
            first=1,
            sent_at=_now_ms(),
            merges_own=True,
        )
        headers = {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/x-ndjson",
            "content-encoding": "gzip",
        }
        return post("/v1/sync", headers, gzip.compress(encode_request(header, changes)))

    def visits(self) -> list[Change]:
        at = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
        return [
            Change(
                device=self.id,
                seq=number + 1,
                hlc=hlc_of(_now_ms()),
                actor=self.account,
                entity=Visit.entity,
                record=f"{self.id}-{number}",
                fields={
                    "campaign": CAMPAIGN,
                    "person": self.people[number % len(self.people)],
                    "organisation": self.village,
                    "performer": self.account,
                    "method": "HOME",
                    "result": "MET_SELF",
                    "at": at,
                    "saved_at": at,
                    "note": "身体还好，问优待证",
                },
            )
            for number in range(VISITS)
        ]


@dataclass(frozen=True, slots=True)
class Rush:
    """Seconds of each answer and of all of them, how many visits were accepted, and the processor time that
    the server took and the crowd itself."""

    taken_s: list[float]
    all_s: float
    accepted: int
    server_cpu_s: float
    own_cpu_s: float


def measure_crowd(city: Path, *, most: int = DEVICES) -> list[Figure]:
    """Visits a second, p99 of an answer, memory, and that everything is there afterwards.

    One device a village, at `most` so many.
    """
    folder = fresh_folder("crowd")
    data = folder / "server"
    shutil.copytree(city, data)
    devices = _enrolled(data, most)
    before = _stored(data)
    with serving(data) as server:
        rush = asyncio.run(_all_at_once(server, devices))
        memory_mb = server.most_memory_mb()
    sent = len(devices) * VISITS
    lost = sent - (_stored(data) - before)
    return [
        Figure(
            f"{len(devices)} devices, {VISITS} visits each at once",
            sent / rush.all_s,
            "visits/s",
            1000,
            "one server process on SQLite",
            key="visits_per_s",
            is_least=True,
        ),
        Figure("  processor time of the server for each", rush.server_cpu_s / len(devices) * 1000, "ms"),
        Figure("  and of the crowd", rush.own_cpu_s / len(devices) * 1000, "ms"),
        Figure("  answer p99", percentile(rush.taken_s, 99), "s", 2, key="crowd_p99_s"),
        Figure("  most server memory", memory_mb, "MB", 300, key="crowd_memory_mb"),
        Figure("  visits lost", max(lost, sent - rush.accepted), "", 0, key="crowd_lost"),
    ]


async def _all_at_once(server: Serving, devices: list[Device]) -> Rush:
    first = await Line.open(server.origin)
    for device in devices:  # each phone has its village's roster already
        device.cursor = decode_answer((await first.exchange(device.request([]))).plain).end.cursor
    first.close()
    empty, requests = [d.request([]) for d in devices], [d.request(d.visits()) for d in devices]
    # Opened last: the server hangs up on whoever says nothing for some seconds.
    lines = [await Line.open(server.origin) for _ in devices]
    await _all(lines, empty)
    cpu_s, own_cpu_s = server.cpu_s(), process_time()
    with timed() as whole:
        answers = await _all(lines, requests)
    cpu_s, own_cpu_s = server.cpu_s() - cpu_s, process_time() - own_cpu_s
    for line in lines:
        line.close()
    receipts = sum(
        receipt.status == "accepted" for answer in answers for receipt in decode_answer(answer.plain).receipts
    )
    return Rush([answer.seconds for answer in answers], whole.seconds, receipts, cpu_s, own_cpu_s)


async def _all(lines: list[Line], requests: list[bytes]) -> list[Reply]:
    return await asyncio.gather(
        *(line.exchange(request) for line, request in zip(lines, requests, strict=True))
    )


def _enrolled(data: Path, most: int) -> list[Device]:
    """A recorder and a device in each of the villages that have people, at `most` so many."""
    engine = open_engine(f"sqlite:///{data / 'zoufang.sqlite'}")
    people: dict[str, list[str]] = {}
    with writing(engine) as connection:
        query = select(heads.c.path, heads.c.record).where(heads.c.entity == "person")
        for path, record in connection.execute(query.order_by(heads.c.record)):
            people.setdefault(path.rpartition("/")[2], []).append(record)
        devices = []
        for number, village in enumerate(sorted(v for v in people if len(v) == 12)[:most]):
            account = create_account(
                connection,
                f"crowd-{number}",
                "walk-and-visit",
                name="",
                organisation_code=village,
                role=Role.RECORDER,
                now_ms=_now_ms(),
                hasher=_CHEAP,
            )
            made = enrol_device(connection, account, "bench", now_ms=_now_ms())
            devices.append(Device(made.device.id, made.token, account.id, village, people[village]))
    engine.dispose()
    return devices


def _stored(data: Path) -> int:
    engine = open_engine(f"sqlite:///{data / 'zoufang.sqlite'}")
    with reading(engine) as connection:
        count = connection.execute(select(func.count()).select_from(visit_facts)).scalar_one()
    engine.dispose()
    return int(count)


def _now_ms() -> int:
    return int(time.time() * 1000)
