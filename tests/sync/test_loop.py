import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import httpx
import pytest

from app.domain.wire import decode_request
from app.store import outbox
from app.store.account import is_session_expired, keep_sign_in
from app.store.index import people_index
from app.store.outbox import Waiting
from app.store.records import totals
from app.store.store import Store, open_store
from app.store.visits import record_visit
from app.sync.client import SyncClient
from app.sync.loop import IDLE_S, LONGEST_RETRY_S, SyncLoop
from app.sync.status import SyncStatus
from tests.fakes import (
    NOON,
    FakeClock,
    FakeNetwork,
    FakeServer,
    FakeSleep,
    head_of,
    person,
    settled,
    sign_in_answer,
    visit_to,
)


@dataclass
class Phone:
    """A running loop and everything around it."""

    store: Store
    server: FakeServer
    clock: FakeClock
    network: FakeNetwork
    sleep: FakeSleep
    loop: SyncLoop
    seen: list[SyncStatus] = field(default_factory=list)

    @property
    def phases(self) -> list[str]:
        return [status.phase for status in self.seen]


def run(
    store: Store,
    server: FakeServer,
    clock: FakeClock,
    scene: Callable[[Phone], Awaitable[None]],
    *,
    is_online: bool = True,
) -> None:
    """Play `scene` while the loop runs; the loop is ended afterwards, as it is when the app goes."""

    async def play() -> None:
        network, sleep = FakeNetwork(is_online=is_online), FakeSleep(clock)
        loop = SyncLoop(
            store,
            lambda account: SyncClient(server.client(), account.token),
            network,
            random=Random(7),
            now_ms=clock,
            sleep=sleep,
        )
        phone = Phone(store, server, clock, network, sleep, loop)
        loop.on_status(phone.seen.append)
        task = asyncio.create_task(loop.run())
        await settled()
        try:
            await scene(phone)
            assert not task.done(), "the loop must go on whatever happens"
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())


def test_it_syncs_at_the_start_and_then_waits(store: Store, server: FakeServer, clock: FakeClock) -> None:
    async def scene(phone: Phone) -> None:
        assert (len(server.batches), phone.phases[-1], phone.sleep.asked) == (1, "idle", [IDLE_S])
        assert phone.loop.status == SyncStatus(
            phase="idle", last_contact_ms=NOON, next_try_ms=NOON + int(IDLE_S * 1000), clock_offset_ms=0
        )

    run(store, server, clock, scene)


def test_a_save_is_sent_as_soon_as_it_wakes_the_loop(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    async def scene(phone: Phone) -> None:
        record_visit(store, visit_to("person-1"))
        phone.loop.wake("save")
        await settled()
        assert totals(store).received == 1

    run(store, server, clock, scene)


def test_time_alone_brings_what_others_did(store: Store, server: FakeServer, clock: FakeClock) -> None:
    async def scene(phone: Phone) -> None:
        phone.sleep.let_pass(IDLE_S - 1)
        await settled()
        assert len(server.batches) == 1
        phone.sleep.let_pass(1)
        await settled()
        assert len(server.batches) == 2

    run(store, server, clock, scene)


def test_without_a_network_nothing_is_tried_until_one_appears(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    async def scene(phone: Phone) -> None:
        record_visit(store, visit_to("person-1"))
        phone.loop.wake("save")
        await settled()
        assert (server.batches, phone.loop.status.phase) == ([], "offline")
        phone.network.comes_back()
        await settled()
        assert (totals(store).received, phone.loop.status.phase) == (1, "idle")

    run(store, server, clock, scene, is_online=False)


def test_what_an_ended_process_was_sending_is_only_saved_when_the_app_starts_again_without_a_network(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    outbox.mark_sent(store, outbox.next_batch(store, "phone-1"))

    async def scene(phone: Phone) -> None:
        assert outbox.waiting(phone.store) == Waiting(saved=1, sent=0)
        assert server.batches == []

    run(store, server, clock, scene, is_online=False)


def test_by_hand_it_is_tried_though_the_device_sees_no_network(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    async def scene(phone: Phone) -> None:
        phone.loop.wake("hand")
        await settled()
        assert (len(server.batches), phone.loop.status.phase) == (1, "idle")

    run(store, server, clock, scene, is_online=False)


def test_waits_after_failures_grow_with_jitter_up_to_a_bound(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.before_take = lambda _: httpx.Response(503)

    async def scene(phone: Phone) -> None:
        for _ in range(11):
            phone.sleep.let_pass(LONGEST_RETRY_S)
            await settled()
        waits = phone.sleep.asked
        assert len(waits) == 12
        for number, wait in enumerate(waits):
            longest = min(LONGEST_RETRY_S, 5 * 2**number)
            assert longest / 2 <= wait <= longest
        assert len(set(waits)) == len(waits)
        assert phone.loop.status.phase == "no_answer"

    run(store, server, clock, scene)


def test_a_success_forgets_the_failures_before_it(store: Store, server: FakeServer, clock: FakeClock) -> None:
    server.before_take = lambda _: httpx.Response(503)

    async def scene(phone: Phone) -> None:
        for _ in range(5):
            phone.sleep.let_pass(LONGEST_RETRY_S)
            await settled()
        server.before_take = lambda _: None
        phone.sleep.let_pass(LONGEST_RETRY_S)
        await settled()
        assert (phone.loop.status.error, phone.sleep.asked[-1]) == (None, IDLE_S)
        server.before_take = lambda _: httpx.Response(503)
        phone.sleep.let_pass(IDLE_S)
        await settled()
        assert phone.sleep.asked[-1] <= 5

    run(store, server, clock, scene)


def test_a_wake_during_a_sync_runs_another_after_it(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    async def scene(phone: Phone) -> None:
        server.before_answer = lambda _: phone.loop.wake("save") if len(server.batches) == 2 else None  # type: ignore[func-returns-value]
        phone.loop.wake("hand")
        await settled()
        assert len(server.batches) == 3

    run(store, server, clock, scene)


def test_an_expired_session_stops_sending_keeps_the_work_and_goes_on_after_a_sign_in(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.before_take = lambda _: httpx.Response(401, json={"sentence": "请重新登录。"})

    async def scene(phone: Phone) -> None:
        assert (phone.loop.status.phase, phone.loop.status.error) == ("signed_out", "请重新登录。")
        assert is_session_expired(store)
        record_visit(store, visit_to("person-1"))
        tries = len(phone.sleep.asked)
        phone.loop.wake("save")
        await settled()
        assert (outbox.waiting(store).saved, len(phone.sleep.asked)) == (1, tries + 1)
        server.before_take = lambda _: None
        keep_sign_in(store, sign_in_answer(device="phone-2"), "https://server.test")
        phone.loop.wake("sign-in")
        await settled()
        assert (totals(store).received, phone.loop.status.phase) == (1, "idle")
        assert server.batches[-1].header.device == "phone-2"

    run(store, server, clock, scene)


@pytest.mark.parametrize(
    ("response", "phase"),
    [
        pytest.param(httpx.Response(426, json={"sentence": "请更新软件。"}), "old_app", id="426"),
        pytest.param(
            httpx.Response(426, json={"sentence": "请更新软件。", "supported": [0]}), "old_server", id="older"
        ),
        pytest.param(
            httpx.Response(426, json={"sentence": "请更新软件。", "supported": [98, 99]}),
            "old_app",
            id="newer",
        ),
        pytest.param(httpx.Response(503), "no_answer", id="503"),
        pytest.param(httpx.Response(400, json={"sentence": "读不懂。"}), "no_answer", id="400"),
        pytest.param(httpx.Response(200, text="welcome to the hotel"), "no_answer", id="not our server"),
    ],
)
def test_after_any_refusal_recording_and_the_loop_go_on(
    store: Store, server: FakeServer, clock: FakeClock, response: httpx.Response, phase: str
) -> None:
    server.before_take = lambda _: response

    async def scene(phone: Phone) -> None:
        assert phone.loop.status.phase == phase
        assert phone.loop.status.error
        record_visit(store, visit_to("person-1"))
        server.before_take = lambda _: None
        phone.loop.wake("hand")
        await settled()
        assert (totals(store).received, phone.loop.status.phase) == (1, "idle")

    run(store, server, clock, scene)


def test_an_older_server_is_not_said_to_be_an_older_phone(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    refusal = {"sentence": "请更新软件。", "supported": [0]}
    server.before_take = lambda _: httpx.Response(426, json=refusal)

    async def scene(phone: Phone) -> None:
        assert phone.loop.status.error is not None
        assert "更新软件" not in phone.loop.status.error
        assert "服务器还没升级" in phone.loop.status.error

    run(store, server, clock, scene)


def test_after_a_day_with_an_older_server_the_phones_own_protocol_is_tried_again(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    refused: list[int] = []

    def older(request: httpx.Request) -> httpx.Response | None:
        protocol = decode_request(gzip.decompress(request.content)).header.protocol
        if protocol == 1:
            return None
        refused.append(protocol)
        return httpx.Response(426, json={"sentence": "请更新软件。", "supported": [0, 1]})

    async def scene(phone: Phone) -> None:
        for days in (0.9, 0.2, 0.0):
            clock.go_on(days=days)
            phone.loop.wake("hand")
            await settled()
        assert (refused, [batch.header.protocol for batch in server.batches]) == ([2, 2], [1] * 4)
        server.before_take = lambda _: None
        clock.go_on(days=1)
        phone.loop.wake("hand")
        await settled()
        assert server.batches[-1].header.protocol == 2

    server.before_take = older
    run(store, server, clock, scene)


def test_a_fault_of_our_own_does_not_end_the_loop(store: Store, server: FakeServer, clock: FakeClock) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise RuntimeError("a bug")

    server.before_take = fail

    async def scene(phone: Phone) -> None:
        assert (phone.loop.status.phase, "记录都在本机" in str(phone.loop.status.error)) == (
            "no_answer",
            True,
        )

    run(store, server, clock, scene)


def test_a_full_disk_while_receiving_says_that_what_was_saved_is_safe(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.feed = [head_of(person(f"p{n}", note="长" * 1000)) for n in range(200)]
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone()

    async def scene(phone: Phone) -> None:
        assert "已存的记录都在" in str(phone.loop.status.error)
        store.db.execute("PRAGMA max_page_count = 100000").fetchone()
        phone.loop.wake("hand")
        await settled()
        assert (phone.loop.status.phase, people_index(store).progress().due) == ("idle", 201)

    run(store, server, clock, scene)


def test_before_the_first_sign_in_it_waits_for_one(server: FakeServer, clock: FakeClock) -> None:
    store = open_store(":memory:", now_ms=clock)

    async def scene(phone: Phone) -> None:
        assert (phone.loop.status.phase, server.batches) == ("signed_out", [])
        keep_sign_in(store, sign_in_answer(), "https://server.test")
        phone.loop.wake("sign-in")
        await settled()
        assert (phone.loop.status.phase, len(server.batches)) == ("idle", 1)

    run(store, server, clock, scene)


def test_status_says_how_many_of_how_many_are_answered(
    store: Store, server: FakeServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH_CHANGES", 50)
    for _ in range(51):
        record_visit(store, visit_to("person-1"))

    async def scene(phone: Phone) -> None:
        await settled()
        sending = [status.sent_of for status in phone.seen if status.phase == "sending"]
        assert (sending, phone.loop.status.sent_of) == ([(0, 51), (50, 51), (51, 51)], None)

    run(store, server, clock, scene)


def test_a_watch_that_stopped_hears_nothing_more(store: Store, server: FakeServer, clock: FakeClock) -> None:
    async def scene(phone: Phone) -> None:
        heard: list[SyncStatus] = []
        stop = phone.loop.on_status(heard.append)
        stop()
        stop()
        phone.loop.wake("hand")
        await settled()
        assert heard == []

    run(store, server, clock, scene)
