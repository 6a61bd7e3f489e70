"""Photos up: every byte once, the offset true, and a proof only for what lies on the server's disk."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from sync_server.photos.receipts import read_receipt
from tests.fakes import NOON
from tests.photos.pictures import digest_of, jpeg
from tests.photos.sender import create, offset_of, send, send_whole, tus
from tests.server.phones import Phone, ask

RECEIPT = "Zoufang-Photo-Receipt"


def stored(app: FastAPI, content: bytes) -> bool:
    digest = digest_of(content)
    pieces = app.state.photos.blobs.pieces(f"photos/{digest}")
    return pieces is not None and b"".join(pieces) == content


def public_key(app: FastAPI) -> dict[str, str]:
    return ask(app, "GET", "/v1/photos/key").json()


def test_a_photo_sent_in_pieces_is_proven_by_a_receipt_that_anyone_can_check(
    app: FastAPI, phone: Phone
) -> None:
    content = jpeg()
    created = create(phone, content)
    assert (created.status_code, created.headers["Upload-Offset"]) == (201, "0")
    address = created.headers["Location"]
    half = len(content) // 2
    first = send(phone, address, content[:half], 0)
    assert (first.status_code, first.headers["Upload-Offset"], RECEIPT in first.headers) == (
        204,
        str(half),
        False,
    )
    assert offset_of(phone, address) == half
    last = send(phone, address, content[half:], half)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(content)))
    key = public_key(app)
    assert read_receipt(last.headers[RECEIPT], key["key"]) == {
        "sha256": digest_of(content),
        "size": len(content),
        "org": phone.organisation,
        "at": NOON,
        "kid": key["kid"],
    }
    assert stored(app, content)


def test_a_photo_may_come_whole_with_its_announcement(app: FastAPI, phone: Phone) -> None:
    content = jpeg()
    answer = send_whole(phone, content)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(content)))
    assert read_receipt(answer.headers[RECEIPT], public_key(app)["key"]) is not None
    assert stored(app, content)


def test_who_missed_the_last_answer_gets_the_same_receipt_by_asking_again(phone: Phone) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    receipt = send(phone, address, content, 0).headers[RECEIPT]
    asked = tus(phone, "HEAD", address)
    repeated = send(phone, address, b"", len(content))
    assert [(a.status_code, a.headers["Upload-Offset"], a.headers[RECEIPT]) for a in (asked, repeated)] == [
        (200, str(len(content)), receipt),
        (204, str(len(content)), receipt),
    ]


def test_a_folder_of_uploads_is_empty_of_bytes_once_they_are_in_the_store(app: FastAPI, phone: Phone) -> None:
    send_whole(phone, jpeg())
    folder: Path = app.state.photos.uploads._folder
    assert list(folder.glob("*/*.part")) == []
