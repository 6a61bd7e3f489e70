"""A real server with 李四 on the roster of the village, and phones of its workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.fakes import VILLAGE, FakeClock
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
