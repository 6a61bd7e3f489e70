"""How sending photos stands, on 记录: apart from the records, which never wait for them."""

from __future__ import annotations

import flet as ft

from app.state.live import use_live, use_session, use_watched
from app.store.photo_files import photo_totals
from app.ui.parts.last_result import size_words
from app.ui.parts.look import part, use_look
from app.ui.parts.shapes import notice
from app.ui.parts.tap import calls, quiet
from app.ui.theme import GAP
from app.ui.words import words


@part
def PhotosNow() -> ft.Control:
    """Nothing while no photo waits; a live region, so that a change is read out politely."""
    look = use_look()
    session = use_session()
    net = use_watched(session.net)
    totals = use_live(photo_totals, "photos", "outbox", "receipts")
    language = look.language
    status = net.status.photos if net.status else None
    rows: list[ft.Control] = []
    if totals.waiting:
        size = size_words(totals.waiting_bytes)
        if status is not None and status.phase == "sending":
            done, whole = size_words(status.sent_bytes), size_words(status.all_bytes)
            said = words(language, "photos.sending", done=done, all=whole)
        elif status is not None and status.phase == "held":
            said = words(language, "net.wifi" if status.is_kind_known else "net.unsure", size=size)
        else:
            said = words(language, "photos.waiting", n=totals.waiting, size=size)
        rows.append(notice(look, said, glyph=ft.Icons.IMAGE_OUTLINED))
        if status is not None and status.phase == "held":
            rows.append(
                quiet(
                    look,
                    words(language, "net.wifi.now"),
                    label=words(language, "net.wifi.now.label"),
                    on_click=calls(session.wake, "photos"),
                    is_outlined=True,
                )
            )
    if totals.refused:
        rows.append(notice(look, words(language, "photos.refused", n=totals.refused)))
    return ft.Semantics(live_region=True, content=ft.Column(rows, spacing=GAP))
