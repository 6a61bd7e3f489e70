"""A shared phone is handed over on the screen; nothing of one worker is seen by the next."""

from __future__ import annotations

from app.domain.wire import Receipt
from app.store import outbox
from app.store.account import signed_in
from app.store.inbox import apply_page
from app.store.newcomers import add_person
from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import OTHER_VILLAGE, FakeClock, FakeServer, answer_of, sign_in_answer, visit_to
from tests.ui.conftest import opened, run, session_over

ACCOUNT = {"id": "worker-2", "name": "吴桐", "role": "RECORDER"}
SECOND = {**sign_in_answer(device="phone-9", villages=[OTHER_VILLAGE]), "account": ACCOUNT}


def holder(store: Store) -> str | None:
    account = signed_in(store)
    return account and account.account_name


def test_a_second_worker_is_enrolled_on_the_phone_and_the_first_takes_it_back(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        server = FakeServer(clock=clock, logins={"second": SECOND})
        session = session_over(store, clock, server)
        session.set_look(scale=2.0, theme="dark")
        phone = await opened(session, "/me")
        await phone.tap("换人")
        await phone.tap("再加一个人")
        await phone.write("账号", "second")
        await phone.write("密码", "secret-9")
        await phone.tap("登录")
        account = signed_in(store)
        assert account is not None
        assert (account.account_name, account.device, account.token, phone.page.route) == (
            "吴桐",
            "phone-1",
            "token-of-phone-1",
            "/",
        )
        assert (session.looks.scale, session.looks.theme, session.looks.language) == (1.0, "dark", "zh")
        await phone.show("/workers")
        assert phone.is_checked("换成 清水村吴桐") is True
        await phone.tap("换成 清水村周岚")
        assert (holder(store), phone.page.route, session.looks.scale) == ("周岚", "/", 2.0)

    run(body)


def test_a_wrong_password_of_the_second_leaves_the_phone_with_the_first(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock, FakeServer(clock=clock)), "/sign-in")
        await phone.write("账号", "second")
        await phone.write("密码", "wrong")
        await phone.tap("登录")
        assert "账号或密码不对。" in phone.texts()
        assert holder(store) == "周岚"

    run(body)


def test_signing_out_says_what_stays_and_asks_once_more(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        record_visit(store, visit_to("p-li"))
        session = session_over(store, clock)
        session.reveal("visit")
        phone = await opened(session, "/workers")
        await phone.tap("退出登录")
        assert "没传的 1 条还在本机，不会丢，下次有人登录接着传。" in phone.texts()
        assert holder(store) == "周岚"
        await phone.tap("再点一次就退出")
        assert (holder(store), session.names.are_shown) == (None, False)
        assert "登录" in phone.labels()
        assert outbox.waiting(store).saved == 1

    run(body)


def test_nothing_is_said_to_have_arrived_while_a_newcomer_waits(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        record_visit(store, visit_to("p-li"))
        add_person(store, "吴桐", "331121209200")
        apply_page(store, "phone-1", answer_of(receipts=[Receipt(seq=1, status="accepted", version=1)]))
        session = session_over(store, clock)
        phone = await opened(session, "/records")
        assert {"另有 1 处改动还没送到", "一共 1 条。网络通了会自动传，不用守着。"} <= set(phone.texts())
        assert "记录，1 条还没送到" in phone.labels()
        await phone.show("/workers")
        await phone.tap("退出登录")
        assert "没传的 1 条还在本机，不会丢，下次有人登录接着传。" in phone.texts()
        apply_page(store, "phone-1", answer_of(receipts=[Receipt(seq=2, status="accepted", version=1)]))
        await phone.settle()
        assert "记录都送到了。草稿留着，再登录就看得到。" in phone.texts()
        await phone.show("/records")
        assert "都送到了，市里共收到 1 条" in phone.texts()

    run(body)


def test_once_one_has_signed_out_the_others_take_the_phone_without_a_password(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        server = FakeServer(clock=clock, logins={"second": SECOND})
        session = session_over(store, clock, server)
        await session.sign_in("second", "secret-9", server="https://server.test")
        phone = await opened(session, "/workers")
        await phone.tap("退出登录")
        await phone.tap("再点一次就退出")
        await phone.tap("换成 清水村周岚")
        assert holder(store) == "周岚"

    run(body)


def test_a_colleague_is_taken_off_by_two_taps_unless_something_of_his_waits(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        server = FakeServer(clock=clock, logins={"second": SECOND})
        session = session_over(store, clock, server)
        phone = await opened(session, "/workers")
        assert "从本机移走账号" not in phone.labels()
        await session.sign_in("second", "secret-9", server="https://server.test")
        record_visit(store, visit_to("p-li"))
        session.switch_worker("worker-1")
        await phone.show("/workers")
        await phone.tap("从本机移走账号")
        await phone.tap("移走 清水村吴桐")
        assert (
            "移走后，只有他管的村下次联网时从本机拿掉。已送到的记录不受影响，他再登录又能用。"
            in phone.texts()
        )
        await phone.tap("再点一次就移走：清水村吴桐")
        kept = "这个账号在本机还有 1 条没送到，先不移走，都还在本机。办完了再来移。"
        assert kept in phone.texts()
        apply_page(store, "phone-1", answer_of(receipts=[Receipt(seq=1, status="accepted", version=1)]))
        await phone.settle()
        await phone.tap("移走 清水村吴桐")
        await phone.tap("再点一次就移走：清水村吴桐")
        assert "已移走 清水村吴桐，联网时告诉市里。" in phone.texts()
        assert ("换成 清水村吴桐" in phone.labels(), holder(store)) == (False, "周岚")

    run(body)
