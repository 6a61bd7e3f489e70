"""What the visit form says by itself: limits, times that are none, who was there lately."""

from __future__ import annotations

from datetime import datetime

import pytest

from app.domain.models import Visit
from app.store.inbox import apply_page
from app.store.records import totals
from app.store.store import Store
from app.store.visits import visits_of
from tests.fakes import FakeClock, answer_of, campaign, head_of, person
from tests.ui.conftest import opened, run, session_over


def visit_of(record: str, who: str, *, at: str, result: str = "MET_SELF", performer: str = "other") -> Visit:
    """A visit that came down from the server, made by the township."""
    moment = datetime.fromisoformat(at)
    return Visit(
        id=record,
        campaign=campaign().code,
        person=who,
        organisation="331121209",
        performer=performer,
        method="HOME",
        result=result,
        at=moment,
        saved_at=moment,
    )


def test_an_amount_above_the_limit_is_said_and_brought_above_the_save_button(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("慰问金、慰问品，无")
        await phone.write("慰问品折价（元）", "2001")
        await phone.idle()
        assert "单次上限 2000 元，超过的市里不收。请核对。" in phone.texts()
        assert phone.scrolled_to()[-1] == "goods_value"

    run(body)


@pytest.mark.parametrize(
    ("day", "time", "said"),
    [
        ("", "25:70", "时间看不懂，请写成 7-20 和 9:40"),
        ("7-32", "", "时间看不懂，请写成 7-20 和 9:40"),
        ("7-30", "9:00", "这个时间还没到，请核对"),
        ("7-2", "9:00", "走访 7月12日 才开始，请核对"),
        ("7-20", "9：5", "7月20日 9:05"),
    ],
)
def test_a_time_that_is_none_is_never_shown_as_one(
    store: Store, clock: FakeClock, day: str, time: str, said: str
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("时间，今天 12:00")
        await phone.write("日期（如 7-20）", day)
        await phone.write("几点（如 9:40）", time)
        assert f"时间，{said}" in phone.labels()
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        await phone.idle()
        if "月20日" not in said:
            assert phone.scrolled_to()[-1] == "when"
            assert totals(store).all == 0

    run(body)


def test_the_form_says_who_was_there_lately_and_what_the_person_wishes(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        apply_page(
            store,
            "phone-1",
            answer_of(
                rows=[
                    head_of(person("p-wang", name="王五", hamlet="上坞", house="20号", no_call=True)),
                    head_of(visit_of("v-1", "p-wang", at="2022-07-25T08:00:00+08:00", result="NOT_MET")),
                    head_of(visit_of("v-2", "p-li", at="2022-07-25T08:00:00+08:00", result="MET_FAMILY")),
                    head_of(visit_of("v-3", "p-zhang", at="2022-07-28T08:00:00+08:00", performer="worker-1")),
                ],
                cursor="c2",
            ),
        )
        said = {}
        for who in ("p-wang", "p-li", "p-zhang"):
            phone = await opened(session_over(store, clock), f"/roster/visit/{who}")
            said[who] = [t for t in phone.texts() if "仍可再记" in t or "本人不愿" in t]
        assert said == {
            "p-wang": ["3 天前乡镇上门，未遇，仍可再记", "本人不愿接电话"],
            "p-li": ["3 天前乡镇上门联系过，仍可再记"],
            "p-zhang": ["今天 8:00 记过一次，仍可再记"],  # made on another phone by the same account
        }

    run(body)


def test_the_visit_just_saved_is_not_told_to_whoever_saves_it(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        assert totals(store).all == 1
        assert not phone.has_drawn("记过一次")
        await phone.show("/roster/visit/p-zhang")
        assert phone.has_drawn("今天 12:00 记过一次，仍可再记")

    run(body)


def test_a_form_taken_up_again_keeps_the_time_at_which_it_was_written(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/roster/visit/p-zhang")
        await phone.tap("结果 未遇")
        clock.go_on(ms=5 * 3600 * 1000)
        again = await opened(session, "/roster/visit/p-zhang")
        assert "时间，今天 12:00" in again.labels()
        await again.tap("保存到本机")
        (view,) = visits_of(store, "p-zhang")
        assert view.visit.at.isoformat() == "2022-07-28T12:00:00+08:00"

    run(body)


def test_a_form_begun_anew_is_of_now_again(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/roster/visit/p-zhang")
        await phone.tap("结果 未遇")
        clock.go_on(ms=5 * 3600 * 1000)
        again = await opened(session, "/roster/visit/p-zhang")
        await again.tap("重新填")
        assert "时间，今天 17:00" in again.labels()

    run(body)
