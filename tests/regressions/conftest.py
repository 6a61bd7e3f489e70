"""A real server with 李四 on the roster of the village, and phones of its workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI

from sync_server.asgi import create_app
from sync_server.db.engine import upsert, writing
from sync_server.db.tables import settings_kept
from sync_server.settings import Settings
from tests.fakes import VILLAGE, FakeClock
from tests.postgres import Database
from tests.regressions.phones import Phone
from tests.server.conftest import app, city_url, clock, engine, everything, settings, sign_in
from tests.server.phones import Phone as Clerk

__all__ = [
    "app",
    "city_url",
    "clock",
    "engine",
    "everything",
    "settings",
    "sign_in",
]  # the real server's fixtures
MakePhone = Callable[..., Phone]


@pytest.fixture
def clerk(app: FastAPI, clock: FakeClock) -> Clerk:
    """The county's desk, which has put 李四 on the village's roster."""
    desk = Clerk.sign_in(app, clock, "county")
    desk.sync(desk.add_person("person-1", village=VILLAGE, hamlet="上坞"))
    return desk


@pytest.fixture
def make_phone(app: FastAPI, clock: FakeClock, clerk: Clerk, tmp_path: Path) -> MakePhone:
    """Signed in, with the roster pulled; `own_clock` where it is wrong."""

    def make(login: str = "village", *, seed: int = 1, own_clock: Callable[[], int] | None = None) -> Phone:
        phone = Phone(tmp_path / f"{login}-{seed}", app, login, clock=own_clock or clock, seed=seed)
        phone.sign_in()
        phone.sync()
        return phone

    return make


@pytest.fixture
def backed_up(
    app: FastAPI, settings: Settings, database: Database, clock: FakeClock, tmp_path: Path
) -> Callable[[], Callable[[], FastAPI]]:
    """Make a backup of the server; what that gives puts it in place and returns the restored server."""
    made: list[tuple[str, FastAPI]] = []

    def back_up() -> Callable[[], FastAPI]:
        app.state.server.engine.dispose()
        folder = tmp_path / "restored"
        folder.mkdir()
        url = database.copy(settings.database_url, folder)

        def restore() -> FastAPI:
            restored = create_app(replace(settings, database_url=url), now_ms=clock, site=folder / "web")
            with writing(restored.state.server.engine) as connection:
                upsert(connection, settings_kept, [{"name": "epoch", "value": "restored"}])
            made.append((url, restored))
            return restored

        return restore

    yield back_up
    for url, restored in made:
        restored.state.server.engine.dispose()
        database.drop(url)
