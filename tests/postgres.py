"""A PostgreSQL of the tests' own, and either database behind one small face.

The server runs as long as the test session, from Debian's binaries, as a user without privileges, in
a temporary folder, reached by a socket in that folder alone: nothing that runs on this machine already
is touched. It sorts by Chinese rules, not by byte, so that no query of ours can lean on the order of a
database that happened to be made with the C locale. It does not wait for the disk; where a test is
about power cuts, `PostgresServer.started(is_durable=True)` makes one that does.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

BINARIES = Path("/usr/lib/postgresql/15/bin")
_OWNER = "zoufang"
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_COMMON = (
    "listen_addresses=",  # the socket alone
    "max_connections=200",
    "shared_buffers=128MB",
    "autovacuum=off",
    "logging_collector=off",
    "log_min_messages=fatal",
)


class Database(Protocol):
    """One of the two databases that the server runs on."""

    name: str

    def fresh(self, folder: Path) -> str:
        """The URL of an empty database; what it keeps in files lies in `folder`."""

    def copy(self, url: str, folder: Path) -> str:
        """The URL of a copy of the database at `url`, which nobody has open."""

    def drop(self, url: str) -> None:
        """The database is not needed any more, whoever still has it open."""


@dataclass(frozen=True)
class SqliteDatabase:
    """A file a database."""

    name: str = "sqlite"

    def fresh(self, folder: Path) -> str:
        return f"sqlite:///{folder / 'zoufang.sqlite'}"

    def copy(self, url: str, folder: Path) -> str:
        made = self.fresh(folder)
        shutil.copy(url.removeprefix("sqlite:///"), made.removeprefix("sqlite:///"))
        return made

    def drop(self, url: str) -> None:
        """Nothing to do: its folder goes by itself."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server whose socket lies in `folder`."""

    folder: Path
    name: str = "postgresql"
    _numbers: itertools.count[int] = itertools.count(1)  # noqa: RUF009 - names are unique in the process

    def fresh(self, folder: Path) -> str:
        return self._create("template1")

    def copy(self, url: str, folder: Path) -> str:
        return self._create(_name_in(url))

    def drop(self, url: str) -> None:
        self._execute(f'DROP DATABASE "{_name_in(url)}" WITH (FORCE)')

    def _create(self, template: str) -> str:
        made = f"t{os.getpid()}_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{made}" TEMPLATE "{template}"')
        return f"postgresql+psycopg://{_OWNER}@/{made}?host={self.folder}"

    def _execute(self, statement: str) -> None:
        who = {"host": str(self.folder), "user": _OWNER, "dbname": "postgres"}
        with psycopg.connect(**who, autocommit=True) as connection:
            connection.execute(statement)

    @classmethod
    @contextmanager
    def started(cls, *, is_durable: bool = False) -> Iterator[PostgresServer]:
        """A fresh server for as long as the block lasts; its folder goes with it."""
        folder = Path(tempfile.mkdtemp(prefix="zoufang-pg-"))
        who = _unprivileged()
        if who is not None:
            os.chown(folder, who, -1)
        options = [option for name in (*_COMMON, *(() if is_durable else _FAST)) for option in ("-c", name)]
        try:
            _run(
                who,
                *("initdb", "-D", str(folder / "data"), "-U", _OWNER, "-A", "trust", "-E", "UTF8", "-N"),
                *("--locale-provider=icu", "--icu-locale=zh-CN", "--locale=C.UTF-8"),
            )
            process = subprocess.Popen(
                [BINARIES / "postgres", "-D", folder / "data", "-k", folder, *options],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                user=who,
                cwd=folder,
            )
            try:
                _wait_until_open(folder, process)
                yield cls(folder)
            finally:
                process.send_signal(signal.SIGQUIT)  # at once: nobody will open these files again
                process.wait(timeout=60)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def is_installed() -> bool:
    """Whether Debian's PostgreSQL 15 is here; `.ci/setup` installs it."""
    return (BINARIES / "initdb").exists()


# For what asks one database alone, such as its query plans.
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True, scope="session")


def _name_in(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _unprivileged() -> int | None:
    """Whom the server runs as: it refuses to be root. None for who runs the tests himself."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("nobody").pw_uid


def _run(who: int | None, name: str, *arguments: str) -> None:
    subprocess.run(
        [BINARIES / name, *arguments], check=True, capture_output=True, user=who, cwd=tempfile.gettempdir()
    )


def _wait_until_open(folder: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            psycopg.connect(host=str(folder), user=_OWNER, dbname="postgres").close()
        except psycopg.OperationalError:
            assert process.poll() is None, "PostgreSQL did not start"
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("PostgreSQL did not open its socket")
