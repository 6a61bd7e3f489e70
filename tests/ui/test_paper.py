"""The day's list goes on paper masked, and comes back in the same order with few touches a line."""

from __future__ import annotations

from typing import Any

import pytest

from app.store import outbox
from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import VILLAGE, FakeClock, visit_to
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import Phone, check_page


def saved_file(phone: Phone) -> dict[str, Any]:
    (args,) = [args for name, args in phone.connection.calls if name == "save_file"]
    return args


def test_the_sheet_holds_who_is_left_masked_and_is_written_up_in_its_order(
    store: Store, clock: FakeClock
) -> None:
    record_visit(store, visit_to("p-li"))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/paper")
        await phone.tap("存成可打印的文件")
        sheet = saved_file(phone)["src_bytes"].decode()
        assert sheet.count("<tbody><tr>") == 1 and sheet.count("scope=row") == 4
        assert "张**" in sheet and "张三" not in sheet and "用后交站里销毁" in sheet
        record_visit(store, visit_to("p-zhou", result="DECEASED"))
        await phone.tap("按上次打印的顺序，4 人")
        assert "第 1 位，共 3 位" in phone.texts()
        await phone.write("日期（如 7-20）", "7-26")
        await phone.write("几点（如 9:40）", "9:40")
        await phone.tap("结果 见到本人")
        await phone.tap("保存，下一位")
        assert "第 2 位，共 3 位" in phone.texts()
        assert phone.control("日期（如 7-20）")[1].value == "7-26"
        await phone.tap("这位没走，跳过")
        await phone.tap("结果 未遇")
        await phone.tap("保存，下一位")
        assert "这张纸记完了，存了 2 人。" in phone.texts()
        await phone.tap("好了")
        assert "打印" in phone.texts()

    run(body)
    made = [c.fields for c in outbox.next_batch(store, "phone-1").changes if c.seq > 2]
    assert [(one["person"], one["result"], one["at"]) for one in made] == [
        ("p-zhang", "MET_SELF", "2022-07-26T09:40:00+08:00"),
        ("p-sun", "NOT_MET", "2022-07-26T12:00:00+08:00"),
    ]


def test_a_sheet_from_the_dashboard_is_begun_by_the_text_of_its_code(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/paper")
        await phone.write("页脚方块码的内容", "什么")
        await phone.tap("按这张纸的顺序补记")
        assert "这不是走访单上的码。请对准页脚的方块码再扫一次。" in phone.texts()
        await phone.write("页脚方块码的内容", f"ZF1 {VILLAGE} 1 p-wang p-unknown p-li")
        await phone.tap("按这张纸的顺序补记")
        assert "第 1 位，共 2 位" in phone.texts()
        assert "王**" in phone.texts()
        # The result is missing: said, and nothing is saved.
        await phone.tap("保存，下一位")
        assert "还没选结果" in phone.texts()
        assert outbox.next_batch(store, "phone-1").changes == ()

    run(body)


def test_a_sheet_is_taken_up_where_it_was_left_and_the_last_line_can_be_undone(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/paper")
        await phone.tap("按名册顺序，从头来")
        await phone.tap("结果 见到本人")
        await phone.tap("保存，下一位")
        again = await opened(session_over(store, clock), "/paper")
        assert "第 2 位，共 5 位" in again.texts()
        await again.tap("撤销上一位，重新记")
        assert "第 1 位，共 5 位" in again.texts()
        assert [c.kind for c in outbox.next_batch(store, "phone-1").changes] == ["create", "void"]

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_both_pages_are_drawn_with_labels_of_their_own_and_no_name(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        phone = await opened(session, "/paper")
        check_page(phone, "print")
        await phone.tap(next(one for one in phone.labels() if one.startswith(("按名册", "In the roster"))))
        check_page(phone, "write")

    run(body)
