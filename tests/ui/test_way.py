"""今天 and 下一位 follow the worker: on from the door where the last visit was saved."""

from __future__ import annotations

from app.store.inbox import apply_page
from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import FakeClock, answer_of, head_of, person, visit_to
from tests.ui.conftest import opened, run, session_over


def test_one_person_without_a_hamlet_does_not_take_over_today(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        apply_page(store, "phone-1", answer_of(rows=[head_of(person("p-new", name="郑一"))], cursor="c2"))
        phone = await opened(session_over(store, clock))
        assert "顺路走：上坞 3 人" in phone.texts()
        assert "打开郑**" not in phone.labels()

    run(body)


def test_today_counts_all_without_a_hamlet_and_not_only_those_it_shows(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        for who in ("p-zhang", "p-li", "p-wang", "p-sun", "p-zhou"):
            record_visit(store, visit_to(who))
        rows = [head_of(person(f"p-new{n}", name="郑一")) for n in range(6)]
        apply_page(store, "phone-1", answer_of(rows=rows, cursor="c2"))
        phone = await opened(session_over(store, clock))
        assert "接着走：6 人" in phone.texts()

    run(body)


def test_today_goes_on_in_the_hamlet_of_the_last_visit_with_closed_doors_last(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        rows = [head_of(person("p-qian", name="钱二", hamlet="下坞", house="9号"))]
        apply_page(store, "phone-1", answer_of(rows=rows, cursor="c2"))
        record_visit(store, visit_to("p-sun", result="NOT_MET"))
        clock.go_on(ms=60_000)
        record_visit(store, visit_to("p-qian"))
        phone = await opened(session_over(store, clock))
        assert "顺路走：下坞 2 人" in phone.texts()
        assert [label for label in phone.labels() if label.startswith("打开")] == [
            "打开下坞7号周**",
            "打开下坞3号孙**",
        ]

    run(body)


def test_next_in_the_bar_passes_over_a_door_that_was_closed_today(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        record_visit(store, visit_to("p-li", result="NOT_MET"))
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        assert "下一位 上坞20号王**记走访" in phone.labels()

    run(body)
