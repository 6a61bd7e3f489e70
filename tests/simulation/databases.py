"""The server's database through deaths, backups and full disks: a SQLite file, or one of a PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.postgres import PostgresServer
from tests.simulation.disk import COMMIT, Died, Disk, Faults

_MEMORY = Path("/dev/shm")
OnFault = Callable[[str], None]


class ServerDisk(Protocol):
    """What a simulated server keeps its data on. `url` is for the present life."""

    is_dead: bool

    @property
    def url(self) -> str: ...
    def connect(self, *arguments: Any, **more: Any) -> Any: ...
    def arm(self, fault: str, *, steps: int, at_commit: bool = False) -> None: ...
    def disarm(self) -> None: ...
    def revive(self) -> None: ...
    def back_up(self) -> None: ...
    def restore(self) -> None: ...
    def drop(self) -> None: ...


@dataclass(frozen=True)
class Workshop:
    """Where worlds are made: a folder, and a planted city to begin each of them with.

    `city` is a file for SQLite, the URL of a database for PostgreSQL.
    """

    folder: Path
    city: str
    postgres: PostgresServer | None = None

    def disk(self, home: Path, on_fault: OnFault) -> ServerDisk:
        """The server's disk of a world that lives in `home`."""
        if self.postgres is None:
            return SqliteFile(home, Path(self.city), on_fault)
        return PostgresDatabase(self.postgres, self.city, on_fault)


@contextmanager
def workshop(database: str, plant: Callable[[Path, str], None]) -> Iterator[Workshop]:
    """A folder, in memory where there is such a thing; `plant(folder, url)` founds the city."""
    where = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="zoufang-worlds-", dir=where) as name:
        folder = Path(name)
        (folder / "city").mkdir()
        if database == "sqlite":
            city = folder / "city" / "city.sqlite"
            plant(folder / "city", f"sqlite:///{city}")
            yield Workshop(folder, str(city))
            return
        with PostgresServer.started() as postgres:
            url = postgres.fresh(folder)
            plant(folder / "city", url)
            yield Workshop(folder, url, postgres)


class SqliteFile(Disk):
    """A server's SQLite file; at a death it is left as it lies."""

    def __init__(self, folder: Path, city: Path, on_fault: OnFault) -> None:
        super().__init__(folder, "server", on_fault)
        self._backup = folder / "backup.sqlite"
        self.replace(city)

    @property
    def url(self) -> str:
        return f"sqlite:///{self.path}"

    def back_up(self) -> None:
        """Copy the database while nobody writes."""
        self.copy(self._backup)

    def restore(self) -> None:
        """Put the backup in place; nobody has the present file open."""
        self.replace(self._backup)

    def drop(self) -> None:
        """Nothing to do: its folder goes by itself."""


class PostgresDatabase(Faults):
    """A database of a PostgreSQL that outlives the server process: a death cuts its connections."""

    def __init__(self, postgres: PostgresServer, city: str, on_fault: OnFault) -> None:
        super().__init__(on_fault)
        self._postgres = postgres
        self._backup: str | None = None
        self._connections: list[psycopg.Connection[Any]] = []
        self.url = self._copy_of(city)

    def connect(self, *arguments: Any, **more: Any) -> Any:
        """`psycopg.connect` with the statements counted."""
        if self.is_dead:
            raise Died
        connection = _Connection.connect(*arguments, **more)
        connection.faults = self
        self._connections.append(connection)
        return connection

    def die(self) -> None:
        """Cut every connection, so that PostgreSQL rolls back what was under way; raises Died."""
        self.is_dead = True
        for connection in self._connections:
            connection.pgconn.finish()
        self._connections.clear()
        raise Died

    def full(self) -> Exception:
        """What psycopg raises where there is no room."""
        return psycopg.errors.DiskFull("could not extend file: No space left on device")

    def revive(self) -> None:
        """Go on with what was committed."""
        assert self.is_dead
        self.is_dead = False
        self.disarm()

    def back_up(self) -> None:
        """Copy the database in place of an earlier copy; nobody is connected."""
        if self._backup is not None:
            self._postgres.drop(self._backup)
        self._backup = self._copy_of(self.url)

    def restore(self) -> None:
        """Put the backup in place."""
        assert self._backup is not None
        self._postgres.drop(self.url)
        self.url, self._backup = self._backup, None

    def drop(self) -> None:
        """The world is over."""
        for url in (self.url, self._backup):
            if url is not None:
                self._postgres.drop(url)

    def _copy_of(self, url: str) -> str:
        return self._postgres.copy(url, Path())


class _Cursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, *arguments: Any, **more: Any) -> Any:
        faults = self.connection.faults  # type: ignore[attr-defined]
        if faults is None:
            return super().execute(query, *arguments, **more)
        faults.before(str(query))
        super().execute(query, *arguments, **more)
        faults.after()
        return self

    def executemany(self, query: Any, *arguments: Any, **more: Any) -> None:
        self.connection.faults.before(str(query))  # type: ignore[attr-defined]
        super().executemany(query, *arguments, **more)
        self.connection.faults.after()  # type: ignore[attr-defined]


class _Connection(psycopg.Connection[Any]):
    faults: Faults | None = None
    cursor_factory = _Cursor

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.cursor_factory = _Cursor

    def commit(self) -> None:
        is_writing = self.faults is not None and (
            self.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
        )
        if is_writing:
            self.faults.before(COMMIT)  # type: ignore[union-attr]
        super().commit()
        if is_writing:
            self.faults.after()  # type: ignore[union-attr]

    def rollback(self) -> None:
        if self.faults is None or not self.faults.is_dead:  # the dead roll nothing back
            super().rollback()
