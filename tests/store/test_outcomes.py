"""What becomes of a refused Change afterwards is told on the phone (P6)."""

import pytest

from app.domain.merge import Head, Mark
from app.domain.wire import Receipt
from app.store import outbox
from app.store.inbox import apply_page
from app.store.outbox import Refusal
from app.store.records import record_view, totals
from app.store.store import Store
from app.store.visits import record_visit
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
    apply_page(store, "phone-1", answer_of(rows=[outcome("released")]))
    delivery = record_view(store, refused).delivery
    assert (delivery.state, delivery.refusal) == (outbox.RecordState.RECEIVED, None)


def test_a_visit_set_aside_says_why(store: Store, refused: str) -> None:
    apply_page(store, "phone-1", answer_of(rows=[outcome("set_aside", message="与另一条重复。")]))
    delivery = record_view(store, refused).delivery
    assert (delivery.state, delivery.refusal) == (
        outbox.RecordState.REFUSED,
        Refusal(code="set_aside", message="与另一条重复。", field=None),
    )


@pytest.mark.parametrize("record", ["phone-2:1", "phone-1:x", "nonsense", "phone-1:99"])
def test_outcomes_of_other_changes_change_nothing(store: Store, refused: str, record: str) -> None:
    apply_page(store, "phone-1", answer_of(rows=[outcome("released", record=record)]))
    assert record_view(store, refused).delivery.state == outbox.RecordState.REFUSED
