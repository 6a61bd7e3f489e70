"""Two sides wrote different things: every value is shown with who and when, and the worker picks, offline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.domain.merge import Candidate, Head, Mark
from app.domain.models import Visit
from app.domain.stamp import hlc_of
from app.store import outbox
from app.store.conflicts import open_conflicts
from app.store.inbox import apply_page
from app.store.people import edit_person, person_view
from app.store.store import Store
from tests.fakes import DAY_MS, NOON, FakeClock, answer_of, head_of, visit_to
from tests.ui.conftest import ROSTER, opened, run, session_over

HERE = Mark(2, hlc_of(NOON - DAY_MS), "phone-1", 1, "worker-1")
COUNTY = Mark(3, hlc_of(NOON - 6 * DAY_MS), "phone-7", 4, "worker-7")
PHONE = "phones/13800000000"


def disputed(version: int = 3, **fields: list[tuple[Mark, Any]]) -> Head:
    """张三 with candidates by field name; `/` is spelt `__` in the keyword."""
    plain = head_of(ROSTER[0])
    marks = {
        name.replace("__", "/"): tuple(Candidate(mark, value) for mark, value in found)
        for name, found in fields.items()
    }
    values = {**plain.values, **{name: found[0].value for name, found in marks.items()}}
    return replace(plain, version=version, values=values, marks=marks)


BOTH_FIELDS = {
    "house": [(HERE, "12号"), (COUNTY, "县城女儿家")],
    "phones__13800000000": [(COUNTY, "女儿"), (HERE, "本人")],
}
OURS = "用12号，本机·你·昨天 12:00"
THEIRS = "用县城女儿家，市里·别的手机·7月22日"


def test_a_conflict_is_listed_on_records_and_settled_offline_by_one_change(
    store: Store, clock: FakeClock
) -> None:
    apply_page(store, "phone-1", answer_of(rows=[disputed(**BOTH_FIELDS)]))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records")
        assert "1 个人的资料两边不一样" in phone.texts()
        await phone.tap("给上坞12号张**选一选")
        assert phone.page.route == "/records/conflict/p-zhang"
        assert "你和别的手机都改了张**的资料。只有 2 处不一样，请各选一个。" in phone.texts()
        # Nothing is chosen beforehand, and nothing can be used while one is open.
        picks = [label for label in phone.labels() if phone.control(label)[0].checked is not None]
        assert [phone.is_checked(label) for label in picks] == [False] * 5
        assert phone.control("还差 2 处")[1].on_click is None
        await phone.tap(THEIRS)
        assert phone.control("还差 1 处")[1].on_click is None
        await phone.tap("用本人，本机·你·昨天 12:00")
        await phone.tap("就用这些")
        assert phone.page.route == "/records"
        assert "1 个人的资料两边不一样" not in phone.texts()
        assert {"已存在本机", "另有 1 处改动还没送到"} <= set(phone.texts())

    run(body)
    (change,) = outbox.next_batch(store, "phone-1").changes
    assert (change.kind, change.base, change.fields) == (
        "patch",
        3,
        {"house": "县城女儿家", PHONE: "本人"},
    )
    assert open_conflicts(store) == []


def test_who_wrote_a_value_is_told_by_the_station_from_where_he_visits(
    store: Store, clock: FakeClock
) -> None:
    elsewhere = Visit(
        id="v-7", campaign="lishui-2022", person="p-li", organisation="331121", performer="worker-7",
        method="PHONE", result="MET_SELF", at=visit_to("p-li").at, saved_at=visit_to("p-li").at,
    )  # fmt: skip
    rows = [disputed(house=BOTH_FIELDS["house"]), head_of(elsewhere)]
    apply_page(store, "phone-1", answer_of(rows=rows))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/conflict/p-zhang")
        assert "用县城女儿家，市里·县里·7月22日" in phone.labels()
        assert "你和县里都改了张**的资料。只有 1 处不一样，请各选一个。" in phone.texts()

    run(body)


def test_of_whoever_never_visited_the_level_is_told(store: Store, clock: FakeClock) -> None:
    page = answer_of(rows=[disputed(house=BOTH_FIELDS["house"])], levels={"worker-7": "COUNTY"})
    apply_page(store, "phone-1", page)

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/conflict/p-zhang")
        assert "用县城女儿家，市里·县里·7月22日" in phone.labels()
        assert "你和县里都改了张**的资料。只有 1 处不一样，请各选一个。" in phone.texts()

    run(body)


def test_a_phone_called_differently_may_keep_both_names(store: Store, clock: FakeClock) -> None:
    apply_page(
        store, "phone-1", answer_of(rows=[disputed(phones__13800000000=BOTH_FIELDS["phones__13800000000"])])
    )

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/person/p-zhang")
        await phone.tap("去选")
        assert phone.page.route == "/roster/person/p-zhang/conflict"
        await phone.tap("电话 138 **** 0000 两个都留")
        await phone.tap("就用这些")
        assert phone.page.route == "/roster/person/p-zhang"
        assert "138 **** 0000 女儿、本人" in phone.texts()

    run(body)
    assert open_conflicts(store) == []


def test_later_keeps_every_value(store: Store, clock: FakeClock) -> None:
    apply_page(store, "phone-1", answer_of(rows=[disputed(**BOTH_FIELDS)]))
    before = open_conflicts(store)

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/conflict/p-zhang")
        await phone.tap(OURS)
        await phone.tap("以后再说")
        assert phone.page.route == "/records"

    run(body)
    assert (open_conflicts(store), outbox.waiting(store).changes) == (before, 0)


def test_a_value_that_arrives_after_the_choice_has_to_be_looked_at(store: Store, clock: FakeClock) -> None:
    apply_page(store, "phone-1", answer_of(rows=[disputed(house=BOTH_FIELDS["house"])]))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/conflict/p-zhang")
        await phone.tap(OURS)
        late = (Mark(4, hlc_of(NOON), "phone-8", 1, "worker-8"), "老屋")
        apply_page(store, "phone-1", answer_of(rows=[disputed(4, house=[*BOTH_FIELDS["house"], late])]))
        await phone.settle()
        assert "又到了别的写法，请再看一眼。" in phone.texts()
        assert phone.control("还差 1 处")[1].on_click is None
        await phone.tap("用老屋，市里·别的手机·今天 12:00")
        await phone.tap("就用这些")

    run(body)
    assert person_view(store, "p-zhang").person.house == "老屋"


def test_names_and_numbers_in_conflict_stay_masked_until_they_are_shown(
    store: Store, clock: FakeClock
) -> None:
    apply_page(store, "phone-1", answer_of(rows=[disputed(name=[(HERE, "张三丰"), (COUNTY, "张三")])]))

    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/records/conflict/p-zhang")
        assert "张三" not in " ".join([*phone.texts(), *phone.labels()])
        session.reveal("check")
        await phone.settle()
        assert "用张三丰，本机·你·昨天 12:00" in phone.labels()
        session.hide()

    run(body)


def test_an_edit_made_here_before_the_countys_arrives_is_one_of_the_values(
    store: Store, clock: FakeClock
) -> None:
    edit_person(store, "p-zhang", {"house": "9号"})
    theirs = replace(
        disputed(2, house=[(Mark(2, hlc_of(NOON), "phone-7", 1, "worker-7"), "12号后屋")]), version=2
    )
    apply_page(store, "phone-1", answer_of(rows=[theirs]))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/records/conflict/p-zhang")
        assert "用9号，本机·你·今天 12:00" in phone.labels()
        assert "用12号后屋，市里·别的手机·今天 12:00" in phone.labels()

    run(body)
