"""A refused visit is put right where it is shown; what the worker must know is said on the strip."""

from __future__ import annotations

import asyncio

from app.domain.wire import Receipt
from app.store import outbox
from app.store.inbox import apply_page
from app.store.mending import mend_visit
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from app.ui.parts.strip import what_to_say
from tests.fakes import FakeClock, answer_of, visit_to
from tests.ui.conftest import opened, run, session_over

CALM = {
    "phase": "idle",
    "sent_of": None,
    "is_online": True,
    "is_expired": False,
    "waiting": 3,
    "is_kept": True,
}


def test_a_refused_visit_is_mended_from_its_record(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("p-zhang", note="给了米", cash_fen=30_050))
    receipt = Receipt(seq=1, status="quarantined", code="bad_field", message="金额不对。")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=1))
    before = visits_of(store, "p-zhang")[0].visit

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/record/{visit}")
        await phone.tap("去改")
        assert phone.page.route == f"/records/mend/{visit}"
        await phone.tap("方式 电话")
        await phone.tap("结果 联系到本人")
        await phone.tap("保存到本机")
        assert phone.page.route == f"/records/record/{visit}"
        assert "去改" not in phone.texts()

    run(body)
    (after,) = visits_of(store, "p-zhang")
    assert after.visit == before.model_copy(update={"method": "PHONE"})
    assert [change.replaces for change in outbox.next_batch(store, "phone-1").changes] == [1]


def test_the_way_to_a_refused_field_opens_its_row_with_the_reason(store: Store, clock: FakeClock) -> None:
    visit = record_visit(store, visit_to("p-zhang", cash_fen=300_000))
    message = "慰问金 3000 元超过单次上限 2000 元，已原样保留。填错了请改正；没填错，请报乡站。"
    receipt = Receipt(seq=1, status="quarantined", code="over_limit", message=message, field="cash_fen")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=1))
    reason = "慰问金 3000 元超过单次上限 2000 元"

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/record/{visit}")
        await phone.tap("去改")
        whole = f"记录还在本机，没有丢。原因：{reason}；填错了请改正；没填错，请报乡站。"
        assert whole in phone.texts()
        assert phone.control("慰问金（元）")[1].value == "3000"
        assert f"市里没收下：{reason}" in phone.texts()
        await asyncio.sleep(0.3)
        assert phone.scrolled_to() == ["cash"]
        await phone.write("慰问金（元）", "300")
        assert f"市里没收下：{reason}" not in phone.texts()

    run(body)


def test_a_clock_off_by_more_than_five_minutes_is_said() -> None:
    five, six, hours = 5 * 60_000, 6 * 60_000, -2 * 3_600_000
    found = [what_to_say(**CALM, offset_ms=ms) for ms in (five, six, hours)]  # type: ignore[arg-type]
    assert [said and (said.key, said.fields) for said in found] == [
        None,
        ("clock.wrong.minutes", {"n": 6}),
        ("clock.wrong", {"n": 2}),
    ]


def test_what_was_refused_stands_among_the_corrections_of_the_mended_visit(
    store: Store, clock: FakeClock
) -> None:
    visit = record_visit(store, visit_to("p-zhang", cash_fen=900_000))
    receipt = Receipt(seq=1, status="quarantined", code="over_limit", message="超过上限。")
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=1))
    mend_visit(store, visit, visit_to("p-zhang", cash_fen=90_000))

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/records/record/{visit}")
        assert {"更正经过", "慰问金：9000 元", "没收下", "慰问金：900 元", "现在算这个"} <= set(phone.texts())

    run(body)


def test_a_phone_newer_than_its_server_asks_nothing_of_the_worker() -> None:
    said = what_to_say(**{**CALM, "phase": "old_server"})  # type: ignore[arg-type]
    assert said is not None
    assert (said.key, said.fields, said.asks) == ("net.old.server", {"n": 3}, False)


def test_a_phone_that_was_switched_off_says_what_becomes_of_its_work() -> None:
    said = what_to_say(**CALM, is_revoked=True)  # type: ignore[arg-type]
    assert said is not None
    assert (said.key, said.fields, said.asks) == ("revoked", {"n": 3}, True)
