"""Many are greeted in few taps: chosen by hamlet, sent by the worker's own app, saved and undone as one."""

from __future__ import annotations

import pytest

from app.domain.models import Person
from app.store import outbox
from app.store.inbox import apply_page
from app.store.store import Store
from app.store.visits import record_visit, visits_of
from tests.fakes import FakeClock, answer_of, head_of, person, visit_to
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import Phone, check_page

LABELS = {
    "sms": ("用短信问候", "Greet by SMS"),
    "next": ("下一步", "Next"),
    "all": ("全选", "All"),
    "sent": ("已经发过了", "Already sent"),
    "some": ("有几个没发", "Some were not sent"),
}


def village_of(count: int, **more: object) -> list[Person]:
    """`count` people with phones in two hamlets, all of them invented."""
    return [
        person(f"q-{n:02}", name=f"钱{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", hamlet="上坞" if n < 12 else "下坞",
               house=f"{n + 30}号", born="1950", phones={f"139000000{n:02}": "本人"}, **more)
        for n in range(count)
    ]  # fmt: skip


def with_people(store: Store, people: list[Person]) -> None:
    apply_page(store, "phone-1", answer_of(rows=[head_of(one) for one in people]))


def sent_words(phone: Phone) -> list[str]:
    return [args["url"] for name, args in phone.connection.calls if name == "launch_url"]


def test_thirty_people_are_greeted_by_sms_in_ten_taps_at_the_most_and_undone_in_one(
    store: Store, clock: FakeClock
) -> None:
    with_people(store, village_of(29))

    async def body() -> None:
        phone = await opened(session_over(store, clock))
        taps = ["成批问候", "用短信问候", "下一步", "全选", "下一步，30 人", "已经发过了", "都发了，保存"]
        for label in taps:
            await phone.tap(label)
        assert len(taps) <= 10
        assert phone.page.route == "/"
        assert "30 条已存在本机" in phone.texts()
        changes = outbox.next_batch(store, "phone-1").changes
        assert {(c.entity, c.kind, c.fields["method"], c.fields["result"]) for c in changes} == {
            ("visit", "create", "SMS", "SENT")
        }
        assert len({c.fields["person"] for c in changes}) == 30
        assert all(c.fields["checklist/GREETINGS"] for c in changes)
        await phone.tap("撤销刚存的成批问候")
        assert "已撤销，这 30 条不会计入" in phone.texts()
        assert visits_of(store, "q-03") == []

    run(body)


def test_the_messaging_app_is_opened_one_by_one_with_words_and_number_and_nothing_is_sent_by_the_app(
    store: Store, clock: FakeClock
) -> None:
    with_people(store, village_of(2))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/greet")
        await phone.tap("用短信问候")
        await phone.write("问候语（可改）", "祝您平安")
        await phone.tap("下一步")
        await phone.tap("选上坞12号张**")
        await phone.tap("选上坞30号钱**")
        await phone.tap("下一步，2 人")
        await phone.tap("打开短信：上坞12号张**")
        assert sent_words(phone) == ["sms:13800000000?&body=%E7%A5%9D%E6%82%A8%E5%B9%B3%E5%AE%89"]
        assert outbox.next_batch(store, "phone-1").changes == ()
        await phone.tap("先到这里，记这 1 人")
        await phone.tap("保存 1 人")
        assert [c.fields["person"] for c in outbox.next_batch(store, "phone-1").changes] == ["p-zhang"]

    run(body)


def test_groups_of_twenty_are_opened_only_after_the_worker_said_that_each_gets_his_own(
    store: Store, clock: FakeClock
) -> None:
    with_people(store, village_of(24))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/greet")
        for label in ("用短信问候", "下一步", "全选", "下一步，25 人"):
            await phone.tap(label)
        assert phone.is_checked("发法 一个一个发") is True
        await phone.tap("发法 20 人一组发")
        await phone.tap("打开短信：第 1 到 20 位")
        (first,) = sent_words(phone)
        assert first.partition("?")[0].count(",") == 19
        await phone.tap("打开短信：第 21 到 25 位")
        assert "25 人都发出了吗？" in phone.texts()
        again = await opened(session_over(store, clock), "/greet")
        assert "上次没发完，接着来" in again.texts()
        assert "25 人都发出了吗？" in again.texts()

    run(body)


def test_a_phone_that_is_no_android_never_offers_groups(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/greet")
        phone.session.apply_page_patch({"platform": "ios"})
        for label in ("用短信问候", "下一步", "全选", "下一步，1 人"):
            await phone.tap(label)
        assert not [label for label in phone.labels() if "一组" in label]

    run(body)


def test_the_dead_the_mourning_and_who_asked_for_rest_are_not_offered_and_it_is_said(
    store: Store, clock: FakeClock
) -> None:
    with_people(
        store,
        [
            person("q-1", name="钱甲", hamlet="上坞", house="40号", phones={"13900000001": "本人"}),
            person("q-2", name="钱乙", hamlet="上坞", house="40号", phones={"13900000002": "本人"}),
            person(
                "q-3", name="钱丙", hamlet="上坞", house="41号", phones={"13900000003": "本人"}, no_call=True
            ),
        ],
    )
    record_visit(store, visit_to("q-1", result="DECEASED"))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/greet")
        await phone.tap("用短信问候")
        await phone.tap("下一步")
        assert "不问候 7 人：已故 1，不愿接电话 1，家里百日内有丧事 1，没号码 4。" in phone.texts()
        assert [label for label in phone.labels() if label.startswith("选")] == ["选上坞12号张**"]
        # WeChat needs no number; the dead and the mourning stay out of it all the same.
        await phone.tap("返回")
        await phone.tap("用微信问候")
        await phone.tap("下一步")
        assert "不问候 3 人：已故 1，不愿接电话 1，家里百日内有丧事 1。" in phone.texts()

    run(body)


def test_a_death_found_after_the_greeting_was_begun_takes_the_person_out(
    store: Store, clock: FakeClock
) -> None:
    with_people(store, village_of(2))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/greet")
        for label in ("用短信问候", "下一步", "全选", "下一步，3 人"):
            await phone.tap(label)
        record_visit(store, visit_to("p-zhang", result="DECEASED"))
        again = await opened(session_over(store, clock), "/greet")
        assert "短信 2 人" in again.texts()
        await again.tap("已经发过了")
        await again.tap("都发了，保存")
        people = {c.fields["person"] for c in outbox.next_batch(store, "phone-1").changes if c.seq > 1}
        assert people == {"q-00", "q-01"}

    run(body)


@pytest.mark.parametrize("word", ["退役军人", "八一", "低保", "慰问金"])
def test_words_that_tell_why_somebody_is_greeted_are_not_taken(
    store: Store, clock: FakeClock, word: str
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/greet")
        await phone.write("问候语（可改）", f"{word}您好")
        await phone.tap("用短信问候")
        await phone.tap("下一步")
        assert [said for said in phone.texts() if "会让别人看出他的情况" in said]
        assert "问候语（可改）" in phone.labels()

    run(body)


def test_calls_made_one_after_the_other_are_saved_as_reached_but_for_those_unticked(
    store: Store, clock: FakeClock
) -> None:
    with_people(store, village_of(2))

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/greet")
        for label in ("用电话问候", "下一步", "全选", "下一步，3 人", "打电话：上坞12号张**"):
            await phone.tap(label)
        assert sent_words(phone) == ["tel:13800000000"]
        for label in ("都打过了", "有几个没联系到", "选上坞30号钱**", "保存 2 人"):
            await phone.tap(label)
        found = {
            (c.fields["person"], c.fields["result"]) for c in outbox.next_batch(store, "phone-1").changes
        }
        assert found == {("p-zhang", "MET_SELF"), ("q-01", "MET_SELF")}

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_each_step_is_drawn_with_labels_of_its_own_and_no_name(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    with_people(store, village_of(60))

    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        phone = await opened(session, "/greet")
        check_page(phone, "method")
        for step in ("sms", "next", "all", "next", "sent", "some"):
            label = LABELS[step][language == "en"]
            await phone.tap(next(one for one in phone.labels() if one.startswith(label)))
            check_page(phone, step)

    run(body)
