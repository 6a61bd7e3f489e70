"""Phone and server prove that they hold the same, and only what differs is pulled again (P5)."""

import asyncio
import gzip

import httpx
import pytest

from app.domain.wire import PAGE_ROWS, Receipt, decode_request
from app.store import healing, outbox
from app.store.account import signed_in_account
from app.store.index import people_index
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from app.sync.client import SyncClient
from app.sync.engine import SyncOutcome, sync_once
from tests.fakes import FakeClock, FakeServer, head_of, person, visit_to


def sync(store: Store, server: FakeServer, clock: FakeClock) -> SyncOutcome:
    client = SyncClient(server.client(), "token-of-phone-1")
    return asyncio.run(sync_once(store, client, now_ms=clock))


def test_a_comparison_that_fails_stops_nothing(store: Store, server: FakeServer, clock: FakeClock) -> None:
    server.held = []
    server.before_take = lambda request: httpx.Response(503) if request.url.path == "/v1/digest" else None
    record_visit(store, visit_to("person-1"))
    outcome = sync(store, server, clock)
    assert (outcome.answered, outcome.healed, people_index(store).search()) == (1, 0, ["person-1"])


def test_equal_digests_ask_nothing_further(store: Store, server: FakeServer, clock: FakeClock) -> None:
    server.held = [head_of(person())]
    outcome = sync(store, server, clock)
    assert (outcome.healed, server.asked) == (0, ["/v1/sync"])


def test_a_difference_is_healed_and_unsent_work_stays(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    store.db.execute("UPDATE records SET version = 7")  # a phone that has gone astray
    server.held = [head_of(person(), version=2), head_of(person("person-2", name="闻一禾"))]
    outcome = sync(store, server, clock)
    assert (outcome.healed, server.asked) == (2, ["/v1/sync", "/v1/digest", "/v1/digest"])
    assert sorted(people_index(store).search()) == ["person-1", "person-2"]
    again = sync(store, server, clock)
    assert (again.healed, server.asked[3:]) == (0, ["/v1/sync"])


def test_much_that_differs_is_asked_for_in_parts_no_larger_than_a_page(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    server.held = [head_of(person(f"person-{n}", name="闻一禾")) for n in range(2 * PAGE_ROWS + 1)]
    outcome = sync(store, server, clock)
    assert outcome.healed == 2 * PAGE_ROWS  # person-1 is as it should be
    assert server.asked == ["/v1/sync", *["/v1/digest"] * 4]
    assert sync(store, server, clock).healed == 0


def test_what_the_server_does_not_hold_goes(store: Store, server: FakeServer, clock: FakeClock) -> None:
    server.held = []
    outcome = sync(store, server, clock)
    assert (outcome.healed, people_index(store).search()) == (1, [])


def test_healing_leaves_unsent_work_where_it_is(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    want = {"person": list(range(64)), "visit": list(range(64))}
    healing.heal(store, "phone-1", want, [head_of(person(), version=4)])
    assert [view.visit.id for view in visits_of(store, "person-1")] == [visit]
    assert outbox.waiting(store).changes == 1


def test_a_cloned_phone_takes_a_fresh_device_id_by_itself(
    store: Store, server: FakeServer, clock: FakeClock
) -> None:
    visit = record_visit(store, visit_to("person-1"))
    server.fresh = ["phone-9"]
    server.refuse = lambda change: (
        Receipt(seq=change.seq, status="quarantined", code="seq_reused")
        if server.batches[-1].header.device == "phone-1"
        else None
    )
    outcome = sync(store, server, clock)
    sent = [(b.header.device, [c.record for c in b.changes]) for b in server.batches]
    account = signed_in_account(store)
    assert (account.device, account.token) == ("phone-9", "token-of-phone-9")
    assert (sent, outcome.answered) == ([("phone-1", [visit]), ("phone-9", [visit])], 1)
    assert server.asked == ["/v1/sync", "/v1/device", "/v1/sync"]


@pytest.mark.parametrize("told", [{"supported": [1]}, {}], ids=["named", "not named"])
def test_an_older_server_is_spoken_to_in_its_own_protocol(
    store: Store, server: FakeServer, clock: FakeClock, told: dict[str, list[int]]
) -> None:
    visit = record_visit(store, visit_to("person-1"))
    spoken: list[int] = []

    def only_one(request: httpx.Request) -> httpx.Response | None:
        spoken.append(decode_request(gzip.decompress(request.content)).header.protocol)
        refusal = {
            "code": "unsupported_protocol",
            "sentence": "请更新软件。",
            "field": None,
            **told,
        }
        return None if spoken[-1] == 1 else httpx.Response(426, json=refusal)

    server.before_take = only_one
    outcome = sync(store, server, clock)
    assert (spoken, outcome.answered) == ([2, 1], 1)
    assert [change.record for change in server.batches[-1].changes] == [visit]
