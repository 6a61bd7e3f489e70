"""Two workers on one real phone: one outbox, one session, each one's work judged as his own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from app.store.account import keep_sign_in, signed_in_account
from app.store.index import people_index
from app.store.outbox import Waiting, waiting
from app.store.records import totals
from app.store.visits import record_visit, visits_of
from tests.fakes import FakeClock, visit_to
from tests.server.phones import PASSWORD
from tests.server.phones import Phone as Clerk
from tests.sync.test_real_server import Phone

HERE, THERE = "331121209200", "331121209202"


class SharedPhone(Phone):
    """A phone that passes from hand to hand."""

    def hand_to(self, login: str) -> None:
        """Another worker signs in, with the phone's session."""
        answer = self._run(lambda client: client.sign_in(login, PASSWORD, "测试机"), self._token)
        self._token = answer["token"]
        keep_sign_in(self.store, answer, "http://server.test")


@pytest.fixture
def phone(tmp_path: Path, app: FastAPI, clock: FakeClock) -> Iterator[SharedPhone]:
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(clerk.add_person("here-1", village=HERE), clerk.add_person("there-1", village=THERE))
    phone = SharedPhone(tmp_path / "shared.db", app, clock, "village", 1)
    yield phone
    phone.store.close()


def test_unsent_work_of_both_goes_up_in_either_session(
    phone: SharedPhone, tmp_path: Path, app: FastAPI, clock: FakeClock
) -> None:
    phone.sync()
    device = signed_in_account(phone.store).device
    first = record_visit(phone.store, visit_to("here-1"))
    phone.hand_to("neighbour")
    assert signed_in_account(phone.store).device == device
    phone.sync()
    second = record_visit(phone.store, visit_to("there-1"))
    phone.hand_to("village")
    third = record_visit(phone.store, visit_to("here-1"))
    phone.sync()
    assert (waiting(phone.store), totals(phone.store).refused) == (Waiting(saved=0, sent=0), 0)
    assert sorted(people_index(phone.store).search()) == ["here-1", "there-1"]
    for login, person, visits in (
        ("colleague", "here-1", {first, third}),
        ("neighbour", "there-1", {second}),
    ):
        other = Phone(tmp_path / f"{login}.db", app, clock, login, 9)
        other.sync()
        assert {view.visit.id for view in visits_of(other.store, person)} == visits
        assert people_index(other.store).search() == [person]
        other.store.close()


def test_work_in_the_other_workers_village_waits_for_a_reviewer(phone: SharedPhone) -> None:
    phone.hand_to("neighbour")
    phone.sync()
    record_visit(phone.store, visit_to("here-1"))
    record_visit(phone.store, visit_to("there-1"))
    phone.sync()
    assert (totals(phone.store).received, totals(phone.store).refused) == (1, 1)
