"""Disks on which a process dies at a chosen statement, or which are full at a chosen statement.

Real SQLite files with a connection that counts its statements. At a death the files are copied as they
lie at that instant, and only the copy is ever opened again: nothing that the dying process still does
(a rollback, a close, a checkpoint) can mend what a real death would have left behind.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

COMMIT = "COMMIT"
_WRITES = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", COMMIT)  # reading needs no room


class Died(BaseException):
    """The process is gone. No handler of the product may take it for an error of its own."""


class Faults:
    """The faults of one process at the statements that it runs.

    `on_fault` is told what happened when an armed fault happens.
    """

    def __init__(self, on_fault: Callable[[str], None]) -> None:
        self._on_fault = on_fault
        self._left: int | None = None
        self._fault = ""
        self._waits_for_commit = False
        self.is_dead = False

    def arm(self, fault: str, *, steps: int, at_commit: bool = False) -> None:
        """Let `fault` ("die before", "die after", "full") happen at the `steps`th statement from now.

        With `at_commit` only commits are counted.
        """
        self._fault, self._left, self._waits_for_commit = fault, steps, at_commit

    def disarm(self) -> None:
        """What has not happened by now does not happen."""
        self._left = None

    def before(self, statement: str) -> None:
        """A statement is about to run."""
        if self.is_dead:
            raise Died
        if self._left is None or (self._waits_for_commit and not statement.startswith(COMMIT)):
            return
        if self._fault == "full" and not statement.lstrip().startswith(_WRITES):
            return
        self._left -= 1
        if self._left <= 0 and self._fault != "die after":
            self._happen()

    def after(self) -> None:
        """A statement has run."""
        if self._left is not None and self._left <= 0 and self._fault == "die after":
            self._happen()

    def die(self) -> None:
        """The process dies here, between two statements; raises Died."""
        raise NotImplementedError

    def full(self) -> Exception:
        """What the driver raises where there is no room."""
        raise NotImplementedError

    def _happen(self) -> None:
        self._left = None
        self._on_fault(self._fault)
        if self._fault != "full":
            self.die()
        raise self.full()


class Disk(Faults):
    """One database file through its lives; `path` is the file of the present one."""

    def __init__(self, folder: Path, name: str, on_fault: Callable[[str], None]) -> None:
        super().__init__(on_fault)
        self._folder, self._name = folder, name
        self._life = 0

    @property
    def path(self) -> Path:
        return self._path_in(self._life)

    def die(self) -> None:
        """Keep the files as they lie at this instant; raises Died."""
        _copy(self.path, self._path_in(self._life + 1))
        self.is_dead = True
        raise Died

    def revive(self) -> None:
        """Go on with the files as the death left them."""
        assert self.is_dead
        _remove(self.path)
        self._life += 1
        self.is_dead = False
        self.disarm()

    def copy(self, target: Path) -> None:
        """Copy the present files, whatever is open on them."""
        _copy(self.path, target)

    def replace(self, source: Path) -> None:
        """Put a copy made earlier in place of the present files, which nobody has open."""
        _remove(self.path)
        self._life += 1
        _copy(source, self.path)

    def connect(self, *arguments: Any, **more: Any) -> sqlite3.Connection:
        """`sqlite3.connect` with the statements counted."""
        connection = _Connection(*arguments, **more)
        connection.disk = self
        return connection

    def full(self) -> Exception:
        """What SQLite raises where there is no room."""
        fault = sqlite3.OperationalError("database or disk is full")
        fault.sqlite_errorname = "SQLITE_FULL"  # type: ignore[misc]
        fault.sqlite_errorcode = sqlite3.SQLITE_FULL  # type: ignore[misc]
        return fault

    def _path_in(self, life: int) -> Path:
        return self._folder / f"{self._name}-{life}.sqlite"


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, *parameters: Any) -> _Cursor:
        disk = self.connection.disk  # type: ignore[attr-defined]
        disk.before(sql)
        super().execute(sql, *parameters)
        disk.after()
        return self

    def executemany(self, sql: str, *parameters: Any) -> _Cursor:
        disk = self.connection.disk  # type: ignore[attr-defined]
        disk.before(sql)
        super().executemany(sql, *parameters)
        disk.after()
        return self


class _Connection(sqlite3.Connection):
    disk: Disk

    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)

    def execute(self, sql: str, *parameters: Any) -> Any:
        return self.cursor().execute(sql, *parameters)

    def executemany(self, sql: str, *parameters: Any) -> Any:
        return self.cursor().executemany(sql, *parameters)

    def commit(self) -> None:
        is_writing = self.in_transaction
        if is_writing:
            self.disk.before(COMMIT)
        super().commit()
        if is_writing:
            self.disk.after()

    def rollback(self) -> None:
        if not self.disk.is_dead:  # the dead roll nothing back
            super().rollback()


def _copy(source: Path, target: Path) -> None:
    for suffix in ("", "-wal"):
        part = Path(f"{source}{suffix}")
        if part.exists():
            shutil.copyfile(part, f"{target}{suffix}")
        else:
            Path(f"{target}{suffix}").unlink(missing_ok=True)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
