"""What a visit finds out, from one phone through the whole server to a colleague's; opinions to nobody's."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from fastapi import FastAPI

from app.device.sealing import seal_for_county
from app.store import heads
from app.store.account import signed_in_account
from app.store.findings import NewConfirmation, NewExemplary, NewFindings, findings_of, record_findings
from app.store.needs import NewStep, need_view, needs_with_news, take_step
from app.store.opinions import NewOpinion, take_back_opinions
from app.store.people import edit_person, person_view
from app.store.records import Totals, totals
from app.store.visits import NewNeed, record_visit
from sync_server.db.engine import reading
from sync_server.records.sealed import opened
from tests.fakes import FakeClock, visit_to
from tests.sync.test_real_server import Phone, phones, state_of

__all__ = ["phones"]  # the two workers of one village

WORDS = "从不上门"


def all_received(phone: Phone) -> bool:
    return totals(phone.store).has_all_arrived


def test_findings_and_steps_arrive_at_a_colleagues_phone_as_they_were_saved(
    phones: tuple[Phone, Phone], clock: FakeClock
) -> None:
    first, second = phones
    at = datetime.fromtimestamp(clock.now / 1000, UTC)
    found = NewFindings(
        confirmation=NewConfirmation("HOME", "NORMAL"),
        card="APPLIED",
        file="FILED",
        exemplary=NewExemplary(
            "VETERAN", "守烈士墓三十年", level="COUNTY", year=2021, consent="本人口头同意"
        ),
    )
    visit = visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨", cause="SUDDEN"),))
    record_visit(first.store, replace(visit, findings=found))
    record_findings(first.store, "person-1", NewFindings(card="IN_REVIEW"), at=at)
    ((need, _),) = heads.values_of(first.store, "need")
    take_step(first.store, need, NewStep("VERIFIED", words="去看过"), at=at)
    clock.go_on(ms=1000)
    take_step(first.store, need, NewStep("REPORTED"), at=at)
    first.sync()
    second.sync()
    assert all_received(first)
    assert findings_of(second.store, "person-1") == findings_of(first.store, "person-1")
    assert [step.state for step in findings_of(second.store, "person-1").card_steps] == [
        "IN_REVIEW",
        "APPLIED",
    ]
    assert (need_view(second.store, need).state, need_view(second.store, need).need.cause) == (
        "REPORTED",
        "SUDDEN",
    )
    assert needs_with_news(second.store) == []  # one's own station is no news
    assert state_of(first.store) == state_of(second.store)


def test_an_opinion_about_a_worker_reaches_the_county_alone_and_stays_closed_on_the_phone(
    phones: tuple[Phone, Phone], app: FastAPI
) -> None:
    first, second = phones
    key = signed_in_account(first.store).county_key
    sealed = asyncio.run(seal_for_county(key, WORDS))
    visit = record_visit(
        first.store, replace(visit_to("person-1"), opinion=NewOpinion("WORKER", sealed=sealed))
    )
    for _ in range(2):
        first.sync()
        second.sync()
    assert all_received(first)
    assert heads.values_of(second.store, "opinion") == []
    with reading(app.state.server.engine) as connection:
        assert opened(connection, "331121", sealed) == WORDS
    take_back_opinions(first.store, visit)
    first.sync()
    assert totals(first.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)


def test_an_anonymous_opinion_and_an_id_number_kept_with_a_reason_are_taken_in(
    phones: tuple[Phone, Phone],
) -> None:
    first, second = phones
    opinion = NewOpinion("POLICY", words="看不懂政策", anonymous=True)
    record_visit(first.store, replace(visit_to("person-1"), opinion=opinion))
    edit_person(
        first.store,
        "person-1",
        {"id_number": "110105194912310021", "id_problem": "checksum", "id_reason": "证件上就是这样"},
    )
    first.sync()
    second.sync()
    assert all_received(first)
    kept = person_view(second.store, "person-1").person
    assert (kept.id_number, kept.id_problem, kept.id_reason) == (
        "110105194912310021",
        "checksum",
        "证件上就是这样",
    )
