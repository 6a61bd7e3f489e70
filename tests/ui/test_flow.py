from __future__ import annotations

from app.store.drafts import draft_of
from app.store.records import totals
from app.store.store import Store
from app.store.visits import visits_of
from tests.fakes import FakeClock
from tests.ui.conftest import opened, run, session_over


def test_routine_visit_from_today_takes_a_row_a_result_and_save(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session)
        assert "22" not in phone.texts()
        await phone.tap("给上坞12号张**记走访")
        assert phone.is_checked("方式 上门") is True
        await phone.tap("结果 见到本人")
        await phone.tap("政策通报")
        await phone.tap("保存到本机")
        assert phone.page.route == "/"
        assert "已存在本机" in phone.texts()
        (visit,) = visits_of(store, "p-zhang")
        assert (visit.visit.method, visit.visit.result, visit.visit.checklist) == (
            "HOME",
            "MET_SELF",
            ("POLICY_BRIEFING",),
        )
        assert "记录，1 条还没送到" in phone.labels()

    run(body)


def test_saving_without_a_result_says_so_in_place_and_saves_nothing(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("保存到本机")
        assert phone.page.route == "/roster/visit/p-zhang"
        assert "还没选结果" in phone.texts()
        assert totals(store).all == 0
        await phone.tap("结果 见到本人")
        assert "还没选结果" not in phone.texts()

    run(body)


def test_undo_in_the_bar_takes_the_visit_back(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        await phone.tap("撤销刚存的走访")
        assert "已撤销，这条不会计入" in phone.texts()
        assert visits_of(store, "p-zhang") == []

    run(body)


def test_the_bar_is_closed_by_a_step_to_another_place(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        assert "撤销刚存的走访" in phone.labels()
        await phone.tap("今天")
        await phone.tap("名册")
        assert "撤销刚存的走访" not in phone.labels()

    run(body)


def test_next_in_the_bar_opens_the_form_of_the_next_unvisited(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        await phone.tap("下一位 上坞15号李**记走访")
        assert phone.page.route == "/roster/visit/p-li"

    run(body)


def test_half_filled_form_is_kept_and_restored_after_a_kill(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("方式 电话")
        await phone.tap("备注，可说可写")
        await phone.write("备注", "女儿接的")
        await phone.tap("添上：身体还好")
        kept = draft_of(store, "p-zhang")
        assert kept is not None
        assert (kept["method"], kept["note"]) == ("PHONE", "女儿接的，身体还好")
        again = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        assert "上次没填完，接着填" in again.texts()
        assert again.is_checked("方式 电话") is True
        await again.tap("结果 联系到家属")
        await again.tap("保存到本机")
        (visit,) = visits_of(store, "p-zhang")
        assert visit.visit.note == "女儿接的，身体还好"
        assert draft_of(store, "p-zhang") is None

    run(body)
