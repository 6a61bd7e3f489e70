"""The strip about the network: grey, quiet, gone when there is nothing to say."""

from __future__ import annotations

from dataclasses import dataclass

import flet as ft

from app.state.live import use_live, use_session, use_watched
from app.store.account import is_session_expired
from app.store.inbox import feed_state
from app.store.records import totals
from app.ui.parts import when
from app.ui.parts.look import go, part, use_look
from app.ui.parts.tap import tap
from app.ui.parts.text import icon, text
from app.ui.theme import RADIUS_CARD
from app.ui.words import words

MINUTE_MS = 60 * 1000
HOUR_MS = 60 * MINUTE_MS
CLOCK_OFF_MS = 5 * MINUTE_MS
STALE_MS = 3 * 24 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Said:
    """What the strip says: a key of the words and its fields; `asks` if the worker has to do something."""

    key: str
    fields: dict[str, object]
    glyph: ft.IconData
    asks: bool = False
    path: str = "/records"


def what_to_say(
    *, phase: str | None, sent_of: tuple[int, int] | None, is_online: bool, is_expired: bool,
    waiting: int, is_kept: bool, offset_ms: int = 0, is_revoked: bool = False, stale_since: str = "",
) -> Said | None:  # fmt: skip
    """The one sentence that matters now, or None: online and all received needs no words."""
    if not is_kept:
        return Said("memory.only", {}, ft.Icons.WARNING_AMBER, asks=True)
    if is_expired or phase == "signed_out":
        return Said("session.expired", {}, ft.Icons.LOGIN, asks=True, path="/sign-in")
    if is_revoked:
        return Said("revoked", {"n": waiting}, ft.Icons.PHONELINK_OFF, asks=True)
    if phase == "old_app":
        return Said("net.old", {}, ft.Icons.SYSTEM_UPDATE, asks=True)
    if phase == "old_server":  # nothing that a worker could do
        return Said("net.old.server", {"n": waiting}, ft.Icons.CLOUD_OFF_OUTLINED)
    if abs(offset_ms) >= HOUR_MS:
        return Said("clock.wrong", {"n": round(abs(offset_ms) / HOUR_MS)}, ft.Icons.SCHEDULE, asks=True)
    if abs(offset_ms) > CLOCK_OFF_MS:
        n = round(abs(offset_ms) / MINUTE_MS)
        return Said("clock.wrong.minutes", {"n": n}, ft.Icons.SCHEDULE, asks=True)
    if phase == "sending" and sent_of is not None and sent_of[1]:
        return Said("net.sending", {"done": sent_of[0], "all": sent_of[1]}, ft.Icons.NORTH_EAST)
    if stale_since and phase != "sending":
        return Said("net.stale", {"date": stale_since}, ft.Icons.HISTORY)
    if phase == "offline" or not is_online:
        if waiting:
            return Said("net.off", {"n": waiting}, ft.Icons.CLOUD_OFF_OUTLINED)
        return Said("net.off.none", {}, ft.Icons.CLOUD_OFF_OUTLINED)
    if phase == "no_answer":
        return Said("net.server", {}, ft.Icons.CLOUD_OFF_OUTLINED)
    return None


@part
def NetStrip(*, only_asking: bool = False) -> ft.Control:
    """The strip; a live region, so that a change is read out politely.

    `only_asking`: on 记录, which says by itself how sending stands, only what the worker must do.
    """
    look = use_look()
    session = use_session()
    net = use_watched(session.net)
    waiting = use_live(lambda store: totals(store).waiting, "outbox", "receipts", "visits")
    is_expired = use_live(is_session_expired, "account")
    contact_ms = use_live(feed_state, "feed").last_contact_ms
    status = net.status
    is_stale = contact_ms is not None and session.now_ms() - contact_ms > STALE_MS
    said = what_to_say(
        phase=status.phase if status else None,
        sent_of=status.sent_of if status else None,
        is_online=net.is_online,
        is_expired=is_expired,
        waiting=waiting,
        is_kept=session.mount != "memory",
        offset_ms=status.clock_offset_ms or 0 if status else 0,
        is_revoked=status is not None and status.is_revoked,
        stale_since=when.day(look.language, when.from_ms(contact_ms), session.now())
        if is_stale and contact_ms is not None
        else "",
    )
    if said is None or (only_asking and not said.asks):
        return ft.Container(height=0)
    shade = look.palette
    sentence = words(look.language, said.key, **said.fields)
    ink = shade.wait if said.asks else shade.ink2
    return ft.Semantics(
        live_region=True,
        content=tap(
            ft.Row(
                [
                    icon(look, said.glyph, color=ink),
                    text(look, sentence, "meta", color=ink, expand=True),
                    icon(look, ft.Icons.CHEVRON_RIGHT, color=ink),
                ],
                spacing=10,
            ),
            label=sentence,
            on_click=lambda: go(said.path),
            bgcolor=shade.wait_ground if said.asks else shade.sunk,
            border=ft.Border.all(1.5, ink) if shade.edge_width > 2 else None,
            radius=RADIUS_CARD,
            padding=ft.Padding.symmetric(horizontal=12, vertical=look.upright("meta", 50)),
        ),
    )
