"""`python -m tests.bench sync`: the phone's real store and client against a real server over loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import sqlite3
import statistics
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from time import process_time

from app.domain.change import Change
from app.domain.wire import PROTOCOL, SyncHeader, encode_request
from app.store.account import keep_sign_in, signed_in_account
from app.store.index import people_index
from app.store.people import edit_person
from app.store.store import Store, open_store
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from sync_server.demo.accounts import CITY, PASSWORD
from sync_server.demo.city import Size
from tests.bench.crowd import DEVICES, measure_crowd
from tests.bench.data import fresh_folder, planted_city
from tests.bench.figures import Figure, timed
from tests.bench.server import Traffic, counting_client, served, serving
from tests.bench.slow_link import DAYS, measure_slow_link
from tests.bench.visits import now_ms, save_visits

ROSTER = Size(people=15_000, visits=0, in_units=0, showcase=36)
LIVELY = Size(people=15_000, visits=24_000, in_units=0, showcase=36)
PUSHED = 10_000
FIRST_SYNCS = 3


class Phone:
    """A store on the disk, signed in at the server, and its traffic since `forget_traffic`."""

    def __init__(self, folder: Path, origin: str) -> None:
        folder.mkdir(parents=True)
        self.store: Store = open_store(folder / "phone.sqlite", now_ms=now_ms)
        self.traffic = Traffic()
        self._http = counting_client(origin, self.traffic)
        self._origin = origin

    async def sign_in(self) -> None:
        answer = await SyncClient(self._http).sign_in(CITY.login, PASSWORD, "bench")
        keep_sign_in(self.store, answer, self._origin)
        # Opens the connection, so that what follows measures the protocol and not a handshake.
        self.forget_traffic()

    def forget_traffic(self) -> None:
        for name in Traffic.__slots__:
            setattr(self.traffic, name, 0)

    async def sync(self) -> float:
        """Seconds that one whole sync takes."""
        client = SyncClient(self._http, signed_in_account(self.store).token)
        self.forget_traffic()
        with timed() as lap:
            await sync_once(self.store, client, now_ms=now_ms)
        return lap.seconds

    async def close(self) -> None:
        await self._http.aclose()
        self.store.close()


def measure(
    records: int = PUSHED,
    *,
    roster: Size = ROSTER,
    lively: Size | None = LIVELY,
    devices: int = DEVICES,
    days: int = DAYS,
) -> list[Figure]:
    """Figures of `records` visits up and down, of small syncs and the floor beneath, of `devices` at once,
    of `days` on a slow link, and of first syncs from a city without visits and a `lively` one."""
    city = planted_city(roster)
    folder = fresh_folder("sync")
    scratch = folder / "server"  # what is pushed must not stay in the city that the next run finds
    shutil.copytree(city, scratch)
    figures = asyncio.run(_pushes(folder, scratch, records))
    figures += measure_crowd(city, most=devices)
    figures += measure_slow_link(city, days=days)
    figures += asyncio.run(_first_syncs(folder, city, f"{roster.people:,} people", limit_s=3))
    if lively is not None:
        what = f"{lively.people:,} people, {lively.visits:,} visits"
        figures += asyncio.run(_first_syncs(folder, planted_city(lively), what, limit_s=None))
    return figures


async def _first_syncs(folder: Path, city: Path, what: str, *, limit_s: float | None) -> list[Figure]:
    with served(city) as origin:
        taken: list[float] = []
        for number in range(FIRST_SYNCS):
            phone = Phone(folder / f"{city.name}-{number}", origin)
            await phone.sign_in()
            taken.append(await phone.sync())
            await phone.close()
    return [
        Figure(f"first sync of {what}", statistics.median(taken), "s", limit_s, f"median of {FIRST_SYNCS}"),
        Figure(
            "  bytes down", phone.traffic.down_bytes / 1e6, "MB", note=f"{phone.traffic.requests} requests"
        ),
    ]


async def _pushes(folder: Path, city: Path, records: int) -> list[Figure]:
    with serving(city) as server:
        writer, reader = Phone(folder / "writer", server.origin), Phone(folder / "reader", server.origin)
        for phone in (writer, reader):
            await phone.sign_in()
            await phone.sync()
        pushed = save_visits(writer.store, records)
        phone_s, server_s = process_time(), server.cpu_s()
        push_s = await writer.sync()
        phone_s, server_s = process_time() - phone_s, server.cpu_s() - server_s
        push = copy(writer.traffic)
        pull_s = await reader.sync()
        pull = copy(reader.traffic)
        await writer.sync()
        await writer.sync()
        empty = copy(writer.traffic)
        save_visits(writer.store, 5)
        await writer.sync()
        five = copy(writer.traffic)
        for person in people_index(writer.store).search()[:100]:
            edit_person(writer.store, person, {"employment": "FLEXIBLE", "note": "搬到儿子家住"})
        edits_s = await writer.sync()
        edits = copy(writer.traffic)
        for phone in (writer, reader):
            await phone.close()
        memory_mb = server.most_memory_mb()
    head_up, head_down = empty.up_header_bytes, empty.down_header_bytes
    many = f"{records:,}"
    return [
        Figure(f"push of {many} visits", push_s, "s", 0.4, f"{push.requests} requests", key="push_s"),
        Figure("  bytes up", push.up_bytes, "B", 175 * records, key="push_bytes"),
        Figure("  processor time of the phone", phone_s, "s", key="push_phone_cpu_s"),
        Figure("  processor time of the server", server_s, "s", key="push_server_cpu_s"),
        Figure("pull of the same by another", pull_s, "s", 0.4, f"{pull.requests} requests", key="pull_s"),
        Figure("  bytes down", pull.down_bytes, "B", 175 * records, key="pull_bytes"),
        Figure("  most server memory", memory_mb, "MB"),
        Figure("100 edits", edits_s, "s", 0.02, key="edits100_s"),
        Figure("  bytes up", edits.up_bytes, "B", 4000, key="edits100_bytes"),
        Figure("5 visits, bytes up", five.up_bytes, "B", 1500, key="visits5_bytes"),
        Figure(
            "empty sync up",
            empty.up_bytes,
            "B",
            400,
            f"{empty.requests} request; and {head_up} B of HTTP headers",
            key="empty_bytes_up",
        ),
        Figure(
            "empty sync down",
            empty.down_bytes,
            "B",
            400,
            f"and {head_down} B of HTTP headers",
            key="empty_bytes_down",
        ),
        *_floor(folder, pushed),
    ]


def _floor(folder: Path, changes: Sequence[Change]) -> list[Figure]:
    """The least that 10,000 records cost here: writing, compressing and reading them once, and no more."""
    header = SyncHeader(protocol=PROTOCOL, device=changes[0].device, first=changes[0].seq, sent_at=now_ms())
    body = encode_request(header, changes)
    lines = body.splitlines()
    with timed() as packing:
        packed = gzip.compress(body, 6, mtime=0)
    with timed() as reading:
        for line in lines:
            json.loads(line)
    connection = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE floor (record TEXT PRIMARY KEY, line BLOB NOT NULL) STRICT")
    with timed() as writing:
        connection.execute("BEGIN")
        rows = [(change.record, line) for change, line in zip(changes, lines[1:], strict=False)]
        connection.executemany("INSERT INTO floor (record, line) VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    connection.close()
    return [
        Figure("  floor: one SQLite transaction", writing.seconds, "s", note=f"{len(changes):,} rows"),
        Figure(
            "  floor: one gzip",
            packing.seconds,
            "s",
            note=f"{len(body) / 1e6:.2f} to {len(packed) / 1e6:.2f} MB",
        ),
        Figure("  floor: one json.loads a line", reading.seconds, "s"),
    ]
