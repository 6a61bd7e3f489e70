import pytest

from app.domain.errors import UnknownRecord
from app.domain.wire import Receipt
from app.store import outbox
from app.store.inbox import apply_page
from app.store.index import UNVISITED, people_index
from app.store.mending import mend_visit
from app.store.newcomers import add_person
from app.store.outbox import RecordState, Refusal
from app.store.people import edit_person
from app.store.records import Totals, recent, record_view, totals
from app.store.store import Store
from app.store.visits import NewNeed, record_visit, undo_visit, visits_of
from tests.fakes import VILLAGE, FakeClock, answer_of, head_of, visit_to


def accept(store: Store, *seqs: int) -> None:
    receipts = [Receipt(seq=seq, status="accepted", version=1, ref=f"7F3K-29Q{seq}") for seq in seqs]
    apply_page(store, "phone-1", answer_of(receipts=receipts, have=max(seqs)))


def test_totals_add_up_to_every_visit_saved_here(store: Store) -> None:
    visits = [record_visit(store, visit_to("person-1")) for _ in range(5)]
    accept(store, 1, 2)
    refusal = Receipt(seq=3, status="quarantined", code="over_limit", message="超过单次上限")
    apply_page(store, "phone-1", answer_of(receipts=[refusal], have=3))
    outbox.mark_sent(store, outbox.Batch("phone-1", 4, outbox.next_batch(store, "phone-1").changes[:1]))
    assert totals(store) == Totals(saved=1, sent=1, received=2, refused=1, undone=0)
    assert totals(store).all == len(visits)


def test_recent_lists_newest_first_by_pages_and_by_state(store: Store, clock: FakeClock) -> None:
    visits = []
    for _ in range(4):
        visits.append(record_visit(store, visit_to("person-1")))
        clock.go_on(ms=1000)
    accept(store, 1, 3)
    assert [view.visit.id for view in recent(store, limit=10)] == visits[::-1]
    assert [view.visit.id for view in recent(store, limit=2, offset=1)] == [visits[2], visits[1]]
    received = recent(store, limit=10, state=RecordState.RECEIVED)
    assert [view.visit.id for view in received] == [visits[2], visits[0]]


def test_a_visit_is_received_only_when_everything_saved_with_it_is(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1", needs=(NewNeed("LIVING", "2"),)))
    accept(store, 1)
    view = record_view(store, visit)
    assert (view.delivery.state, view.delivery.receipt, view.needs_count) == (
        RecordState.SAVED,
        "7F3K-29Q1",
        1,
    )
    accept(store, 2)
    assert record_view(store, visit).delivery.state == RecordState.RECEIVED


def test_a_refused_visit_stays_with_its_reason(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1", cash_fen=500000))
    refusal = Receipt(
        seq=1,
        status="quarantined",
        ref="Q7",
        code="over_limit",
        message="慰问金 5000 元超过单次上限 2000 元。",
        field="cash_fen",
    )
    apply_page(store, "phone-1", answer_of(receipts=[refusal], have=1))
    (view,) = visits_of(store, "person-1")
    assert (view.state, view.receipt, view.refusal) == (
        RecordState.REFUSED,
        "Q7",
        Refusal("over_limit", "慰问金 5000 元超过单次上限 2000 元。", "cash_fen"),
    )
    assert [found.visit.id for found in recent(store, limit=9, state=RecordState.REFUSED)] == [visit]


def quarantine(store: Store, *seqs: int) -> None:
    receipts = [Receipt(seq=seq, status="quarantined", code="over_limit", message="超过上限") for seq in seqs]
    apply_page(store, "phone-1", answer_of(receipts=receipts, have=max(seqs)))


def test_a_refused_visit_that_was_taken_back_needs_no_hand_any_more(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    quarantine(store, 1)
    assert totals(store).refused == 1
    undo_visit(store, visit)
    assert (totals(store).refused, totals(store).saved) == (0, 1)
    quarantine(store, 2)
    view = record_view(store, visit)
    assert (view.is_undone, view.delivery.state, view.delivery.refusal) == (True, RecordState.RECEIVED, None)


def test_an_undo_that_was_refused_needs_a_hand_and_the_visit_stands(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    accept(store, 1)
    page = answer_of(rows=[head_of(visits_of(store, "person-1")[0].visit)])
    apply_page(store, "phone-1", page)
    undo_visit(store, visit)
    quarantine(store, 2)
    view = record_view(store, visit)
    assert (view.is_undone, view.delivery.state) == (False, RecordState.REFUSED)
    assert [found.visit.id for found in recent(store, limit=9, state=RecordState.REFUSED)] == [visit]


def test_an_undone_visit_stays_listed_until_its_undo_has_arrived_too(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    accept(store, 1)
    undo_visit(store, visit)
    assert totals(store) == Totals(saved=1, sent=0, received=0, refused=0, undone=1)
    accept(store, 2)
    view = record_view(store, visit)
    assert (view.is_undone, view.delivery.state) == (True, RecordState.RECEIVED)


def test_only_visits_made_here_are_records_of_this_phone(store: Store) -> None:
    with pytest.raises(UnknownRecord):
        record_view(store, "visit-of-another-phone")


def test_a_refused_visit_reaches_nobody_until_it_is_put_right(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    index = people_index(store)
    assert index.is_visited("person-1") is True
    before = index.progress()
    quarantine(store, 1)
    assert (index.is_visited("person-1"), index.row("person-1").state) == (False, "refused")
    assert (index.progress().visited, index.progress().left) == (before.visited - 1, before.left + 1)
    assert people_index(store).search(filters=frozenset({UNVISITED})).count("person-1") == 1
    mend_visit(store, visit, visit_to("person-1", note="改过"))
    assert (index.is_visited("person-1"), index.row("person-1").state) == (True, "visited")


def test_a_refused_death_is_believed_all_the_same(store: Store) -> None:
    record_visit(store, visit_to("person-1", result="DECEASED"))
    quarantine(store, 1)
    assert people_index(store).is_deceased("person-1") is True


def test_what_is_no_visit_is_counted_beside_them_until_it_has_arrived(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    add_person(store, "吴桐", VILLAGE)
    edit_person(store, "person-1", {"house": "12号"})
    edit_person(store, "person-1", {"house": "13号"})
    sums = Totals(saved=1, sent=0, received=0, refused=0, undone=0, edits=2)
    assert (totals(store), sums.waiting, sums.has_all_arrived) == (sums, 3, False)
    receipts = [Receipt(seq=n, status="accepted", version=1, ref="R") for n in (1, 3, 4)]
    refused = Receipt(seq=2, status="quarantined", code="bad_field", message="不行。")
    apply_page(store, "phone-1", answer_of(receipts=[receipts[0], refused, *receipts[1:]], have=4))
    sums = Totals(saved=0, sent=0, received=1, refused=0, undone=0, edits_refused=1)
    assert (totals(store), sums.has_all_arrived) == (sums, False)
