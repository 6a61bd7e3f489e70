"""A server put back from a backup gets again what it lost, and the phones keep everything."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.store.outbox import Waiting, waiting
from app.store.people import edit_person, person_view
from app.store.records import totals
from app.store.visits import record_visit, undo_visit, visits_of
from sync_server.__main__ import main
from sync_server.asgi import create_app
from sync_server.settings import Settings
from tests.fakes import FakeClock, visit_to
from tests.postgres import Database
from tests.server.phones import Phone as Clerk
from tests.sync.test_real_server import Phone, state_of

NOTHING = Waiting(saved=0, sent=0)
PEOPLE = ("person-0", "person-1", "person-2")


class City:
    """A server whose database can be copied and put back, and the phones that speak with it."""

    def __init__(self, settings: Settings, database: Database, clock: FakeClock, folder: Path) -> None:
        self._database, self._clock, self._folder = database, clock, folder
        self.settings = settings
        self.app = create_app(settings, now_ms=clock, site=folder / "web")
        self.phones: list[Phone] = []
        self._urls: list[str] = []

    def phone(self, login: str) -> Phone:
        number = len(self.phones) + 1
        self.phones.append(Phone(self._folder / f"{login}.db", self.app, self._clock, login, number))
        self.phones[-1].sync()
        return self.phones[-1]

    def back_up(self) -> str:
        """A copy of the database as it is now."""
        self.app.state.server.engine.dispose()
        folder = self._folder / f"backup-{len(self._urls)}"
        folder.mkdir()
        self._urls.append(self._database.copy(self.settings.database_url, folder))
        return self._urls[-1]

    def put_back(self, url: str) -> None:
        """The server is started on the copy instead."""
        self.app.state.server.engine.dispose()
        self.settings = Settings(data=self._folder, database_url=url)
        self.app = create_app(self.settings, now_ms=self._clock, site=self._folder / "web")
        for phone in self.phones:
            phone._app = self.app

    def close(self) -> None:
        self.app.state.server.engine.dispose()
        for phone in self.phones:
            phone.store.close()
        for url in self._urls:
            self._database.drop(url)


@pytest.fixture
def city(settings: Settings, database: Database, clock: FakeClock, tmp_path: Path) -> Iterator[City]:
    city = City(settings, database, clock, tmp_path)
    clerk = Clerk.sign_in(city.app, clock, "county")
    clerk.sync(*(clerk.add_person(name, village="331121209200") for name in PEOPLE))
    yield city
    city.close()


@pytest.fixture
def restore(city: City, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a copy back and say so with the command."""

    def do(url: str) -> None:
        monkeypatch.setenv("ZOUFANG_DATABASE", url)
        monkeypatch.setattr(sys, "argv", ["zoufang", "restore-mark"])
        with pytest.raises(SystemExit) as stop:
            main()
        assert stop.value.code == 0
        city.put_back(url)

    return do


def accepted_on(app: FastAPI) -> list[tuple[str, str]]:
    """Every visit that the server has accepted, with what was said of it."""
    with app.state.server.engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT record, kind FROM changes WHERE entity = 'visit' AND status <> 'quarantined'"
        )
        return sorted((row.record, row.kind) for row in found)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the first phone first", "the second phone first"])
def test_the_server_gets_again_what_it_lost_and_the_phones_keep_everything(
    city: City, restore: Callable[[str], None], order: tuple[int, int]
) -> None:
    phones = (city.phone("village"), city.phone("colleague"))
    early = record_visit(phones[0].store, visit_to("person-0"))
    phones[0].sync()
    backup = city.back_up()
    lost = record_visit(phones[0].store, visit_to("person-1"))
    undo_visit(phones[0].store, early)
    edit_person(phones[1].store, "person-2", {"hamlet": "后山"})
    theirs = record_visit(phones[1].store, visit_to("person-2"))
    for phone in (*phones, *phones):
        phone.sync()
    before, accepted = state_of(phones[0].store), accepted_on(city.app)
    assert state_of(phones[1].store) == before
    unsent = record_visit(phones[0].store, visit_to("person-2", cash_fen=100))

    restore(backup)
    assert accepted_on(city.app) == [(early, "create")]
    for number in (*order, *order):
        phones[number].sync()
    assert accepted_on(city.app) == sorted([*accepted, (unsent, "create")])
    assert state_of(phones[0].store) == state_of(phones[1].store)
    for phone in phones:
        assert (waiting(phone.store), totals(phone.store).refused) == (NOTHING, 0)
        shown = {person: {v.visit.id for v in visits_of(phone.store, person)} for person in PEOPLE}
        assert shown == {"person-0": set(), "person-1": {lost}, "person-2": {theirs, unsent}}
        assert person_view(phone.store, "person-2").person.hamlet == "后山"


def test_phones_notice_by_themselves_that_the_server_went_back(city: City) -> None:
    """Nobody ran `restore-mark`: the epoch is the same, and the server holds fewer Changes than it did."""
    phone = city.phone("village")
    backup = city.back_up()
    visit = record_visit(phone.store, visit_to("person-1"))
    edit_person(phone.store, "person-2", {"hamlet": "后山"})
    phone.sync()
    before = state_of(phone.store)
    city.put_back(backup)
    assert accepted_on(city.app) == []

    phone.sync()
    phone.sync()
    assert accepted_on(city.app) == [(visit, "create")]
    assert (waiting(phone.store), state_of(phone.store)) == (NOTHING, before)
    assert [v.visit.id for v in visits_of(phone.store, "person-1")] == [visit]


def test_marking_it_twice_only_makes_the_phones_pull_twice(
    city: City, restore: Callable[[str], None]
) -> None:
    phone = city.phone("village")
    backup = city.back_up()
    visit = record_visit(phone.store, visit_to("person-1"))
    phone.sync()
    restore(backup)
    phone.sync()
    state, accepted = state_of(phone.store), accepted_on(city.app)
    assert accepted == [(visit, "create")]
    restore(backup)
    phone.sync()
    assert ([row[:1] for row in state_of(phone.store)], accepted_on(city.app)) == (
        [row[:1] for row in state],
        accepted,
    )
