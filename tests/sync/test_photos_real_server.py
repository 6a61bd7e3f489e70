"""The phone's photos against the whole server application, over its HTTP layer."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx
import pytest
from fastapi import FastAPI

from app.device.blobs import FolderBlobs
from app.domain.facts import Photo
from app.store import heads, photo_files, photos
from app.store.account import keep_sign_in
from app.store.photo_files import KeptFile
from app.store.photos import NewPhoto, PhotoState
from app.store.records import Totals, totals
from app.store.store import Store, open_store
from app.store.visits import record_visit
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from app.sync.uploads import PhotoSender
from sync_server.photos.receipts import read_receipt
from tests.fakes import NOON, FakeClock, seeded_entropy, visit_to
from tests.photo_server import small_jpeg
from tests.server.phones import PASSWORD
from tests.server.phones import Phone as Clerk

# A photo as the server takes it: what follows the picture is nothing to it but bytes.
PHOTO = small_jpeg() + seeded_entropy(5)(200_000)


class Died(Exception):
    """The phone's process ends here."""


class Phone:
    """A worker's phone with photos on its disk; `cut` is asked before every request and may raise."""

    def __init__(self, folder: Path, app: FastAPI, clock: FakeClock, login: str) -> None:
        folder.mkdir()
        self._app, self._clock = app, clock
        self.cut: Callable[[httpx.Request], None] = lambda _: None
        self.asked: list[tuple[str, int]] = []
        self.store: Store = open_store(
            folder / "zoufang.db", now_ms=clock, entropy=seeded_entropy(len(login))
        )
        self.blobs = FolderBlobs(folder / "photos")
        answer = self.run(lambda client: client.sign_in(login, PASSWORD, "测试机"))
        self.token = answer["token"]
        keep_sign_in(self.store, answer, "http://server.test")
        self.sync()

    def sync(self) -> None:
        self.run(lambda client: sync_once(self.store, client, now_ms=self._clock))

    def send_photos(self) -> None:
        """As the loop does after a sync; a failure ends it, as the phone's end would."""

        async def stop(_: float) -> None:
            raise Died

        async def go(client: SyncClient) -> None:
            sender = PhotoSender(
                self.store, self.blobs, lambda: "wifi", random=Random(1), now_ms=self._clock, sleep=stop,
                tell=lambda _: None,
            )  # fmt: skip
            await sender.run(client, server_ms=self._clock())

        self.run(go)

    def save(self, content: bytes) -> str:
        file = KeptFile(hashlib.sha256(content).hexdigest(), len(content), "image/jpeg", 320, 240)
        asyncio.run(self.blobs.put(file.sha256, content))
        photo_files.note_file(self.store, file)
        new = NewPhoto(file, "SCENE", datetime.fromtimestamp(NOON / 1000, UTC))
        return record_visit(self.store, visit_to("person-1", photos=(new,)))

    def state_of(self, visit: str) -> PhotoState:
        (view,) = photos.photos_about(self.store, visit)
        return view.state

    def run(self, step: Callable[[SyncClient], Awaitable[object]]) -> dict[str, str]:
        async def note(request: httpx.Request) -> None:
            self.cut(request)
            is_piece = request.headers.get("content-type") == "application/offset+octet-stream"
            self.asked.append((f"{request.method} {request.url.path}", len(request.content) * is_piece))

        async def go() -> object:
            http = httpx.AsyncClient(
                base_url="http://server.test",
                transport=httpx.ASGITransport(self._app),
                event_hooks={"request": [note]},
            )
            client = SyncClient(http, getattr(self, "token", ""))
            try:
                return await step(client)
            finally:
                await client.close()

        return asyncio.run(go())  # type: ignore[return-value]


@pytest.fixture
def phone(tmp_path: Path, app: FastAPI, clock: FakeClock) -> Phone:
    """A worker of a village to whose roster the county has put `person-1`."""
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(clerk.add_person("person-1", village="331121209200", hamlet="上坞"))
    return Phone(tmp_path / "first", app, clock, "village")


def test_a_photo_saved_offline_is_proven_by_a_receipt_that_anyone_can_check(phone: Phone) -> None:
    visit = phone.save(PHOTO)
    assert phone.state_of(visit) is PhotoState.KEPT
    phone.sync()
    phone.send_photos()
    assert phone.state_of(visit) is PhotoState.PROVEN
    (receipt,) = phone.store.db.execute("SELECT proof FROM photo_files").fetchone()

    async def key(client: SyncClient) -> object:
        return (await client._http.get("/v1/photos/key")).json()

    said = read_receipt(receipt, phone.run(key)["key"])
    assert said is not None
    assert (said["sha256"], said["size"]) == (hashlib.sha256(PHOTO).hexdigest(), len(PHOTO))


def test_the_record_of_a_photo_is_accepted_and_reaches_a_colleague_before_its_bytes(
    phone: Phone, tmp_path: Path, app: FastAPI, clock: FakeClock
) -> None:
    visit = phone.save(PHOTO)
    phone.sync()
    assert totals(phone.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    assert phone.state_of(visit) is PhotoState.KEPT
    second = Phone(tmp_path / "second", app, clock, "colleague")
    (theirs,) = heads.read_all(Photo, heads.values_of(second.store, "photo"))
    (mine,) = photos.photos_about(phone.store, visit)
    assert theirs == mine.photo
    (record,) = [view.record for view in photos.photos_about(phone.store, visit)]
    photos.remove_photo(phone.store, record)
    phone.sync()
    second.sync()
    assert heads.read_all(Photo, heads.values_of(second.store, "photo")) == []
    assert photo_files.next_upload(phone.store) is None


def test_cut_before_any_request_of_an_upload_it_goes_on_and_at_most_a_chunk_goes_twice(phone: Phone) -> None:
    visit = phone.save(PHOTO)
    phone.sync()
    sent_bytes = 0
    for number in range(50):
        phone.asked.clear()

        def cut(request: httpx.Request, number: int = number) -> None:
            if len(phone.asked) > number % 3:
                raise httpx.ReadError("cut", request=request)

        phone.cut = cut
        with suppress(Died):
            phone.send_photos()
        sent_bytes += sum(size for _, size in phone.asked)
        if phone.state_of(visit) is PhotoState.PROVEN:
            break
    assert phone.state_of(visit) is PhotoState.PROVEN
    assert sent_bytes == len(PHOTO)


def test_what_a_colleague_has_sent_is_sent_anew_since_a_known_hash_opens_nothing(
    phone: Phone, tmp_path: Path, app: FastAPI, clock: FakeClock
) -> None:
    phone.save(PHOTO)
    phone.sync()
    phone.send_photos()
    second = Phone(tmp_path / "second", app, clock, "colleague")
    visit = second.save(PHOTO)
    second.sync()
    second.asked.clear()
    second.send_photos()
    assert second.state_of(visit) is PhotoState.PROVEN
    assert sum(size for _, size in second.asked) == len(PHOTO)


def test_a_file_that_is_no_photo_is_refused_in_words_and_stays(phone: Phone) -> None:
    visit = phone.save(b"this is no photo at all" * 100)
    phone.sync()
    phone.send_photos()
    (view,) = photos.photos_about(phone.store, visit)
    assert view.state is PhotoState.REFUSED
    assert view.problem == "这个文件不是照片也不是视频，没有收下。请重新拍一张，或另选一张照片。"
    assert view.is_here
