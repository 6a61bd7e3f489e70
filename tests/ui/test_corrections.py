"""A visit that stands is corrected from its record, before and after the 24 hours, with its history shown."""

from __future__ import annotations

from dataclasses import replace

from app.domain.merge import Candidate, Mark
from app.domain.stamp import hlc_of
from app.domain.wire import Receipt
from app.store import outbox
from app.store.drafts import draft_of, people_with_drafts
from app.store.inbox import apply_page
from app.store.index import people_index
from app.store.mending import amend_visit
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from tests.fakes import NOON, FakeClock, answer_of, head_of, visit_to
from tests.ui.conftest import opened, run, session_over


def test_a_visit_is_corrected_after_the_day_in_which_it_could_be_undone(
    store: Store, clock: FakeClock
) -> None:
    visit = record_visit(store, visit_to("p-li", result="NOT_MET"))

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/record/{visit}")
        assert {"更正这条", "撤销这条（24 小时内）"} <= set(phone.labels())
        assert "更正经过" not in phone.texts()
        clock.go_on(days=2)
        phone = await opened(session_over(store, clock), f"/records/record/{visit}")
        assert "撤销这条（24 小时内）" not in phone.labels()
        assert "超过 24 小时不能撤销，可以更正" in phone.texts()
        await phone.tap("更正这条")
        assert phone.page.route == f"/records/amend/{visit}"
        assert "更正这条走访" in phone.texts()
        await phone.tap("结果 见到家属")
        await phone.tap("保存到本机")
        assert phone.page.route == f"/records/record/{visit}"
        shown = phone.texts()
        at = shown.index("更正经过")
        assert shown[at : at + 6] == [
            "更正经过",
            "7月28日·你·记下",
            "结果：未遇",
            "今天 12:00·你·更正",
            "结果：见到家属",
            "现在算这个",
        ]

    run(body)
    (view,) = visits_of(store, "p-li")
    assert view.visit.result == "MET_FAMILY"
    assert [(c.kind, c.fields) for c in outbox.next_batch(store, "phone-1").changes][1:] == [
        ("patch", {"result": "MET_FAMILY"})
    ]


def test_the_first_line_of_the_history_takes_nothing_away(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("p-li"))
    amend_visit(store, visit, visit_to("p-li", checklist=("POLICY_BRIEFING",)))
    amend_visit(store, visit, visit_to("p-li"))

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/record/{visit}")
        assert [said for said in phone.texts() if said.startswith("做了什么：")] == [
            "做了什么：政策通报（没有勾）",
            "做了什么：政策通报",
            "做了什么：政策通报（去掉）",
        ]

    run(body)


def test_half_a_correction_is_kept_apart_from_the_visit_and_from_a_new_one(
    store: Store, clock: FakeClock
) -> None:
    visit = record_visit(store, visit_to("p-li", result="NOT_MET"))

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/amend/{visit}")
        await phone.tap("结果 见到家属")
        kept = draft_of(store, "p-li", about=visit)
        assert kept is not None
        assert kept["result"] == "MET_FAMILY"
        assert (people_with_drafts(store), people_index(store).row("p-li").state) == ([], "not_met")
        again = await opened(session_over(store, clock), f"/records/amend/{visit}")
        assert "上次没填完，接着填" in again.texts()
        assert again.is_checked("结果 见到家属") is True
        await again.tap("重新填")
        assert again.is_checked("结果 未遇") is True
        assert draft_of(store, "p-li", about=visit) is None

    run(body)


def test_half_a_mend_is_kept_too(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("p-li"))
    refused = Receipt(seq=1, status="quarantined", code="bad_field", message="结果不对。")
    apply_page(store, "phone-1", answer_of(receipts=[refused], have=1))

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/mend/{visit}")
        await phone.tap("结果 未遇")
        again = await opened(session_over(store, clock), f"/records/mend/{visit}")
        assert again.is_checked("结果 未遇") is True
        await again.tap("保存到本机")
        assert draft_of(store, "p-li", about=visit) is None

    run(body)


def test_two_corrections_that_did_not_know_of_each_other_are_both_shown(
    store: Store, clock: FakeClock
) -> None:
    visit = record_visit(store, visit_to("p-li", result="NOT_MET"))
    (model,) = [view.visit for view in visits_of(store, "p-li")]
    first = Mark(1, hlc_of(NOON), "phone-1", 1, "worker-1")
    mine = Candidate(Mark(2, hlc_of(NOON), "phone-1", 2, "worker-1"), "MET_SELF")
    theirs = Candidate(Mark(3, hlc_of(NOON + 60_000), "phone-7", 3, "worker-7"), "MET_FAMILY")
    head = head_of(model, version=3, mark=first)
    head = replace(head, values={**head.values, "result": "MET_FAMILY"}, marks={"result": (theirs, mine)})
    receipt = Receipt(seq=1, status="accepted", version=1, ref="R")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], rows=[head], have=1))

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/record/{visit}")
        shown = phone.texts()
        assert "两边各更正过一次，都留着，乡站看得到。" in shown
        at = shown.index("今天 12:01·别的手机·更正")
        assert shown[at : at + 3] == ["今天 12:01·别的手机·更正", "结果：见到家属", "现在算这个"]
        assert "结果：见到本人" in shown

    run(body)
