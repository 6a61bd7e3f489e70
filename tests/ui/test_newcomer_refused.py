"""A newcomer whom the city did not take is put right, or taken back, from 记录 or from his page."""

from __future__ import annotations

from app.domain.wire import Receipt
from app.store import outbox
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.newcomers import add_person
from app.store.people import person_view
from app.store.store import Store
from tests.fakes import VILLAGE, FakeClock, answer_of, sign_in_answer
from tests.ui.conftest import opened, run, session_over

MESSAGE = "身份证号写得不对，已原样保留。请改正后再存。"
REASON = "记录还在本机，没有丢。原因：身份证号写得不对；请改正后再存。"


def refused(store: Store) -> str:
    """Somebody of the only village, not taken for his number."""
    keep_sign_in(store, sign_in_answer(villages=[VILLAGE]), "https://server.test")
    newcomer = add_person(
        store, "闻一禾", VILLAGE, hamlet="上坞", house="9号", id_number="3311", phones={"13900000000": "女儿"}
    )
    receipt = Receipt(seq=1, status="quarantined", ref="7F3K29QD", code="bad_field", message=MESSAGE)
    apply_page(store, "phone-1", answer_of(receipts=[receipt], have=1))
    return newcomer


def test_he_is_opened_from_records_read_with_the_reason_and_mended(store: Store, clock: FakeClock) -> None:
    newcomer = refused(store)

    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/records")
        assert {"新增的 1 个人市里没收下，要你看一下", "闻**·上坞9号", REASON} <= set(phone.texts())
        await phone.tap("改没收下的 闻**·上坞9号")
        assert phone.page.route == f"/records/newcomer/{newcomer}"
        assert {REASON, "编号 7F3K-29QD"} <= set(phone.texts())
        assert "姓名" not in phone.labels()
        assert "闻一禾" not in " ".join([*phone.texts(), *phone.labels()])
        session.reveal("check")
        await phone.settle()
        await phone.write("身份证号（可不填）", "")
        await phone.write("门牌", "12号")
        again = await opened(session_over(store, clock), f"/records/newcomer/{newcomer}")
        assert again.control("门牌")[1].value == "12号"
        await phone.tap("改好重新送")
        assert phone.page.route == "/records"
        assert "新增的 1 个人市里没收下，要你看一下" not in phone.texts()
        session.hide()

    run(body)
    (mend,) = outbox.next_batch(store, "phone-1").changes
    assert (mend.kind, mend.replaces) == ("create", 1)
    person = person_view(store, newcomer).person
    assert (person.house, person.id_number, person.phones) == ("12号", None, {"13900000000": "女儿"})


def test_he_is_taken_back_from_the_same_page(store: Store, clock: FakeClock) -> None:
    newcomer = refused(store)
    clock.go_on(days=2)

    async def body() -> None:
        phone = await opened(session_over(store, clock), f"/roster/person/{newcomer}")
        assert REASON in phone.texts()
        await phone.tap("去改")
        assert phone.page.route == f"/roster/person/{newcomer}/refused"
        await phone.tap("撤销新增这个人")
        assert "这个人没有要改的了。" in phone.texts()
        await phone.show("/records")
        assert "新增的 1 个人市里没收下，要你看一下" not in phone.texts()

    run(body)
    assert [change.kind for change in outbox.next_batch(store, "phone-1").changes] == ["void"]
