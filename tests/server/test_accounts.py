"""Accounts and devices: one password, many devices, each revocable alone."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from sqlalchemy import Engine, select

from app.domain.codes import Role
from app.domain.errors import BadInput, NotSignedIn, TooManyAttempts, UnknownCode
from sync_server.db import tables
from sync_server.db.engine import writing
from sync_server.records.accounts import Account, authenticate, create_account, revoke_device, sign_in
from tests.fakes import NOON
from tests.server.phones import PASSWORD


def make(engine: Engine, **more: Any) -> Account:
    said: dict[str, Any] = {
        "login": "new",
        "password": PASSWORD,
        "name": "新人",
        "organisation_code": "331121209200",
        "role": Role.RECORDER,
        "now_ms": NOON,
        "hasher": PasswordHasher(time_cost=1, memory_cost=8, parallelism=1),
        **more,
    }
    with writing(engine) as connection:
        return create_account(connection, said.pop("login"), said.pop("password"), **said)


def test_a_password_is_kept_as_argon2id_with_the_librarys_parameters(engine: Engine) -> None:
    make(engine, hasher=None)
    with engine.connect() as connection:
        query = select(tables.accounts.c.password_hash).where(tables.accounts.c.login == "new")
        kept = connection.execute(query).scalar_one()
    assert kept.startswith("$argon2id$")
    assert extract_parameters(kept) == RFC_9106_LOW_MEMORY


def test_no_token_is_kept_as_it_is(engine: Engine) -> None:
    enrolment = sign_in(engine, "village", PASSWORD, "测试机", now_ms=NOON)
    with engine.connect() as connection:
        query = select(tables.devices.c.token_hash).where(tables.devices.c.id == enrolment.device.id)
        kept = connection.execute(query).scalar_one()
    assert (len(kept), enrolment.token in kept) == (64, False)
    assert authenticate(engine, enrolment.token, now_ms=NOON) == enrolment.device


def test_each_sign_in_is_a_device_that_is_revoked_alone(engine: Engine) -> None:
    lost, kept = (sign_in(engine, "village", PASSWORD, name, now_ms=NOON) for name in ("丢的", "在的"))
    with writing(engine) as connection:
        revoke_device(connection, lost.device.id, now_ms=NOON)
    with pytest.raises(NotSignedIn, match="停用"):
        authenticate(engine, lost.token, now_ms=NOON)
    assert authenticate(engine, kept.token, now_ms=NOON).id == kept.device.id


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"login": "village"}, BadInput),
        ({"login": " "}, BadInput),
        ({"login": "x" * 65}, BadInput),
        ({"password": "short"}, BadInput),
        ({"organisation_code": "331121"}, BadInput),
        ({"organisation_code": "999"}, UnknownCode),
        ({"role": Role.CITY_ANALYST}, BadInput),
        ({"role": Role.UNIT_LIAISON}, BadInput),
    ],
    ids=str,
)
def test_an_account_that_cannot_be_is_not_made(
    engine: Engine, said: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        make(engine, **said)
    with engine.connect() as connection:
        names = connection.execute(select(tables.accounts.c.name)).scalars().all()
    assert "新人" not in names


def test_the_wait_after_wrong_passwords_doubles_up_to_a_minute(engine: Engine) -> None:
    now, waits = NOON, []
    for _ in range(14):
        waited = 0
        while True:
            try:
                sign_in(engine, "village", "wrong!", "", now_ms=now)
            except TooManyAttempts:
                waited, now = waited + 1, now + 1000
            except NotSignedIn:
                break
        waits.append(waited)
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_another_login_does_not_wait(engine: Engine) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            sign_in(engine, "village", "wrong!", "", now_ms=NOON)
    with pytest.raises(TooManyAttempts):
        sign_in(engine, "village", PASSWORD, "", now_ms=NOON)
    assert sign_in(engine, "colleague", PASSWORD, "", now_ms=NOON).device.account is not None
