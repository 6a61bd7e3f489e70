"""Who is left, hamlet by hamlet; what is said before, after and at the end of a campaign."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app.state.typed import CHINA
from app.store.account import keep_sign_in
from app.store.inbox import apply_page
from app.store.left import left_places, own_work, still_to_confirm, to_try_again
from app.store.store import Store
from app.store.visits import record_visit, undo_visit
from tests.fakes import (
    DAY_MS,
    OTHER_VILLAGE,
    VILLAGE,
    FakeClock,
    answer_of,
    campaign,
    head_of,
    person,
    sign_in_answer,
    visit_to,
)
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import check_page

NOON = datetime(2022, 7, 28, 12, tzinfo=CHINA)


def test_hamlets_name_who_is_left_with_the_priority_groups_first(store: Store, clock: FakeClock) -> None:
    index = session_over(store, clock).index
    record_visit(store, visit_to("p-sun"))
    places = left_places(index, campaign())
    assert [(place.hamlet, place.due, [row.id for row in place.rows]) for place in places] == [
        ("上坞", 3, ["p-zhang", "p-li", "p-wang"]),
        ("下坞", 2, ["p-zhou"]),
    ]


def test_who_was_not_met_is_due_again_after_three_days_and_the_attempts_are_told(
    store: Store, clock: FakeClock
) -> None:
    session = session_over(store, clock)
    for days in (5, 4):
        record_visit(store, visit_to("p-li", result="NOT_MET", at=NOON - timedelta(days=days)))
    record_visit(store, visit_to("p-wang", result="NOT_MET", at=NOON - timedelta(days=1)))
    assert [row.id for row in to_try_again(session.index, now=NOON)] == ["p-li"]

    async def body() -> None:
        phone = await opened(session, "/")
        await phone.tap("按自然村看还有谁")
        assert phone.page.route == "/left"
        assert "该再去一次：1 人" in phone.texts()
        assert "7月24日上门未遇，共 2 次" in phone.texts()
        assert "昨天上门未遇" in phone.texts()
        await phone.tap("打开上坞15号李**")
        assert phone.page.route == "/left/person/p-li"

    run(body)


def test_own_work_counts_each_person_once_by_method_and_leaves_out_what_was_undone(
    store: Store, clock: FakeClock
) -> None:
    for method in ("HOME", "PHONE"):
        record_visit(store, visit_to("p-li", method=method))
    record_visit(store, visit_to("p-zhang", method="SMS", result="SENT"))
    undo_visit(store, record_visit(store, visit_to("p-wang")))
    own = own_work(store)
    assert (own.people, own.by_method, own.by_village) == (1, {"HOME": 1, "PHONE": 1}, {VILLAGE: 1})


def test_all_reached_leads_to_what_can_still_be_done(store: Store, clock: FakeClock) -> None:
    for one in ("p-zhang", "p-li", "p-wang", "p-sun", "p-zhou"):
        record_visit(store, visit_to(one, checklist=("ANNUAL_CONFIRMATION",) if one == "p-li" else ()))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/")
        assert "5 人都联系到了" in phone.texts()
        await phone.tap("看还能做什么")
        assert phone.page.route == "/more"
        assert "年度确认还没做：4 人" in phone.texts()

    run(body)
    assert still_to_confirm(store, session_over(store, clock).index, campaign()) == 4


@pytest.mark.parametrize(
    ("days", "said"),
    [(-20, "走访 7月12日开始。名册可以先看。"), (0, "距 8月1日 还有 4 天"), (10, "已截止，照样收，算补报")],
)
def test_today_says_where_the_campaign_stands(store: Store, clock: FakeClock, days: int, said: str) -> None:
    clock.go_on(days=days)

    async def body() -> None:
        assert said in (await opened(session_over(store, clock), "/")).texts()

    run(body)


def test_a_phone_that_heard_nothing_for_three_days_says_since_when(store: Store, clock: FakeClock) -> None:
    clock.now += 3 * DAY_MS + 1

    async def body() -> None:
        assert (
            "上次更新 7月28日，有信号时会自动更新" in (await opened(session_over(store, clock), "/")).texts()
        )

    run(body)


def test_on_a_phone_of_many_villages_the_way_begins_in_the_one_chosen(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.screens.today.FEW_ENOUGH", 3)
    other = person("o-1", name="何七", village=OTHER_VILLAGE, hamlet="石门", house="1号")
    apply_page(store, "phone-1", answer_of(rows=[head_of(other)]))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/")
        assert "顺路走：先选一个村" in phone.texts()
        await phone.tap("村 石门那个村")
        assert "顺路走：石门 1 人" in phone.texts()

    run(body)


def test_before_the_roster_has_come_it_can_be_put_off_and_a_meeting_recorded(
    fresh_store: Store, clock: FakeClock
) -> None:
    keep_sign_in(fresh_store, sign_in_answer(), "https://server.test")

    async def body() -> None:
        phone = await opened(session_over(fresh_store, clock), "/")
        assert "先取一次名册：约 1 分钟，可中断" in phone.texts()
        await phone.tap("以后再说")
        assert "名册还没取。座谈会、帮助现在也能用。" in phone.texts()
        await phone.tap("现在取")
        assert "先取一次名册：约 1 分钟，可中断" in phone.texts()
        await phone.tap("座谈会、宣讲会")
        assert phone.page.route == "/records/activities"

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_pages_are_drawn_with_labels_of_their_own(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    record_visit(store, visit_to("p-li", result="NOT_MET", at=NOON - timedelta(days=4)))
    record_visit(store, visit_to("p-zhou"))

    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        for route in ("/left", "/more", "/"):
            check_page(await opened(session, route), route)

    run(body)
