"""Who did it: the actor, another worker of the phone, or a colleague of the station; no invented name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from sync_server.db.engine import writing
from sync_server.records.stations import move_account
from tests.fakes import FakeClock
from tests.server.phones import Phone, ask

SignIn = Callable[[str], Phone]
ELSEWHERE = "331121209202"


@pytest.fixture(autouse=True)
def listed(sign_in: SignIn) -> None:
    """李四 is on the village's roster."""
    county = sign_in("county")
    county.sync(county.add_person("p1", village="331121209200"))


def fate(phone: Phone, performer: str) -> str | None:
    """Why a visit done by `performer` was refused, None if it was not."""
    (receipt,) = phone.sync(phone.add_visit(f"v{phone.seq}", "p1", performer=performer)).receipts
    return receipt.code


def test_a_colleague_of_the_station_may_have_done_it(phone: Phone, sign_in: SignIn) -> None:
    assert fate(phone, sign_in("colleague").account) is None


def test_somebody_of_another_station_and_nobody_known_may_not(phone: Phone, sign_in: SignIn) -> None:
    assert [fate(phone, sign_in("neighbour").account), fate(phone, "nobody")] == ["unknown_performer"] * 2


def test_a_colleague_who_has_moved_away_since_may_have(phone: Phone, sign_in: SignIn, engine: Engine) -> None:
    colleague = sign_in("colleague")
    with writing(engine) as connection:
        move_account(connection, "colleague", ELSEWHERE)
    assert fate(phone, colleague.account) is None


def test_another_worker_of_the_phone_may_have(app: FastAPI, phone: Phone, clock: FakeClock) -> None:
    other = Phone.sign_in(app, clock, "neighbour", token=phone.token)
    assert fate(phone, other.account) is None


def test_a_correction_need_not_know_the_performer_that_stands(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    colleague = sign_in("colleague")
    colleague.sync(colleague.add_visit("v1", "p1"))
    with writing(engine) as connection:
        move_account(connection, "colleague", ELSEWHERE)
    town = sign_in("town")
    said = {"note": "问过了", "performer": colleague.account, "organisation": "331121209"}
    (receipt,) = town.sync(town.change("visit", "v1", said, kind="patch", base=1)).receipts
    assert receipt.status == "accepted"


def test_a_reviewer_may_take_in_what_somebody_without_an_account_did(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    assert fate(phone, "a volunteer") == "unknown_performer"
    town = sign_in("town")
    headers = {"Authorization": f"Bearer {town.token}"}
    (item,) = ask(app, "GET", "/v1/review", headers=headers).json()["items"]
    assert (item["can_release"], item["why"]) == (True, "走访人不在那部手机上，也不是那个单位的")
    path = f"/v1/review/{phone.device}/{item['seq']}"
    assert ask(app, "POST", path, headers=headers, json={"action": "release"}).json()["status"] == "released"
