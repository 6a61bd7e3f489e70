from __future__ import annotations

import asyncio
import contextvars
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from app.state.form import FormProblem, VisitForm, form_from_draft, new_visit
from app.state.session import Session
from app.state.typed import CHINA, count_of, fen_of, read_clock, read_date, yuan
from app.store.account import mark_session_expired
from app.store.store import Store
from app.store.visits import visits_of
from app.ui.shell import Root
from tests.fakes import FakeClock, campaign
from tests.ui.conftest import PageNetwork, opened, run, session_over
from tests.ui.headless import Phone

NOW = datetime(2022, 7, 28, 12, 0, tzinfo=CHINA)
DONE = VisitForm(method="HOME", result="MET_SELF")


def test_starting_the_screens_does_not_wait_for_the_network_or_the_pinyin() -> None:
    code = (
        "import sys; import app.ui.shell; "
        "print([m for m in ('httpx', 'pypinyin', 'PIL', 'sync_server') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_names_are_hidden_when_the_app_is_opened_again(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.reveal("visit")
        assert session.names.are_shown is True
        clock.go_on(ms=1000)
        assert session_over(store, clock).names.are_shown is False
        session.hide()

    run(body)


def test_names_hide_themselves_after_ten_minutes(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.state.session.REVEAL_MS", 20)

    async def body() -> None:
        session = session_over(store, clock)
        session.reveal("visit")
        assert session.names.are_shown is True
        await asyncio.sleep(0.1)
        assert session.names.are_shown is False

    run(body)


def test_next_after_the_last_person_begins_at_the_top_of_the_hamlet_again(
    store: Store, clock: FakeClock
) -> None:
    session = session_over(store, clock)
    assert [session.next_after(p) for p in ("p-zhang", "p-zhou", "unknown")] == ["p-li", "p-sun", "p-zhang"]


def test_visit_that_could_not_be_stored_leaves_the_draft(store: Store, clock: FakeClock) -> None:
    session = session_over(store, clock)
    session.keep_draft("p-li", replace(DONE, cash="many"))
    with pytest.raises(FormProblem):
        session.save_visit("p-li", replace(DONE, cash="many"), back="/")
    assert visits_of(store, "p-li") == []
    assert session.draft("p-li") == replace(DONE, cash="many", day="2022-07-28", time="12:00")


def test_pressing_save_twice_saves_once(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/roster/visit/p-zhang")
        await phone.tap("结果 见到本人")
        _, button = phone.control("保存到本机")
        press = phone.session.dispatch_event(button._i, "click", None)
        again = phone.session.dispatch_event(button._i, "click", None)
        await asyncio.gather(press, again)
        await phone.settle()
        assert len(visits_of(store, "p-zhang")) == 1

    run(body)


def test_screens_left_behind_stop_listening(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        phone = await opened(session, "/")

        def listeners() -> int:
            return len(session.looks._Observable__listeners_storage)  # type: ignore[attr-defined]

        for route in ("/roster", "/roster/person/p-li", "/roster", "/"):
            await phone.show(route)
        first = listeners()
        for _ in range(5):
            for route in ("/roster", "/roster/person/p-li", "/roster", "/"):
                await phone.show(route)
        assert listeners() == first

    run(body)


def test_an_expired_session_asks_to_sign_in_and_goes_on_recording(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        mark_session_expired(store)
        phone = await opened(session_over(store, clock))
        await phone.tap("登录过期了。照常可记，有网时登录再传。")
        assert phone.page.route == "/sign-in"
        await phone.tap("返回")
        await phone.tap("给上坞12号张**记走访")
        await phone.tap("结果 见到本人")
        await phone.tap("保存到本机")
        assert len(visits_of(store, "p-zhang")) == 1

    run(body)


def test_draft_of_another_version_is_read_as_far_as_it_is_known() -> None:
    assert form_from_draft({"method": "HOME", "checklist": ["GREETINGS"], "from_next_year": 1}) == VisitForm(
        method="HOME", checklist=("GREETINGS",)
    )


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (VisitForm(method="HOME"), "result"),
        (replace(DONE, cash="三百"), "cash"),
        (replace(DONE, goods_pieces="1.5"), "goods_pieces"),
        (replace(DONE, need_type="HOUSING"), "need_severity"),
        (replace(DONE, need_type="HOUSING", time="25:70"), "need_severity"),
        (replace(DONE, day="7-32"), "when"),
        (replace(DONE, time="25:00"), "when"),
        (replace(DONE, time="23:59"), "when"),
        (replace(DONE, day="7-11"), "when"),
    ],
    ids=["no result", "words for money", "half a piece", "need without urgency", "the upper of two first",
         "no such day", "no such hour", "not yet", "before the campaign"],
)  # fmt: skip
def test_form_says_which_field_cannot_be_understood(form: VisitForm, field: str) -> None:
    with pytest.raises(FormProblem) as caught:
        new_visit(form, "p-li", campaign=campaign(), now=NOW)
    assert caught.value.field == field


def test_earlier_day_without_a_time_means_noon() -> None:
    visit = new_visit(replace(DONE, day="7月20日"), "p-li", campaign=campaign(), now=NOW)
    assert visit.at == datetime(2022, 7, 20, 12, 0, tzinfo=CHINA)


def test_amounts_are_read_as_people_write_them() -> None:
    written = ("", "300", "３００", "300.5", "1,000元", "三百", "-1", "1.234")
    assert [fen_of(text) for text in written] == [0, 30000, 30000, 30050, 100000, None, None, None]
    assert [count_of(text) for text in ("", "2", "２", "两", "1.5")] == [0, 2, 2, None, None]
    assert [yuan(30000), yuan(30050)] == ["300", "300.50"]


def test_days_and_times_are_read_as_people_write_them() -> None:
    today = date(2022, 7, 28)
    assert [read_date(text, today) for text in ("7-20", "7月20日", "2022/7/20", "12-31", "7-32", "昨天")] == [
        date(2022, 7, 20),
        date(2022, 7, 20),
        date(2022, 7, 20),
        date(2022, 12, 31),
        None,
        None,
    ]
    assert read_date("12-31", date(2022, 1, 2)) == date(2021, 12, 31)
    assert [read_clock(text) for text in ("9:41", "9：41", "9点", "24:00", "早上")] == [
        (9, 41),
        (9, 41),
        (9, 0),
        None,
        None,
    ]


def test_second_window_takes_over_once_the_first_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        begun: list[Session] = []
        phone = Phone("/")
        phone.page.render_views(Root, None, begun.append)
        await phone.settle()
        assert phone.labels() == ["在这里用"]
        # Native files are never busy: the same button opens this machine's own store.
        monkeypatch.setenv("FLET_APP_STORAGE_DATA", str(tmp_path))
        await phone.tap("在这里用")
        assert len(begun) == 1
        assert "登录" in phone.labels()
        begun[0].store.close()

    run(body)


def test_the_strip_hears_from_outside_of_the_page_that_the_network_is_back(
    store: Store, clock: FakeClock
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        network = session.device.network
        assert isinstance(network, PageNetwork)
        session.net.is_online = network.online = False
        phone = await opened(session)
        loop = asyncio.create_task(session.run_loop())
        await phone.settle()
        assert "没网也能用" in phone.texts()
        network.online = True
        # As a browser's event does: the call comes from no page.
        contextvars.Context().run(network.comes_back)
        assert session.net.is_online is True
        await phone.settle()
        loop.cancel()

    run(body)
