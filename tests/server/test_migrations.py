"""A database of an older program is brought up with all that is in it, or left as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect

from app.domain.errors import BadConfig
from sync_server.db import migrations
from sync_server.db.engine import open_engine
from sync_server.db.tables import metadata
from tests.postgres import Database

FIXTURES = Path(__file__).parents[1] / "fixtures"
PRESENT = 1 + len(migrations.STEPS)
VERSION_1 = (
    "INSERT INTO settings_kept VALUES ('schema_version', '1'), ('epoch', 'e1'), ('identity_key', 'k1')",
    "INSERT INTO counters VALUES ('feed', 7)",
    "INSERT INTO accounts VALUES ('a1', 'w1', '测试', '331121209200', 'RECORDER', 'hash', 1)",
    "INSERT INTO devices VALUES ('d1', 'a1', '331121', '测试机', 't1', 5, NULL, NULL, 0, 0, 3)",
    "INSERT INTO devices VALUES ('roster-331121', '', '331121', '导入', 'none:r', 6, NULL, NULL, 0, 0, 0)",
)


@pytest.fixture
def old_url(database: Database, tmp_path: Path) -> Iterator[str]:
    """A database as version 1 made it, with a phone and an importer in it."""
    url = database.fresh(tmp_path)
    script = (FIXTURES / f"schema-1.{database.name}.sql").read_text(encoding="utf-8")
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in (*script.rpartition("-- ")[2].partition("\n")[2].split(";\n"), *VERSION_1):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()
    yield url
    database.drop(url)


def shape_of(url: str) -> dict[str, Any]:
    """Every table with its columns, key and indexes, and the version, as the database itself tells it."""
    engine = create_engine(url)
    found = inspect(engine)
    shape: dict[str, Any] = {
        table: (
            sorted((c["name"], repr(c["type"]), c["nullable"]) for c in found.get_columns(table)),
            found.get_pk_constraint(table),
            sorted((i["name"], i["column_names"]) for i in found.get_indexes(table)),
            sorted(u["column_names"] for u in found.get_unique_constraints(table)),
        )
        for table in found.get_table_names()
    }
    shape["version"] = query(engine, "SELECT value FROM settings_kept WHERE name = 'schema_version'")
    engine.dispose()
    return shape


def query(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def test_a_database_of_the_first_version_gets_the_shape_of_a_fresh_one(
    old_url: str, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "fresh").mkdir()
    fresh = database.fresh(tmp_path / "fresh")
    for url in (old_url, fresh):
        open_engine(url).dispose()
    assert shape_of(old_url) == shape_of(fresh)
    assert {t.name for t in metadata.sorted_tables} < shape_of(old_url).keys()
    database.drop(fresh)


def test_what_was_in_it_stays_and_every_phone_keeps_its_account(old_url: str) -> None:
    engine = open_engine(old_url)
    assert query(engine, "SELECT * FROM device_accounts") == [("d1", "a1", 5)]
    assert query(engine, "SELECT id, have FROM devices ORDER BY id") == [("d1", 3), ("roster-331121", 0)]
    kept = dict(query(engine, "SELECT name, value FROM settings_kept"))
    old = {"epoch": "e1", "identity_key": "k1", "schema_version": str(PRESENT)}
    assert old.items() <= kept.items()
    assert query(engine, "SELECT value FROM counters") == [(7,)]
    engine.dispose()


def test_opening_it_again_changes_nothing(old_url: str) -> None:
    open_engine(old_url).dispose()
    before = shape_of(old_url)
    open_engine(old_url).dispose()
    assert shape_of(old_url) == before


def test_a_step_that_fails_leaves_the_database_as_it_was(
    old_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half_done (id BIGINT)")
        connection.exec_driver_sql("UPDATE counters SET value = 0")
        connection.exec_driver_sql("INSERT INTO no_such_table VALUES (1)")

    before = shape_of(old_url)
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, fail))
    with pytest.raises(BadConfig, match=f"第 1 版升到第 {PRESENT + 1} 版没有成功，已退回原样"):
        open_engine(old_url)
    assert shape_of(old_url) == before
    monkeypatch.undo()
    engine = open_engine(old_url)
    assert query(engine, "SELECT value FROM counters") == [(7,)]
    engine.dispose()


@pytest.mark.parametrize("version", [str(PRESENT + 1), "99", "beta"])
def test_a_database_of_a_newer_program_is_refused_in_one_sentence(
    old_url: str, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(old_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE settings_kept SET value = '{version}' WHERE name = 'schema_version'"
        )
    engine.dispose()
    before = shape_of(old_url)
    with pytest.raises(BadConfig, match=f"数据库是第 {version} 版，这个程序只认到第 {PRESENT} 版"):
        open_engine(old_url)
    assert shape_of(old_url) == before


def test_steps_are_taken_in_order_from_the_version_found(
    old_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def noting(name: str) -> Callable[[Connection], None]:
        return lambda _connection: taken.append(name)

    open_engine(old_url).dispose()
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, noting("next"), noting("last")))
    open_engine(old_url).dispose()
    open_engine(old_url).dispose()
    assert taken == ["next", "last"]
    assert shape_of(old_url)["version"] == [(str(PRESENT + 2),)]
