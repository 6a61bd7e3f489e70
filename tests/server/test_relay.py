"""POST /v1/relay: work that another device carried is taken with its own device's proof, and only so."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from app.domain.relay import PROOF_HEADER, proof_of, token_digest
from app.domain.wire import PROTOCOL, SyncHeader, encode_request
from sync_server.db.engine import reading, writing
from sync_server.db.tables import changes, quarantine
from sync_server.records.accounts import authenticate, desk_of, revoke_device, stand_in_for
from tests.fakes import NOON
from tests.server.phones import NDJSON, Phone, ask

SignIn = Callable[[str], Phone]
Everything = Callable[[], dict[str, list[tuple]]]


def batch_of(phone: Phone) -> bytes:
    """A person and a visit as `phone` would send them itself."""
    made = [phone.add_person("p-1"), phone.add_visit("v-1", "p-1")]
    header = SyncHeader(
        protocol=PROTOCOL,
        device=phone.device,
        first=made[0].seq,
        count=2,
        sent_at=phone.clock.now - 7_200_000,
    )
    return encode_request(header, made)


def relayed(app: FastAPI, carrier: Phone | None, body: bytes, proof: str) -> httpx.Response:
    headers = {"content-type": NDJSON, "content-encoding": "gzip", PROOF_HEADER: proof}
    if carrier is not None:
        headers["authorization"] = f"Bearer {carrier.token}"
    return ask(app, "POST", "/v1/relay", content=gzip.compress(body), headers=headers)


def test_proved_work_counts_once_and_its_device_gets_the_receipts(
    app: FastAPI, phone: Phone, sign_in: SignIn, everything: Callable[[], dict[str, list[tuple]]]
) -> None:
    carrier, body = sign_in("colleague"), batch_of(phone)
    proof = proof_of(token_digest(phone.token), body)
    assert relayed(app, carrier, body, proof).json() == {"receipts": 2, "refused": {}}
    before = everything()
    assert relayed(app, carrier, body, proof).json() == {"receipts": 2, "refused": {}}
    assert everything() == before
    answer = phone.sync()
    assert [row.record for row in answer.rows] == ["p-1", "v-1"]
    assert answer.end.have == 2


@pytest.mark.parametrize("forged", ["none", "other phone's", "changed body", "unknown device"])
def test_what_is_not_proved_enters_nothing(
    app: FastAPI,
    phone: Phone,
    sign_in: SignIn,
    everything: Callable[[], dict[str, list[tuple]]],
    forged: str,
) -> None:
    carrier, body = sign_in("colleague"), batch_of(phone)
    proof = proof_of(token_digest(phone.token), body)
    if forged == "none":
        proof = ""
    elif forged == "other phone's":
        proof = proof_of(token_digest(carrier.token), body)
    elif forged == "changed body":
        body = body.replace("李四".encode(), "王五".encode())
    else:
        body = body.replace(phone.device.encode(), b"somebody")
        proof = proof_of(token_digest(phone.token), body)
    before = everything()
    refused = relayed(app, carrier, body, proof)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert "对不上它的手机" in refused.json()["sentence"]
    assert everything() == before


def test_whoever_carries_must_be_signed_in(app: FastAPI, phone: Phone) -> None:
    body = batch_of(phone)
    assert relayed(app, None, body, proof_of(token_digest(phone.token), body)).status_code == 401


def test_a_carrier_cannot_lend_its_device_an_actor(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    """Proved work is judged by what its own device may do, not by what the carrier may."""
    stranger, carrier = sign_in("stranger"), sign_in("village")
    phone_body = batch_of(phone)
    told = phone_body.replace(phone.device.encode(), stranger.device.encode())
    answer = relayed(app, carrier, told, proof_of(token_digest(stranger.token), told))
    assert answer.json() == {"receipts": 2, "refused": {"1": "unknown_actor", "2": "unknown_actor"}}
    assert carrier.sync().rows == []


def log_of(engine: Engine) -> list[tuple[str, int, str, str]]:
    with reading(engine) as connection:
        columns = (changes.c.device, changes.c.seq, changes.c.record, changes.c.status)
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns[:2]))]


def test_work_under_spent_numbers_is_taken_under_a_stand_in_and_only_once(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine, everything: Everything
) -> None:
    """The phone is one that was restored from a copy and never sees a network again."""
    carrier = sign_in("colleague")
    phone.sync(phone.add_person("p-0"), phone.add_visit("v-0", "p-0"), protocol=2)
    phone.seq = 0
    body = batch_of(phone)
    proof = proof_of(token_digest(phone.token), body)
    assert relayed(app, carrier, body, proof).json() == {"receipts": 2, "refused": {}}
    held = [
        (phone.device, 1, "p-0", "accepted"),
        (phone.device, 2, "v-0", "accepted"),
        (f"{phone.device}~1", 1, "p-1", "accepted"),
        (f"{phone.device}~1", 2, "v-1", "accepted"),
    ]
    assert log_of(engine) == held
    assert {row.record for row in carrier.sync().rows} == {"p-0", "v-0", "p-1", "v-1"}
    before = everything()
    assert relayed(app, carrier, body, proof).json() == {"receipts": 2, "refused": {}}
    assert everything() == before


def test_work_that_collides_counts_once_when_its_phone_sends_it_under_a_fresh_id(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    carrier = sign_in("colleague")
    phone.sync(phone.add_person("p-0"), protocol=2)
    phone.seq = 0
    body = batch_of(phone)
    made = phone.sent[-2:]
    relayed(app, carrier, body, proof_of(token_digest(phone.token), body))
    given = ask(app, "POST", "/v1/device", headers=phone.headers).json()
    phone.device, phone.token = given["device"], given["token"]
    again = [change.model_copy(update={"device": phone.device}) for change in made]
    answer = phone.sync(*again, protocol=2)
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 1)] * 2
    assert sorted((row.record, row.version) for row in answer.rows) == [("p-1", 1), ("v-1", 1)]


def test_of_colliding_work_what_is_refused_waits_for_a_reviewer_with_its_bytes(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    carrier = sign_in("colleague")
    phone.sync(phone.add_person("p-0"), protocol=2)
    phone.seq = 0
    body = batch_of(phone)
    with writing(engine) as connection:
        revoke_device(connection, phone.device, now_ms=1)
    answer = relayed(app, carrier, body, proof_of(token_digest(phone.token), body)).json()
    assert answer == {"receipts": 2, "refused": {"1": "revoked", "2": "revoked"}}
    with reading(engine) as connection:
        rows = connection.execute(select(quarantine.c.device, quarantine.c.seq, quarantine.c.status)).all()
        name = connection.execute(select(changes.c.fields).where(changes.c.record == "p-1")).scalar_one()
    assert sorted(map(tuple, rows)) == [(f"{phone.device}~1", n, "waiting") for n in (1, 2)]
    assert "李四" in name


def test_two_lives_of_a_phone_that_both_collide_are_both_held(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    carrier = sign_in("colleague")
    for record in ("a", "b", "c"):
        phone.seq = 0
        body = phone.body(phone.add_person(record, house=record), protocol=2)
        relayed(app, carrier, body, proof_of(token_digest(phone.token), body))
    assert [(device.removeprefix(phone.device), record) for device, _, record, _ in log_of(engine)] == [
        ("", "a"),
        ("~1", "b"),
        ("~2", "c"),
    ]


@pytest.mark.parametrize("which", ["desk", "stand-in"])
def test_nobody_can_prove_work_of_a_device_of_the_servers_own(
    app: FastAPI, phone: Phone, engine: Engine, everything: Everything, which: str
) -> None:
    """Such a device has no token; what the database has instead of its hash is no secret."""
    owner = authenticate(engine, phone.token, now_ms=NOON)
    assert owner.account is not None
    with writing(engine) as connection:
        if which == "desk":
            made = desk_of(connection, owner.account, now_ms=NOON)
        else:
            made = stand_in_for(connection, owner, 1, now_ms=NOON)
    body = batch_of(phone).replace(phone.device.encode(), made.id.encode())
    before = everything()
    assert relayed(app, phone, body, proof_of(f"none:{made.id}", body)).status_code == 403
    assert everything() == before


@pytest.mark.parametrize("spelt", ["a\\u0000b", "a\\ud800b"])
def test_a_device_that_no_database_can_hold_is_refused_in_words(
    app: FastAPI, phone: Phone, spelt: str
) -> None:
    body = batch_of(phone).replace(phone.device.encode(), spelt.encode())
    refused = relayed(app, phone, body, "0" * 64)
    assert (refused.status_code, refused.json()["code"]) == (400, "wire_error")
    assert "device" in refused.json()["sentence"]
