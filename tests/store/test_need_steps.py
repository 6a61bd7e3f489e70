"""The steps of a need: what may follow, what it has come to, and what counts as news."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.errors import BadInput
from app.domain.facts import NeedStep
from app.domain.merge import Mark
from app.domain.models import Need
from app.store.drafts import draft_of, keep_draft
from app.store.inbox import apply_page
from app.store.index import people_index
from app.store.needs import NewStep, draft_about, hear, need_view, needs_with_news, take_step
from app.store.outbox import next_batch
from app.store.store import Store
from tests.fakes import NOON, VILLAGE, FakeClock, answer_of, campaign, head_of

AT = datetime.fromtimestamp(NOON / 1000, UTC)
TOWN, COUNTY = "331121209", "331121"


def found(store: Store, *, organisation: str = VILLAGE, severity: str = "3") -> str:
    need = Need(
        id="need-1", campaign=campaign().code, person="person-1", visit="v", organisation=organisation,
        type="HOUSING", severity=severity, words="屋顶漏雨", found_at=AT,
    )  # fmt: skip
    apply_page(store, "phone-1", answer_of(rows=[head_of(need)], cursor="c-need"))
    return need.id


def from_above(store: Store, state: str, *, hlc: int, organisation: str = TOWN, **more: Any) -> None:
    """A step that another station took comes down."""
    step = NeedStep(
        id=f"step-{hlc}", campaign=campaign().code, need="need-1", person="person-1",
        organisation=organisation, performer="clerk", state=state, at=AT, **more,
    )  # fmt: skip
    row = head_of(step, mark=Mark(1, hlc, "phone-9", hlc, "clerk"))
    apply_page(store, "phone-1", answer_of(rows=[row], cursor=f"c-{hlc}"))


def test_a_step_taken_here_is_a_record_of_its_own_and_leaves_the_need_as_it_was(store: Store) -> None:
    need = found(store)
    keep_draft(store, "person-1", {"words": "去看过"}, about=draft_about(need))
    step = take_step(store, need, NewStep("VERIFIED", words=" 去看过，属实 "), at=AT)
    view = need_view(store, need)
    assert (view.state, view.need.state, [one.words for one in view.steps]) == (
        "VERIFIED",
        "FOUND",
        ["去看过，属实"],
    )
    (change,) = next_batch(store, "phone-1").changes
    assert (change.entity, change.record, change.kind, change.fields["need"]) == (
        "need_step",
        step,
        "create",
        need,
    )
    assert draft_of(store, "person-1", about=draft_about(need)) is None


def test_a_village_may_check_report_complete_and_follow_up_and_nothing_between(store: Store) -> None:
    need = found(store)
    moves = {"FOUND": need_view(store, need).moves}
    for hlc, state in enumerate(
        ("VERIFIED", "REPORTED", "RETURNED", "ACCEPTED", "ASSIGNED", "IN_PROGRESS", "CLOSED"), 1
    ):
        from_above(store, state, hlc=hlc)
        moves[state] = need_view(store, need).moves
    assert moves == {
        "FOUND": ("VERIFIED", "REPORTED", "NOT_CONFIRMED"),
        "VERIFIED": ("REPORTED", "NOT_CONFIRMED"),
        "REPORTED": (),
        "RETURNED": ("REPORTED", "VERIFIED", "NOT_CONFIRMED"),
        "ACCEPTED": (),
        "ASSIGNED": (),
        "IN_PROGRESS": (),
        "CLOSED": ("FOLLOWED_UP",),
    }


def test_the_latest_step_counts_in_whatever_order_they_come(store: Store) -> None:
    need = found(store)
    from_above(store, "ACCEPTED", hlc=9)
    from_above(store, "REPORTED", hlc=5)
    assert need_view(store, need).state == "ACCEPTED"


def test_a_step_that_may_not_follow_changes_nothing(store: Store) -> None:
    need = found(store)
    with pytest.raises(BadInput, match="已经走到别的一步"):
        take_step(store, need, NewStep("CLOSED", outcome="SOLVED"), at=AT)
    assert next_batch(store, "phone-1").changes == ()


def test_what_is_urgent_is_offered_to_be_reported_first(store: Store) -> None:
    need = found(store, severity="4")
    assert need_view(store, need).moves == ("REPORTED", "VERIFIED", "NOT_CONFIRMED")


def test_what_was_settled_waits_for_nobody_but_a_closed_need_for_the_follow_up(store: Store) -> None:
    need = found(store)
    waits = {}
    for hlc, state in enumerate(("NOT_CONFIRMED", "CLOSED", "FOLLOWED_UP"), 1):
        from_above(store, state, hlc=hlc, outcome="EXPLAINED")
        waits[state] = need_view(store, need).waits_for_me
    assert waits == {"NOT_CONFIRMED": False, "CLOSED": True, "FOLLOWED_UP": False}


def test_a_step_of_a_newer_server_is_shown_and_nothing_is_offered(store: Store) -> None:
    need = found(store)
    from_above(store, "ESCALATED", hlc=1)
    view = need_view(store, need)
    assert (view.state, view.moves, view.is_open, view.next_due) == ("ESCALATED", (), True, None)


def test_the_clock_reminds_of_what_is_late_and_of_what_is_looked_for(store: Store, clock: FakeClock) -> None:
    need = found(store)
    view = need_view(store, need)
    assert view.late is None and view.next_due is not None
    clock.go_on(days=10)
    late = need_view(store, need).late
    assert late is not None and late.due_on == view.next_due.due_on and late.days > 0


def test_what_another_station_did_is_news_until_it_was_looked_at(store: Store) -> None:
    need = found(store)
    take_step(store, need, NewStep("VERIFIED"), at=AT)
    assert needs_with_news(store) == []
    from_above(store, "RETURNED", hlc=2**62, words="缺病历")
    assert [(view.need.id, view.steps[-1].words) for view in needs_with_news(store)] == [(need, "缺病历")]
    hear(store, need)
    hear(store, need)
    assert needs_with_news(store) == []


def test_a_need_found_untrue_no_longer_makes_its_person_one_in_difficulty(
    store: Store, clock: FakeClock
) -> None:
    need = found(store)
    in_difficulty = [code for code, left in people_index(store).progress().by_group.items() if left]
    take_step(store, need, NewStep("NOT_CONFIRMED"), at=AT)
    assert [code for code, left in people_index(store).progress().by_group.items() if left] == []
    assert in_difficulty != []
