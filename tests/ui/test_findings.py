"""年度确认, 优待证, 建档立卡, 先进典型 and 意见建议: with a visit or alone, few taps, nothing lost."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from app.state.findings import draft_about
from app.store import heads
from app.store.drafts import draft_of
from app.store.findings import findings_of
from app.store.inbox import apply_page
from app.store.records import totals
from app.store.store import Store
from app.store.visits import visits_of
from tests.fakes import FakeClock, answer_of, head_of, person
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import Phone, check_page

# The public key of an invented county: the generator of P-256, as RFC 5903 gives it.
COUNTY_KEY = base64.b64encode(
    bytes.fromhex(
        "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
    )
).decode()
PERSON = "/roster/person/p-zhang"
VISIT = "/roster/visit/p-zhang"


async def visit_form(store: Store, clock: FakeClock) -> Phone:
    phone = await opened(session_over(store, clock), VISIT)
    await phone.tap("方式 电话")
    await phone.tap("结果 联系到本人")
    return phone


def test_a_confirmation_in_a_visit_takes_two_taps_and_is_made_as_the_visit_was(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await visit_form(store, clock)
        await phone.tap("年度确认，无")
        await phone.tap("确认 正常")
        assert phone.is_checked("确认方式 电话") is True
        await phone.tap("保存到本机")
        (confirmation,) = findings_of(store, "p-zhang").confirmations
        (visit,) = visits_of(store, "p-zhang")
        assert (confirmation.result, confirmation.method, confirmation.year, confirmation.visit) == (
            "NORMAL",
            "PHONE",
            2022,
            visit.visit.id,
        )

    run(body)


def test_a_card_step_from_the_persons_page_takes_three_taps_and_can_be_undone(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), PERSON)
        await phone.tap("优待证，未申领")
        await phone.tap("优待证 已受理")
        await phone.tap("保存到本机")
        assert phone.page.route == PERSON
        assert "优待证，已受理" in phone.labels()
        assert totals(store).edits == 1
        await phone.tap("撤销刚记的这一项")
        assert "优待证，未申领" in phone.labels()
        assert "已撤销，这条不会计入" in phone.texts()

    run(body)


def test_two_quick_touches_save_a_finding_once(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), f"{PERSON}/found/file")
        await phone.tap("档案 已建档")
        _, save = phone.control("保存到本机")
        for _ in range(2):
            await phone.session.dispatch_event(save._i, "click", None)
        await phone.settle()
        assert [step.state for step in findings_of(store, "p-zhang").file_steps] == ["FILED"]

    run(body)


def test_what_the_roster_says_of_card_and_file_is_shown_until_a_step_is_recorded(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        known = person("p-wang", name="王五", card_state="ISSUED", file_state="NEEDS_UPDATE")
        apply_page(store, "phone-1", answer_of(rows=[head_of(known)], cursor="c2"))
        phone = await opened(session_over(store, clock), "/roster/person/p-wang")
        assert {"优待证，已发放", "建档立卡，需更新", "年度确认，今年还没做", "先进典型，没有"} <= set(
            phone.labels()
        )

    run(body)


def test_an_exemplary_person_is_recorded_with_consent_and_shown_with_what_was_recorded(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), f"{PERSON}/found/exemplary")
        await phone.tap("保存到本机")
        await phone.idle()
        assert "还没选，选一项再存" in phone.texts()
        await phone.tap("典型 退役军人")
        await phone.tap("保存到本机")
        await phone.idle()
        assert "还没写事迹，写一两句再存" in phone.texts()
        assert phone.scrolled_to()[-1] == "exemplary_deeds"
        await phone.write("事迹，一两句就行", "守烈士墓三十年")
        await phone.write("哪一年（可不填）", "1022")
        await phone.tap("保存到本机")
        assert "年份“1022”看不懂，请写四位数，例如 2021" in phone.texts()
        await phone.write("哪一年（可不填）", "2021年")
        await phone.tap("同意：本人口头同意")
        await phone.tap("保存到本机")
        await phone.tap("先进典型，1 条")
        assert {"退役军人·2021", "守烈士墓三十年", "本人口头同意", "今天 12:00·本站"} <= set(phone.texts())

    run(body)


def test_a_finding_begun_survives_a_kill(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), f"{PERSON}/found/confirm")
        await phone.tap("确认 暂缓")
        await phone.write("说明（可不填）", "人在医院")
        phone = await opened(session_over(store, clock), f"{PERSON}/found/confirm")
        assert phone.is_checked("确认 暂缓") is True
        assert phone.control("说明（可不填）")[1].value == "人在医院"
        await phone.tap("重新填")
        assert draft_of(store, "p-zhang", about=draft_about("p-zhang", "confirm")) is None

    run(body)


def test_who_reads_an_opinion_about_a_worker_is_said_before_a_word_and_then_nobody_here_can(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        store.memory["account"] = replace(session.account, county_key=COUNTY_KEY)
        phone = await opened(session, VISIT)
        await phone.tap("结果 见到本人")
        await phone.tap("意见建议，无")
        assert "意见内容" not in phone.labels()
        await phone.tap("意见关于 工作者")
        await phone.idle()
        assert "这条只交县里，本站看不到。" in phone.texts()
        assert phone.scrolled_to()[-1] == "opinion"
        await phone.tap("不记是谁说的")
        await phone.write("意见内容", "说话太冲了")
        assert "意见建议，工作者，5 字" in phone.labels()  # the closed row never shows the words
        await phone.tap("保存到本机")
        ((_, values),) = heads.values_of(store, "opinion")
        assert (values.get("words"), values.get("person"), values["anonymous"]) == (None, None, True)
        assert "说话太冲了".encode() not in base64.b64decode(values["sealed"])
        assert "说话太冲了" not in "".join(store.db.conn.iterdump())
        (visit,) = visits_of(store, "p-zhang")
        phone = await opened(session, f"/records/record/{visit.visit.id}")
        assert {"意见建议", "1 条"} <= set(phone.texts())
        phone = await opened(session, f"/roster/amend/{visit.visit.id}")
        await phone.tap("意见建议，意见 1 条")
        await phone.tap("收回这条意见")
        assert "意见已收回，不会计入。" in phone.texts()
        assert "意见建议，意见 1 条" not in phone.labels()
        assert heads.values_of(store, "opinion")[0][1]["voided"] is True

    run(body)


def test_an_opinion_is_on_no_page_search_or_list_of_this_station(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, VISIT)
        await phone.tap("结果 见到本人")
        await phone.tap("意见建议，无")
        await phone.tap("意见关于 工作")
        await phone.tap("保存到本机")
        await phone.idle()
        assert "意见还没写，写一两句再存" in phone.texts()
        await phone.write("意见内容", "希望多来看看")
        await phone.tap("保存到本机")
        assert heads.values_of(store, "opinion")[0][1]["words"] == "希望多来看看"
        (visit,) = visits_of(store, "p-zhang")
        for route in (PERSON, "/", "/roster", "/needs", "/records", f"/records/record/{visit.visit.id}"):
            assert "希望多来看看" not in "".join((await opened(session, route)).texts()), route
        phone = await opened(session, "/roster")
        await phone.write("搜索姓名、拼音首字母或自然村", "希望多来")
        assert [label for label in phone.labels() if label.startswith("打开")] == []

    run(body)


def test_without_a_key_of_the_county_such_an_opinion_is_not_stored_and_stays_in_the_draft(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        store.memory["account"] = replace(session.account, county_key="")
        phone = await opened(session, VISIT)
        await phone.tap("结果 见到本人")
        await phone.tap("意见建议，无")
        await phone.tap("意见关于 工作者")
        assert "这部手机还没有县里的钥匙，这种意见先存不了。联网重新登录一次就好。" in phone.texts()
        await phone.write("意见内容", "说话太冲了")
        await phone.tap("保存到本机")
        await phone.idle()
        assert totals(store).all == 0
        assert (draft_of(store, "p-zhang") or {})["opinion"]["words"] == "说话太冲了"

    run(body)


def test_a_death_takes_a_partial_date_and_a_day_that_is_none_is_said_there(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), VISIT)
        await phone.tap("结果 已故")
        await phone.tap("保存到本机")
        for written, said in (
            ("2023-1", "这个日子还没到，请核对"),
            ("前一阵", "时间看不懂，请写成 2022、2022-7 或 2022-7-20，不清楚就空着"),
        ):
            await phone.write("什么时候的事（可不填）", written)
            await phone.tap("保存")
            await phone.idle()
            assert said in phone.texts()
            assert "谢谢你告诉我们。问候马上停。" in phone.texts()
        await phone.write("什么时候的事（可不填）", "7-20")
        await phone.tap("保存")
        (visit,) = visits_of(store, "p-zhang")
        assert (visit.visit.died_on, visit.visit.asks_follow_up) == ("2022-07-20", False)

    run(body)


def test_a_second_visit_on_one_day_offers_to_change_the_first(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, VISIT)
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        phone = await opened(session, VISIT)
        assert "今天 12:00 记过一次，仍可再记" in phone.texts()
        await phone.tap("改那一次")
        (visit,) = visits_of(store, "p-zhang")
        assert phone.page.route == f"/roster/amend/{visit.visit.id}"
        assert phone.is_checked("结果 见到本人") is True

    run(body)


def test_the_entries_are_edited_from_the_form_and_the_way_back_leads_to_it(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), VISIT)
        await phone.tap("结果 见到本人")
        await phone.tap("资料有变，去改")
        assert phone.page.route == f"{VISIT}/edit"
        await phone.tap("生活情况 低保")
        await phone.tap("保存到本机")
        assert phone.page.route == VISIT
        assert phone.is_checked("结果 见到本人") is True
        await phone.tap("保存到本机")
        assert (totals(store).all, totals(store).edits) == (1, 1)

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_page_of_a_finding_is_drawn_with_labels_of_its_own_and_no_name(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        for kind in ("confirm", "card", "file", "exemplary", "nothing"):
            route = f"{PERSON}/found/{kind}"
            check_page(await opened(session, route), route)

    run(body)
