"""困难: the list by next step, one need with its steps, and the step that I may take now."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.facts import NeedStep
from app.domain.merge import Mark
from app.domain.models import Need
from app.store.inbox import apply_page
from app.store.needs import need_view, needs_here, needs_with_news
from app.store.records import totals
from app.store.store import Store
from tests.fakes import NOON, VILLAGE, FakeClock, answer_of, campaign, head_of
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import check_page

AT = datetime.fromtimestamp(NOON / 1000, UTC)


def need(record: str, who: str, *, kind: str = "HOUSING", severity: str = "2", words: str = "") -> Need:
    return Need(
        id=record, campaign=campaign().code, person=who, visit="v", organisation=VILLAGE, type=kind,
        severity=severity, words=words, found_at=AT, cause="SUDDEN",
    )  # fmt: skip


def step(record: str, who: str, state: str, *, organisation: str = "331121209", **more: Any) -> NeedStep:
    return NeedStep(
        id=f"{record}-{state}", campaign=campaign().code, need=record, person=who, at=AT,
        organisation=organisation, performer="clerk", state=state, **more,
    )  # fmt: skip


def give(store: Store, *models: Need | NeedStep) -> None:
    """What the server knows of needs comes down, each later than the one before."""
    rows = [head_of(m, mark=Mark(1, at, "phone-9", at, "clerk")) for at, m in enumerate(models, 1)]
    apply_page(store, "phone-1", answer_of(rows=rows, cursor="c-needs"))


def some(store: Store) -> None:
    give(
        store,
        need("n-found", "p-zhang", severity="4", words="断粮"),
        need("n-back", "p-li", kind="MEDICAL"),
        step("n-back", "p-li", "REPORTED"),
        step("n-back", "p-li", "RETURNED", words="缺病历"),
        need("n-going", "p-wang"),
        step("n-going", "p-wang", "IN_PROGRESS"),
        need("n-done", "p-sun"),
        step("n-done", "p-sun", "CLOSED", outcome="SOLVED", assistance=("CASH",), money_fen=50000),
    )


def rows(labels: list[str]) -> list[str]:
    return [label for label in labels if "**" in label]


def test_the_list_begins_with_what_waits_for_me_and_each_kind_says_its_number(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        some(store)
        phone = await opened(session_over(store, clock), "/needs")
        assert rows(phone.labels()) == [
            "张** 住房 紧急，发现",
            "孙** 住房 较重，办结",
            "李** 医疗 较重，退回",
        ]
        assert {"退回：缺病历", "等你：补好材料再报", "等你：回访", "有回音"} <= set(phone.texts())
        await phone.tap("看 办理中 3")
        assert len(rows(phone.labels())) == 3
        await phone.tap("看 已办结 1")
        assert rows(phone.labels()) == ["孙** 住房 较重，办结"]
        await phone.tap("看 全部 4")
        assert len(rows(phone.labels())) == 4

    run(body)


def test_a_need_shows_its_steps_and_only_what_i_may_do_now(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        some(store)
        assert [view.need.id for view in needs_with_news(store)] == ["n-going", "n-done", "n-back"]
        phone = await opened(session_over(store, clock), "/needs/need/n-back")
        assert phone.labels()[-1] == "补好材料再报"
        assert {"今天 12:00·乡镇", "缺病历", "原因：突发事件", "现在到这一步", "受理", "回访"} <= set(
            phone.texts()
        )
        assert "n-back" not in [view.need.id for view in needs_with_news(store)]
        phone = await opened(session_over(store, clock), "/needs/need/n-going")
        assert "现在不用你办。有回音会告诉你。" in phone.texts()
        phone = await opened(session_over(store, clock), "/needs/need/n-done")
        assert {"结果：解决", "帮扶：慰问金、500 元"} <= set(phone.texts())
        phone = await opened(session_over(store, clock), "/needs/need/n-found")
        assert "有生命危险先打 110 或 120，再报乡站。" in phone.texts()
        assert phone.labels()[-4:] == ["核实属实", "核实不属实", "看这个人", "上报"]

    run(body)


def test_what_came_of_a_need_is_told_on_the_first_screen_until_it_was_looked_at(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        some(store)
        session = session_over(store, clock)
        phone = await opened(session)
        assert "有回音" in phone.texts()
        await phone.tap("打开孙** 住房 较重 办结")
        assert phone.page.route == "/need/n-done"
        phone = await opened(session)
        assert not any("孙** 住房" in label for label in phone.labels())
        assert "打开王** 住房 较重 办理中" in phone.labels()

    run(body)


def test_a_step_is_saved_with_two_taps_and_back_at_the_need(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        some(store)
        phone = await opened(session_over(store, clock), "/needs/need/n-found")
        await phone.tap("核实属实")
        await phone.write("说明（可不填）", "看过米缸")
        await phone.tap("保存到本机")
        assert phone.page.route == "/needs/need/n-found"
        assert need_view(store, "n-found").steps[-1].words == "看过米缸"
        assert {"看过米缸", "今天 12:00·本站"} <= set(phone.texts())
        assert totals(store).edits == 1

    run(body)


def test_a_step_begun_is_there_again_after_a_kill_and_can_be_dropped(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        some(store)
        phone = await opened(session_over(store, clock), "/needs/need/n-done/step/FOLLOWED_UP")
        await phone.tap("本人 满意")
        await phone.write("说明（可不填）", "屋顶修好了")
        phone = await opened(session_over(store, clock), "/needs/need/n-done/step/FOLLOWED_UP")
        assert phone.is_checked("本人 满意") is True
        assert phone.control("说明（可不填）")[1].value == "屋顶修好了"
        await phone.tap("重新填")
        assert phone.is_checked("本人 满意") is False
        assert phone.control("说明（可不填）")[1].value == ""

    run(body)


def test_a_step_that_another_has_taken_meanwhile_is_said_and_not_saved(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        some(store)
        phone = await opened(session_over(store, clock), "/needs/need/n-found/step/VERIFIED")
        late = step("n-found", "p-zhang", "ACCEPTED")
        row = head_of(late, mark=Mark(1, 2**60, "phone-9", 99, "clerk"))
        apply_page(store, "phone-1", answer_of(rows=[row], cursor="c-late"))
        await phone.settle()
        assert "这件困难已经走到别的一步，不用再记。" in phone.texts()

    run(body)


def test_without_needs_the_page_says_where_they_come_from(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/needs")
        assert needs_here(store) == []
        assert "没有要办的困难。" in phone.texts()

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_page_of_a_need_is_drawn_with_labels_of_its_own_and_no_name(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    async def body() -> None:
        some(store)
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        for route in (
            "/needs",
            "/needs/need/n-back",
            "/needs/need/n-done/step/FOLLOWED_UP",
            "/needs/need/none",
        ):
            check_page(await opened(session, route), route)

    run(body)
