"""移走账号: take a colleague who no longer uses it off a shared phone; two taps, and never what waits."""

from __future__ import annotations

import flet as ft

from app.domain.errors import ZoufangError
from app.state.live import use_live, use_session
from app.state.shared_phone import Colleague, colleagues, take_colleague_off
from app.store.account import signed_in
from app.ui.parts.faults import fault_words
from app.ui.parts.look import part, use_look
from app.ui.parts.shapes import notice
from app.ui.parts.tap import calls, quiet
from app.ui.parts.text import text
from app.ui.theme import GAP
from app.ui.words import words


@part
def WorkersOff() -> ft.Control:
    """Nothing on a phone that one worker has alone, and while nobody holds it."""
    look = use_look()
    session = use_session()
    holder = use_live(signed_in, "account")
    others = use_live(colleagues, "account", "outbox", "receipts")
    is_open, set_open = ft.use_state(False)
    sure_of, set_sure = ft.use_state("")
    said, say = ft.use_state(("", False))  # what came of it, and whether that is bad
    language = look.language
    if holder is None or not (others or said[0]):
        return ft.Container(height=0)

    def press(one: Colleague) -> None:
        # The second tap: the first one says what becomes of his.
        if sure_of != one.account_id:
            set_sure(one.account_id)
            say(("", False))
            return
        set_sure("")
        try:
            take_colleague_off(session, one.account_id)
        except ZoufangError as fault:
            say((fault_words(session, fault), True))
        else:
            say((words(language, "workers.off.done", name=one.name), False))

    rows: list[ft.Control] = []
    if others and not is_open:
        rows.append(quiet(look, words(language, "workers.off"), on_click=lambda: set_open(True), wraps=True))
    for one in others if is_open else ():
        is_sure = one.account_id == sure_of
        named = words(language, "workers.off.pick", name=one.name)
        if is_sure:
            hint = [words(language, "workers.off.hint")]
            if one.refused:
                hint.append(words(language, "workers.out.refused", n=one.refused))
            stays = text(look, ("" if language == "zh" else " ").join(hint), "body")
            rows.append(ft.Semantics(live_region=True, content=stays))
        rows.append(
            quiet(
                look,
                words(language, "workers.off.sure") if is_sure else named,
                label=f"{words(language, 'workers.off.sure')}：{one.name}" if is_sure else named,
                on_click=calls(press, one),
                glyph=ft.Icons.PERSON_REMOVE_OUTLINED,
                is_outlined=True,
                wraps=True,
            )
        )
    if said[0]:
        rows.append(ft.Semantics(live_region=True, content=notice(look, said[0], is_bad=said[1])))
    return ft.Column(rows, spacing=GAP, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
