"""Whose bytes are proven: his own to every sender, a stranger's to nobody, and what a revoked phone owes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from sync_server.db.engine import writing
from sync_server.photos.receipts import read_receipt
from sync_server.records.accounts import revoke_device
from tests.fakes import NOON, FakeClock
from tests.photos.pictures import digest_of, jpeg, padded
from tests.photos.sender import (
    RECEIPT,
    ask_for_proofs,
    create,
    public_key,
    send,
    send_whole,
    stored,
)
from tests.server.phones import Phone, ask

SignIn = Callable[[str], Phone]


def test_the_same_photo_of_two_phones_is_kept_once_and_proven_to_both(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    content = padded(300_000)
    town = sign_in("town")
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda who: send_whole(who, content), (phone, town)))
    key = public_key(app)["key"]
    receipts = [read_receipt(answer.headers[RECEIPT], key) for answer in answers]
    assert [r and r["org"] for r in receipts] == [phone.organisation, town.organisation]
    assert list(app.state.photos.blobs.names("photos")) == [f"photos/{digest_of(content)}"]


def test_nothing_is_sent_of_what_another_phone_of_the_account_has_proven(
    phone: Phone, sign_in: SignIn, clock: FakeClock
) -> None:
    content = jpeg()
    receipt = send_whole(phone, content).headers[RECEIPT]
    clock.go_on(ms=3_600_000)
    again = create(sign_in("village"), content)
    assert (again.status_code, again.headers["Upload-Offset"], again.headers[RECEIPT]) == (
        201,
        str(len(content)),
        receipt,
    )


def test_a_known_hash_opens_no_photo_of_another_account(phone: Phone, sign_in: SignIn) -> None:
    content = jpeg()
    send_whole(phone, content)
    for login in ("colleague", "neighbour", "town", "stranger"):
        stranger = sign_in(login)
        created = create(stranger, content)
        assert (created.headers["Upload-Offset"], RECEIPT in created.headers) == ("0", False)
        assert ask_for_proofs(stranger, [content]) == {"proofs": {}, "missing": [digest_of(content)]}


def test_a_phone_that_lost_its_receipts_asks_for_them(phone: Phone) -> None:
    held, other = jpeg(1), jpeg(2)
    receipt = send_whole(phone, held).headers[RECEIPT]
    assert ask_for_proofs(phone, [held, other, held]) == {
        "proofs": {digest_of(held): receipt},
        "missing": [digest_of(other)],
    }


@pytest.mark.parametrize("said", [b"{}", b"[]", b'{"sha256":[1]}', b'{"sha256":["%s"]}' % (b'","' * 501)])
def test_a_wrong_question_for_proofs_is_refused(phone: Phone, said: bytes) -> None:
    headers = {"Authorization": f"Bearer {phone.token}", "Content-Type": "application/json"}
    refused = ask(phone.app, "POST", "/v1/photos/proofs", content=said, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_input")


def test_a_revoked_device_sends_only_what_a_change_of_it_names(
    app: FastAPI, engine: Engine, phone: Phone
) -> None:
    named, other = jpeg(1), jpeg(2)
    begun = create(phone, other).headers["Location"]
    with writing(engine) as connection:
        revoke_device(connection, phone.device, now_ms=NOON)
    phone.sync(phone.change("photo", "f1", {"sha256": digest_of(named)}))  # refused, and kept
    refused = [create(phone, other), send(phone, begun, other, 0)]
    assert [(a.status_code, a.json()["code"]) for a in refused] == [(403, "not_allowed")] * 2
    assert send_whole(phone, named).status_code == 201
    assert stored(app, named)
