"""A real application on a real database, each of the two in turn, with one account for each seat; all
people invented."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import Engine, select

from app.domain.codes import OrgKind, Role
from sync_server.asgi import create_app
from sync_server.assets import divisions
from sync_server.db.engine import writing
from sync_server.db.tables import metadata
from sync_server.records.accounts import create_account
from sync_server.records.city import open_city
from sync_server.records.organisations import Unit, seed_organisations
from sync_server.settings import Settings
from tests.fakes import NOON, FakeClock
from tests.postgres import Database
from tests.server.phones import PASSWORD, Phone

SEATS = {  # login -> organisation, role
    "village": ("331121209200", Role.RECORDER),
    "colleague": ("331121209200", Role.RECORDER),
    "neighbour": ("331121209202", Role.RECORDER),
    "town": ("331121209", Role.REVIEWER),
    "county": ("331121", Role.COUNTY_CLERK),
    "city": ("3311", Role.CITY_ANALYST),
    "stranger": ("331102001001", Role.RECORDER),
    "other-county": ("331102", Role.COUNTY_CLERK),
    "unit": ("3311U01", Role.UNIT_LIAISON),
}
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def city_url(tmp_path_factory: pytest.TempPathFactory, database: Database) -> str:
    """The database of a seeded city with the accounts, made once; tests copy it."""
    data = tmp_path_factory.mktemp("city")
    url = database.fresh(data)
    engine = open_city(Settings(data=data, database_url=url))
    with writing(engine) as connection:
        seed_organisations(connection, divisions(), [Unit("3311U01", "市某局", OrgKind.CITY_UNIT)])
        for login, (organisation, role) in SEATS.items():
            create_account(
                connection,
                login,
                PASSWORD,
                name=f"测试{login}",
                organisation_code=organisation,
                role=role,
                now_ms=NOON,
                hasher=_CHEAP,
            )
    engine.dispose()
    return url


@pytest.fixture
def settings(
    city_url: str, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    url = database.copy(city_url, tmp_path)
    monkeypatch.setenv("ZOUFANG_DATABASE", url)  # for servers in processes of their own
    yield Settings(data=tmp_path, database_url=url)
    database.drop(url)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def app(settings: Settings, clock: FakeClock, tmp_path: Path) -> FastAPI:
    made = create_app(settings, now_ms=clock, site=tmp_path / "web")
    yield made
    made.state.server.engine.dispose()


@pytest.fixture
def engine(app: FastAPI) -> Engine:
    return app.state.server.engine


@pytest.fixture
def sign_in(app: FastAPI, clock: FakeClock) -> Callable[[str], Phone]:
    return lambda login: Phone.sign_in(app, clock, login)


@pytest.fixture
def phone(sign_in: Callable[[str], Phone]) -> Phone:
    """The recorder's of village 331121209200."""
    return sign_in("village")


@pytest.fixture
def everything(engine: Engine) -> Callable[[], dict[str, list[tuple]]]:
    """Every row of every table, but for what only says when somebody was last seen or mistyped."""

    def read() -> dict[str, list[tuple]]:
        found = {}
        with engine.connect() as connection:
            for table in metadata.sorted_tables:
                columns = [c for c in table.c if c.name not in ("last_seen_at", "offset_ms")]
                if table.name != "sign_in_attempts":
                    found[table.name] = sorted(map(tuple, connection.execute(select(*columns))), key=repr)
        return found

    return read
