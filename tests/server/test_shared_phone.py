"""A phone on which several workers sign in holds what any may see; each Change is its own worker's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.change import Change
from sync_server.db.engine import writing
from sync_server.records.accounts import authenticate, revoke_device
from sync_server.records.stations import move_account
from tests.fakes import NOON, FakeClock
from tests.server.phones import Phone, ask, visit_fields

SignIn = Callable[[str], Phone]
HERE, THERE = "331121209200", "331121209202"


@pytest.fixture
def shared(app: FastAPI, clock: FakeClock, sign_in: SignIn) -> tuple[Phone, Phone]:
    """One phone as each of its two workers has it in hand: of a village, and of its neighbour."""
    county = sign_in("county")
    county.sync(county.add_person("here-1", village=HERE), county.add_person("there-1", village=THERE))
    first = sign_in("village")
    second = Phone.sign_in(app, clock, "neighbour", token=first.token)
    return first, second


def visit(phone: Phone, worker: Phone, record: str, person: str) -> Change:
    """A visit that `worker` entered on `phone`."""
    fields = visit_fields(worker, person)
    return phone.change("visit", record, fields, actor=worker.account)


def fate(phone: Phone, *changes: Change) -> list[tuple[str, str | None]]:
    return [(r.status, r.code) for r in phone.sync(*changes).receipts]


def test_a_second_worker_signs_in_on_the_device_that_is_there(shared: tuple[Phone, Phone]) -> None:
    first, second = shared
    assert (second.device, second.token) == (first.device, first.token)
    assert (first.account != second.account, second.organisation) == (True, THERE)
    assert second.answer["villages"] == [THERE]


def test_the_device_holds_what_any_of_its_workers_may_see(app: FastAPI, sign_in: SignIn) -> None:
    county = sign_in("county")
    county.sync(county.add_person("here-1", village=HERE), county.add_person("there-1", village=THERE))
    phone = sign_in("village")
    phone.protocol = 2
    assert [row.record for row in phone.sync().rows] == ["here-1"]
    Phone.sign_in(app, phone.clock, "neighbour", token=phone.token)
    answer = phone.sync()
    assert ([row.record for row in answer.rows], answer.end.restarted) == (["here-1", "there-1"], True)
    moved = county.change("person", "here-1", {"village": THERE}, kind="patch", base=9)
    county.sync(moved)
    answer = phone.sync()
    assert ([row.record for row in answer.rows], answer.gone) == (["here-1"], [])


def test_each_change_is_judged_by_the_scope_of_its_own_worker(shared: tuple[Phone, Phone]) -> None:
    first, second = shared
    first.sync()
    assert fate(
        first,
        visit(first, first, "v1", "here-1"),
        visit(first, second, "v2", "there-1"),
        visit(first, first, "v3", "there-1"),
        visit(first, second, "v4", "here-1"),
        first.change("person", "p2", {"name": "王五", "village": HERE}, actor=second.account),
        first.change("person", "here-1", {"hamlet": "上坞"}, kind="patch", base=1, actor=second.account),
        first.change("person", "there-1", {"hamlet": "下坞"}, kind="patch", base=1, actor=second.account),
    ) == [
        ("accepted", None),
        ("accepted", None),
        *[("quarantined", "outside_scope")] * 4,
        ("accepted", None),
    ]


def test_whoever_has_not_signed_in_on_it_is_unknown_there(
    shared: tuple[Phone, Phone], sign_in: SignIn
) -> None:
    first, _ = shared
    assert fate(first, visit(first, sign_in("colleague"), "v1", "here-1")) == [
        ("quarantined", "unknown_actor")
    ]


def test_signing_in_again_on_ones_own_device_keeps_it(
    app: FastAPI, shared: tuple[Phone, Phone], everything: Callable[[], dict]
) -> None:
    first, _ = shared
    before = everything()
    again = Phone.sign_in(app, first.clock, "village", token=first.token)
    assert (again.device, again.token, everything()) == (first.device, first.token, before)


@pytest.mark.parametrize("token", ["wrong", "", "\u00e9", "x" * 5000], ids=["wrong", "none", "é", "endless"])
def test_a_token_that_is_none_makes_no_difference(
    app: FastAPI, clock: FakeClock, phone: Phone, token: str
) -> None:
    headers = {"Authorization": b"Bearer " + token.encode("latin-1")}
    said = {"login": "village", "password": "walk-and-visit"}
    answer = ask(app, "POST", "/v1/sign-in", json=said, headers=headers)
    assert (answer.status_code, answer.json()["device"] == phone.device) == (200, False)


def test_a_wrong_password_enrols_nobody(app: FastAPI, phone: Phone, engine: Engine) -> None:
    answer = ask(
        app,
        "POST",
        "/v1/sign-in",
        json={"login": "neighbour", "password": "wrong!"},
        headers={"Authorization": f"Bearer {phone.token}"},
    )
    assert answer.status_code == 401
    assert authenticate(engine, phone.token, now_ms=NOON).actors == {phone.account}


def test_a_revoked_device_is_not_shared_but_replaced(app: FastAPI, phone: Phone, engine: Engine) -> None:
    with writing(engine) as connection:
        revoke_device(connection, phone.device, now_ms=NOON)
    fresh = Phone.sign_in(app, phone.clock, "neighbour", token=phone.token)
    assert fresh.device != phone.device
    assert authenticate(engine, fresh.token, now_ms=NOON).actors == {fresh.account}


def test_a_fresh_id_keeps_the_workers_and_a_revoked_one_stays_revoked(
    shared: tuple[Phone, Phone], engine: Engine
) -> None:
    first, second = shared

    def fresh() -> dict[str, str]:
        return ask(first.app, "POST", "/v1/device", headers=first.headers).json()

    device = authenticate(engine, fresh()["token"], now_ms=NOON)
    assert (device.actors, device.is_revoked) == ({first.account, second.account}, False)
    with writing(engine) as connection:
        revoke_device(connection, first.device, now_ms=NOON)
    device = authenticate(engine, fresh()["token"], now_ms=NOON, takes_revoked=True)
    assert (device.actors, device.is_revoked) == ({first.account, second.account}, True)


def test_when_one_of_them_moves_station_the_other_keeps_his(
    shared: tuple[Phone, Phone], engine: Engine
) -> None:
    first, second = shared
    first.protocol = 2
    first.sync()
    with writing(engine) as connection:
        move_account(connection, "neighbour", "331121209203")
    assert fate(
        first,
        visit(first, second, "v1", "there-1"),  # done at the station that he has left
        visit(first, first, "v2", "there-1"),
        visit(first, first, "v3", "here-1"),
    ) == [("accepted", None), ("quarantined", "outside_scope"), ("accepted", None)]
    assert fate(first, visit(first, second, "v4", "there-1")) == [("quarantined", "outside_scope")]
    assert [row.record for row in first.sync(cursor=None).rows] == ["here-1", "v3"]


def signed_off(phone: Phone, account: str, *, since_ms: int = NOON) -> tuple[int, dict]:
    headers = {"Authorization": phone.headers["Authorization"]}
    said = {"account": account, "since": since_ms}
    answer = ask(phone.app, "POST", "/v1/sign-out", json=said, headers=headers)
    return answer.status_code, answer.json()


def test_who_is_taken_off_takes_his_villages_along(shared: tuple[Phone, Phone], engine: Engine) -> None:
    first, second = shared
    first.protocol = 2
    assert [row.record for row in first.sync().rows] == ["here-1", "there-1"]
    for _ in range(2):  # an answer that was lost is asked for again
        assert signed_off(first, second.account) == (200, {"accounts": 1})
    answer = first.sync()
    assert ([row.record for row in answer.rows], answer.end.restarted) == (["here-1"], True)
    assert authenticate(engine, first.token, now_ms=NOON).actors == {first.account}
    assert fate(first, visit(first, second, "v1", "there-1")) == [("quarantined", "unknown_actor")]


def test_whoever_was_there_first_can_be_taken_off_and_come_back(
    app: FastAPI, shared: tuple[Phone, Phone], engine: Engine
) -> None:
    first, second = shared
    assert signed_off(first, first.account) == (200, {"accounts": 1})
    device = authenticate(engine, first.token, now_ms=NOON)
    assert device.account is not None
    assert (device.account.id, device.actors) == (second.account, {second.account})
    assert fate(first, visit(first, second, "v1", "there-1")) == [("accepted", None)]
    Phone.sign_in(app, first.clock, "village", token=first.token)
    assert authenticate(engine, first.token, now_ms=NOON).actors == {first.account, second.account}


def test_with_the_last_worker_the_device_is_switched_off(phone: Phone, engine: Engine) -> None:
    assert signed_off(phone, phone.account) == (200, {"accounts": 0})
    assert authenticate(engine, phone.token, now_ms=NOON, takes_revoked=True).is_revoked


def test_a_sign_out_long_under_way_does_not_end_a_later_sign_in(
    app: FastAPI, shared: tuple[Phone, Phone], engine: Engine
) -> None:
    first, second = shared
    first.clock.go_on(ms=1)
    Phone.sign_in(app, first.clock, "neighbour", token=first.token)
    assert signed_off(first, second.account) == (200, {"accounts": 2})
    headers = {"Authorization": first.headers["Authorization"]}
    fresh = ask(app, "POST", "/v1/device", headers=headers).json()["token"]
    moved = replace(first, token=fresh)
    assert signed_off(moved, second.account) == (200, {"accounts": 2})
    assert signed_off(moved, second.account, since_ms=NOON + 1) == (200, {"accounts": 1})
    assert authenticate(engine, fresh, now_ms=NOON).actors == {first.account}


@pytest.mark.parametrize(
    ("said", "field"),
    [({}, "account"), ({"account": 7}, "account"), ({"account": ""}, "account"), ({"account": "a"}, "since")],
    ids=["nobody", "a number", "empty", "no sign-in"],
)
def test_a_sign_out_of_nobody_is_refused(phone: Phone, said: dict, field: str) -> None:
    headers = {"Authorization": phone.headers["Authorization"]}
    answer = ask(phone.app, "POST", "/v1/sign-out", json=said, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert signed_off(phone, "somebody-else") == (200, {"accounts": 1})
