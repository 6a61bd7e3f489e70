"""`python -m tests.bench sync`: the phone's real store and client against a real server over loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import sqlite3
import statistics
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from app.domain.change import Change
from app.domain.models import Visit
from app.domain.wire import PROTOCOL, SyncHeader, encode_request
from app.store import heads, outbox
from app.store.account import keep_sign_in, signed_in_account
from app.store.index import people_index
from app.store.outbox import NewChange
from app.store.people import edit_person
from app.store.store import Store, open_store
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from sync_server.demo.accounts import CITY, PASSWORD
from sync_server.demo.city import Size
from sync_server.demo.visits import SHANGHAI
from tests.bench.data import fresh_folder, planted_city
from tests.bench.figures import Figure, timed
from tests.bench.server import Traffic, counting_client, served

PEOPLE = 15_000
PUSHED = 10_000
FIRST_SYNCS = 3
_SYNC_100_EDITS_BYTES = 4_000


class Phone:
    """A store on the disk, signed in at the server, and its traffic since `forget_traffic`."""

    def __init__(self, folder: Path, origin: str) -> None:
        folder.mkdir(parents=True)
        self.store: Store = open_store(folder / "phone.sqlite", now_ms=_now_ms)
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
            await sync_once(self.store, client, now_ms=_now_ms)
        return lap.seconds

    async def close(self) -> None:
        await self._http.aclose()
        self.store.close()


def measure() -> list[Figure]:
    """Figures of first syncs, of 10,000 visits up and down, of small syncs, and the floor beneath."""
    roster = planted_city("15000-people", Size(people=PEOPLE, visits=0, in_units=0, showcase=36))
    lively = planted_city(
        "15000-people-24000-visits", Size(people=PEOPLE, visits=24_000, in_units=0, showcase=36)
    )
    folder = fresh_folder("sync")
    figures = asyncio.run(_first_syncs(folder, roster, f"{PEOPLE:,} people", limit_s=3))
    figures += asyncio.run(_first_syncs(folder, lively, f"{PEOPLE:,} people, 24,000 visits", limit_s=None))
    scratch = folder / "server"  # what is pushed must not stay in the city that the next run finds
    shutil.copytree(roster, scratch)
    figures += asyncio.run(_pushes(folder, scratch))
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


async def _pushes(folder: Path, city: Path) -> list[Figure]:
    with served(city) as origin:
        writer, reader = Phone(folder / "writer", origin), Phone(folder / "reader", origin)
        for phone in (writer, reader):
            await phone.sign_in()
            await phone.sync()
        pushed = _save_visits(writer.store, PUSHED)
        push_s = await writer.sync()
        push_mb, push_requests = writer.traffic.up_bytes / 1e6, writer.traffic.requests
        pull_s = await reader.sync()
        pull_mb = reader.traffic.down_bytes / 1e6
        await writer.sync()  # takes note of what its own push made in the feed
        await writer.sync()
        empty = Traffic(**{name: getattr(writer.traffic, name) for name in Traffic.__slots__})
        for person in people_index(writer.store).search()[:100]:
            edit_person(writer.store, person, {"employment": "FLEXIBLE", "note": "搬到儿子家住"})
        edits_s = await writer.sync()
        edits_bytes = writer.traffic.up_bytes
        for phone in (writer, reader):
            await phone.close()
    head_up, head_down = empty.up_header_bytes, empty.down_header_bytes
    return [
        Figure("push of 10,000 visits", push_s, "s", 0.4, f"{push_requests} requests; design goal"),
        Figure("  bytes up", push_mb, "MB", 1.75, "design goal"),
        Figure("pull of the same by another", pull_s, "s", 0.4, "design goal"),
        Figure("  bytes down", pull_mb, "MB", 1.75, "design goal"),
        Figure(
            "100 edits up", edits_bytes, "B", _SYNC_100_EDITS_BYTES, f"{edits_s * 1000:.0f} ms; design goal"
        ),
        Figure("empty sync up", empty.up_bytes, "B", 400, f"and {head_up} B of HTTP headers; design goal"),
        Figure(
            "empty sync down", empty.down_bytes, "B", 400, f"and {head_down} B of HTTP headers; design goal"
        ),
        *_floor(folder, pushed),
    ]


def _save_visits(store: Store, count: int) -> list[Change]:
    """Visits in the outbox of `store`, written in bulk: how long saving takes is the phone bench's matter."""
    account = signed_in_account(store)
    people = people_index(store).search()
    at = datetime.now(SHANGHAI)
    visits = [
        Visit(
            id=store.new_id(),
            campaign=account.campaign.code,
            person=people[number * 7 % len(people)],
            organisation=account.organisation,
            performer=account.account_id,
            method="HOME",
            result="MET_SELF",
            at=at - timedelta(minutes=number % 600),
            saved_at=at,
            checklist=("POLICY_BRIEFING", "LAW_DELIVERY", "HEARD_CONCERNS", "GREETINGS"),
            note=account.campaign.phrases[number % len(account.campaign.phrases)],
            booklets=1,
        )
        for number in range(count)
    ]
    with store.transaction():
        changes = outbox.append(
            store,
            [NewChange(visit.entity, visit.id, fields=visit.fields_of()) for visit in visits],
            device=account.device,
            actor=account.account_id,
        )
        heads.add_new(store, changes)
    return changes


def _floor(folder: Path, changes: Sequence[Change]) -> list[Figure]:
    """The least that 10,000 records cost here: writing, compressing and reading them once, and no more."""
    header = SyncHeader(protocol=PROTOCOL, device=changes[0].device, first=changes[0].seq, sent_at=_now_ms())
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


def _now_ms() -> int:
    return int(time.time() * 1000)
