"""People and workers who move: a real phone lets go of what it may no longer read, after its work (P11)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.errors import Unreachable
from app.store.index import people_index
from app.store.outbox import Waiting, waiting
from app.store.people import edit_person, person_view
from app.store.records import totals
from app.store.visits import record_visit, visits_of
from app.sync.client import SyncClient
from app.sync.engine import SyncOutcome, sync_once
from sync_server.db.engine import writing
from sync_server.records.accounts import revoke_device
from sync_server.records.stations import move_account
from tests.fakes import NOON, FakeClock, visit_to
from tests.server.phones import Phone as Clerk
from tests.sync import test_real_server

HERE, THERE = "331121209200", "331121209202"
PROTOCOL_1, PROTOCOL_2 = 1, 2
NOTHING = Waiting(saved=0, sent=0)


class Phone(test_real_server.Phone):
    """A worker's phone that can be cut off and interrupted."""

    protocol = PROTOCOL_2

    def sync(
        self, *, requests: int = 99, meanwhile: Callable[[], object] = lambda: None
    ) -> SyncOutcome | None:
        """Sync; None when cut off before the request after `requests`. `meanwhile` is done while the first
        answer is on its way."""
        server = httpx.ASGITransport(self._app)
        asked: list[str] = []

        async def send(request: httpx.Request) -> httpx.Response:
            asked.append(request.url.path)
            if len(asked) > requests:
                raise httpx.ConnectError("cut off")
            response = await server.handle_async_request(request)
            if len(asked) == 1:
                meanwhile()
            return response

        async def go() -> SyncOutcome | None:
            http = httpx.AsyncClient(base_url="http://server.test", transport=httpx.MockTransport(send))
            client = SyncClient(http, self._token)
            client.protocol = self.protocol
            try:
                return await sync_once(self.store, client, now_ms=self._clock)
            except Unreachable:
                return None
            finally:
                await client.close()

        return asyncio.run(go())


MakePhone = Callable[[str], Phone]


@pytest.fixture
def engine(app: FastAPI) -> Engine:
    return app.state.server.engine


@pytest.fixture
def clerk(app: FastAPI, clock: FakeClock) -> Clerk:
    """The county has put three people on the roster of a village, two on its neighbour's."""
    clerk = Clerk.sign_in(app, clock, "county")
    here = [clerk.add_person(f"person-{i}", village=HERE) for i in range(3)]
    there = [clerk.add_person(f"other-{i}", village=THERE) for i in range(2)]
    clerk.sync(*here, *there)
    return clerk


@pytest.fixture
def phone(tmp_path: Path, app: FastAPI, clock: FakeClock, clerk: Clerk) -> Iterator[MakePhone]:
    made: list[Phone] = []

    def make(login: str) -> Phone:
        made.append(Phone(tmp_path / f"{login}.db", app, clock, login, len(made) + 1))
        return made[-1]

    yield make
    for one in made:
        one.store.close()


def people_on(phone: Phone) -> list[str]:
    """Whom the phone shows."""
    return sorted(people_index(phone.store).search())


def held_by(phone: Phone) -> list[str]:
    """Every record in the phone's database, hidden ones too."""
    return [r for (r,) in phone.store.db.execute("SELECT record FROM records ORDER BY record")]


def move(clerk: Clerk, person: str, village: str) -> None:
    clerk.sync(clerk.change("person", person, {"village": village}, kind="patch", base=99))


def station(engine: Engine, login: str, organisation: str) -> None:
    with writing(engine) as connection:
        move_account(connection, login, organisation)


def test_a_person_who_moves_vanishes_from_the_old_phone_and_the_work_about_him_is_taken(
    phone: MakePhone, clerk: Clerk
) -> None:
    old, new = phone("village"), phone("neighbour")
    old.sync()
    new.sync()
    visit = record_visit(old.store, visit_to("person-1"))
    edit_person(old.store, "person-1", {"hamlet": "上坞"})
    move(clerk, "person-1", THERE)
    assert people_on(old) == ["person-0", "person-1", "person-2"]
    old.sync()
    assert (totals(old.store).refused, waiting(old.store)) == (0, NOTHING)
    assert (people_on(old), held_by(old)) == (["person-0", "person-2"], ["person-0", "person-2"])
    new.sync()
    assert people_on(new) == ["other-0", "other-1", "person-1"]
    assert [view.visit.id for view in visits_of(new.store, "person-1")] == [visit]
    assert person_view(new.store, "person-1").person.hamlet == "上坞"


def test_a_visit_saved_while_its_person_is_taken_away_stays_until_it_is_sent(
    phone: MakePhone, clerk: Clerk, engine: Engine
) -> None:
    old = phone("village")
    old.sync()
    move(clerk, "person-1", THERE)
    old.sync(requests=1, meanwhile=lambda: record_visit(old.store, visit_to("person-1")))
    assert people_on(old) == ["person-0", "person-2"]
    assert (len(held_by(old)), waiting(old.store).saved) == (
        3,
        1,
    )  # the visit stays, hidden, until it is sent
    old.sync()
    assert (held_by(old), waiting(old.store)) == (["person-0", "person-2"], NOTHING)
    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT entity, code FROM changes WHERE status = 'quarantined'")
        assert [tuple(row) for row in kept] == [("visit", "outside_scope")]


def test_who_comes_back_is_shown_again(phone: MakePhone, clerk: Clerk) -> None:
    old = phone("village")
    old.sync()
    record_visit(old.store, visit_to("person-1"))
    old.sync()
    move(clerk, "person-1", THERE)
    old.sync()
    move(clerk, "person-1", HERE)
    old.sync()
    assert people_on(old) == ["person-0", "person-1", "person-2"]
    assert len(visits_of(old.store, "person-1")) == 1


def test_a_worker_who_moves_station_hands_in_his_work_and_gets_the_new_station_alone(
    phone: MakePhone, engine: Engine
) -> None:
    mover, colleague = phone("village"), phone("colleague")
    mover.sync()
    visit = record_visit(mover.store, visit_to("person-2"))
    station(engine, "village", THERE)
    assert people_on(mover) == ["person-0", "person-1", "person-2"]
    mover.sync()
    assert (totals(mover.store).refused, waiting(mover.store)) == (0, NOTHING)
    assert (people_on(mover), held_by(mover)) == (["other-0", "other-1"], ["other-0", "other-1"])
    colleague.sync()
    assert [view.visit.id for view in visits_of(colleague.store, "person-2")] == [visit]


def test_a_first_sync_cut_between_pages_while_the_scope_changes_ends_with_the_new_scope_alone(
    phone: MakePhone, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_server.api.sync.PAGE_ROWS", 2)
    fresh = phone("village")
    fresh.sync(requests=1)
    assert held_by(fresh) == ["person-0", "person-1"]
    station(engine, "village", THERE)
    fresh.sync(requests=1)
    station(engine, "village", HERE)
    fresh.sync(requests=1)
    station(engine, "village", THERE)
    fresh.sync()
    assert (people_on(fresh), held_by(fresh)) == (["other-0", "other-1"], ["other-0", "other-1"])


def test_a_restart_cut_between_pages_takes_nothing_away_before_its_end(
    phone: MakePhone, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = phone("village")
    old.sync()
    monkeypatch.setattr("sync_server.api.sync.PAGE_ROWS", 1)
    station(engine, "village", THERE)
    old.sync(requests=1)
    assert people_on(old) == ["other-0", "person-0", "person-1", "person-2"]
    old.sync()
    assert (people_on(old), held_by(old)) == (["other-0", "other-1"], ["other-0", "other-1"])


def test_a_phone_of_protocol_1_is_told_neither_until_it_speaks_2(
    phone: MakePhone, clerk: Clerk, engine: Engine
) -> None:
    old = phone("village")
    old.protocol = PROTOCOL_1
    old.sync()
    move(clerk, "person-1", THERE)
    old.sync()
    assert people_on(old) == ["person-0", "person-1", "person-2"]
    station(engine, "village", THERE)
    old.sync()
    assert people_on(old) == ["other-0", "other-1", "person-0", "person-1", "person-2"]
    old.protocol = PROTOCOL_2
    old.sync()
    there = ["other-0", "other-1", "person-1"]
    assert (people_on(old), held_by(old)) == (there, there)


def test_a_revoked_phone_hands_in_its_work_and_keeps_what_it_has(phone: MakePhone, engine: Engine) -> None:
    lost = phone("village")
    lost.sync()
    record_visit(lost.store, visit_to("person-1"))
    with writing(engine) as connection:
        (device,) = lost.store.db.execute("SELECT device FROM numbering").fetchone()
        revoke_device(connection, device, now_ms=NOON)
    outcome = lost.sync()
    assert outcome is not None and outcome.is_revoked
    assert (waiting(lost.store), totals(lost.store).refused) == (NOTHING, 1)
    record_visit(lost.store, visit_to("person-2"))
    lost.sync()
    assert (waiting(lost.store), totals(lost.store).refused) == (NOTHING, 2)
    assert people_on(lost) == ["person-0", "person-1", "person-2"]
