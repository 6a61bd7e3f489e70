"""One seed decides everything: the product's own chance, its clocks, and limits small enough to be met."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import anyio.to_thread

import app.store.outbox
import app.store.store
import app.sync.uploads
import sync_server.api.sync
import sync_server.db.engine
import sync_server.photos.uploads
import sync_server.records.accounts
import sync_server.records.city
import sync_server.records.feed
from app.domain.divisions import Divisions
from app.domain.ids import new_id
from sync_server.assets import ASSETS, REGION
from tests.simulation.disk import Disk

PAGE_ROWS = 9  # so that every pull is many pages
BATCH_CHANGES = 7  # and a push after a day without a network many batches
CHUNK_BYTES = 1000  # of photos
TOWN = "331121209"


@contextmanager
def seeded(random: Random, disks: dict[str, Disk]) -> Iterator[None]:
    """Let server and phones draw from `random`, keep phones' files on `disks`, and cut work into small parts.

    `disks`: name of a phone's file -> disk; looked up when a store is opened.
    """

    def connect(path: str) -> sqlite3.Connection:
        return disks[Path(path).name].connect(path)

    with (
        servers_chance_from(random),
        replaced(
            (anyio.to_thread, "run_sync", _at_once),
            (app.store.store, "sqlite3", SimpleNamespace(connect=connect, Error=sqlite3.Error)),
            (app.store.outbox, "BATCH_CHANGES", BATCH_CHANGES),
            (sync_server.api.sync, "PAGE_ROWS", PAGE_ROWS),
            (app.sync.uploads, "SMALLEST_CHUNK", CHUNK_BYTES // 4),
            (app.sync.uploads, "FIRST_CHUNK", CHUNK_BYTES),
            (app.sync.uploads, "LARGEST_CHUNK", CHUNK_BYTES),
            (sync_server.photos.uploads, "RESERVE_BYTES", 0),
        ),
    ):
        yield


@contextmanager
def servers_chance_from(random: Random) -> Iterator[None]:
    """Let the server draw its ids, tokens and epochs from `random`, and serve one town."""
    secrets = SimpleNamespace(
        token_hex=lambda count: random.randbytes(count).hex(),
        token_urlsafe=lambda count: random.randbytes(count).hex(),
    )
    upload_ids = SimpleNamespace(token_urlsafe=lambda _: random.randbytes(16).hex())
    with replaced(
        (sync_server.records.city, "divisions", one_town),
        (sync_server.db.engine, "secrets", secrets),
        (sync_server.records.accounts, "secrets", secrets),
        (sync_server.records.feed, "secrets", secrets),
        (sync_server.photos.uploads, "secrets", upload_ids),
        (sync_server.records.accounts, "new_id", lambda now_ms, _: new_id(now_ms, random.randbytes)),
    ):
        yield


async def _at_once(work: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
    """What a thread of the server would do, without one: there is one request at a time anyway."""
    return work(*arguments)


@lru_cache(maxsize=1)
def one_town() -> Divisions:
    """The divisions from the city down to the villages of TOWN: a server starts often here."""
    table = (ASSETS / "divisions" / f"{REGION}.csv").read_text(encoding="utf-8").splitlines()
    inside = [line for line in table[1:] if line.startswith(TOWN) or TOWN.startswith(line.split(",")[0])]
    return Divisions.read("\n".join([table[0], *inside]))


@contextmanager
def replaced(*parts: tuple[Any, str, Any]) -> Iterator[None]:
    """For the length of the block, the attribute `name` of each (owner, name, other) is `other`."""
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in parts]
    try:
        for owner, name, other in parts:
            setattr(owner, name, other)
        yield
    finally:
        for owner, name, old in reversed(before):
            setattr(owner, name, old)
