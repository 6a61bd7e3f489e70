"""A symposium or a deeds talk is recorded with its attendance, kept as a draft, corrected and undone."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.domain.facts import Activity
from app.state.typed import CHINA
from app.store import outbox
from app.store.activities import activities
from app.store.inbox import apply_page
from app.store.records import totals
from app.store.store import Store
from tests.fakes import VILLAGE, FakeClock, answer_of, head_of
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import Phone, check_page


async def fill(phone: Phone) -> None:
    await phone.tap("活动 座谈会")
    await phone.write("地点", "文化礼堂")
    await phone.write("退役军人人数", "12")
    await phone.tap("军烈属加一人")
    await phone.tap("军烈属加一人")
    await phone.tap("军烈属减一人")
    await phone.tap("工作人员减一人")


def test_a_symposium_is_recorded_with_who_came_and_what_was_said(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records")
        await phone.tap("座谈会、宣讲会")
        assert "还没有记过座谈会、宣讲会。" in phone.texts()
        await phone.tap("记一次")
        await fill(phone)
        assert "一共 13 人" in phone.texts()
        await phone.tap("名册上谁来了（可不选）")
        await phone.write("搜索姓名、拼音首字母或自然村", "zs")
        await phone.tap("选上坞12号张**")
        await phone.tap("选好了，1 人")
        assert "名册上来了 1 人" in phone.texts()
        await phone.write("记录（说了什么，可不填）", "都说路灯坏了")
        await phone.tap("保存到本机")
        assert phone.page.route == "/records/activities"
        assert "活动已存在本机" in phone.texts()

    run(body)
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert (change.entity, change.kind, change.fields) == (
        "activity",
        "create",
        {
            "campaign": "lishui-2022",
            "organisation": VILLAGE,
            "performer": "worker-1",
            "kind": "SYMPOSIUM",
            "at": "2022-07-28T12:00:00+08:00",
            "place": "文化礼堂",
            "attendance/VETERAN": 12,
            "attendance/FAMILY": 1,
            "people/p-zhang": True,
            "minutes": "都说路灯坏了",
        },
    )
    assert totals(store).edits == 1


def test_what_is_missing_is_said_beside_it_and_nothing_is_saved(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/activities/new")
        await phone.tap("保存到本机")
        assert "还没选座谈会还是宣讲会，选了再存。" in phone.texts()
        await phone.tap("活动 先进事迹宣讲会")
        await phone.tap("保存到本机")
        assert "还没填到会人数，填了再存。" in phone.texts()
        await phone.write("其他人数", "一百")
        await phone.tap("保存到本机")
        assert "请写数字，最多 9999。" in phone.texts()
        await phone.write("其他人数", "3")
        await phone.write("日期（如 7-20）", "1022-7-3")
        await phone.tap("保存到本机")
        assert "走访 7月12日 才开始，请核对" in phone.texts()

    run(body)
    assert outbox.next_batch(store, "phone-1").changes == ()


def test_what_was_begun_is_there_again_and_can_be_begun_anew(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/activities/new")
        await fill(phone)
        again = await opened(session_over(store, clock), "/records/activities/new")
        assert "上次没填完，接着填" in again.texts()
        assert again.control("地点")[1].value == "文化礼堂"
        await again.tap("重新填")
        assert again.control("地点")[1].value == ""

    run(body)


def test_a_meeting_is_corrected_with_what_differs_alone_and_taken_back(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/activities/new")
        await fill(phone)
        await phone.tap("保存到本机")
        await phone.tap(next(label for label in phone.labels() if label.startswith("更正")))
        await phone.write("军烈属人数", "")
        await phone.write("退役军人人数", "14")
        await phone.tap("保存到本机")
        changes = outbox.next_batch(store, "phone-1").changes
        assert changes[-1].fields == {"attendance/FAMILY": None, "attendance/VETERAN": 14}
        await phone.tap(next(label for label in phone.labels() if label.startswith("撤销今天")))
        assert "已撤销，这次活动不会计入" in phone.texts()
        assert outbox.next_batch(store, "phone-1").changes[-1].kind == "void"
        assert [view.is_undone for view in activities(store)] == [True]

    run(body)


def test_a_meeting_entered_elsewhere_is_shown_and_cannot_be_changed_here(
    store: Store, clock: FakeClock
) -> None:
    elsewhere = Activity(
        id="a-1", campaign="lishui-2022", organisation=VILLAGE, performer="worker-9", kind="DEEDS_TALK",
        at=datetime(2022, 7, 20, 9, tzinfo=CHINA), attendance={"OTHER": 40},
    )  # fmt: skip
    apply_page(store, "phone-1", answer_of(rows=[head_of(elsewhere)]))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/activities")
        assert "7月20日·一共 40 人" in phone.texts()
        assert "市里已收到" in phone.texts()
        assert not [label for label in phone.labels() if label.startswith(("更正", "撤销"))]

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_pages_are_drawn_with_labels_of_their_own(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/records/activities/new")
        await fill(phone)
        await phone.tap("保存到本机")
        session.set_look(scale=scale, language=language)
        for route in ("/records/activities", "/records/activities/new"):
            check_page(await opened(session, route), route)

    run(body)
