"""Photos up: every byte once, the offset true, and a proof only for what lies on the server's disk."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from fastapi import FastAPI

from sync_server.photos.receipts import read_receipt
from sync_server.photos.uploads import UNFINISHED_MOST
from tests.fakes import NOON, FakeClock
from tests.photos.pictures import digest_of, jpeg, metadata, padded
from tests.photos.sender import (
    RECEIPT,
    ask_for_proofs,
    create,
    iter_of,
    left_in,
    offset_of,
    public_key,
    send,
    send_cut,
    send_whole,
    stored,
    tus,
)
from tests.server.phones import Phone, ask

SignIn = Callable[[str], Phone]


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


def test_a_chunk_sent_twice_is_kept_once(app: FastAPI, phone: Phone) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    first = send(phone, address, content[:1000], 0)
    again = send(phone, address, content[:1000], 0)
    assert [(a.status_code, a.headers.get("Upload-Offset")) for a in (first, again)] == [
        (204, "1000"),
        (409, None),
    ]
    assert again.json()["code"] == "wrong_offset"
    assert offset_of(phone, address) == 1000
    assert send(phone, address, content[1000:], 1000).status_code == 204
    assert stored(app, content)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_chunk_damaged_on_the_way_leaves_nothing(app: FastAPI, phone: Phone, algorithm: str) -> None:
    content = padded(300_000)
    address = create(phone, content).headers["Location"]
    piece, damaged = content[:200_000], b"x" + content[1:200_000]
    checksum = f"{algorithm} {b64encode(hashlib.new(algorithm, piece).digest()).decode()}"
    refused = send(phone, address, damaged, 0, Upload_Checksum=checksum)
    assert (refused.status_code, refused.json()["code"]) == (460, "checksum_mismatch")
    assert offset_of(phone, address) == 0
    taken = send(phone, address, piece, 0, Upload_Checksum=checksum)
    assert (taken.status_code, taken.headers["Upload-Offset"]) == (204, "200000")
    assert send(phone, address, content[200_000:], 200_000).status_code == 204
    assert stored(app, content)


def test_an_unknown_checksum_is_refused_before_a_byte_is_kept(phone: Phone) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    refused = send(phone, address, content, 0, Upload_Checksum="crc32 AAAA")
    assert (refused.status_code, refused.json()["field"]) == (400, "Upload-Checksum")
    assert offset_of(phone, address) == 0


@pytest.mark.parametrize("kept", [0, 1, 65_536, 70_001, 299_999])
def test_a_connection_cut_at_any_byte_goes_on_from_there(app: FastAPI, phone: Phone, kept: int) -> None:
    content = padded(300_000)
    address = create(phone, content).headers["Location"]
    send_cut(phone, address, content[:kept], offset=0, said=len(content))
    assert offset_of(phone, address) == kept
    assert send(phone, address, content[kept:], kept).status_code == 204
    assert stored(app, content)


def test_a_checked_chunk_cut_in_the_middle_is_taken_back(phone: Phone) -> None:
    content = padded(300_000)
    address = create(phone, content).headers["Location"]
    send(phone, address, content[:1000], 0)
    checksum = f"sha256 {b64encode(hashlib.sha256(content[1000:]).digest()).decode()}"
    send_cut(phone, address, content[1000:200_000], offset=1000, said=299_000, Upload_Checksum=checksum)
    assert offset_of(phone, address) == 1000


def test_bytes_that_are_not_those_announced_are_dropped_and_said(app: FastAPI, phone: Phone) -> None:
    content, other = jpeg(1), jpeg(2)
    other = other[: len(content)].ljust(len(content), b"\0")
    address = create(phone, content).headers["Location"]
    refused = send(phone, address, other, 0)
    assert (refused.status_code, refused.json()) == (
        460,
        {
            "code": "checksum_mismatch",
            "sentence": "收到的照片和手机说的不一样，没有收下。请从头再传一次，手机里的还在。",
            "field": "sha256",
        },
    )
    assert tus(phone, "HEAD", address).status_code == 404
    assert not stored(app, content)
    assert not stored(app, other)


def test_more_than_was_announced_is_refused_and_nothing_of_it_kept(phone: Phone) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    for said in (content + b"x", iter_of(content + b"x")):  # with a stated length, and without one
        refused = send(phone, address, said, 0)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
        assert offset_of(phone, address) == 0


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"only text, called photo.jpg", 422, "这个文件不是照片也不是视频，没有收下。"),
        (padded(2 * 2**20 + 1), 413, "照片超过 2 MB 的上限，没有收下。请缩小后再传。"),
    ],
    ids=["a text file", "an image beyond its limit that claims to be a video"],
)
def test_what_is_no_photo_by_its_bytes_is_refused_at_the_end(
    app: FastAPI, phone: Phone, content: bytes, status: int, sentence: str
) -> None:
    address = create(phone, content, Upload_Metadata=metadata(content, "video/mp4")).headers["Location"]
    refused = send(phone, address, content, 0)
    assert refused.status_code == status
    assert refused.json()["sentence"].startswith(sentence)
    assert tus(phone, "HEAD", address).status_code == 404
    assert not stored(app, content)


@pytest.mark.parametrize(
    ("length", "claimed", "status", "sentence"),
    [
        (2 * 2**20 + 1, "image/jpeg", 413, "照片超过 2 MB 的上限，没有收下。请缩小后再传。"),
        (50 * 2**20 + 1, "video/mp4", 413, "视频超过 50 MB 的上限，没有收下。请截短后再传。"),
        (50 * 2**20 + 1, "", 413, "视频超过 50 MB 的上限，没有收下。请截短后再传。"),
        (0, "image/jpeg", 422, "这张照片是空的，没有收下。请重新拍一张。"),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_sent(
    phone: Phone, length: int, claimed: str, status: int, sentence: str
) -> None:
    refused = create(phone, b"", Upload_Length=length, Upload_Metadata=metadata(b"", claimed))
    assert (refused.status_code, refused.json()["sentence"]) == (status, sentence)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Upload_Length": "-1"}, 400, "wire_error"),
        ({"Upload_Length": "1e3"}, 400, "wire_error"),
        ({"Upload_Length": "9" * 40}, 400, "wire_error"),
        ({"Upload_Metadata": ""}, 422, "bad_input"),
        ({"Upload_Metadata": "sha256 !!!"}, 400, "wire_error"),
        ({"Upload_Metadata": "sha256 YWJj"}, 422, "bad_input"),
        ({"Upload_Metadata": "sha256 " + b64encode(b"\xff" * 64).decode()}, 422, "bad_input"),
        ({"Tus_Resumable": "0.2.2"}, 412, "unsupported_tus"),
        ({"Authorization": "Bearer nobody"}, 401, "not_signed_in"),
    ],
)
def test_a_wrong_announcement_is_refused_in_one_sentence(
    phone: Phone, headers: dict[str, str], status: int, code: str
) -> None:
    refused = create(phone, jpeg(), **headers)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["Tus-Resumable"] == "1.0.0"


def test_another_device_neither_sees_nor_touches_an_upload(phone: Phone, sign_in: SignIn) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    other = sign_in("village")
    answers = [tus(other, method, address).status_code for method in ("HEAD", "DELETE")]
    answers.append(send(other, address, content, 0).status_code)
    assert answers == [404, 404, 404]
    assert offset_of(phone, address) == 0


@pytest.mark.parametrize("name", ["x", "..", "%2e%2e%2fx", "a" * 32])
def test_an_upload_that_was_never_begun_is_not_there(phone: Phone, name: str) -> None:
    assert tus(phone, "HEAD", f"/v1/photos/{name}").status_code in (404, 405)


def test_a_terminated_upload_is_gone_with_its_bytes(app: FastAPI, phone: Phone) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    send(phone, address, content[:100], 0)
    assert tus(phone, "DELETE", address).status_code == 204
    assert tus(phone, "DELETE", address).status_code == 404
    assert left_in(app) == []


@pytest.mark.parametrize("gone", [[".part"], [".part", ".from"], [".json"], [".part", ".json"]])
def test_an_upload_half_dropped_is_gone_and_proves_nothing(
    app: FastAPI, phone: Phone, sign_in: SignIn, clock: FakeClock, gone: list[str]
) -> None:
    content = jpeg()
    send_whole(sign_in("stranger"), content)
    left = set(left_in(app))
    address = create(phone, content).headers["Location"]
    upload = next(iter(app.state.photos.uploads._folder.glob(f"*/{address.rpartition('/')[2]}.json")))
    for suffix in gone:
        upload.with_suffix(suffix).unlink(missing_ok=True)
    answers = [tus(phone, "HEAD", address), send(phone, address, content, 0), tus(phone, "DELETE", address)]
    assert [(a.status_code, RECEIPT in a.headers) for a in answers] == [(404, False)] * 3
    assert ask_for_proofs(phone, [content])["proofs"] == {}
    clock.go_on(days=8)
    app.state.photos.uploads.sweep(clock.now)
    assert left and left_in(app) == []


def test_who_asks_at_any_moment_of_a_termination_gets_no_proof(
    app: FastAPI, phone: Phone, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = jpeg()
    send_whole(sign_in("stranger"), content)
    address = create(phone, content).headers["Location"]
    unlink, answers = Path.unlink, []

    def looked_at(path: Path, missing_ok: bool = False) -> None:
        answers.append(tus(phone, "HEAD", address))
        unlink(path, missing_ok=missing_ok)

    uploads = app.state.photos.uploads
    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", looked_at)
        uploads.drop(uploads.of(address.rpartition("/")[2], phone.device))
    answers.append(tus(phone, "HEAD", address))
    assert {RECEIPT in answer.headers for answer in answers} == {False}
    assert answers[-1].status_code == 404
    assert ask_for_proofs(phone, [content])["proofs"] == {}


def test_an_upload_in_hand_is_not_dropped_to_make_room(app: FastAPI, phone: Phone, clock: FakeClock) -> None:
    first = create(phone, jpeg(0)).headers["Location"]
    uploads = app.state.photos.uploads
    addresses = []
    with uploads.in_hand(uploads.of(first.rpartition("/")[2], phone.device)):
        for number in range(1, UNFINISHED_MOST + 1):
            clock.go_on(ms=1000)
            addresses.append(create(phone, jpeg(number)).headers["Location"])
    assert [tus(phone, "HEAD", address).status_code for address in (first, *addresses[:2])] == [200, 404, 200]


def test_an_upload_ends_a_week_after_its_last_byte(app: FastAPI, phone: Phone, clock: FakeClock) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    clock.go_on(days=6)
    answer = send(phone, address, content[:100], 0)
    assert parsedate_to_datetime(answer.headers["Upload-Expires"]).timestamp() == (
        clock.now // 1000 + 7 * 24 * 3600
    )
    clock.go_on(days=6)
    assert app.state.photos.uploads.sweep(clock.now) == 0
    clock.go_on(days=1)
    assert app.state.photos.uploads.sweep(clock.now) == 1
    assert tus(phone, "HEAD", address).status_code == 404
    assert left_in(app) == []


def test_who_abandons_a_hundred_uploads_loses_the_one_that_waited_longest(
    app: FastAPI, phone: Phone, clock: FakeClock
) -> None:
    addresses = []
    for number in range(UNFINISHED_MOST + 1):
        clock.go_on(ms=1000)
        addresses.append(create(phone, jpeg(number)).headers["Location"])
    assert [tus(phone, "HEAD", address).status_code for address in addresses[:2]] == [404, 200]
    assert len(list(app.state.photos.uploads._folder.glob("*/*.part"))) == UNFINISHED_MOST


def test_while_one_request_has_an_upload_in_hand_others_are_told_to_wait(app: FastAPI, phone: Phone) -> None:
    content = jpeg()
    address = create(phone, content).headers["Location"]
    uploads = app.state.photos.uploads
    with uploads.in_hand(uploads.of(address.rpartition("/")[2], phone.device)):
        refused = [
            tus(phone, "HEAD", address),
            send(phone, address, content, 0),
            tus(phone, "DELETE", address),
        ]
    assert [answer.status_code for answer in refused] == [423, 423, 423]
    assert send(phone, address, content, 0).status_code == 204


def test_of_two_who_send_the_same_chunk_at_once_one_wins(app: FastAPI, phone: Phone) -> None:
    content = padded(300_000)
    address = create(phone, content).headers["Location"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: send(phone, address, content, 0).status_code, range(8)))
    assert answers.count(204) == 1
    assert set(answers) <= {204, 409, 423}
    assert stored(app, content)


def test_what_the_server_can_do_is_told_to_whoever_asks(app: FastAPI) -> None:
    told = ask(app, "OPTIONS", "/v1/photos")
    names = ("Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")
    assert (told.status_code, [told.headers[name] for name in names]) == (
        204,
        ["1.0.0", "creation,creation-with-upload,checksum,expiration,termination", "52428800", "sha256,sha1"],
    )
