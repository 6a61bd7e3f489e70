"""改资料: only what was changed is saved, on the version that was seen; what is wrong is said beside it."""

from __future__ import annotations

import pytest

from app.domain.merge import Candidate, Mark
from app.state.profile import draft_about
from app.state.session import Session
from app.store.drafts import draft_of
from app.store.inbox import apply_page
from app.store.outbox import next_batch
from app.store.people import person_view
from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import NOON, FakeClock, answer_of, head_of, person, visit_to
from tests.ui.conftest import ROSTER, opened, run, session_over
from tests.ui.headless import Phone, check_page

EDIT = "/roster/person/p-zhang/edit"
HLC = NOON << 16


def changes(store: Store) -> list[tuple[str, int, dict[str, object]]]:
    """What waits to be sent: (record, base, fields)."""
    return [(c.record, c.base, c.fields) for c in next_batch(store, "phone-1").changes]


async def shown(session: Session, route: str = EDIT) -> Phone:
    """The page with names and numbers shown."""
    session.names.are_shown = True
    return await opened(session, route)


def test_only_what_was_changed_is_said_on_the_version_that_was_seen(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await shown(session_over(store, clock))
        await phone.tap("生活情况 独居")
        await phone.tap("生活情况 低保")
        await phone.tap("就业 务农")
        await phone.write("门牌", "14号")
        await phone.tap("现在 市外")
        await phone.write("现在哪里（到市一级）", "温州")
        await phone.tap("不愿拍照")
        await phone.write("电话 1", "138 0000 0009")
        await phone.tap("再加一个号码")
        await phone.write("电话 2", "0578-2222222")
        await phone.tap("电话 2 是村干部的")
        await phone.tap("保存到本机")
        assert phone.page.route == "/roster/person/p-zhang"
        assert "已存在本机" in phone.texts()
        assert changes(store) == [
            (
                "p-zhang",
                1,
                {
                    "house": "14号",
                    "away_place": "温州",
                    "employment": "FARMING",
                    "away": "OUT_OF_CITY",
                    "no_photo": True,
                    "living/DIBAO": True,
                    "living/LIVING_ALONE": None,
                    "phones/13800000000": None,
                    "phones/13800000009": "本人",
                    "phones/05782222222": "村干部",
                },
            )
        ]
        assert draft_of(store, "p-zhang", about=draft_about("p-zhang")) is None

    run(body)


def test_what_arrives_under_a_draft_is_not_written_over_unseen(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), EDIT)
        await phone.write("门牌", "14号")
        moved = ROSTER[0].model_copy(update={"house": "9号", "hamlet": "岭头"})
        by_county = {
            name: (Candidate(Mark(2, HLC, "phone-9", 1, "county"), getattr(moved, name)),)
            for name in ("house", "hamlet")
        }
        row = head_of(moved, version=2)
        apply_page(
            store,
            "phone-1",
            answer_of(
                rows=[type(row)(row.entity, row.record, 2, row.values, row.first, by_county)], cursor="c2"
            ),
        )
        phone = await opened(session_over(store, clock), EDIT)
        assert phone.control("门牌")[1].value == "14号"
        await phone.tap("保存到本机")
        assert changes(store) == [("p-zhang", 1, {"house": "14号"})]
        assert person_view(store, "p-zhang").conflict_fields == ("house",)
        assert person_view(store, "p-zhang").person.hamlet == "岭头"
        await phone.show(EDIT)
        assert "门牌 两边写的不一样" in phone.texts()
        await phone.tap("去选门牌")
        assert phone.page.route == "/roster/person/p-zhang/conflict"

    run(body)


@pytest.mark.parametrize(
    ("label", "written", "said"),
    [
        ("姓名", "", "还没写姓名，写上再存"),
        ("姓名", "张" * 40, "姓名最长 30 个字，这里有 40 个。多出来的请写到备注。"),
        (
            "身份证号",
            "110105194912310021",
            "最后一位对不上，请照证件再看一遍。证件上就是这样的，写明原因也能存。",
        ),
        ("身份证号", "11010519491231", "号码位数不对，请照证件写全 18 位。手边没有证件就先空着。"),
        ("出生（如 1940 或 1940-03-01）", "1022", "1022 年太早了，请核对年份"),
        ("出生（如 1940 或 1940-03-01）", "2030-1", "这个日子还没到，请核对"),
        ("出生（如 1940 或 1940-03-01）", "1940-2-30", "出生看不懂，请写成 1940、1940-03 或 1940-03-01"),
        ("电话 1", "一三八", "这个号码看不懂。请写 11 位手机号，或者带区号的座机，例如 0578 2222222。"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_saved(
    store: Store, clock: FakeClock, label: str, written: str, said: str
) -> None:
    async def body() -> None:
        phone = await shown(session_over(store, clock))
        await phone.write(label, written)
        await phone.tap("保存到本机")
        await phone.idle()
        assert said in phone.texts()
        assert phone.scrolled_to() != []
        assert changes(store) == []
        assert phone.control(label)[1].value == written

    run(body)


def test_a_number_that_fails_its_check_is_kept_with_a_reason(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await shown(session_over(store, clock))
        await phone.write("身份证号", "110105194912310021")
        await phone.tap("原因：证件上就是这样")
        await phone.tap("保存到本机")
        assert changes(store) == [
            (
                "p-zhang",
                1,
                {"id_number": "110105194912310021", "id_problem": "checksum", "id_reason": "证件上就是这样"},
            )
        ]
        await phone.show(EDIT)
        await phone.write("身份证号", "11010519491231002X")
        await phone.tap("保存到本机")
        assert changes(store)[1][2] == {
            "id_number": "11010519491231002X",
            "id_problem": None,
            "id_reason": None,
        }

    run(body)


def test_an_old_number_is_explained_and_saved_with_eighteen(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await shown(session_over(store, clock))
        await phone.write("身份证号", "110105491231002")
        assert "这是 15 位老号码，会存成 18 位：11010519491231002X" in phone.texts()
        await phone.tap("保存到本机")
        assert changes(store)[0][2]["id_number"] == "11010519491231002X"
        await phone.show(EDIT)
        await phone.write("出生（如 1940 或 1940-03-01）", "1940")
        assert "出生和证件号上的 1949-12-31 不一样，两个都留着。" in phone.texts()

    run(body)


def test_names_and_numbers_are_hidden_until_they_are_shown_and_a_new_number_can_be_added_all_the_same(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), EDIT)
        check_page(phone, EDIT)
        assert {"姓名", "身份证号", "电话 1"} & set(phone.labels()) == set()
        await phone.tap("再加一个号码")
        await phone.write("电话 2", "13900000001")
        await phone.tap("显示后再改")
        assert "要看姓名和电话做什么？" in phone.texts()
        await phone.tap("保存到本机")
        assert changes(store) == [("p-zhang", 1, {"phones/13900000001": ""})]

    run(body)


def test_what_is_typed_survives_a_kill_and_can_be_dropped(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), EDIT)
        await phone.write("自然村", "岭头")
        await phone.tap("就业 失业")
        phone = await opened(session_over(store, clock), "/roster/person/p-zhang")
        await phone.tap("资料改了一半没有存，接着改")
        assert phone.control("自然村")[1].value == "岭头"
        assert phone.is_checked("就业 失业") is True
        assert "上次没填完，接着填" in phone.texts()
        await phone.tap("重新填")
        assert phone.control("自然村")[1].value == "上坞"
        assert draft_of(store, "p-zhang", about=draft_about("p-zhang")) is None

    run(body)


def test_what_others_changed_since_my_last_visit_is_marked_on_the_persons_page(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        record_visit(store, visit_to("p-zhang"))
        later = ROSTER[0].model_copy(update={"hamlet": "岭头"})
        row = head_of(later, version=2)
        by_county = {"hamlet": (Candidate(Mark(2, HLC * 2, "phone-9", 1, "county"), "岭头"),)}
        apply_page(
            store,
            "phone-1",
            answer_of(
                rows=[type(row)(row.entity, row.record, 2, row.values, row.first, by_county)], cursor="c2"
            ),
        )
        phone = await opened(session_over(store, clock), "/roster/person/p-zhang")
        assert "上次来过以后，资料改了 1 处" in phone.texts()
        assert "自然村：岭头" in phone.texts()
        await phone.tap("资料改动经过")
        assert "自然村：岭头" in phone.texts()
        assert "自然村：上坞" not in phone.texts()  # what the server no longer tells is not made up
        phone = await opened(session_over(store, clock), "/roster/person/p-li")
        assert not any("上次来过以后" in said for said in phone.texts())

    run(body)


def test_calls_texts_and_wechat_open_the_form_with_the_method_filled(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        ways = (
            ("打电话给", "电话", "tel:13800000000"),
            ("发短信给", "短信", "sms:13800000000"),
            ("用微信联系", "微信", "weixin://"),
        )
        for act, method, address in ways:
            phone = await opened(session, "/roster/person/p-zhang")
            await phone.tap(f"{act}上坞12号张**")
            assert phone.is_checked(f"方式 {method}") is True
            assert phone.has_drawn(address)  # told to the client, as everything drawn is

    run(body)


def test_who_has_no_number_is_given_one_and_who_wants_no_calls_is_not_called(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        quiet = person(
            "p-wang", name="王五", hamlet="上坞", house="20号", no_call=True, phones={"13900000000": ""}
        )
        apply_page(store, "phone-1", answer_of(rows=[head_of(quiet)], cursor="c2"))
        phone = await opened(session_over(store, clock), "/roster/person/p-wang")
        assert [label for label in phone.labels() if "王**" in label] == ["改上坞20号王**的资料"]
        assert "本人不愿接电话" in phone.texts()
        phone = await opened(session_over(store, clock), "/roster/person/p-li")
        await phone.tap("给上坞15号李**补一个号码")
        assert phone.page.route == "/roster/person/p-li/edit"

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_every_page_of_the_entries_is_drawn_with_labels_of_its_own_and_no_name(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        for route in (EDIT, "/roster/person/p-zhang/changes", "/roster/person/p-li"):
            check_page(await opened(session, route), route)

    run(body)
