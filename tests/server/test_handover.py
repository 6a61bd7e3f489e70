"""A station passes to a new worker: his phone holds the roster and the open work, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from app.domain.errors import BadInput
from sync_server.db.engine import writing
from sync_server.records.handover import Handover, hand_over
from tests.fakes import NOON
from tests.server.fact_fields import activity_fields, step_fields
from tests.server.phones import Phone, need_fields

SignIn = Callable[[str], Phone]
STATION = "331121209200"


def handed_over(engine: Engine, leaving: str, taking: str, *, revokes: bool = False) -> Handover:
    with writing(engine) as connection:
        return hand_over(connection, leaving, taking, revokes=revokes, now_ms=NOON)


@pytest.fixture
def worked(phone: Phone) -> Phone:
    """The leaving worker's phone: two people, an open need, a closed one, a meeting."""
    phone.sync(
        phone.add_person("p1"),
        phone.add_person("p2"),
        phone.add_visit("v1", "p1"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
        phone.change("need_step", "s1", step_fields(phone, "p1", "n1", "REPORTED")),
        phone.change("need", "n2", need_fields(phone, "p2")),
        phone.change("need_step", "s2", step_fields(phone, "p2", "n2", "CLOSED", outcome="SOLVED")),
        phone.change("activity", "a1", activity_fields(phone)),
    )
    return phone


def test_the_new_phone_holds_roster_and_open_work_with_its_first_sync(
    worked: Phone, sign_in: SignIn, engine: Engine
) -> None:
    done = handed_over(engine, "village", "neighbour")
    assert (done.station.code, done.people, done.open_needs, done.waiting) == (STATION, 2, 1, 0)
    taking = sign_in("neighbour")
    assert {row.record for row in taking.sync().rows} == {"p1", "p2", "v1", "n1", "n2", "s1", "s2", "a1"}
    taking.organisation = STATION
    step = taking.change("need_step", "s3", step_fields(taking, "p1", "n1", "RETURNED"))
    assert [r.status for r in taking.sync(step).receipts] == ["accepted"]


def test_what_the_leaving_worker_had_not_sent_still_counts(
    worked: Phone, sign_in: SignIn, engine: Engine
) -> None:
    late = worked.add_visit("v2", "p2")
    handed_over(engine, "village", "neighbour")
    assert [r.status for r in worked.sync(late).receipts] == ["accepted"]
    assert "v2" in {row.record for row in sign_in("neighbour").sync().rows}


def test_with_revocation_it_waits_for_a_reviewer_and_is_not_lost(
    worked: Phone, engine: Engine, sign_in: SignIn
) -> None:
    late = worked.add_visit("v2", "p2")
    done = handed_over(engine, "village", "neighbour", revokes=True)
    assert done.revoked == (worked.device,)
    receipts = worked.sync(late, protocol=2).receipts
    assert [(r.status, r.code) for r in receipts] == [("quarantined", "revoked")]
    assert handed_over(engine, "village", "neighbour").waiting == 1


def test_a_shared_phone_stays_on_for_the_others(worked: Phone, sign_in: SignIn, engine: Engine) -> None:
    Phone.sign_in(worked.app, worked.clock, "colleague", token=worked.token)
    done = handed_over(engine, "village", "neighbour", revokes=True)
    assert (done.revoked, done.shared) == ((), (worked.device,))


def test_handing_over_twice_changes_nothing(worked: Phone, engine: Engine) -> None:
    assert handed_over(engine, "village", "neighbour") == handed_over(engine, "village", "neighbour")


@pytest.mark.parametrize("taking", ["village", "town"])
def test_it_goes_to_another_account_of_the_same_role(phone: Phone, engine: Engine, taking: str) -> None:
    with pytest.raises(BadInput):
        handed_over(engine, "village", taking)
