"""A phone shared across a town's two levels: what each worker may read stays while either of them syncs."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from app.store.account import mark_session_expired, signed_in_account
from app.store.drafts import draft_of, keep_draft
from app.store.enrolment import switch_to
from app.store.index import people_index
from tests.fakes import FakeClock
from tests.server.phones import Phone as Clerk
from tests.sync.test_shared_phone import Shared

HERE, NEXT = "331121209200", "331121209202"


@pytest.fixture
def phone(tmp_path: Path, app: FastAPI, clock: FakeClock) -> Shared:
    """A phone on which `village` has signed in and synced; person-2 lives in the next village."""
    clerk = Clerk.sign_in(app, clock, "county")
    clerk.sync(
        clerk.add_person("person-1", village=HERE, hamlet="上坞"),
        clerk.add_person("person-2", village=NEXT, hamlet="下坞", name="王五"),
    )
    phone = Shared(tmp_path / "shared.db", app, clock)
    phone.sign_in("village")
    phone.sync()
    return phone


def _seen(phone: Shared) -> list[str]:
    return sorted(people_index(phone.store).search())


def test_the_first_workers_sync_takes_nothing_of_the_second(phone: Shared) -> None:
    recorder = signed_in_account(phone.store).account_id
    phone.sign_in("town")
    phone.sync()
    town = signed_in_account(phone.store).account_id
    assert _seen(phone) == ["person-1", "person-2"]
    switch_to(phone.store, recorder)
    phone.sync()
    assert _seen(phone) == ["person-1"]
    phone.sync()
    switch_to(phone.store, town)
    assert _seen(phone) == ["person-1", "person-2"]


def test_a_worker_whose_session_ended_keeps_his_roster_and_drafts_beside_a_new_device(
    phone: Shared,
) -> None:
    account = signed_in_account(phone.store)
    keep_draft(phone.store, "person-1", {"note": "半句"})
    mark_session_expired(phone.store)
    phone.sign_in("neighbour")
    assert signed_in_account(phone.store).device != account.device
    phone.sync()
    phone.sync()
    assert _seen(phone) == ["person-2"]
    switch_to(phone.store, account.account_id)
    assert (_seen(phone), draft_of(phone.store, "person-1")) == (["person-1"], {"note": "半句"})
