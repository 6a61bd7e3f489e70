"""What the four places say and keep still: filters, the question about names, sending, progress, English."""

from __future__ import annotations

import re

import flet as ft

from app.domain.wire import Receipt
from app.store.inbox import apply_page
from app.store.store import Store
from app.store.visits import record_visit
from app.sync.status import SyncStatus
from app.ui.parts.filters import in_two_rows
from tests.fakes import FakeClock, answer_of, visit_to
from tests.ui.conftest import opened, run, session_over


def test_filters_stay_while_typing_and_take_two_rows(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster")
        before = [label.partition("，")[0] for label in phone.labels() if label.startswith("筛选")]
        await phone.write("搜索姓名、拼音首字母或自然村", "zs")
        after = [label.partition("，")[0] for label in phone.labels() if label.startswith("筛选")]
        assert after == before
        assert "筛选 外地，0人" in phone.labels()

    run(body)
    assert in_two_rows([100, 60, 60, 120, 100, 80], room=328, beside=28) == 5
    assert in_two_rows([100, 60], room=328, beside=28) == 2


def test_the_question_about_names_moves_nothing_on_the_page(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster")
        before = phone.labels()
        await phone.tap("显示姓名和电话")
        asked = ["显示姓名，因为走访", "显示姓名，因为核对名册", "显示姓名，因为其他", "不看了"]
        places = before.index("今天")
        assert phone.labels() == [*before[:places], *asked, *before[places:]]

    run(body)


def test_sending_by_hand_is_answered_also_without_network(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.net.is_online = False
        phone = await opened(session, "/records")
        await phone.tap("现在传送")
        assert "现在没有网络，这次没有传。有网时会自动传。" in phone.texts()
        session.net.is_online = True
        session.net.status = SyncStatus(phase="sending")
        await phone.settle()
        assert "正在联系市里，请稍等。" in phone.texts()
        session.net.status = SyncStatus(phase="idle", last_contact_ms=clock())
        await phone.settle()
        assert "刚刚联系过市里。" in phone.texts()

    run(body)


def test_the_progress_has_a_sentence_for_a_name(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock))
        (image,) = [c for c in phone.walk() if isinstance(c, ft.Semantics) and c.image]
        assert image.label == "走访进度，5 人中 0 人"
        assert isinstance(image.content, ft.Semantics)
        assert image.content.exclude_semantics is True

    run(body)


def test_in_english_nothing_is_said_in_chinese_but_names(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(language="en")
        record_visit(store, visit_to("p-zhang", checklist=("POLICY_BRIEFING", "GREETINGS")))
        receipt = Receipt(
            seq=1, status="quarantined", code="over_limit", message="慰问金太多。", ref="AAAABBBB"
        )
        apply_page(store, "phone-1", answer_of(receipts=[receipt], cursor="c2"))
        names = re.compile(r"清水村|上坞|下坞|温州|[张李王孙周]\*\*|周岚|\d+号|本人")
        for route in ("/roster", "/records", "/roster/person/p-zhang", "/roster/person/p-sun"):
            phone = await opened(session, route)
            shown = [names.sub("", each) for each in [*phone.labels(), *phone.texts()]]
            assert [each for each in shown if re.search(r"[\u4e00-\u9fff，、]", each)] == [], route

    run(body)


def test_what_went_wrong_is_said_in_the_language_of_the_screen(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        said = {}
        visit = record_visit(store, visit_to("p-zhang"))
        for language, undo in (("zh", "撤销这条（24 小时内）"), ("en", "Undo this (within 24 hours)")):
            session = session_over(store, clock)
            session.set_look(language=language)
            phone = await opened(session, f"/records/record/{visit}")
            clock.go_on(days=2)
            await phone.tap(undo)
            clock.go_on(days=-2)
            said[language] = [each for each in phone.texts() if "24" in each]
        assert said == {
            "zh": ["超过 24 小时不能撤销，可以更正。"],
            "en": ["After 24 hours you can correct it, not undo it."],
        }

    run(body)
