"""Photos in an S3-compatible bucket, over the wire: taken, read back, shown; nothing proven while it errs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI

from sync_server.asgi import create_app
from sync_server.photos.blobs import open_blobs
from sync_server.settings import Settings
from tests.fakes import FakeClock
from tests.photos.bucket_server import Bucket, bucket_server
from tests.photos.pictures import digest_of, jpeg
from tests.photos.sender import create, send, send_whole, tus
from tests.photos.test_uploads import RECEIPT, ask_for_proofs, left_in
from tests.postgres import on_sqlite
from tests.server.phones import Phone

CONTENT = jpeg(1)
KEY = f"zoufang/photos/{digest_of(CONTENT)}"
pytestmark = on_sqlite


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with bucket_server() as found:
        monkeypatch.setenv("AWS_ENDPOINT_URL", found.address)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "invented")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
        monkeypatch.setenv("AWS_REGION", "here")
        yield found


@pytest.fixture
def app(settings: Settings, clock: FakeClock, bucket: Bucket) -> Iterator[FastAPI]:
    made = create_app(replace(settings, photos="s3://photos/zoufang"), now_ms=clock)
    yield made
    made.state.server.engine.dispose()


def test_a_photo_goes_into_the_bucket_and_is_proven_from_there(
    app: FastAPI, phone: Phone, bucket: Bucket
) -> None:
    assert RECEIPT in send_whole(phone, CONTENT).headers
    assert bucket.held == {KEY: CONTENT}
    assert [name for name in left_in(app) if name.endswith(".part")] == []
    assert list(app.state.photos.blobs.names("photos")) == [f"photos/{digest_of(CONTENT)}"]


def test_what_the_bucket_has_lost_is_not_proven(app: FastAPI, phone: Phone, bucket: Bucket) -> None:
    send_whole(phone, CONTENT)
    assert list(ask_for_proofs(phone, [CONTENT])["proofs"]) == [digest_of(CONTENT)]
    bucket.held.clear()
    assert ask_for_proofs(phone, [CONTENT]) == {"proofs": {}, "missing": [digest_of(CONTENT)]}


def test_a_video_of_many_parts_comes_back_as_it_was(bucket: Bucket, settings: Settings) -> None:
    content = bytes(range(256)) * 50_000
    file = settings.data / "video"
    file.write_bytes(content)
    blobs = open_blobs("s3://photos/zoufang")
    blobs.take(file, f"photos/{digest_of(content)}")
    pieces = list(blobs.pieces(f"photos/{digest_of(content)}") or [])
    assert (b"".join(pieces) == content, file.exists(), bucket.parts) == (True, False, {})
    blobs.drop(f"photos/{digest_of(content)}")
    assert (blobs.pieces(f"photos/{digest_of(content)}"), bucket.held) == (None, {})


def test_a_bucket_that_errs_for_a_moment_is_asked_again(phone: Phone, bucket: Bucket) -> None:
    bucket.faults = [503, 500]
    assert RECEIPT in send_whole(phone, CONTENT).headers


def test_nothing_is_proven_that_the_bucket_does_not_give_back(phone: Phone, bucket: Bucket) -> None:
    address = create(phone, CONTENT).headers["Location"]
    bucket.damages = True
    refused = send(phone, address, CONTENT, 0)
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert ask_for_proofs(phone, [CONTENT])["proofs"] == {}
    bucket.damages = False
    assert RECEIPT in tus(phone, "HEAD", address).headers
    assert bucket.held == {KEY: CONTENT}


def test_a_bucket_that_refuses_leaves_the_photo_where_it_is(phone: Phone, bucket: Bucket) -> None:
    address = create(phone, CONTENT).headers["Location"]
    bucket.faults = [403]
    assert send(phone, address, CONTENT, 0).status_code == 503
    assert RECEIPT in tus(phone, "HEAD", address).headers
