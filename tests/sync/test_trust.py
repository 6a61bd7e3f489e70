"""Background sync that people can trust: when it starts, that it blocks nothing, and what it says after."""

import asyncio
from pathlib import Path
from random import Random

import httpx
import pytest

from app.domain.wire import Receipt
from app.store import outbox
from app.store.account import keep_sign_in, mark_session_expired
from app.store.people import edit_person
from app.store.records import totals
from app.store.results import SyncResult, last_result
from app.store.retention import RETENTION_MS
from app.store.store import Store, open_store
from app.store.visits import record_visit, undo_visit, visits_of
from app.sync.client import SyncClient
from app.sync.loop import IDLE_S, SyncLoop
from app.sync.status import Progress
from tests.fakes import (
    NOON,
    OTHER_VILLAGE,
    FakeClock,
    FakeNetwork,
    FakeServer,
    head_of,
    person,
    settled,
    sign_in_answer,
    visit_to,
)
from tests.sync.test_loop import Phone, run


def test_coming_back_to_the_app_syncs_at_once(store: Store, server: FakeServer, clock: FakeClock) -> None:
    async def scene(phone: Phone) -> None:
        phone.network.resumes()
        await settled()
        assert len(server.batches) == 2

    run(store, server, clock, scene)


def test_a_save_does_not_wait_for_a_request_that_hangs(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    async def scene(phone: Phone) -> None:
        server.hold = asyncio.Event()
        phone.loop.wake("hand")
        await settled()
        assert phone.loop.status.phase == "sending"
        record_visit(store, visit_to("person-1"))
        phone.loop.wake("save")
        await settled()
        assert (totals(store).saved, len(server.batches)) == (1, 1)
        server.hold.set()
        await settled()
        assert (totals(store).received, phone.loop.status.phase) == (1, "idle")

    run(store, server, clock, scene)


def test_there_is_one_sync_at_a_time_however_often_it_is_asked_for(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    at_once: list[int] = []

    async def scene(phone: Phone) -> None:
        under_way = 0
        answer = server._answer

        async def counted(request: httpx.Request) -> httpx.Response:
            nonlocal under_way
            under_way += 1
            at_once.append(under_way)
            await asyncio.sleep(0)
            response = await answer(request)
            under_way -= 1
            return response

        server._answer = counted  # type: ignore[method-assign]
        keep_sign_in(store, sign_in_answer(device="phone-2"), "https://server.test")
        for reason in ("save", "online", "resume", "hand"):
            phone.loop.wake(reason)
            await phone.loop.run()  # one runs already: this returns at once
        await settled()
        assert at_once == [1]

    run(store, server, clock, scene)


def test_the_last_result_counts_what_was_received_and_what_was_not(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    for number in range(13):
        record_visit(store, visit_to("person-1", cash_fen=500_000 if number == 4 else 0))
    edit_person(store, "person-1", {"hamlet": "上坞"})
    server.refuse = lambda change: (
        Receipt(seq=change.seq, status="quarantined", code="over_limit", message="慰问金超过上限。")
        if change.fields.get("cash_fen")
        else None
    )

    async def scene(phone: Phone) -> None:
        assert last_result(store) == SyncResult(at_ms=NOON, visits=12, refused=1, others=1)
        phone.sleep.let_pass(IDLE_S)
        await settled()
        assert last_result(store) == SyncResult(at_ms=NOON, visits=12, refused=1, others=1)

    run(store, server, clock, scene)


def test_the_last_result_of_a_sync_cut_short_says_what_is_left_and_why_also_after_a_restart(
    store: Store, server: FakeServer, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH_CHANGES", 2)
    for _ in range(5):
        record_visit(store, visit_to("person-1"))
    server.before_take = lambda _: httpx.Response(503) if len(server.batches) == 2 else None
    cut = SyncResult(at_ms=NOON, visits=4, left=1, failure="no_answer")

    async def scene(phone: Phone) -> None:
        assert last_result(store) == cut
        again = open_store(tmp_path / "phone.db", now_ms=clock)
        assert last_result(again) == cut
        again.close()
        server.before_take = lambda _: None
        phone.loop.wake("hand")
        await settled()
        assert last_result(store) == SyncResult(at_ms=NOON, visits=1)

    run(store, server, clock, scene)


def test_once_it_answers_again_an_old_failure_is_not_said_any_more(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.before_take = lambda _: httpx.Response(503)

    async def scene(phone: Phone) -> None:
        assert last_result(store) == SyncResult(at_ms=NOON, failure="no_answer")
        server.before_take = lambda _: None
        phone.loop.wake("hand")
        await settled()
        assert last_result(store) == SyncResult(at_ms=NOON)

    run(store, server, clock, scene)


def test_an_undo_counts_as_a_change_and_not_as_a_visit(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    visit = record_visit(store, visit_to("person-1"))

    async def scene(phone: Phone) -> None:
        undo_visit(store, visit)
        phone.loop.wake("save")
        await settled()
        assert last_result(store) == SyncResult(at_ms=NOON, others=1)

    run(store, server, clock, scene)


def test_progress_counts_records_and_bytes_both_ways(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    (size_bytes,) = store.db.execute("SELECT size_bytes FROM outbox").fetchone()
    server.feed = [head_of(person("person-2")), head_of(person("person-3"))]

    async def scene(phone: Phone) -> None:
        first, last = [status.progress for status in phone.seen if status.progress is not None]
        assert first == Progress(changes=1, changes_bytes=size_bytes)
        assert last == Progress(
            answered=1,
            changes=1,
            answered_bytes=size_bytes,
            changes_bytes=size_bytes,
            rows=2,
            rows_bytes=last.rows_bytes,
            visits=1,
        )
        assert last.rows_bytes > 100

    run(store, server, clock, scene)


def test_the_session_of_a_colleague_carries_the_work_of_one_whose_own_has_ended(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    mark_session_expired(store)
    account = {"id": "worker-2", "name": "吴桐", "role": "RECORDER"}
    answer = {**sign_in_answer(device="phone-1", villages=[OTHER_VILLAGE]), "account": account}
    keep_sign_in(store, answer, "https://server.test")

    async def scene(phone: Phone) -> None:
        assert [change.actor for change in server.batches[0].changes] == ["worker-1"]
        assert (phone.loop.status.phase, outbox.waiting(store).changes) == ("idle", 0)

    run(store, server, clock, scene)


def test_a_token_expired_while_offline_stops_nothing_and_the_work_goes_after_the_next_sign_in(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    async def scene(phone: Phone) -> None:
        record_visit(store, visit_to("person-1"))
        server.before_take = lambda _: httpx.Response(401, json={"sentence": "请重新登录。"})
        phone.network.comes_back()
        await settled()
        kept = record_visit(store, visit_to("person-1"))
        undo_visit(store, kept)
        assert (phone.loop.status.phase, outbox.waiting(store).changes) == ("signed_out", 3)
        assert last_result(store) == SyncResult(at_ms=NOON, left=1, failure="signed_out")
        server.before_take = lambda _: None
        keep_sign_in(store, sign_in_answer(), "https://server.test")
        phone.loop.wake("sign-in")
        await settled()
        assert (phone.loop.status.phase, totals(store).received) == ("idle", 2)

    run(store, server, clock, scene, is_online=False)


def test_only_a_sync_that_proves_both_ends_equal_clears_what_is_old(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    (made,) = [head_of(view.visit) for view in visits_of(store, "person-1")]
    server.feed = [made]

    def kept() -> int:
        return store.db.execute("SELECT COUNT(*) FROM outbox WHERE is_cleared = 0").fetchone()[0]

    async def scene(phone: Phone) -> None:
        clock.go_on(ms=RETENTION_MS)
        # Nothing to compare with; different, so healed, which is no proof yet; then equal.
        for held, left in ((None, 1), ([made], 1), ([made], 0)):
            server.held = held
            phone.loop.wake("hand")
            await settled()
            assert kept() == left

    run(store, server, clock, scene)


def test_a_full_disk_that_swallows_the_result_too_does_not_end_the_loop(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.feed = [head_of(person(f"p{n}", note="长" * 1000)) for n in range(200)]
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    async def scene(phone: Phone) -> None:
        assert "已存的记录都在" in str(phone.loop.status.error)
        store.db.execute("PRAGMA max_page_count = 100000").fetchone()
        phone.loop.wake("hand")
        await settled()
        assert phone.loop.status.phase == "idle"

    run(store, server, clock, scene)


def test_a_loop_that_was_ended_can_begin_again(store: Store, server: FakeServer, clock: FakeClock) -> None:
    async def body() -> None:
        make = lambda account: SyncClient(server.client(), account.token)  # noqa: E731
        loop = SyncLoop(store, make, FakeNetwork(), random=Random(1), now_ms=clock)
        for _ in range(2):
            task = asyncio.create_task(loop.run())
            await settled()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert len(server.batches) == 2

    asyncio.run(body())
