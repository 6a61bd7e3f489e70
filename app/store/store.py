"""The phone's database: one file, one connection, one thread, short transactions.

Everything that the app reads and writes goes through a `Store`; the verbs live in the other modules
of this package as plain functions that take it first. There is nothing to await here: between BEGIN
and COMMIT the event loop does not run, so no other task ever sees half a save (docs/adr/0002).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from app.domain.errors import StorageFull, StoreFault, StoreUnreadable
from app.domain.ids import Entropy, new_id
from app.domain.unsigned import day_began_ms
from app.store.codec import Codec, PlainCodec
from app.store.schema import MIGRATIONS

log = logging.getLogger(__name__)

Tables = frozenset[str]
TABLES: Tables = frozenset(
    # `receipts` are the states of what waits in `outbox`; `feed` is the cursor and the last contact.
    # `needs` with their steps; `findings` are confirmations, steps of card and file, exemplary people.
    [
        *("people", "visits", "needs", "findings", "opinions", "photos"),
        *("outbox", "receipts", "drafts", "prefs", "account", "feed"),
    ]
)

_FULL_DURABILITY = (
    "PRAGMA synchronous = FULL",  # P1: a commit is on the disk, not on its way there
    "PRAGMA temp_store = MEMORY",  # no particulars in temporary files
    "PRAGMA secure_delete = ON",  # nor in the free pages of this one
    "PRAGMA cache_size = -16000",
)
_NATIVE = ("PRAGMA journal_mode = WAL", *_FULL_DURABILITY)
# No shared memory in a page, hence no WAL; app/device/browser.py says what its files can do.
_BROWSER = ("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = TRUNCATE", *_FULL_DURABILITY)


class Store:
    """The open database, its clock and its source of chance. Made by `open_store`.

    `memory` is where modules of this package keep what they have read once (the account, the
    index), under their own name. It is never the truth: that is in the file.
    """

    def __init__(self, db: Database, *, now_ms: Callable[[], int], entropy: Entropy, codec: Codec) -> None:
        self.db = db
        self.now_ms = now_ms
        self.codec = codec
        self.memory: dict[str, Any] = {}
        self._entropy = entropy
        self._watches: list[Callable[[Tables], None]] = []
        self._people_watches: list[Callable[[frozenset[str]], None]] = []
        self._tables: set[str] = set()
        self._people: set[str] = set()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: BEGIN IMMEDIATE ... COMMIT, then the watches of the tables touched inside.

        Never nested: a verb that opens one is not called from another. An exception rolls back and
        goes on; a full disk becomes StorageFull.
        """
        conn = self.db.conn
        assert not conn.in_transaction, "transactions do not nest"
        self._tables.clear()
        self._people.clear()
        try:
            conn.execute("BEGIN IMMEDIATE")
            yield
            conn.execute("COMMIT")
        except BaseException as fault:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            if isinstance(fault, sqlite3.Error):
                raise _named(fault) from fault
            raise
        self._tell()

    def touch(self, tables: Iterable[str], people: Iterable[str] = ()) -> None:
        """Note what the running transaction changes: table names, and the persons it concerns."""
        assert self.db.conn.in_transaction, "touch() belongs inside a transaction"
        self._tables.update(tables)
        self._people.update(people)

    def on_commit(self, watch: Callable[[Tables], None]) -> Callable[[], None]:
        """Call `watch` after every commit with the names (of `TABLES`) that changed; returns an un-watch."""
        self._watches.append(watch)
        return lambda: self._watches.remove(watch) if watch in self._watches else None

    def on_people(self, watch: Callable[[frozenset[str]], None]) -> None:
        """Call `watch` after a commit that concerned persons, with their ids, before the other watches."""
        self._people_watches.append(watch)

    def new_id(self) -> str:
        """A fresh record id."""
        return new_id(self.now_ms(), self._entropy)

    def new_id_of_day(self) -> str:
        """The same for what is not to tell when on its day it was made."""
        return new_id(day_began_ms(self.now_ms()), self._entropy)

    def close(self) -> None:
        """Close the file; repeating it does no harm."""
        self.db.close()

    def _tell(self) -> None:
        tables, people = frozenset(self._tables), frozenset(self._people)
        if people:
            for tell_people in tuple(self._people_watches):
                tell_people(people)
        for watch in tuple(self._watches) if tables else ():
            try:
                watch(tables)
            except Exception as fault:  # noqa: BLE001
                # It is on the disk: a screen that cannot draw it must not look like a save that failed.
                log.error("a watch failed after a commit: %s", type(fault).__name__)


def open_store(
    path: str | Path,
    *,
    now_ms: Callable[[], int],
    entropy: Entropy = os.urandom,
    codec: Codec | None = None,
) -> Store:
    """Open or create the database at `path` and bring its tables up to date.

    `now_ms` gives Unix milliseconds. Raises StoreUnreadable for a file that is no database or was
    written by a newer version, and never alters such a file.
    """
    try:
        conn = sqlite3.connect(str(path))
        db = Database(conn, execute_plugins=False, recursive_triggers=False)
        for pragma in _BROWSER if sys.platform == "emscripten" else _NATIVE:
            conn.execute(pragma).fetchall()
        _check_not_newer(db)
        MIGRATIONS.apply(db)
    except sqlite3.Error as fault:
        raise _named(fault) from fault
    return Store(db, now_ms=now_ms, entropy=entropy, codec=codec or PlainCodec())


def _check_not_newer(db: Database) -> None:
    known = {migration.name for migration in MIGRATIONS._migrations}
    if any(done.name not in known for done in MIGRATIONS.applied(db)):
        raise StoreUnreadable("本机的数据是较新版本的软件存的。请更新软件后再打开，记录都在。")


def _named(fault: sqlite3.Error) -> StoreFault:
    name = getattr(fault, "sqlite_errorname", "")
    if name == "SQLITE_FULL":
        return StorageFull("手机满了，这条还没存上。请删些视频或软件，再点保存。内容还在屏幕上。")
    if name in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
        return StoreUnreadable("本机的数据文件读不出来。请不要卸载软件，把手机交给乡镇服务站处理。")
    return StoreFault(
        f"本机的数据库没能完成这一步（{name or type(fault).__name__}）。已存的记录都在，请再试一次。"
    )
