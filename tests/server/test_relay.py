"""POST /v1/relay: work that another device carried is taken with its own device's proof, and only so."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from app.domain.relay import PROOF_HEADER, proof_of, token_digest
from app.domain.wire import PROTOCOL, SyncHeader, encode_request
from tests.server.phones import NDJSON, Phone, ask

SignIn = Callable[[str], Phone]


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
    assert relayed(app, carrier, body, proof).json() == {"receipts": 2}
    before = everything()
    assert relayed(app, carrier, body, proof).json() == {"receipts": 2}
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
    assert relayed(app, carrier, told, proof_of(token_digest(stranger.token), told)).json() == {"receipts": 2}
    assert carrier.sync().rows == []
