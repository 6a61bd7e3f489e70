"""Two workers of one phone against the whole server: one device, each Change judged by its own actor."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.domain.errors import BadInput
from app.store import outbox
from app.store.account import keep_sign_in, sending_account, signed_in_account
from app.store.enrolment import enrolling_token, sign_out, switch_to, take_off, unsent_of_others, workers_here
from app.store.index import people_index
from app.store.records import Totals, totals
from app.store.store import Store, open_store
from app.store.taken_off import to_be_told
from app.store.visits import record_visit
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from tests.fakes import FakeClock, seeded_entropy, visit_to
from tests.server.phones import PASSWORD
from tests.server.phones import Phone as Clerk

SERVER = "http://server.test"


class Shared:
    """A phone that several people sign in on."""

    def __init__(self, path: Path, app: FastAPI, clock: FakeClock) -> None:
        self._app, self._clock = app, clock
        self.store: Store = open_store(path, now_ms=clock, entropy=seeded_entropy(5))

    def sign_in(self, login: str) -> None:
        token = enrolling_token(self.store, SERVER)
        answer = self._run(lambda client: client.sign_in(login, PASSWORD, "站里的手机"), token)
        keep_sign_in(self.store, answer, SERVER)

    def sync(self) -> None:
        account = sending_account(self.store)
        assert account is not None
        self._run(lambda client: sync_once(self.store, client, now_ms=self._clock), account.token)

    def _run(self, step: Callable[[SyncClient], Awaitable[Any]], token: str) -> Any:
        async def go() -> Any:
            http = httpx.AsyncClient(base_url=SERVER, transport=httpx.ASGITransport(self._app))
            client = SyncClient(http, token)
            try:
                return await step(client)
            finally:
                await client.close()

        return asyncio.run(go())


def test_two_workers_of_one_phone_send_through_one_device(
    tmp_path: Path, app: FastAPI, clock: FakeClock
) -> None:
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(clerk.add_person("person-1", village="331121209200", hamlet="上坞"))
    phone = Shared(tmp_path / "shared.db", app, clock)
    phone.sign_in("village")
    phone.sync()
    device = signed_in_account(phone.store).device
    record_visit(phone.store, visit_to("person-1"))
    sign_out(phone.store)
    phone.sign_in("colleague")
    assert signed_in_account(phone.store).device == device
    record_visit(phone.store, visit_to("person-1"))
    assert unsent_of_others(phone.store) == 1
    phone.sync()
    assert outbox.waiting(phone.store).changes == 0
    assert people_index(phone.store).search() == ["person-1"]
    one = Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    assert (totals(phone.store), unsent_of_others(phone.store)) == (one, 0)
    phone.sign_in("village")
    assert totals(phone.store) == one


def test_a_clone_of_a_shared_phone_takes_a_fresh_id_with_all_its_workers(
    tmp_path: Path, app: FastAPI, clock: FakeClock
) -> None:
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(clerk.add_person("person-1", village="331121209200", hamlet="上坞"))
    phone = Shared(tmp_path / "shared.db", app, clock)
    for login in ("village", "colleague"):
        phone.sign_in(login)
    phone.sync()
    colleague = signed_in_account(phone.store).account_id
    clone = Shared(tmp_path / "clone.db", app, clock)
    phone.store.db.conn.backup(clone.store.db.conn)
    clone.store.memory.clear()
    first = next(worker.account_id for worker in workers_here(clone.store) if worker.account_id != colleague)
    for each in (phone, clone):
        record_visit(each.store, visit_to("person-1", note=f"{each is phone}"))
        switch_to(each.store, first)
        record_visit(each.store, visit_to("person-1", note=f"{each is clone}"))
        each.sync()
    assert signed_in_account(clone.store).device != signed_in_account(phone.store).device
    for worker in (first, colleague):
        switch_to(clone.store, worker)
        assert totals(clone.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)


def test_a_worker_is_taken_off_and_his_village_goes_with_the_next_sync(
    tmp_path: Path, app: FastAPI, clock: FakeClock
) -> None:
    clerk = Clerk.sign_in(app, clock, "county")
    places = {"here-1": "331121209200", "there-1": "331121209202"}
    clerk.sync(*[clerk.add_person(person, village=village) for person, village in places.items()])
    phone = Shared(tmp_path / "shared.db", app, clock)
    for login in ("village", "neighbour"):
        phone.sign_in(login)
        phone.sync()
    neighbour = signed_in_account(phone.store).account_id
    record_visit(phone.store, visit_to("there-1"))
    first = next(worker for worker in workers_here(phone.store) if worker.account_id != neighbour)
    switch_to(phone.store, first.account_id)
    with pytest.raises(BadInput, match="还有 1 条没送到"):
        take_off(phone.store, neighbour)
    phone.sync()
    take_off(phone.store, neighbour)  # without a network
    assert held(phone.store) == ["here-1", "there-1"]
    phone.sync()
    phone.sync()
    assert (held(phone.store), to_be_told(phone.store)) == (["here-1"], [])
    phone.sign_in("neighbour")
    phone.sync()
    assert held(phone.store) == ["here-1", "there-1"]
    assert totals(phone.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)


def held(store: Store) -> list[str]:
    """The people on the phone."""
    rows = store.db.execute("SELECT record FROM records WHERE entity = 'person' ORDER BY record").fetchall()
    return [record for (record,) in rows]
