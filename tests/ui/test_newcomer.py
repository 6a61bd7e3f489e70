"""Somebody on no roster is entered without a network; whoever is alike is named at once."""

from __future__ import annotations

from app.state.newcomer import NewcomerForm
from app.store import outbox
from app.store.account import keep_sign_in
from app.store.drafts import NEWCOMER, draft_of, keep_draft, people_with_drafts
from app.store.people import person_view
from app.store.store import Store
from tests.fakes import VILLAGE, FakeClock, sign_in_answer
from tests.ui.conftest import opened, run, session_over

ONE_VILLAGE = sign_in_answer(villages=[VILLAGE])


def test_somebody_searched_for_in_vain_is_entered_with_his_name_and_can_be_visited(
    store: Store, clock: FakeClock
) -> None:
    keep_sign_in(store, ONE_VILLAGE, "https://server.test")

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster")
        await phone.write("搜索姓名、拼音首字母或自然村", "闻一禾")
        await phone.tap("名册外新增一人")
        assert phone.page.route == "/roster/add"
        assert phone.control("姓名")[1].value == "闻一禾"
        await phone.write("自然村", "上坞")
        await phone.write("门牌", "9号")
        await phone.write("电话（可不填）", "139 0000 0000")
        await phone.tap("类别 退役军人")
        await phone.tap("存下这个人")
        assert phone.page.route.startswith("/roster/person/")
        await phone.tap("记走访")
        assert phone.page.route.endswith("/visit")

    run(body)
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert (change.kind, change.entity, change.fields) == (
        "create",
        "person",
        {
            "name": "闻一禾",
            "village": VILLAGE,
            "hamlet": "上坞",
            "house": "9号",
            "categories/VETERAN": True,
            "phones/13900000000": "本人",
        },
    )


def test_whoever_is_alike_is_named_at_once_and_hinders_nothing(store: Store, clock: FakeClock) -> None:
    keep_sign_in(store, ONE_VILLAGE, "https://server.test")

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/add")
        await phone.write("姓名", "张")
        assert not [label for label in phone.labels() if "去看看" in label]
        await phone.write("姓名", "张三")
        assert "名册里有 1 位很像，先看看是不是同一个人。" in phone.texts()
        await phone.write("自然村", "下坞")
        assert not [label for label in phone.labels() if "去看看" in label]
        await phone.write("自然村", "上坞")
        await phone.tap("是上坞12号张**，去看看")
        assert phone.page.route == "/roster/person/p-zhang"
        await phone.show("/roster/add")
        assert "上次没填完，接着填" in phone.texts()
        await phone.tap("存下这个人")
        assert phone.page.route.startswith("/roster/person/")

    run(body)
    assert len(outbox.next_batch(store, "phone-1").changes) == 1


def test_of_several_villages_one_has_to_be_chosen(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/add")
        await phone.tap("存下这个人")
        assert "还没写姓名，写上再存" in phone.texts()
        await phone.write("姓名", "闻一禾")
        await phone.tap("存下这个人")
        assert "还没选哪个村，选了再存" in phone.texts()
        await phone.tap("村 清水村")
        await phone.tap("存下这个人")
        (change,) = outbox.next_batch(store, "phone-1").changes
        assert person_view(store, change.record).person.village == VILLAGE

    run(body)


def test_the_hamlets_of_the_village_are_offered(store: Store, clock: FakeClock) -> None:
    keep_sign_in(store, ONE_VILLAGE, "https://server.test")

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/add")
        await phone.tap("自然村 下坞")
        assert phone.control("自然村")[1].value == "下坞"
        assert not [label for label in phone.labels() if label.startswith("自然村 ")]

    run(body)


def test_what_was_begun_for_one_is_not_saved_for_another_who_is_searched_for(
    store: Store, clock: FakeClock
) -> None:
    keep_sign_in(store, ONE_VILLAGE, "https://server.test")
    keep_draft(store, "", NewcomerForm("闻一禾", VILLAGE, "下坞").to_draft(), about=NEWCOMER)

    async def body() -> None:
        session = session_over(store, clock)
        session.roster.text = "吴桐"
        phone = await opened(session, "/roster/add")
        assert "存下这个人" not in phone.labels()
        await phone.tap("接着填闻一禾")
        assert phone.control("姓名")[1].value == "闻一禾"
        again = await opened(session, "/roster/add")
        await again.tap("重新填吴桐")
        assert (again.control("姓名")[1].value, again.control("自然村")[1].value) == ("吴桐", "")
        await again.tap("存下这个人")

    run(body)
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert change.fields == {"name": "吴桐", "village": VILLAGE}


def test_what_was_begun_for_somebody_new_can_be_dropped(store: Store, clock: FakeClock) -> None:
    keep_sign_in(store, ONE_VILLAGE, "https://server.test")
    keep_draft(store, "", NewcomerForm("闻一禾", VILLAGE, "下坞").to_draft(), about=NEWCOMER)

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/add")
        await phone.tap("重新填")
        assert (phone.control("姓名")[1].value, phone.control("自然村")[1].value) == ("", "")
        assert draft_of(store, "", about=NEWCOMER) is None
        assert "上次没填完，接着填" not in phone.texts()

    run(body)


def test_a_newcomer_is_taken_back_from_the_bar_or_from_his_page(store: Store, clock: FakeClock) -> None:
    keep_sign_in(store, ONE_VILLAGE, "https://server.test")

    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/roster/add")
        await phone.write("姓名", "闻一禾")
        await phone.tap("存下这个人")
        assert "已存在本机" in phone.texts()
        await phone.tap("撤销刚新增的人")
        assert "已撤销，这个人不会计入" in phone.texts()
        assert "记走访" not in phone.labels()
        await phone.show("/roster/add")
        await phone.write("姓名", "吴桐")
        await phone.tap("存下这个人")
        session.close_bar()
        await phone.settle()
        await phone.tap("撤销新增这个人")
        assert "已撤销，这个人不会计入" in phone.texts()

    run(body)
    assert [change.kind for change in outbox.next_batch(store, "phone-1").changes] == ["create", "void"] * 2


def test_what_is_typed_of_somebody_new_outlives_a_kill(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/add")
        await phone.write("姓名", "闻一禾")
        await phone.write("身份证号（可不填）", "331121195001010")
        again = await opened(session_over(store, clock), "/roster/add")
        assert again.control("姓名")[1].value == "闻一禾"
        assert again.control("身份证号（可不填）")[1].value == "331121195001010"
        await again.write("姓名", "")
        await again.write("身份证号（可不填）", "")
        assert draft_of(store, "", about=NEWCOMER) is None
        assert people_with_drafts(store) == []

    run(body)


def test_a_name_that_is_none_is_said_beside_the_field_and_nobody_is_entered(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/add")
        await phone.write("姓名", "张" * 40)
        await phone.tap("存下这个人")
        assert "姓名最长 30 个字，这里有 40 个。多出来的请写到备注。" in phone.texts()
        assert outbox.waiting(store).changes == 0

    run(body)
