"""The phone's own store and client against the whole server application, over its HTTP layer."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from app.store import heads, outbox
from app.store.account import keep_sign_in, signed_in_account
from app.store.index import people_index
from app.store.outbox import RecordState
from app.store.people import edit_person, person_view
from app.store.records import Totals, recent, totals
from app.store.store import Store, open_store
from app.store.visits import NewNeed, record_visit, undo_visit, visits_of
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from sync_server.assets import divisions
from sync_server.db.engine import reading
from sync_server.roster import read_roster
from sync_server.roster.store import import_roster
from sync_server.summary.cells import count_cells
from tests.fakes import FakeClock, seeded_entropy, visit_to
from tests.server.phones import PASSWORD
from tests.server.phones import Phone as Clerk

TOWN_A = Path(__file__).parents[1] / "fixtures" / "roster-town-a.xlsx"


class Phone:
    """A worker's phone: a store on disk that syncs with `app`."""

    def __init__(self, path: Path, app: FastAPI, clock: FakeClock, login: str, seed: int) -> None:
        self._app, self._clock = app, clock
        self._login = login
        self.store = open_store(path, now_ms=clock, entropy=seeded_entropy(seed))
        self.sign_in()

    def sign_in(self) -> None:
        answer = self._run(lambda client: client.sign_in(self._login, PASSWORD, "测试机"))
        self._token = answer["token"]
        keep_sign_in(self.store, answer, "http://server.test")

    def sync(self) -> None:
        self._run(lambda client: sync_once(self.store, client, now_ms=self._clock), self._token)

    def _run(self, step: Callable[[SyncClient], object], token: str = "") -> dict[str, str]:
        async def go() -> object:
            http = httpx.AsyncClient(base_url="http://server.test", transport=httpx.ASGITransport(self._app))
            client = SyncClient(http, token)
            try:
                return await step(client)  # type: ignore[misc]
            finally:
                await client.close()

        return asyncio.run(go())  # type: ignore[return-value]


@pytest.fixture
def phones(tmp_path: Path, app: FastAPI, clock: FakeClock) -> tuple[Phone, Phone]:
    """Two workers of one village; the county has put 李四 on their roster."""
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(clerk.add_person("person-1", village="331121209200", hamlet="上坞"))
    first = Phone(tmp_path / "first.db", app, clock, "village", 1)
    second = Phone(tmp_path / "second.db", app, clock, "colleague", 2)
    for phone in (first, second):
        phone.sync()
    return first, second


def state_of(store: Store) -> list[tuple[object, ...]]:
    """What a phone shows of every record, with versions and marks."""
    rows = store.db.execute("SELECT record, version, COALESCE(shown, head) FROM records ORDER BY record")
    return [tuple(row) for row in rows.fetchall()]


def test_a_visit_saved_offline_reaches_the_colleagues_phone(phones: tuple[Phone, Phone]) -> None:
    first, second = phones
    visit = record_visit(first.store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    first.sync()
    second.sync()
    assert totals(first.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    (mine,) = visits_of(first.store, "person-1")
    (theirs,) = visits_of(second.store, "person-1")
    assert (theirs.visit, theirs.is_mine) == (mine.visit, False)
    assert (mine.visit.id, mine.state, len(mine.receipt or "")) == (visit, RecordState.RECEIVED, 8)
    assert people_index(second.store).row("person-1").state == "visited"
    assert state_of(first.store) == state_of(second.store)


def test_an_undo_reaches_the_colleagues_phone(phones: tuple[Phone, Phone]) -> None:
    first, second = phones
    visit = record_visit(first.store, visit_to("person-1"))
    first.sync()
    second.sync()
    undo_visit(first.store, visit)
    first.sync()
    second.sync()
    assert visits_of(second.store, "person-1") == []
    assert state_of(first.store) == state_of(second.store)


@pytest.mark.parametrize("first_to_sync", [0, 1])
def test_two_offline_edits_of_one_field_are_seen_by_both_and_settled_by_one(
    phones: tuple[Phone, Phone], first_to_sync: int, clock: FakeClock
) -> None:
    edit_person(phones[0].store, "person-1", {"hamlet": "下坞", "house": "12号"})
    clock.go_on(ms=1000)
    edit_person(phones[1].store, "person-1", {"hamlet": "后山", "note": "白天在家"})
    early, late = phones[first_to_sync], phones[1 - first_to_sync]
    for phone in (early, late, early):
        phone.sync()
    assert state_of(early.store) == state_of(late.store)
    view = person_view(early.store, "person-1")
    assert (view.conflict_fields, view.person.hamlet) == (("hamlet",), "后山")
    assert (view.person.house, view.person.note) == ("12号", "白天在家")

    edit_person(late.store, "person-1", {"hamlet": "下坞"})
    for phone in (late, early):
        phone.sync()
    assert [person_view(phone.store, "person-1").conflict_fields for phone in phones] == [(), ()]
    assert [person_view(phone.store, "person-1").person.hamlet for phone in phones] == ["下坞", "下坞"]
    assert state_of(early.store) == state_of(late.store)


def test_a_refused_visit_comes_back_with_its_reason_and_the_rest_goes_on(phones: tuple[Phone, Phone]) -> None:
    first, _ = phones
    refused = record_visit(first.store, visit_to("person-1", cash_fen=900_000))
    taken = record_visit(first.store, visit_to("person-1"))
    first.sync()
    views = {view.visit.id: view for view in recent(first.store, limit=9)}
    assert views[taken].delivery.state == RecordState.RECEIVED
    assert views[refused].delivery.state == RecordState.REFUSED
    assert views[refused].delivery.refusal is not None
    assert views[refused].delivery.refusal.code == "over_limit"


def test_work_sent_under_two_device_ids_counts_once(phones: tuple[Phone, Phone]) -> None:
    """The answer was lost, the session expired, the worker signed in anew: same visit, new number."""
    first, second = phones
    record_visit(first.store, visit_to("person-1"))
    copy = outbox.next_batch(first.store, outbox_device(first.store))
    first.sync()
    first.store.db.execute("UPDATE outbox SET state = 'sent', ref = ''")
    first.sign_in()
    again = outbox.next_batch(first.store, outbox_device(first.store))
    assert [c.record for c in again.changes] == [c.record for c in copy.changes]
    first.sync()
    second.sync()
    assert (totals(first.store).received, len(visits_of(second.store, "person-1"))) == (1, 1)
    assert heads.shown_head(second.store, copy.changes[0].record).conflicts() == []
    assert state_of(first.store) == state_of(second.store)


def outbox_device(store: Store) -> str:
    """The device id under which this phone numbers now."""
    (device,) = store.db.execute("SELECT device FROM numbering ORDER BY rowid DESC LIMIT 1").fetchone()
    return str(device)


def test_the_phones_list_and_the_summary_table_count_the_same_people(
    tmp_path: Path, app: FastAPI, clock: FakeClock
) -> None:
    """An untidy roster with people listed twice and people who died; some are then visited."""
    engine = app.state.server.engine
    import_roster(engine, read_roster(TOWN_A, divisions()), clock())
    phone = Phone(tmp_path / "town.db", app, clock, "town", 3)
    phone.sync()
    index = people_index(phone.store)
    for number, listing in enumerate(index.search()[::7]):
        result = ("MET_SELF", "MET_FAMILY", "NOT_MET", "DECEASED")[number % 4]
        record_visit(phone.store, visit_to(listing, result=result))
        if result == "NOT_MET":
            record_visit(phone.store, visit_to(listing, method="PHONE"))
    phone.sync()

    campaign = signed_in_account(phone.store).campaign
    with reading(engine) as connection:
        cells = count_cells(connection, campaign, "331121209").rows[-1].cells
    progress = index.progress()
    assert (progress.due, progress.visited) == (cells["A2"], cells["C1"])
    metric_of = {column.metric: column.id for column in campaign.columns}
    groups = [name.partition(":")[2] for name in metric_of if name.startswith("group_due:")]
    left = {
        group: cells[metric_of[f"group_due:{group}"]] - cells[metric_of[f"group_visited:{group}"]]
        for group in groups
    }
    assert {group: progress.by_group[group] for group in groups} == left
    assert sum(left.values()) > 100
