import asyncio
import gzip

import httpx
import pytest

from app.domain.errors import NotSignedIn, Unavailable, Unreachable, WireError
from app.domain.wire import Receipt
from app.store import outbox
from app.store.inbox import feed_state
from app.store.outbox import RecordState, Waiting
from app.store.people import person_view
from app.store.records import Totals, totals
from app.store.store import Store
from app.store.visits import record_visit, undo_visit, visits_of
from app.sync.client import SyncClient
from app.sync.engine import SyncOutcome, sync_once
from app.sync.status import Progress
from tests.fakes import NOON, FakeClock, FakeServer, head_of, person, visit_to


def sync(store: Store, server: FakeServer, clock: FakeClock) -> SyncOutcome:
    return asyncio.run(sync_once(store, SyncClient(server.client(), "token"), now_ms=clock))


def seqs(server: FakeServer) -> list[list[int]]:
    return [[change.seq for change in batch.changes] for batch in server.batches]


def test_what_waits_goes_up_and_what_is_new_comes_down_in_one_request(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    server.feed = [head_of(person("person-2"))]
    outcome = sync(store, server, clock)
    assert outcome == SyncOutcome(answered=1, rows=1, requests=1, clock_offset_ms=0)
    assert totals(store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    assert person_view(store, "person-2").person == person("person-2")
    assert visits_of(store, "person-1")[0].receipt == "REF00001"


def test_more_rows_are_pulled_at_once_page_by_page(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.feed = [head_of(person(f"p{n}")) for n in range(25)]
    server.page_rows = 10
    assert sync(store, server, clock) == SyncOutcome(answered=0, rows=25, requests=3, clock_offset_ms=0)
    assert feed_state(store).cursor == "25"


def test_a_long_outbox_goes_in_several_requests(
    store: Store, server: FakeServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH_CHANGES", 50)
    for _ in range(51):
        record_visit(store, visit_to("person-1"))
    told: list[Progress] = []
    client = SyncClient(server.client(), "token")
    outcome = asyncio.run(sync_once(store, client, now_ms=clock, on_progress=told.append))
    assert (outcome.answered, [len(batch) for batch in seqs(server)]) == (51, [50, 1])
    assert [(each.answered, each.changes) for each in told] == [(0, 51), (50, 51), (50, 51), (51, 51)]


def test_when_the_answer_never_arrives_the_same_batch_goes_again_and_counts_once(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))

    def lose(_: httpx.Response) -> httpx.Response:
        raise httpx.ReadTimeout("lost")

    server.before_answer = lose
    with pytest.raises(Unavailable):
        sync(store, server, clock)
    assert outbox.waiting(store) == Waiting(saved=0, sent=1)
    assert visits_of(store, "person-1")[0].state == RecordState.SENT
    server.before_answer = lambda _: None
    sync(store, server, clock)
    assert server.batches[0].changes == server.batches[1].changes
    assert (len(server.taken), totals(store).received) == (1, 1)


def test_what_never_left_is_not_called_sent(store: Store, server: FakeServer, clock: FakeClock) -> None:
    record_visit(store, visit_to("person-1"))

    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route")

    server.before_take = refuse
    with pytest.raises(Unreachable):
        sync(store, server, clock)
    assert outbox.waiting(store) == Waiting(saved=1, sent=0)


@pytest.mark.parametrize("kept", [0, 1, 40, -1])
def test_an_answer_cut_anywhere_changes_nothing(
    store: Store, server: FakeServer, clock: FakeClock, kept: int
) -> None:
    record_visit(store, visit_to("person-1"))
    server.feed = [head_of(person("person-2"))]

    def cut(response: httpx.Response) -> httpx.Response:
        plain = response.content
        return httpx.Response(200, content=plain[:kept])

    before = (feed_state(store), list(store.db["records"].rows))
    server.before_answer = cut
    with pytest.raises(WireError):
        sync(store, server, clock)
    assert (feed_state(store), list(store.db["records"].rows)) == before
    assert outbox.waiting(store) == Waiting(saved=0, sent=1)


def test_an_answer_cut_inside_its_compression_changes_nothing(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.feed = [head_of(person(f"p{n}")) for n in range(50)]
    before = feed_state(store)

    def cut(response: httpx.Response) -> httpx.Response:
        packed = gzip.compress(response.content)
        return httpx.Response(200, headers={"content-encoding": "gzip"}, content=packed[: len(packed) // 2])

    server.before_answer = cut
    with pytest.raises(WireError):
        sync(store, server, clock)
    assert feed_state(store) == before


def test_pages_that_came_before_a_failure_stay(store: Store, server: FakeServer, clock: FakeClock) -> None:
    server.feed = [head_of(person(f"p{n}")) for n in range(25)]
    server.page_rows = 10

    def fail_third(_: httpx.Request) -> httpx.Response | None:
        return httpx.Response(503) if len(server.batches) == 2 else None

    server.before_take = fail_third
    with pytest.raises(Unavailable):
        sync(store, server, clock)
    assert feed_state(store).cursor == "20"
    server.before_take = lambda _: None
    assert sync(store, server, clock).rows == 5


def test_a_visit_saved_while_a_sync_runs_goes_with_it(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    def save(_: httpx.Response) -> None:
        if len(server.batches) == 1:
            record_visit(store, visit_to("person-1"))

    server.before_answer = save  # type: ignore[assignment]
    sync(store, server, clock)
    assert (seqs(server), totals(store).received) == ([[], [1]], 1)


def test_an_undo_before_the_first_sync_sends_both_in_order(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    undo_visit(store, record_visit(store, visit_to("person-1")))
    sync(store, server, clock)
    assert [(c.seq, c.kind) for c in server.batches[0].changes] == [(1, "create"), (2, "void")]


def test_the_clocks_difference_is_measured_at_half_the_way(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.clock = FakeClock(NOON + 7_200_000)

    def take_two_seconds(_: httpx.Response) -> None:
        clock.go_on(ms=2000)

    server.before_answer = take_two_seconds  # type: ignore[assignment]
    assert sync(store, server, clock).clock_offset_ms == 7_200_000 - 1000
    assert feed_state(store).clock_offset_ms == 7_200_000 - 1000


def test_a_spent_device_id_asks_for_a_sign_in_and_keeps_the_work(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    server.refuse = lambda change: Receipt(seq=change.seq, status="quarantined", code="seq_reused")
    with pytest.raises(NotSignedIn, match="记录都在本机"):
        sync(store, server, clock)
    assert outbox.waiting(store).changes == 1


def test_a_server_that_gives_no_receipts_is_not_asked_for_ever(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    record_visit(store, visit_to("person-1"))
    server.refuse = lambda change: Receipt(seq=change.seq + 100, status="accepted")
    with pytest.raises(WireError, match="回执"):
        sync(store, server, clock)
    assert len(server.batches) == 1


def test_a_feed_that_does_not_move_is_not_asked_for_ever(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.feed, server.page_rows = [head_of(person("person-2"))], 0
    with pytest.raises(WireError, match="没有往下走"):
        sync(store, server, clock)
