"""A refused visit is mended on the phone, and what became of it is told there (P6)."""

import pytest

from app.domain.errors import BadInput
from app.domain.merge import Head, Mark
from app.domain.wire import Receipt
from app.store import outbox
from app.store.inbox import apply_page
from app.store.mending import amend_visit, can_mend, mend_visit
from app.store.outbox import RecordState, Refusal
from app.store.records import recent, record_view, totals
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from tests.fakes import answer_of, visit_to


def outcome(status: str, *, message: str = "", record: str = "phone-1:1") -> Head:
    values = {"status": status, "version": 1, "message": message, "by": "reviewer-1"}
    return Head("outcome", record, 1, values, Mark(1, 1, "server", 1, "reviewer-1"))


@pytest.fixture
def refused(store: Store) -> str:
    visit = record_visit(store, visit_to("person-1"))
    receipt = Receipt(seq=1, status="quarantined", code="out_of_scope", message="不归你管。")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=1))
    return visit


def test_a_released_visit_counts_as_received(store: Store, refused: str) -> None:
    assert totals(store).refused == 1
    apply_page(store, "phone-1", answer_of(have=1, rows=[outcome("released")]))
    delivery = record_view(store, refused).delivery
    assert (delivery.state, delivery.refusal) == (RecordState.RECEIVED, None)


def test_a_visit_set_aside_says_why(store: Store, refused: str) -> None:
    apply_page(store, "phone-1", answer_of(have=1, rows=[outcome("set_aside", message="与另一条重复。")]))
    delivery = record_view(store, refused).delivery
    assert (delivery.state, delivery.refusal) == (
        RecordState.REFUSED,
        Refusal(code="set_aside", message="与另一条重复。", field=None),
    )


@pytest.mark.parametrize("record", ["phone-2:1", "phone-1:x", "nonsense", "phone-1:99"])
def test_outcomes_of_other_changes_change_nothing(store: Store, refused: str, record: str) -> None:
    apply_page(store, "phone-1", answer_of(have=1, rows=[outcome("released", record=record)]))
    assert record_view(store, refused).delivery.state == RecordState.REFUSED


def test_a_mended_visit_goes_up_under_a_new_number_that_names_the_old(store: Store, refused: str) -> None:
    assert can_mend(store, refused)
    mend_visit(store, refused, visit_to("person-1", method="PHONE", note="改过"))
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert (change.seq, change.kind, change.record, change.replaces) == (2, "create", refused, 1)
    assert (change.fields["method"], change.fields["note"]) == ("PHONE", "改过")
    (shown,) = visits_of(store, "person-1")
    assert (shown.visit.method, shown.state, shown.refusal) == ("PHONE", RecordState.SAVED, None)
    assert ([view.visit.id for view in recent(store, limit=9)], totals(store).all) == ([refused], 1)
    assert not can_mend(store, refused)
    receipt = Receipt(seq=2, status="accepted", version=1, ref="REF00002")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=2, rows=[outcome("replaced")]))
    delivery = record_view(store, refused).delivery
    assert (delivery.state, delivery.receipt) == (RecordState.RECEIVED, "REF00002")


def test_a_mend_that_is_refused_again_can_be_mended_again(store: Store, refused: str) -> None:
    mend_visit(store, refused, visit_to("person-1", method="PHONE"))
    again = Receipt(seq=2, status="quarantined", code="in_future", message="时间在将来。")
    apply_page(store, "phone-1", answer_of(receipts=[again], have=2))
    refusal = record_view(store, refused).delivery.refusal
    assert (can_mend(store, refused), refusal) == (True, Refusal("in_future", "时间在将来。", None))


def test_what_was_not_refused_cannot_be_mended(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    with pytest.raises(BadInput):
        mend_visit(store, visit, visit_to("person-1"))
    assert outbox.waiting(store).changes == 1


def test_an_amendment_says_what_differs_and_takes_away_what_was_left_empty(store: Store) -> None:
    visit = record_visit(
        store, visit_to("person-1", note="给了米", checklist=("POLICY_BRIEFING",), letters=2)
    )
    amended = visit_to("person-1", checklist=("POLICY_BRIEFING",), letters=3)
    amend_visit(store, visit, amended)
    amend_visit(store, visit, amended)
    _, change = outbox.next_batch(store, "phone-1").changes
    assert (change.kind, change.record, change.fields) == ("patch", visit, {"letters": 3, "note": None})
    (view,) = visits_of(store, "person-1")
    assert (view.visit.note, view.visit.letters, view.visit.checklist) == ("", 3, ("POLICY_BRIEFING",))


def test_a_refused_visit_is_mended_and_not_amended(store: Store, refused: str) -> None:
    with pytest.raises(BadInput, match="去改"):
        amend_visit(store, refused, visit_to("person-1", note="改"))
