"""The pages of handing over and of the help, in every size and language; a file goes out and comes in."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flet as ft
import pytest

from app.store.handover import relayed
from app.store.index import people_index
from app.store.store import Store
from app.store.visits import record_visit
from app.ui.help_words import HELP
from app.ui.words import words
from tests.fakes import FakeClock, signed_in_store, visit_to
from tests.ui.conftest import opened, run, session_over
from tests.ui.headless import check_page


def test_a_file_saved_here_is_taken_in_on_another_phone_by_its_code(
    store: Store, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_visit(store, visit_to("p-li"))
    other = signed_in_store(tmp_path / "other.db", clock, seed=5, device="phone-2")
    handed: dict[str, Any] = {}

    async def picks(_: ft.FilePicker, **__: Any) -> list[Any]:
        return [SimpleNamespace(name="交接.zfh", bytes=handed["src_bytes"])]

    # What the system's own dialogue would give.
    monkeypatch.setattr(ft.FilePicker, "pick_files", picks)

    async def body() -> None:
        phone = await opened(session_over(store, clock), "/me")
        await phone.tap("交接给另一部手机")
        assert phone.page.route == "/me/handover"
        await phone.tap("存一份交接文件")
        await phone.idle()
        (args,) = [args for name, args in phone.connection.calls if name == "save_file"]
        handed.update(args)
        assert "李四".encode() not in handed["src_bytes"]
        code = next(said for said in phone.texts() if len(said) == 19 and said.replace(" ", "").isdigit())
        taker = await opened(session_over(other, clock), "/me/handover")
        await taker.tap("选交接文件")
        await taker.write("交接码（16 位数字）", "1234")
        await taker.tap("收下")
        await taker.idle()
        assert "交接码是 16 位数字，请照对方屏幕上的写。" in taker.texts()
        await taker.write("交接码（16 位数字）", code)
        await taker.tap("收下")
        await taker.idle()
        said = "收下了：名册 5 人，走访和困难 1 条。替对方捎的记录 1 条，有网时传。文件可以删了。"
        assert said in taker.texts()
        assert "1 条等网络" in taker.texts()

    run(body)
    assert (len(people_index(other).search()), relayed(other).waiting) == (5, 1)
    other.close()


def test_each_question_of_the_help_opens_its_answer_alone(store: Store, clock: FakeClock) -> None:
    async def body() -> None:
        phone = await opened(session_over(store, clock), "/me/help")
        for name in HELP:
            await phone.tap(words("zh", f"help.{name}"))
            answers = [one for one in HELP if words("zh", f"help.{one}.answer") in phone.texts()]
            assert answers == [name]

    run(body)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_pages_are_drawn_with_labels_of_their_own(
    store: Store, clock: FakeClock, scale: float, language: str
) -> None:
    async def body() -> None:
        session = session_over(store, clock)
        session.set_look(scale=scale, language=language)
        for route in ("/me", "/me/handover", "/me/help"):
            check_page(await opened(session, route), route)

    run(body)
