"""Photos are sent after the records, byte by byte resumed, and proven by the server's receipt (P9)."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

import httpx
import pytest

from app.device.ports import NetworkKind
from app.store import photo_files, photos
from app.store.inbox import apply_page
from app.store.photo_files import KeptFile
from app.store.photos import NewPhoto, PhotoState
from app.store.prefs import set_pref
from app.store.records import totals
from app.store.retention import RETENTION_MS
from app.store.store import Store
from app.store.visits import record_visit
from app.sync.client import SyncClient
from app.sync.loop import IDLE_S, SyncLoop
from app.sync.status import PhotoStatus, SyncStatus
from app.sync.uploads import ASKED_EVERY_MS, LARGEST_CHUNK, WIFI_ONLY
from tests.fakes import (
    NOON,
    FakeClock,
    FakeNetwork,
    FakeServer,
    FakeSleep,
    answer_of,
    seeded_entropy,
    settled,
    visit_to,
)
from tests.photo_server import MemoryBlobs, PhotoServer, receipt_of

PHOTO = seeded_entropy(9)(300_000)
NAME = hashlib.sha256(PHOTO).hexdigest()


@dataclass
class Phone:
    """A running loop with photos, and everything around it."""

    store: Store
    server: FakeServer
    photos: PhotoServer
    blobs: MemoryBlobs
    clock: FakeClock
    network: FakeNetwork
    sleep: FakeSleep
    loop: SyncLoop
    seen: list[SyncStatus] = field(default_factory=list)

    async def save(self, *contents: bytes) -> str:
        """Keep photos and save a visit with them; the loop is woken and comes to rest."""
        new = []
        for content in contents:
            file = KeptFile(hashlib.sha256(content).hexdigest(), len(content), "image/jpeg", 4, 3)
            await self.blobs.put(file.sha256, content)
            photo_files.note_file(self.store, file)
            new.append(NewPhoto(file, "SCENE", datetime.fromtimestamp(NOON / 1000, UTC)))
        visit = record_visit(self.store, visit_to("person-1", photos=tuple(new)))
        self.loop.wake("save")
        await settled(200)
        return visit

    def states(self, visit: str) -> list[tuple[PhotoState, int]]:
        return [(view.state, view.sent_bytes) for view in photos.photos_about(self.store, visit)]


@pytest.fixture
def play(
    store: Store, server: FakeServer, clock: FakeClock
) -> Callable[[Callable[[Phone], Awaitable[None]], NetworkKind], None]:
    """Play a scene while the loop runs."""

    async def run(scene: Callable[[Phone], Awaitable[None]], kind: NetworkKind) -> None:
        photo_server, blobs = PhotoServer(), MemoryBlobs()
        server.photos = photo_server.handle
        network, sleep = FakeNetwork(kind=kind), FakeSleep(clock)
        loop = SyncLoop(
            store,
            lambda account: SyncClient(server.client(), account.token),
            network,
            random=Random(7),
            now_ms=clock,
            sleep=sleep,
            blobs=blobs,
        )
        phone = Phone(store, server, photo_server, blobs, clock, network, sleep, loop)
        loop.on_status(phone.seen.append)
        task = asyncio.create_task(loop.run())
        await settled()
        try:
            await scene(phone)
            assert not task.done(), "the loop must go on whatever happens"
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def start(scene: Callable[[Phone], Awaitable[None]], kind: NetworkKind = "wifi") -> None:
        asyncio.run(run(scene, kind))

    return start


Play = Callable[..., None]


def test_a_photo_goes_after_its_record_in_chunks_and_is_proven(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        assert phone.photos.proven.keys() == {NAME}
        assert phone.photos.pieces == [65_536, 131_072, 300_000 - 196_608]
        assert max(phone.photos.pieces) <= LARGEST_CHUNK
        assert totals(phone.store).received == 1
        assert (phone.loop.status.phase, phone.loop.status.photos) == ("idle", PhotoStatus("idle"))
        shown = [s.photos for s in phone.seen if s.photos.phase == "sending"]
        assert [(p.sent_bytes, p.all_bytes) for p in shown] == [
            (0, 300_000), (65_536, 300_000), (196_608, 300_000)
        ]  # fmt: skip

    play(scene)


def test_it_goes_on_at_the_byte_where_it_broke_off(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        breaks = iter([False, True])

        def break_off(request: httpx.Request) -> None:
            if request.method == "PATCH" and next(breaks, False):
                raise httpx.ReadError("cut", request=request)

        phone.photos.before_take = break_off
        visit = await phone.save(PHOTO)
        assert phone.states(visit) == [(PhotoState.SENDING, 196_608)]
        assert phone.loop.status.phase == "idle"  # the record is safe, whatever befalls the photo
        assert phone.loop.status.photos.phase == "failed"
        phone.sleep.let_pass(10)
        await settled(200)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        assert phone.photos.taken_bytes == len(PHOTO)  # nothing arrived twice

    play(scene)


def test_an_answer_that_got_lost_costs_a_question_and_no_bytes(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        losses = iter([True] * 5)

        def lose(request: httpx.Request) -> None:
            if request.method == "PATCH" and next(losses, False):
                raise httpx.ReadError("the answer never came", request=request)

        phone.photos.before_answer = lose
        visit = await phone.save(PHOTO)
        for _ in range(6):
            phone.sleep.let_pass(200)
            await settled(200)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        assert phone.photos.taken_bytes == len(PHOTO)
        assert ("POST", len(f'{{"sha256":["{NAME}"]}}')) in phone.photos.log

    play(scene)


def test_what_the_server_has_already_is_not_sent_again(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        await phone.save(PHOTO)
        taken = phone.photos.taken_bytes
        second = await phone.save(PHOTO)
        assert phone.states(second) == [(PhotoState.PROVEN, len(PHOTO))]
        assert phone.photos.taken_bytes == taken

    play(scene)


def test_small_ones_go_first(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        small = b"small" * 100
        await phone.save(PHOTO, small)
        assert phone.photos.pieces == [len(small), 65_536, 131_072, 300_000 - 196_608]

    play(scene)


def test_a_visit_saved_while_a_photo_is_stuck_goes_at_once_and_the_photo_afterwards(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        phone.photos.before_take = lambda r: httpx.Response(503) if r.method == "PATCH" else None
        visit = await phone.save(PHOTO)
        await phone.save()
        assert totals(phone.store).received == 2
        assert phone.states(visit) == [(PhotoState.SENDING, 65_536)]
        phone.photos.before_take = lambda _: None
        await phone.save()
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]

    play(scene)


def test_on_a_network_that_costs_photos_wait_for_wifi_until_asked_by_hand(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        assert (phone.photos.log, phone.loop.status.photos) == ([], PhotoStatus("held"))
        assert totals(phone.store).received == 1
        phone.loop.wake("photos")
        await settled(200)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        later = await phone.save(PHOTO[::-1])
        assert phone.states(later) == [(PhotoState.KEPT, 0)]  # asked once, not for ever

    play(scene, "cellular")


def test_on_a_network_of_unknown_kind_photos_wait_and_that_is_said(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        held = PhotoStatus("held", is_kind_known=False)
        assert (phone.photos.log, phone.loop.status.photos) == ([], held)
        set_pref(phone.store, WIFI_ONLY, False)
        phone.loop.wake("save")
        await settled(200)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]

    play(scene, "unknown")


def test_what_was_asked_for_by_hand_goes_when_it_can_and_nothing_that_was_taken_later(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        phone.photos.before_take = lambda _: httpx.Response(503)
        phone.loop.wake("photos")
        await settled(200)
        assert phone.loop.status.photos.phase == "failed"
        phone.photos.before_take = lambda _: None
        later = await phone.save(PHOTO[::-1])
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        assert phone.states(later) == [(PhotoState.KEPT, 0)]
        assert phone.loop.status.photos == PhotoStatus("held")

    play(scene, "cellular")


def test_on_wifi_or_with_the_switch_off_they_go_by_themselves(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        phone.network.cost = "wifi"
        phone.network.comes_back()
        await settled(200)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        phone.network.cost = "cellular"
        set_pref(phone.store, WIFI_ONLY, False)
        later = await phone.save(PHOTO[::-1])
        assert phone.states(later) == [(PhotoState.PROVEN, len(PHOTO))]

    play(scene, "cellular")


def test_a_photo_that_the_server_does_not_take_holds_up_no_other(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        small = b"not a photo"

        def refuse(request: httpx.Request) -> httpx.Response | None:
            if request.headers.get("upload-length") == str(len(small)):
                return httpx.Response(413, json={"sentence": "照片太大，最多 2 MB。"})
            return None

        phone.photos.before_take = refuse
        visit = await phone.save(small, PHOTO)
        views = photos.photos_about(phone.store, visit)
        assert [(view.state, view.problem) for view in views] == [
            (PhotoState.REFUSED, "照片太大，最多 2 MB。"),
            (PhotoState.PROVEN, ""),
        ]

    play(scene)


def test_a_file_that_was_damaged_on_the_phone_is_never_called_proven(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        phone.photos.before_take = lambda _: httpx.Response(503)
        visit = await phone.save(PHOTO)
        phone.blobs.kept[NAME] = PHOTO[:-1] + b"?"
        phone.photos.before_take = lambda _: None
        await phone.save()
        (view,) = photos.photos_about(phone.store, visit)
        assert (view.state, view.problem) == (PhotoState.REFUSED, "这张照片的文件在本机坏了，市里没有收。")

    play(scene)


def test_a_photo_with_which_something_is_wrong_holds_up_no_other(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        odd, large = b"odd" * 10, PHOTO + PHOTO

        def lie(request: httpx.Request) -> httpx.Response | None:
            is_odd = request.headers.get("upload-length") == str(len(odd))
            return httpx.Response(201) if is_odd else None

        phone.photos.before_take = lie
        visit = await phone.save(odd, large)
        assert [state for state, _ in phone.states(visit)] == [PhotoState.KEPT, PhotoState.PROVEN]
        assert phone.loop.status.photos.error == "服务器没有说照片传到哪里，稍后会再试。"

    play(scene)


def test_over_a_link_that_breaks_after_20_kilobytes_a_photo_still_arrives(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        def break_off(request: httpx.Request) -> None:
            if len(request.content) > 20_000:
                raise httpx.WriteError("cut", request=request)

        phone.photos.before_take = break_off
        visit = await phone.save(PHOTO)
        for _ in range(3):
            phone.sleep.let_pass(20)
            await settled(400)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]

    play(scene)


def test_many_photos_take_one_question_and_one_request_each_where_they_are_small(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        many = [seeded_entropy(n)(20_000) for n in range(30)]
        await phone.save(*many)
        assert len(phone.photos.proven) == 30
        assert [method for method, _ in phone.photos.log] == ["POST"] * 31

    play(scene)


def test_a_receipt_for_something_else_proves_nothing(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        phone.photos.proven[NAME] = receipt_of(hashlib.sha256(b"another").hexdigest(), len(PHOTO))
        visit = await phone.save(PHOTO)
        assert [state for state, _ in phone.states(visit)] == [PhotoState.SENDING]
        assert phone.loop.status.photos.error == "服务器给的照片凭证对不上，稍后会再试。照片在本机。"

    play(scene)


def test_a_restored_server_is_asked_for_its_proofs_and_sent_what_it_lost(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        phone.photos.lose_everything()
        phone.server.epoch = "e2"
        phone.loop.wake("hand")
        await settled(200)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        assert phone.photos.proven.keys() == {NAME}
        assert phone.photos.taken_bytes == 2 * len(PHOTO)

    play(scene)


def test_a_proven_photo_is_cleared_after_the_days_and_its_receipt_stays(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        phone.clock.go_on(ms=RETENTION_MS)
        phone.loop.wake("hand")
        await settled(200)
        (view,) = photos.photos_about(phone.store, visit)
        assert (view.state, view.is_here, phone.blobs.kept) == (PhotoState.PROVEN, False, {})
        (proof,) = phone.store.db.execute("SELECT proof FROM photo_files").fetchone()
        assert proof == phone.photos.proven[NAME]

    play(scene)


def test_a_photo_that_the_server_has_lost_is_sent_again_and_never_cleared_by_an_old_proof(
    play: Play,
) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        phone.photos.lose_everything()
        phone.clock.go_on(ms=RETENTION_MS)
        phone.loop.wake("hand")
        await settled(200)
        (view,) = photos.photos_about(phone.store, visit)
        assert (view.state, view.is_here, list(phone.blobs.kept)) == (PhotoState.PROVEN, True, [NAME])
        assert phone.photos.proven.keys() == {NAME}

    play(scene)


def test_once_a_day_the_server_is_asked_of_what_is_held_and_sent_what_it_lost(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        visit = await phone.save(PHOTO)
        phone.photos.lose_everything()
        asked = len(phone.photos.log)
        phone.loop.wake("hand")
        await settled(200)
        assert len(phone.photos.log) == asked
        phone.clock.go_on(ms=ASKED_EVERY_MS)
        phone.loop.wake("hand")
        await settled(200)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        assert phone.photos.proven.keys() == {NAME}

    play(scene)


def test_a_picture_taken_again_after_it_was_cleared_is_asked_for_before_it_is_called_proven(
    play: Play,
) -> None:
    async def scene(phone: Phone) -> None:
        await phone.save(PHOTO)
        phone.clock.go_on(ms=RETENTION_MS)
        phone.loop.wake("hand")
        await settled(200)
        assert phone.blobs.kept == {}
        phone.photos.lose_everything()
        visit = await phone.save(PHOTO)
        assert phone.states(visit) == [(PhotoState.PROVEN, len(PHOTO))]
        assert (list(phone.blobs.kept), phone.photos.proven.keys()) == ([NAME], {NAME})

    play(scene)


def test_a_photo_that_keeps_failing_keeps_no_other_from_being_cleared(play: Play) -> None:
    async def scene(phone: Phone) -> None:
        await phone.save(PHOTO)
        phone.photos.before_take = lambda r: None if r.url.path.endswith("proofs") else httpx.Response(503)
        await phone.save(b"another")
        phone.clock.go_on(ms=RETENTION_MS)
        phone.loop.wake("hand")
        await settled(200)
        assert list(phone.blobs.kept) == [hashlib.sha256(b"another").hexdigest()]

    play(scene)


def test_between_two_syncs_nothing_is_asked_about_photos(play: Play, store: Store) -> None:
    async def scene(phone: Phone) -> None:
        await phone.save(PHOTO)
        asked = len(phone.photos.log)
        phone.sleep.let_pass(IDLE_S)
        await settled(200)
        assert len(phone.photos.log) == asked

    apply_page(store, "phone-1", answer_of())
    play(scene)
