"""Opening the database, and the few things in which SQLite and PostgreSQL differ.

All other server SQL is SQLAlchemy Core that runs on both. Every write goes through `writing`, so
that on SQLite a transaction takes its lock at its start and a waiting writer waits instead of
failing half-way.
"""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from threading import Lock
from typing import Any, Literal, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Text,
    TypeDecorator,
    bindparam,
    create_engine,
    event,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.schema import Table

from sync_server.db.migrations import bring_up
from sync_server.db.tables import counters, settings_kept

# What a write does where the primary key is there already.
IfThere = Literal["fail", "keep", "replace", "add"]
Item = TypeVar("Item")
Result = TypeVar("Result")

_TRIES = 4
_TAKEN_BACK = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
# A connection for each thread that serves requests, kept: to open and prepare one costs more than most of
# what is then asked of it.
_POOL: dict[str, Any] = {"pool_size": 20, "max_overflow": 20}
_OPENING = 0x7A6F75  # the number of the lock that servers starting at once wait for
_GROUP = 64  # pushes in one commit: the first of them waits for the last
_LONGEST_TURN_S = 30.0


class TakenBack(Exception):
    """What a write transaction had read no longer holds: to be rolled back and done again as a whole."""


def open_engine(url: str) -> Engine:
    """An engine for `url` whose tables are this program's; safe to repeat on a database that has them.

    A database of an older program is brought up first (migrations.py). Raises BadConfig where that
    fails, and for a database of a newer program; then nothing was changed.
    """
    if url.startswith("sqlite"):
        engine = create_engine(url, **_POOL)
        _GROUPS[engine] = _Group()
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_immediate)
    else:
        engine = create_engine(url, **_POOL, pool_pre_ping=True)  # one that the database closed is replaced
    try:
        with writing(engine) as connection:
            _prepare(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OPENING})")
    bring_up(connection)
    _keep_once(connection, "epoch", secrets.token_hex(6))
    _keep_once(connection, "identity_key", secrets.token_hex(32))
    _keep_once(connection, "receipt_key", secrets.token_hex(32))
    _keep_once(connection, "opinion_key", secrets.token_hex(32))
    _keep_once(connection, "card_key", secrets.token_hex(32))
    insert_missing(connection, counters, [{"name": "feed", "value": 0}])


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction: committed at the end, rolled back whole if anything is raised."""
    connecting = engine.connect().execution_options(zoufang_writing=True)
    with _turn(engine), connecting as connection, connection.begin():
        yield connection


def written(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """What `work` gives, done in one write transaction and committed.

    Where the database takes the transaction back (a deadlock), or `work` raises TakenBack, it is done
    again as a whole, a few times at most: `work` must not alter anything but the database.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            with writing(engine) as connection:
                return work(connection)
        except (TakenBack, DBAPIError) as fault:
            is_taken_back = isinstance(fault, TakenBack) or (
                getattr(fault.orig, "sqlstate", None) in _TAKEN_BACK
            )
            if not is_taken_back or not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


def written_together(
    engine: Engine, work: Callable[[Connection, list[Item]], list[Result]], item: Item
) -> Result:
    """What `work` gives for `item`, written and committed; `work` takes many at once.

    A commit waits for the disk, and SQLite's writers wait for one another: there the first whose turn it
    is does the work of all who wait, in one transaction, one commit, and `work` gets their items in the
    order in which they came. Each gets its own result, after the commit. If anything is raised, none of
    it was done, and each is done again alone. Elsewhere each is written by itself, as by `written`.
    """
    if engine.dialect.name != "sqlite":
        return written(engine, lambda connection: work(connection, [item]))[0]
    mine = _Job(work, item)
    group = _group(engine)
    group.waiting.append(mine)
    with group.turn:
        while not mine.is_done:  # it is in the first group, unless more than one group waited before it
            _do(engine, [group.waiting.popleft() for _ in range(min(len(group.waiting), _GROUP))])
    if mine.fault is not None:
        raise mine.fault
    result: Result = mine.result
    return result


@dataclass(eq=False, slots=True)
class _Job:
    """Work that waits for its turn, and what came of it."""

    work: Callable[[Connection, list[Any]], list[Any]]
    item: Any
    is_done: bool = False
    result: Any = None
    fault: BaseException | None = None


@dataclass(eq=False, slots=True)
class _Group:
    """Who wants to write to one SQLite database in this process. Appending to a deque needs no lock."""

    waiting: deque[_Job] = field(default_factory=deque)
    turn: Lock = field(default_factory=Lock)  # whose turn it is to do the work of those who wait
    writer: Lock = field(default_factory=Lock)  # whose transaction is open


def _do(engine: Engine, jobs: Sequence[_Job]) -> None:
    def work(connection: Connection) -> list[tuple[_Job, Any]]:
        done: list[tuple[_Job, Any]] = []
        for kind in dict.fromkeys(job.work for job in jobs):
            alike = [job for job in jobs if job.work == kind]
            done += zip(alike, kind(connection, [job.item for job in alike]), strict=True)
        return done

    try:
        done = written(engine, work)
    except BaseException as fault:  # noqa: BLE001 - handed to whom it concerns
        if len(jobs) > 1:
            for job in jobs:
                _do(engine, [job])
            return
        jobs[0].fault = fault
        jobs[0].is_done = True
        return
    for job, result in done:
        job.result = result
        job.is_done = True


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """On SQLite one writer of this process at a time, in order; left to itself SQLite polls for its lock,
    and the unlucky wait for seconds. Other processes are still waited for by SQLite."""
    if engine.dialect.name != "sqlite":
        yield
        return
    writer = _group(engine).writer
    is_mine = writer.acquire(timeout=_LONGEST_TURN_S)  # after it SQLite's own wait decides
    try:
        yield
    finally:
        if is_mine:
            writer.release()


_GROUPS: WeakKeyDictionary[Engine, _Group] = WeakKeyDictionary()


def _group(engine: Engine) -> _Group:
    return _GROUPS[engine]  # made by open_engine, before any thread could ask at the same time as another


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One snapshot of the database for as long as the block lasts."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def take_feed_numbers(connection: Connection, count: int) -> int:
    """The first of `count` fresh feed numbers; the last statement but for the writes that use them.

    The counter's row stays locked until commit, so numbers become visible in their own order and a
    reader's cursor can skip none (P7).
    """
    return int(connection.execute(_TAKE_NUMBERS, {"count": count}).scalar_one()) - count + 1


# Statements that every push runs are composed once, here and wherever else they stand: composing one
# costs more than the database takes to answer it.
_TAKE_NUMBERS = (
    update(counters)
    .where(counters.c.name == "feed")
    .values(value=counters.c.value + bindparam("count"))
    .returning(counters.c.value)
)


def writers_run_side_by_side(connection: Connection) -> bool:
    """Whether another writer may commit between the beginning of this write transaction and its end.

    False on SQLite, where a writer has the database to himself. Elsewhere what was read without a lock
    must be looked at again once `take_feed_numbers` holds the lock that orders commits.
    """
    return connection.dialect.name != "sqlite"


def among(column: ColumnElement[str], values: Collection[str] | str) -> ColumnElement[bool]:
    """SQL for `column IN (values)`, however many: they are bound as one parameter.

    Thousands of parameters would each be prepared in Python, and either database has a limit for them.
    A text names the parameter, whose list is then given with each execution.
    """
    if isinstance(values, str):
        return _Among(column, bindparam(values, type_=_Texts()))
    return _Among(column, bindparam(None, list(values), type_=_Texts()))


class _Texts(TypeDecorator[list[str]]):
    """Many texts in one parameter: an array where there are arrays, else JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        is_array = dialect.name == "postgresql"
        return dialect.type_descriptor(postgresql.ARRAY(Text()) if is_array else Text())

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _Among(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()

    def self_group(self, against: Any = None) -> _Among:
        """As it is: SQLAlchemy would write `... = 1` for SQLite, which then reads the whole table."""
        return self


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: Any, **how: Any) -> str:
    column, values = (compiler.process(clause, **how) for clause in element.clauses)
    return f"({column} = ANY ({values}))"


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert `rows`; raises IntegrityError if a primary key is there already."""
    _write_many(connection, table, rows, "fail")


def insert_missing(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert those of `rows` whose primary key is not there yet."""
    _write_many(connection, table, rows, "keep")


def upsert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert `rows`, or replace every other column where the primary key is there already.

    All rows must name the same columns; no key may occur twice.
    """
    _write_many(connection, table, rows, "replace")


def add_up(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert `rows`, or add their other columns, all numbers, to what is there under the primary key.

    All rows must name the same columns; no key may occur twice.
    """
    _write_many(connection, table, rows, "add")


def kept(connection: Connection, name: str) -> str:
    """The value of one of `epoch`, `schema_version`, `identity_key`, `receipt_key`, `opinion_key`,
    `card_key`."""
    return str(connection.execute(_KEPT, {"kept": name}).scalar_one())


_KEPT = select(settings_kept.c.value).where(settings_kept.c.name == bindparam("kept"))


def _write_many(connection: Connection, table: Table, rows: list[dict[str, Any]], if_there: IfThere) -> None:
    """Write `rows`, which name the same columns, each in its own run of one statement.

    Handed to the driver as they are: SQLAlchemy's own executemany spends more time on each row's
    parameters than the database does. Our columns are of types that need no conversion.
    """
    if not rows:
        return
    assert rows[-1].keys() == rows[0].keys()
    sql, order = _statement(connection.dialect, table, tuple(rows[0]), if_there)
    parameters: Any = list(map(itemgetter(*order), rows)) if order else rows
    connection.exec_driver_sql(sql, parameters)


@lru_cache(maxsize=128)
def _statement(
    dialect: Dialect, table: Table, names: tuple[str, ...], if_there: IfThere
) -> tuple[str, tuple[str, ...]]:
    """SQL for one row, and the columns in the order of its places; () where they go by name."""
    makers: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    statement = makers[dialect.name](table)
    if if_there == "keep":
        statement = statement.on_conflict_do_nothing()
    elif if_there in ("replace", "add"):
        keys = [c.name for c in table.primary_key]
        new = {name: statement.excluded[name] for name in names if name not in keys}
        changed = new if if_there == "replace" else {name: table.c[name] + new[name] for name in new}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    return str(compiled), tuple(compiled.positiontup or ())


def _keep_once(connection: Connection, name: str, value: str) -> None:
    insert_missing(connection, settings_kept, [{"name": name, "value": value}])


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: see _begin_immediate
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("zoufang_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
