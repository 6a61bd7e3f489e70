"""The design's acceptance checks that need no browser; the others are in tests/browser/test_acceptance.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.state import paper
from app.store.greetings import greetable
from app.store.left import left_places
from app.store.outbox import RecordState
from app.store.store import Store
from app.store.visits import record_visit, undo_visit
from app.ui.parts.states import FACES
from app.ui.theme import SCALES, Look
from tests.fakes import VILLAGE, FakeClock, campaign, visit_to
from tests.ui.conftest import opened, run, session_over

APP = Path(__file__).parents[2] / "app"


def test_each_state_has_a_word_and_an_icon_of_its_own(  # A13
) -> None:
    assert set(FACES) == set(RecordState)
    assert len({face.glyph for face in FACES.values()}) == len(FACES)


def test_no_screen_asks_where_the_worker_is() -> None:  # A15
    code = "".join(file.read_text(encoding="utf-8") for file in APP.rglob("*.py"))
    assert re.findall(r"Geolocator|PermissionHandler|LOCATION", code) == []


@pytest.mark.parametrize("scale", SCALES)
def test_main_targets_are_60_high_once_the_text_is_enlarged(scale: float) -> None:  # A2
    look = Look(scale=scale)
    least = 60 if scale >= 1.22 else 54
    assert (look.cell_height, look.primary_height) == (least, max(58, least))


def test_who_has_died_is_in_no_greeting_tile_list_or_sheet_and_an_undo_restores_him(  # A16
    store: Store, clock: FakeClock
) -> None:
    session = session_over(store, clock)

    def lists() -> list[bool]:
        index = session.index
        left = [row.id for place in left_places(index, campaign()) for row in place.rows]
        numbers = greetable(store, VILLAGE, needs_number=True).numbers
        return [
            "p-zhang" in left,
            "p-zhang" in numbers,
            "p-zhang" in paper.left_in(session, VILLAGE),
            "p-zhang" in index.search(),
            index.progress().by_group["AGED_80"] == 1,
        ]

    assert lists() == [True] * 5
    visit = record_visit(store, visit_to("p-zhang", result="DECEASED"))
    assert lists() == [False] * 5
    undo_visit(store, visit)
    assert lists() == [True] * 5


@pytest.mark.parametrize(
    ("route", "taps", "saved"),
    [
        ("/records/activities/new", ["活动 座谈会", "退役军人加一人", "保存到本机"], "活动已存在本机"),
        (
            "/greet",
            ["用短信问候", "下一步", "全选", "下一步，1 人", "已经发过了", "都发了，保存"],
            "1 条已存在本机",
        ),
        ("/paper", ["按名册顺序，从头来", "结果 见到本人", "保存，下一位"], "第 2 位，共 5 位"),
        ("/roster/person/p-zhang/found/file", ["档案 已建档", "保存到本机"], "已存在本机"),
        ("/roster/person/p-zhang/edit", ["就业 务农", "保存到本机"], "已存在本机"),
    ],
)
def test_nothing_is_said_to_be_saved_before_it_is_and_what_was_begun_stays(  # A11
    store: Store, clock: FakeClock, route: str, taps: list[str], saved: str
) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), route)
        for label in taps[:-1]:
            await phone.tap(label)
        store.db.execute("PRAGMA query_only = ON")  # a disk that takes no more
        await phone.tap(taps[-1])
        assert not phone.has_drawn(saved)
        assert [said for said in phone.texts() if "已存的记录都在" in said]
        store.db.execute("PRAGMA query_only = OFF")
        await phone.tap(taps[-1])
        assert saved in phone.texts()

    run(body)
