"""Phones and the server prove that they hold the same; what went astray is found and healed (P5).

The phone's own store and client against the whole server, over its HTTP layer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest
from fastapi import FastAPI

from app.domain.wire import decode_request
from app.store import healing, outbox
from app.store.account import signed_in_account
from app.store.people import edit_person, person_view
from app.store.records import totals
from app.store.store import Store
from app.store.visits import NewNeed, record_visit, undo_visit, visits_of
from app.sync.client import SyncClient
from app.sync.engine import SyncOutcome, sync_once
from sync_server.db.engine import reading
from sync_server.records.digests import digest_of_scope
from sync_server.records.scope import Scope
from tests.fakes import FakeClock, visit_to
from tests.server.phones import Phone as Clerk
from tests.sync.test_real_server import Phone, phones, state_of

__all__ = ["phones"]
VILLAGE = Scope(("3311/331121/331121209/331121209200",))
Sync = Callable[[Phone], tuple[SyncOutcome, list[str]]]


@pytest.fixture
def sync(app: FastAPI, clock: FakeClock) -> Sync:
    """Sync a phone; gives the outcome and which addresses were asked."""

    def run(phone: Phone) -> tuple[SyncOutcome, list[str]]:
        asked: list[str] = []

        async def note(request: httpx.Request) -> None:
            asked.append(request.url.path)

        async def go() -> SyncOutcome:
            http = httpx.AsyncClient(
                base_url="http://server.test",
                transport=httpx.ASGITransport(app),
                event_hooks={"request": [note]},
            )
            client = SyncClient(http, phone._token)
            try:
                return await sync_once(phone.store, client, now_ms=clock)
            finally:
                await client.close()

        return asyncio.run(go()), asked

    return run


def test_equal_replicas_have_one_digest_and_ask_nothing_more(
    phones: tuple[Phone, Phone], app: FastAPI, sync: Sync
) -> None:
    first, second = phones
    undone = record_visit(first.store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    edit_person(second.store, "person-1", {"house": "12号"})
    asked = [sync(phone) for phone in (first, second, first)]
    undo_visit(first.store, undone)
    asked += [sync(phone) for phone in (first, second)]
    assert [(outcome.healed, paths) for outcome, paths in asked] == [(0, ["/v1/sync"])] * 5
    with reading(app.state.server.engine) as connection:
        held = digest_of_scope(connection, VILLAGE)
    assert {entity: count for entity, (count, _) in held.items()} == {"person": 1, "visit": 1, "need": 1}
    assert [healing.digest_here(phone.store, signed_in_account(phone.store).device) for phone in phones] == [
        held,
        held,
    ]


def _older(store: Store) -> None:
    store.db.execute("UPDATE records SET version = 1 WHERE record = 'person-1'")


def _newer(store: Store) -> None:
    store.db.execute("UPDATE records SET version = 99 WHERE record = 'person-1'")


def _missing(store: Store) -> None:
    store.db.execute("DELETE FROM records WHERE entity = 'visit' AND head IS NOT NULL")


def _surplus(store: Store) -> None:
    store.db.execute(
        """
        INSERT INTO records (record, entity, version, epoch, person, village, head)
        SELECT 'ghost', entity, version, epoch, person, village, head FROM records WHERE entity = 'visit'
        """
    )


# The row behind which the phone lags comes down by itself with the answer to the phone's own edit.
@pytest.mark.parametrize(("damage", "healed"), [(_older, 0), (_newer, 1), (_missing, 1), (_surplus, 1)])
def test_a_phone_gone_astray_is_healed_and_its_unsent_work_stays(
    phones: tuple[Phone, Phone], sync: Sync, clock: FakeClock, damage: Callable[[Store], None], healed: int
) -> None:
    first, second = phones
    record_visit(second.store, visit_to("person-1"))
    edit_person(second.store, "person-1", {"house": "12号"})
    for phone in (second, first):
        sync(phone)
    damage(first.store)
    clock.go_on(ms=60_000)
    unsent = record_visit(first.store, visit_to("person-1", method="PHONE"))
    edit_person(first.store, "person-1", {"note": "白天在家"})

    outcome, asked = sync(first)
    assert (outcome.answered, outcome.healed) == (2, healed)
    assert asked == ["/v1/sync", "/v1/digest", "/v1/digest"][: 1 + 2 * healed]
    sync(second)
    assert state_of(first.store) == state_of(second.store)
    assert unsent in {view.visit.id for view in visits_of(second.store, "person-1")}
    view = person_view(second.store, "person-1")
    assert (view.person.house, view.person.note, totals(first.store).received) == ("12号", "白天在家", 1)
    again, asked = sync(first)
    assert (again.healed, asked) == (0, ["/v1/sync"])


def test_work_that_is_not_sent_yet_is_not_touched_by_healing(
    phones: tuple[Phone, Phone], app: FastAPI, sync: Sync
) -> None:
    """The comparison is made while a visit waits: it disturbs nothing and stays as it is."""
    first, second = phones
    record_visit(second.store, visit_to("person-1"))
    for phone in (second, first):
        sync(phone)
    _missing(first.store)
    unsent = record_visit(first.store, visit_to("person-1", method="PHONE"))
    held = Clerk.sign_in(app, FakeClock(), "village")
    rows = held.sync(protocol=2).rows
    healing.heal(
        first.store,
        signed_in_account(first.store).device,
        {"visit": list(range(64))},
        [r for r in rows if r.entity == "visit"],
    )
    assert {view.visit.id for view in visits_of(first.store, "person-1")} >= {unsent}
    assert len(visits_of(first.store, "person-1")) == 2
    assert outbox.waiting(first.store).changes == 1


def test_only_the_last_page_has_a_digest_and_only_for_protocol_2(app: FastAPI, clock: FakeClock) -> None:
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(*(clerk.add_person(f"p{n}", village="331121209200") for n in range(2500)))
    fresh = Clerk.sign_in(app, clock, "village")
    pages = [fresh.sync(protocol=2) for _ in range(2)]
    assert [(page.end.more, page.end.digest is None) for page in pages] == [(True, True), (False, False)]
    assert {e: n for e, (n, _) in (pages[1].end.digest or {}).items()} == {"person": 2500}
    assert fresh.sync(protocol=1).end.digest is None
    assert decode_request(fresh.body()).header.protocol == 1


def test_who_moves_away_is_let_go_and_both_ends_still_have_one_digest(
    phones: tuple[Phone, Phone], app: FastAPI, sync: Sync, clock: FakeClock
) -> None:
    first, second = phones
    record_visit(first.store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    sync(first)
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(clerk.change("person", "person-1", {"village": "331121209202"}, kind="patch", base=1))
    told = [sync(phone) for phone in (first, second, first)]
    assert [(outcome.healed, asked) for outcome, asked in told] == [(0, ["/v1/sync"])] * 3
    assert [healing.digest_here(phone.store, signed_in_account(phone.store).device) for phone in phones] == [
        {},
        {},
    ]
