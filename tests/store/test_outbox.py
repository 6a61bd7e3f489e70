import pytest

from app.domain.errors import NotSignedIn
from app.domain.wire import BATCH_BYTES, Receipt, SyncHeader, encode_request
from app.store import outbox
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.newcomers import add_person
from app.store.outbox import Settled, Waiting
from app.store.store import Store, open_store
from app.store.visits import NewNeed, record_visit, undo_visit, visits_of
from tests.fakes import VILLAGE, FakeClock, answer_of, sign_in_answer, visit_to


def accepted(*seqs: int) -> list[Receipt]:
    return [Receipt(seq=seq, status="accepted", version=1, ref=f"REF{seq}") for seq in seqs]


def test_asking_again_before_a_receipt_gives_the_same_batch(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    batch = outbox.next_batch(store, "phone-1")
    outbox.mark_sent(store, batch)
    assert outbox.next_batch(store, "phone-1") == batch
    assert outbox.waiting(store) == Waiting(saved=0, sent=1)


def test_a_batch_that_never_left_is_saved_and_not_sent(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    batch = outbox.next_batch(store, "phone-1")
    outbox.mark_sent(store, batch)
    outbox.mark_not_sent(store, batch)
    assert outbox.waiting(store) == Waiting(saved=1, sent=0)


def test_a_batch_holds_no_more_rows_than_a_request_may(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH_CHANGES", 20)
    for _ in range(23):
        record_visit(store, visit_to("person-1"))
    first = outbox.next_batch(store, "phone-1")
    assert [c.seq for c in first.changes] == list(range(1, 21))
    apply_page(store, "phone-1", answer_of(receipts=accepted(*range(1, 21)), have=20))
    assert [c.seq for c in outbox.next_batch(store, "phone-1").changes] == [21, 22, 23]


def test_a_batch_holds_no_more_bytes_than_a_request_may(store: Store) -> None:
    for _ in range(10):
        record_visit(store, visit_to("person-1", note="长" * 300_000))
    batch = outbox.next_batch(store, "phone-1")
    header = SyncHeader(protocol=1, device="phone-1", first=1, sent_at=1)
    assert 0 < len(batch.changes) < 10
    assert len(encode_request(header, batch.changes)) <= BATCH_BYTES


def test_one_change_that_is_larger_than_a_request_still_goes_alone(store: Store) -> None:
    record_visit(store, visit_to("person-1", note="长" * (BATCH_BYTES // 3 + 1)))
    record_visit(store, visit_to("person-1"))
    assert [c.seq for c in outbox.next_batch(store, "phone-1").changes] == [1]


def test_a_batch_stops_at_a_number_that_has_its_answer(store: Store) -> None:
    for _ in range(4):
        record_visit(store, visit_to("person-1"))
    apply_page(store, "phone-1", answer_of(receipts=accepted(2), have=0))
    assert [c.seq for c in outbox.next_batch(store, "phone-1").changes] == [1]


def test_settling_twice_changes_nothing_the_second_time(store: Store) -> None:
    record_visit(store, visit_to("person-1"))
    with store.transaction():
        first = outbox.settle(store, "phone-1", accepted(1))
    late = Receipt(seq=1, status="quarantined", code="late", message="迟到的另一个回答")
    with store.transaction():
        second = outbox.settle(store, "phone-1", [late])
    assert (first.count, second.count) == (1, 0)
    assert visits_of(store, "person-1")[0].receipt == "REF1"


def test_a_receipt_for_a_number_never_given_out_is_left_alone(store: Store) -> None:
    with store.transaction():
        assert outbox.settle(store, "phone-1", accepted(77)) == Settled()


def test_a_refused_change_holds_up_nothing_behind_it(store: Store) -> None:
    for _ in range(3):
        record_visit(store, visit_to("person-1"))
    refusal = Receipt(seq=1, status="quarantined", code="bad_field", message="方式不认识", field="method")
    apply_page(store, "phone-1", answer_of(receipts=[refusal], have=1))
    assert [c.seq for c in outbox.next_batch(store, "phone-1").changes] == [2, 3]


def test_reused_numbers_keep_waiting_and_get_new_ones_with_the_next_sign_in(store: Store) -> None:
    for note in ("甲", "乙"):
        record_visit(store, visit_to("person-1", note=note))
    reused = [Receipt(seq=n, status="quarantined", code="seq_reused", message="编号用过") for n in (1, 2)]
    applied = apply_page(store, "phone-1", answer_of(receipts=reused, have=2))
    assert (applied.settled.count, applied.must_renumber, outbox.waiting(store).changes) == (0, True, 2)
    before = outbox.next_batch(store, "phone-1").changes
    keep_sign_in(store, sign_in_answer(device="phone-2"), "https://server.test")
    after = outbox.next_batch(store, "phone-2").changes
    assert [c.model_copy(update={"device": "phone-1"}) for c in after] == list(before)
    assert outbox.next_batch(store, "phone-1").changes == ()


def test_work_under_a_new_device_id_keeps_its_order_and_follows_without_holes(store: Store) -> None:
    for note in ("一", "二", "三"):
        record_visit(store, visit_to("person-1", note=note))
    apply_page(store, "phone-1", answer_of(receipts=accepted(1), have=1))
    keep_sign_in(store, sign_in_answer(device="phone-2"), "https://server.test")
    record_visit(store, visit_to("person-1", note="四"))
    changes = outbox.next_batch(store, "phone-2").changes
    assert [(c.seq, c.fields["note"]) for c in changes] == [(1, "二"), (2, "三"), (3, "四")]
    assert sorted({c.hlc for c in changes}) == [c.hlc for c in changes]


def test_a_phone_on_which_nobody_ever_signed_in_says_so(tmp_path: object) -> None:
    store = open_store(":memory:", now_ms=FakeClock())
    with pytest.raises(NotSignedIn, match="没有登录过"):
        record_visit(store, visit_to("person-1"))


def test_a_visit_that_was_taken_back_is_no_visit_of_the_result(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    undone = record_visit(store, visit_to("person-1", needs=(NewNeed("HOUSING", "2", "漏雨"),)))
    undo_visit(store, undone)
    newcomer = add_person(store, "吴桐", VILLAGE)
    with store.transaction():
        settled = outbox.settle(store, "phone-1", accepted(*range(1, 8)))
    assert (settled.count, settled.visits, settled.needs, settled.others) == (7, {visit}, 1, 2)
    assert newcomer in settled.records
