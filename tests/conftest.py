"""The databases that the server runs on: a test that asks for `database` runs once on each."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.postgres import Database, PostgresServer, SqliteDatabase, is_installed


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """PostgreSQL, started when the first test asks for it."""
    if not is_installed():
        assert not os.environ.get("ZOUFANG_TESTS_NEED_EVERYTHING"), "PostgreSQL 15 is not installed"
        pytest.skip("PostgreSQL 15 is not installed; .ci/setup postgresql installs it")
    with PostgresServer.started() as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each of the two in turn; what is made of it and kept for the session is made for both."""
    return SqliteDatabase() if request.param == "sqlite" else request.getfixturevalue("postgres")
