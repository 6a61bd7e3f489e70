from __future__ import annotations

import pytest

from app.domain.wire import Receipt
from app.store.inbox import apply_page
from app.store.needs import needs_here
from app.store.prefs import pref
from app.store.records import totals
from app.store.store import Store
from app.store.visits import NewNeed, record_visit, visits_of
from tests.fakes import FakeClock, answer_of, head_of, person, visit_to
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import check_page

ROUTES = (
    "/", "/roster", "/needs", "/records", "/text", "/me", "/roster/person/p-zhang",
    "/roster/visit/p-zhang", "/roster/person/p-zhang/visit",
)  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_every_screen_is_drawn_with_labels_of_its_own_and_no_name(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        record_visit(store, visit_to("p-li", needs=(NewNeed("HOUSING", "2", "屋顶漏雨"),)))
        for route in ROUTES:
            phone = await opened(session, route)
            check_page(phone, route)

    run(body)


def test_large_text_enlarges_every_size_through_the_one_scale(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/text")
        await phone.tap("字号 最大")
        assert phone.is_checked("字号 最大") is True
        assert pref(store, "text_scale", 1.0) == 2.0
        await phone.show("/roster/visit/p-zhang")
        sizes = {t.value: t.size for t in phone.walk() if type(t).__name__ == "Text"}
        assert (sizes["未遇"], sizes["保存到本机"], sizes["记走访"]) == (36, 40, 22 * 1.6)

    run(body)


def test_search_finds_by_initials_hamlet_and_name_while_names_are_masked(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster")
        assert [label for label in phone.labels() if label.startswith("打开")] == [
            "打开上坞12号张**",
            "打开上坞15号李**",
            "打开上坞20号王**",
            "打开下坞3号孙**",
            "打开下坞7号周**",
        ]
        found = {}
        for written in ("zs", "下坞", "sunxiaoman", "李四"):
            await phone.write("搜索姓名、拼音首字母或自然村", written)
            found[written] = [label[2:] for label in phone.labels() if label.startswith("打开")]
        assert found == {
            "zs": ["上坞12号张**"],
            "下坞": ["下坞3号孙**", "下坞7号周**"],
            "sunxiaoman": ["下坞3号孙**"],
            "李四": ["上坞15号李**"],
        }

    run(body)


def test_filters_add_up_and_each_says_how_many_it_would_leave(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster")
        assert phone.is_checked("筛选 未走访，5人") is True
        await phone.tap("筛选 各类困难，1人")
        assert [label for label in phone.labels() if label.startswith("打开")] == ["打开下坞7号周**"]
        await phone.tap("筛选 各类困难，1人")
        await phone.tap("筛选 外地，1人")
        assert [label for label in phone.labels() if label.startswith("打开")] == ["打开下坞3号孙**"]

    run(body)


def test_somebody_just_visited_is_still_found_by_name(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        record_visit(store, visit_to("p-zhang"))
        phone = await opened(session_over(store, clock), "/roster")
        await phone.write("搜索姓名、拼音首字母或自然村", "zs")
        assert "打开上坞12号张**" in phone.labels()
        assert "这样筛选没有“zs”，名册里有 1 人：" in phone.texts()

    run(body)


def test_a_long_roster_is_shown_fifty_at_a_time(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        many = [person(f"m-{n:03}", name="郑一", hamlet="岭头", house=f"{n + 1}号") for n in range(120)]
        apply_page(store, "phone-1", answer_of(rows=[head_of(m) for m in many], cursor="c2"))
        phone = await opened(session_over(store, clock), "/roster")
        rows = [label for label in phone.labels() if label.startswith("打开")]
        assert len(rows) == 12  # a screenful at once
        await phone.idle()
        rows = [label for label in phone.labels() if label.startswith("打开")]
        assert len(rows) == 50
        await phone.tap("再看 50 人")
        await phone.idle()
        assert len([label for label in phone.labels() if label.startswith("打开")]) == 50
        await phone.tap("再看 25 人")
        await phone.idle()
        assert len([label for label in phone.labels() if label.startswith("打开")]) == 25
        await phone.tap("看前面 50 人")
        await phone.idle()
        assert "再看 25 人" in phone.labels()

    run(body)


def test_two_of_one_surname_in_one_house_are_told_apart(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        twins = [
            person("t-1", name="吴大", hamlet="岭头", house="1号", sex="M", born="1950"),
            person("t-2", name="吴二", hamlet="岭头", house="1号", sex="M", born="1950"),
            person("t-3", name="吴老", hamlet="岭头", house="1号", sex="M", born="1930"),
        ]
        apply_page(store, "phone-1", answer_of(rows=[head_of(m) for m in twins], cursor="c2"))
        phone = await opened(session_over(store, clock), "/roster")
        assert {label for label in phone.labels() if label.startswith("打开岭头")} == {
            "打开岭头1号吴**，男 71岁，第1位",
            "打开岭头1号吴**，男 71岁，第2位",
            "打开岭头1号吴**，男 91岁",
        }

    run(body)


def test_names_are_shown_for_a_reason_and_can_be_hidden_again(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/roster/person/p-zhang")
        assert "138 **** 0000 本人" in phone.texts()
        await phone.tap("显示姓名和电话")
        await phone.tap("显示姓名，因为核对名册")
        assert {"张三", "138 0000 0000 本人"} <= set(phone.texts())
        assert pref(store, "reveal_log", []) == [{"at": clock(), "reason": "check"}]
        await phone.tap("隐去姓名")
        assert "张三" not in phone.texts()

    run(body)


def test_result_follows_the_method(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 未遇")
        await phone.tap("方式 电话")
        assert phone.is_checked("结果 没接通") is True
        await phone.tap("方式 短信")
        await phone.tap("结果 已发出")
        await phone.tap("方式 上门")
        results = [label for label in phone.labels() if label.startswith("结果")]
        assert results == [
            "结果 见到本人",
            "结果 见到家属",
            "结果 未遇",
            "结果 拒绝",
            "结果 失联",
            "结果 已故",
        ]
        assert not any(phone.is_checked(label) for label in results)

    run(body)


def test_gifts_hardship_and_an_earlier_time_are_saved_with_the_visit(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        await phone.tap("还有 3 项")
        await phone.tap("问候祝福")
        await phone.tap("慰问金、慰问品，无")
        await phone.write("慰问金（元）", "３００")
        await phone.write("慰问品名称", "米油")
        await phone.write("慰问品件数", "2")
        await phone.tap("发现困难，无")
        await phone.tap("困难 住房")
        await phone.tap("程度 较重")
        await phone.write("说说情况", "屋顶漏雨")
        await phone.tap("时间，今天 12:00")
        await phone.tap("日期 昨天")
        await phone.write("几点（如 9:40）", "9：40")
        await phone.tap("保存到本机")
        (view,) = visits_of(store, "p-zhang")
        visit = view.visit
        assert (visit.cash_fen, visit.goods, visit.goods_pieces) == (30000, "米油", 2)
        assert visit.checklist == ("GREETINGS",)
        assert visit.at.isoformat() == "2022-07-27T09:40:00+08:00"
        (need,) = needs_here(store)
        assert (need.need.type, need.need.severity, need.need.words) == ("HOUSING", "2", "屋顶漏雨")

    run(body)


def test_a_number_that_is_none_is_pointed_at_and_nothing_is_saved(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        await phone.tap("慰问金、慰问品，无")
        await phone.write("慰问金（元）", "三百")
        await phone.tap("慰问金、慰问品，三百 元")
        await phone.tap("保存到本机")
        await phone.idle()
        assert "这里要填数字，例如 300" in phone.texts()
        assert phone.scrolled_to()[-1] == "cash"
        assert totals(store).all == 0

    run(body)


def test_a_death_is_asked_once_more_and_takes_the_person_off_the_list(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 已故")
        await phone.tap("保存到本机")
        assert totals(store).all == 0
        assert "谢谢你告诉我们。问候马上停。" in phone.texts()
        choices = ("家属 见到家属", "家属 以后再访", "跟进 请跟进", "跟进 暂不")
        assert [phone.is_checked(label) for label in choices] == [False] * 4
        await phone.tap("家属 见到家属")
        await phone.write("什么时候的事（可不填）", "上个月")
        await phone.tap("跟进 请跟进")
        assert [phone.is_checked(label) for label in choices] == [True, False, True, False]
        await phone.tap("保存")
        assert "打开上坞12号张**" not in phone.labels()
        (visit,) = visits_of(store, "p-zhang")
        assert (visit.visit.result, visit.visit.note, visit.visit.died_on, visit.visit.asks_follow_up) == (
            "DECEASED",
            "见到家属",
            "2022-06",
            True,
        )
        await phone.tap("撤销刚存的走访")
        assert "打开上坞12号张**" in phone.labels()

    run(body)


def test_records_show_three_numbers_that_add_up_and_what_was_refused(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        for who in ("p-zhang", "p-li", "p-wang"):
            record_visit(store, visit_to(who))
        receipts = [
            Receipt(seq=1, status="accepted", version=1, ref="7F3K29QD"),
            Receipt(seq=2, status="quarantined", code="cash", message="慰问金超过单次上限。", ref="AAAABBBB"),
        ]
        apply_page(store, "phone-1", answer_of(receipts=receipts, cursor="c2"))
        phone = await opened(session_over(store, clock), "/records")
        assert "1 条市里没收下，要你看一下" in phone.texts()
        assert "记录还在本机，没有丢。原因：慰问金超过单次上限。" in phone.texts()
        assert "王** 今天 12:00 上门，存在本机，等网络" in phone.labels()
        assert [label for label in phone.spoken() if label.endswith(" 条")] == [
            "存在本机 1 条", "已送出 0 条", "市里已收到 1 条", "没收下 1 条",
        ]  # fmt: skip
        assert "一共 3 条。网络通了会自动传，不用守着。" in phone.texts()
        assert "记录，1 条还没送到，1 条没收下" in phone.labels()
        await phone.tap("看没收下的 李** 今天 12:00 上门，市里没收下，要你看一下")
        assert "市里已收到" not in phone.texts()
        assert "回执号（报乡站用）" in phone.texts()
        await phone.tap("返回")
        await phone.tap("张** 今天 12:00 上门，市里已收到")
        assert "7F3K-29QD" in phone.texts()

    run(body)


def test_needs_found_here_are_listed_and_shown_with_their_person(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        record_visit(store, visit_to("p-li", needs=(NewNeed("HOUSING", "2", "屋顶漏雨"),)))
        phone = await opened(session_over(store, clock), "/needs")
        await phone.tap("李** 住房 较重，发现")
        assert phone.page.route.startswith("/needs/need/")
        assert {"困难", "住房 较重", "屋顶漏雨", "发现", "今天发现"} <= set(phone.texts())
        await phone.tap("看这个人")
        assert phone.page.route == "/needs/person/p-li"
        assert "打开住房 较重 发现" in phone.labels()

    run(body)


def test_before_the_first_sign_in_only_that_is_shown_and_both_fields_are_asked_for(
    fresh_store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(fresh_store, clock), "/roster")
        assert "只登录一次，以后没网也能用。" in phone.texts()
        await phone.write("账号", "village")
        await phone.tap("登录")
        assert "账号和密码都要填。" in phone.texts()

    run(body)


def test_an_unknown_person_in_the_address_is_said_and_not_a_blank_page(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/person/nobody")
        assert "名册里没有这个人了。" in phone.texts()
        phone = await opened(session_over(store, clock), "/roster/visit/nobody")
        assert "回今天" in phone.labels()

    run(body)
