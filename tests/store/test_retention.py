"""Nothing is cleared from a phone before it is proven on the server, plus the days, in its time (P10)."""

import pytest

from app.domain.wire import Receipt
from app.store import outbox
from app.store.inbox import apply_page
from app.store.mending import amend_visit
from app.store.records import totals
from app.store.retention import RETENTION_MS, clear_proven
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from tests.fakes import DAY_MS, NOON, FakeClock, answer_of, head_of, visit_to

LATER = NOON + RETENTION_MS


def kept(store: Store) -> list[tuple[int, bool]]:
    """(seq, whether what it said is still here)."""
    rows = store.db.execute("SELECT seq, is_cleared FROM outbox ORDER BY seq").fetchall()
    return [(seq, not is_cleared) for seq, is_cleared in rows]


def received(store: Store, *, time: int = NOON, comes_down: bool = True) -> str:
    """A visit with its receipt, and the server's row of it if `comes_down`."""
    visit = record_visit(store, visit_to("person-1", note="腿脚不便"))
    (seq,) = store.db.execute("SELECT MAX(seq) FROM outbox").fetchone()
    model = next(view.visit for view in visits_of(store, "person-1") if view.visit.id == visit)
    rows = [head_of(model)] if comes_down else []
    receipts = [Receipt(seq=seq, status="accepted", version=1, ref="7F3K29QD")]
    apply_page(store, "phone-1", answer_of(receipts=receipts, rows=rows, have=seq, time=time))
    return visit


def test_after_the_days_of_the_server_the_words_go_and_visit_and_receipt_stay(store: Store) -> None:
    visit = received(store)
    assert clear_proven(store, "phone-1", server_ms=LATER - 1, have=1) == 0
    assert clear_proven(store, "phone-1", server_ms=LATER, have=1) == 1
    assert clear_proven(store, "phone-1", server_ms=LATER, have=1) == 0
    (view,) = visits_of(store, "person-1")
    assert (view.visit.id, view.visit.note, view.receipt) == (visit, "腿脚不便", "7F3K29QD")
    assert (kept(store), totals(store).received) == ([(1, False)], 1)
    sealed = b" ".join(row[0] for row in store.db.execute("SELECT change FROM outbox"))
    assert "腿脚不便".encode() not in sealed


def test_a_phone_clock_that_jumps_a_year_clears_nothing(store: Store, clock: FakeClock) -> None:
    received(store)
    clock.go_on(days=365)
    assert clear_proven(store, "phone-1", server_ms=NOON + DAY_MS, have=1) == 0


def test_what_has_no_receipt_was_refused_or_has_not_come_down_stays_whole(store: Store) -> None:
    received(store, comes_down=False)
    refused = record_visit(store, visit_to("person-1"))
    receipt = Receipt(seq=2, status="quarantined", code="over_limit", message="超过上限。")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=2))
    record_visit(store, visit_to("person-1"))
    assert clear_proven(store, "phone-1", server_ms=LATER, have=2) == 0
    assert kept(store) == [(1, True), (2, True), (3, True)]
    assert refused in {view.visit.id for view in visits_of(store, "person-1")}


@pytest.mark.parametrize(("have", "cleared"), [(1, 1), (2, 2)])
def test_only_numbers_that_the_server_still_holds_are_cleared(store: Store, have: int, cleared: int) -> None:
    received(store)
    received(store)
    assert clear_proven(store, "phone-1", server_ms=LATER, have=have) == cleared


def test_a_receipt_of_unknown_time_counts_from_now(store: Store) -> None:
    received(store)
    store.db.execute("UPDATE outbox SET receipted_at = NULL")
    assert clear_proven(store, "phone-1", server_ms=LATER, have=1) == 0
    assert clear_proven(store, "phone-1", server_ms=LATER + RETENTION_MS, have=1) == 1


def test_a_corrected_visit_keeps_what_it_said_before(store: Store) -> None:
    visit = received(store)
    amend_visit(store, visit, visit_to("person-1", note="腿好了"))
    assert clear_proven(store, "phone-1", server_ms=LATER, have=1) == 0


def test_what_was_cleared_is_not_offered_to_a_server_that_was_restored(store: Store) -> None:
    received(store)
    clear_proven(store, "phone-1", server_ms=LATER, have=1)
    received(store)
    apply_page(store, "phone-1", answer_of(epoch="e2", have=0))
    assert [change.seq for change in outbox.next_batch(store, "phone-1").changes] == [2]


def test_of_somebody_who_moved_away_the_work_stays_for_the_days(store: Store) -> None:
    visit = received(store)
    apply_page(
        store, "phone-1", answer_of(have=2, gone=[("person", "person-1"), ("visit", visit)], cursor="c2")
    )
    assert clear_proven(store, "phone-1", server_ms=LATER - 1, have=1) == 0
    assert kept(store) == [(1, True)]
    assert clear_proven(store, "phone-1", server_ms=LATER, have=1) == 1
