"""A corrected visit keeps everything that was said about it, by whom, and what counts now."""

from dataclasses import replace

from app.domain.change import Change
from app.domain.merge import Head, Mark, apply
from app.domain.stamp import hlc_of
from app.domain.wire import Receipt
from app.store.authors import Author
from app.store.drafts import draft_of, keep_draft
from app.store.history import History, Step, history_of
from app.store.inbox import apply_page
from app.store.mending import amend_visit, mend_visit
from app.store.outbox import RecordState
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from tests.fakes import NOON, FakeClock, answer_of, head_of, visit_to

MINUTE = 60_000


def me(at_ms: int) -> Author:
    return Author(is_me=True, is_here=True, is_roster=False, name="周岚", at_ms=at_ms)


def test_a_visit_that_was_never_corrected_has_no_history(store: Store) -> None:
    assert history_of(store, record_visit(store, visit_to("person-1"))) == History((), False)


def test_each_correction_stays_with_what_it_corrected(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("person-1", result="NOT_MET"))
    clock.go_on(ms=MINUTE)
    amend_visit(store, visit, visit_to("person-1", result="MET_FAMILY"))
    clock.go_on(ms=MINUTE)
    amend_visit(store, visit, visit_to("person-1", result="MET_FAMILY", note="女儿在家"))
    saved = RecordState.SAVED
    assert history_of(store, visit) == History(
        (
            Step(me(NOON), "create", {"note": None, "result": "NOT_MET"}, frozenset(), saved),
            Step(
                me(NOON + MINUTE), "patch", {"result": "MET_FAMILY"}, frozenset({"result"}), saved
            ),
            Step(
                me(NOON + 2 * MINUTE), "patch", {"note": "女儿在家"}, frozenset({"note"}), saved
            ),
        ),
        is_divided=False,
    )  # fmt: skip


def amended_elsewhere(head: Head, *, base: int, **fields: object) -> Head:
    """`head` after somebody of the county corrected it in sight of `base`."""
    hlc, version = hlc_of(NOON + 5 * MINUTE), head.version + 1
    change = Change(
        device="phone-7", seq=4, hlc=hlc, actor="worker-7", entity="visit", record=head.record,
        kind="patch", base=base, fields=fields,
    )  # fmt: skip
    return apply(head, change, Mark(version, hlc, "phone-7", 4, "worker-7"))


def test_of_two_corrections_of_one_version_both_are_seen(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("person-1", result="NOT_MET"))
    (model,) = [view.visit for view in visits_of(store, "person-1")]
    mark = Mark(1, hlc_of(NOON), "phone-1", 1, "worker-1")
    head = head_of(model, mark=mark)
    receipt = Receipt(seq=1, status="accepted", version=1, ref="R")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], rows=[head], have=1))
    clock.go_on(ms=MINUTE)
    amend_visit(store, visit, visit_to("person-1", result="MET_SELF"))
    apply_page(store, "phone-1", answer_of(rows=[amended_elsewhere(head, base=1, result="MET_FAMILY")]))
    history = history_of(store, visit)
    assert history.is_divided
    assert [(step.author.is_me, step.fields, bool(step.counting)) for step in history.steps] == [
        (True, {"result": "NOT_MET"}, False),
        (True, {"result": "MET_SELF"}, False),
        (False, {"result": "MET_FAMILY"}, True),
    ]


def test_a_refused_value_that_was_put_right_leaves_a_trace(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("person-1", cash_fen=900_000))
    refused = Receipt(seq=1, status="quarantined", code="over_limit", message="超过上限。")
    apply_page(store, "phone-1", answer_of(receipts=[refused], have=1))
    clock.go_on(ms=MINUTE)
    mend_visit(store, visit, visit_to("person-1", cash_fen=90_000))
    was = Step(me(NOON), "create", {"cash_fen": 900_000}, frozenset(), RecordState.REFUSED, is_mended=True)
    mend = me(NOON + MINUTE)
    amount = {"cash_fen": 90_000}
    assert history_of(store, visit) == History(
        (was, Step(mend, "create", amount, frozenset(amount), RecordState.SAVED)), is_divided=False
    )
    receipt = Receipt(seq=2, status="accepted", version=1, ref="R")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=2))
    amend_visit(store, visit, replace(visit_to("person-1", cash_fen=90_000), note="收条在站里"))
    assert [step.fields for step in history_of(store, visit).steps] == [
        {"cash_fen": 900_000},
        {"cash_fen": 90_000, "note": None},
        {"note": "收条在站里"},
    ]


def test_a_correction_that_is_saved_takes_its_draft_with_it_and_leaves_the_others(store: Store) -> None:
    visit = record_visit(store, visit_to("person-1"))
    keep_draft(store, "person-1", {"note": "新的一次"})
    keep_draft(store, "person-1", {"note": "更正到一半"}, about=visit)
    amend_visit(store, visit, visit_to("person-1", note="更正"))
    assert draft_of(store, "person-1", about=visit) is None
    assert draft_of(store, "person-1") == {"note": "新的一次"}
