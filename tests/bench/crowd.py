"""500 devices of 500 villages that sync five visits each at the same moment, against one server process."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
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

    @property
    def headers(self) -> dict[str, str]:
        return {
            "authorization": f"Bearer {self.token}",
            "content-type": "application/x-ndjson",
            "content-encoding": "gzip",
        }

    def body(self, changes: list[Change]) -> bytes:
        header = SyncHeader(protocol=PROTOCOL, device=self.id, cursor=self.cursor, first=1, sent_at=_now_ms())
        return gzip.compress(encode_request(header, changes))

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
        taken_s, all_s, receipts, cpu_s = asyncio.run(_all_at_once(server, devices))
        memory_mb = server.most_memory_mb()
    sent = len(devices) * VISITS
    lost = sent - (_stored(data) - before)
    return [
        Figure(
            f"{len(devices)} devices, {VISITS} visits each at once",
            sent / all_s,
            "visits/s",
            1000,
            "one server process on SQLite",
            key="visits_per_s",
            is_least=True,
        ),
        Figure("  processor time of the server for each", cpu_s / len(devices) * 1000, "ms"),
        Figure("  answer p99", percentile(taken_s, 99), "s", 2, key="crowd_p99_s"),
        Figure("  most server memory", memory_mb, "MB", 300, key="crowd_memory_mb"),
        Figure("  visits lost", max(lost, sent - receipts), "", 0, key="crowd_lost"),
    ]


async def _all_at_once(server: Serving, devices: list[Device]) -> tuple[list[float], float, int, float]:
    """Seconds of each answer, of all of them, how many receipts came, and the server's processor time."""
    receipts = 0
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=server.origin, limits=limits, timeout=60) as http:
        for device in devices:  # every phone has its own village's roster already
            answer = await http.post("/v1/sync", content=device.body([]), headers=device.headers)
            device.cursor = decode_answer(answer.content).end.cursor
        # Opens a connection for each and makes what is sent, so that the server is measured and not this.
        bodies = [device.body(device.visits()) for device in devices]
        await asyncio.gather(*(http.post("/v1/sync", content=d.body([]), headers=d.headers) for d in devices))

        async def push(device: Device, body: bytes) -> tuple[float, bytes]:
            with timed() as lap:
                answer = await http.post("/v1/sync", content=body, headers=device.headers)
            assert answer.status_code == 200, answer.text
            return lap.seconds, answer.content

        cpu_s = server.cpu_s()
        with timed() as whole:
            answers = await asyncio.gather(*map(push, devices, bodies))
        cpu_s = server.cpu_s() - cpu_s
    for _, content in answers:
        receipts += sum(r.status == "accepted" for r in decode_answer(content).receipts)
    return [seconds for seconds, _ in answers], whole.seconds, receipts, cpu_s


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
