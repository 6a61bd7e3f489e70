"""The real server application in process: it dies at any statement, is restored, and is looked into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import Connection, Engine, event

from app.domain.codes import Role
from sync_server.asgi import create_app
from sync_server.db.engine import reading, writing
from sync_server.records.accounts import create_account
from sync_server.records.city import open_city
from sync_server.records.feed import begin_epoch
from sync_server.settings import Settings
from tests.fakes import DAY_MS, NOON
from tests.simulation.chance import TOWN, servers_chance_from
from tests.simulation.databases import ServerDisk
from tests.simulation.disk import Died
from tests.simulation.photos import ServerPhotos

FOUNDED_MS = NOON - 9 * DAY_MS
VILLAGES = ("331121209200", "331121209202", "331121209203")
PASSWORD = "walk-and-visit"
SEATS = {  # login -> organisation, role; two share a village
    "recorder-1": (VILLAGES[0], Role.RECORDER),
    "recorder-2": (VILLAGES[0], Role.RECORDER),
    "recorder-3": (VILLAGES[1], Role.RECORDER),
    "recorder-4": (VILLAGES[2], Role.RECORDER),
    "town": (TOWN, Role.REVIEWER),
}
_CALLED = "测试"  # before a login is the name of its account
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
Raw = tuple[int, httpx.Headers, bytes]


def plant_city(data: Path, url: str) -> None:
    """Write the region's organisations and an account for each seat to the database at `url`."""
    with servers_chance_from(Random(0)):
        engine = open_city(Settings(data=data, database_url=url))
        with writing(engine) as connection:
            for login, (organisation, role) in SEATS.items():
                create_account(
                    connection,
                    login,
                    PASSWORD,
                    name=f"{_CALLED}{login}",
                    organisation_code=organisation,
                    role=role,
                    now_ms=FOUNDED_MS,
                    hasher=_CHEAP,
                )
        engine.dispose()


def login_called(name: str) -> str:
    """The login of the account of that name."""
    return name.removeprefix(_CALLED)


class Server:
    """The server on its disk. `lives` counts its starts."""

    def __init__(self, folder: Path, disk: ServerDisk, now_ms: Callable[[], int]) -> None:
        self._folder, self.disk, self._now_ms = folder, disk, now_ms
        self.photos = ServerPhotos(folder)
        self.lives = 0
        self.open()

    @property
    def engine(self) -> Engine:
        engine: Engine = self.app.state.server.engine
        return engine

    def open(self) -> None:
        """Start on what the disk holds."""
        settings = Settings(data=self._folder, database_url=self.disk.url)
        self.app: FastAPI = create_app(settings, now_ms=self._now_ms, site=self._folder / "web")
        self.lives += 1

        @event.listens_for(self.engine, "do_connect")
        def connect(_dialect: Any, _record: Any, arguments: Any, more: Any) -> Any:
            return self.disk.connect(*arguments, **more)

        self.engine.dispose()  # the connections made so far count no statements

    async def handle(self, request: httpx.Request) -> Raw:
        """The whole answer as its bytes on the wire; if the server dies, starts it again and raises Died."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        try:
            response = await transport.handle_async_request(request)
            assert isinstance(response.stream, httpx.AsyncByteStream)
            body = b"".join([part async for part in response.stream])
        except BaseException as fault:
            if not self.disk.is_dead:
                raise
            self.start_again()
            raise Died from fault
        finally:
            self.disk.disarm()
        if self.disk.is_dead:  # somewhere a handler took the death for an error; nobody hears it
            self.start_again()
            raise Died
        return response.status_code, response.headers, body

    def start_again(self) -> None:
        """Start on what a death left behind; where nobody died, after an orderly stop."""
        self.engine.dispose()
        if self.disk.is_dead:
            self.disk.revive()
        self.open()

    def back_up(self) -> None:
        """Copy the database and the photos while nobody writes."""
        self.engine.dispose()
        self.disk.back_up()
        self.photos.back_up()

    def restore(self, *, with_database: bool, with_photos: bool) -> None:
        """Put the backup in place and begin a new epoch, as the operator has to (zoufang restore-mark).

        Without photos, those that have come since stay where they are; without the database, what it has
        noted since of photos stays, and their folder is older than it.
        """
        self.engine.dispose()
        if with_database:
            self.disk.restore()
        if with_photos:
            self.photos.restore()
        self.open()
        with writing(self.engine) as connection:
            begin_epoch(connection)

    def end_old_uploads(self) -> None:
        """What the server does in the background from time to time."""
        self.app.state.photos.uploads.sweep(self._now_ms())

    def stop(self) -> None:
        """The world is over."""
        self.engine.dispose()
        self.disk.drop()

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """One snapshot, for the checks."""
        with reading(self.engine) as connection:
            yield connection
