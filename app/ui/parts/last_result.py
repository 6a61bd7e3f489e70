"""What the last sync came to, or how far the present one is, in one line under the three numbers."""

from __future__ import annotations

from typing import Any

import flet as ft

from app.state.live import use_live, use_session, use_watched
from app.store import records
from app.store.enrolment import unsent_of_others
from app.store.outbox import RecordState
from app.store.records import RecordView
from app.store.results import SyncResult, last_result
from app.store.store import Store
from app.ui.parts import when
from app.ui.parts.look import part, use_look
from app.ui.parts.refusal import first_reason, reason_words
from app.ui.parts.text import text
from app.ui.theme import Language
from app.ui.words import words

KB, MB = 1024, 1024 * 1024


@part
def LastResult() -> ft.Control:
    """A live region, so that the result is read out once it is there; nothing before the first sync."""
    look = use_look()
    session = use_session()
    net = use_watched(session.net)
    result = use_live(last_result, "feed", "account")
    refused = use_live(_refused, "outbox", "receipts")
    # That nothing was to be sent is old news once something is.
    waiting = use_live(lambda store: records.totals(store).waiting, "outbox", "receipts", "visits")
    others = use_live(unsent_of_others, "outbox", "receipts", "account")
    language, progress = look.language, net.status.progress if net.status else None
    lines: list[str] = []
    if progress is not None and (progress.changes or progress.rows):
        lines.append(progress_words(language, progress))
    elif result is not None and (result.says_something or not waiting):
        at = when.day_and_clock(language, when.from_ms(result.at_ms), session.now())
        reason = reason_words(language, refused.delivery.refusal) if refused else None
        lines.append(result_words(language, result, at=at, reason=reason))
    if others:
        lines.append(words(language, "workers.others", n=others))
    said: list[ft.Control] = [text(look, line, "meta", color=look.palette.ink2) for line in lines]
    return ft.Semantics(
        live_region=True,
        content=ft.Container(content=ft.Column(said, spacing=4), padding=ft.Padding.symmetric(horizontal=4)),
    )


def result_words(language: Language, result: SyncResult, *, at: str, reason: str | None) -> str:
    """`12 次走访 14:05 已送到；1 次没收下：…`. `reason`: of what is refused now, of which
    the first sentence is said; None if nothing is refused any more."""
    why = words(language, f"result.why.{result.failure}") if result.failure else ""
    parts: list[str] = []
    if result.visits:
        key = "result.sent.needs" if result.needs else "result.sent"
        parts.append(words(language, key, n=result.visits, needs=result.needs, time=at))
        if result.others:
            parts.append(words(language, "result.others.too", n=result.others))
    elif result.others:
        parts.append(words(language, "result.others", n=result.others, time=at))
    if result.refused and reason is not None:
        said = first_reason(reason) or words(language, "result.why.refused")
        parts.append(words(language, "result.refused", n=result.refused, reason=said))
    if result.failure and result.left:
        parts.append(words(language, "result.left", n=result.left, reason=why))
    elif result.failure:
        parts.append(words(language, "result.left.none", time=at, reason=why))
    if not parts:
        return words(language, "result.nothing", time=at)
    return ("；" if language == "zh" else "; ").join(parts)


def progress_words(language: Language, progress: Any) -> str:
    """`正在传 120 / 350 条，64 KB / 190 KB；已收到 812 条，96 KB`, of the Progress of a SyncStatus."""
    parts: list[str] = []
    if progress.changes:
        parts.append(
            words(
                language,
                "result.up",
                done=progress.answered,
                all=progress.changes,
                done_size=size_words(progress.answered_bytes),
                all_size=size_words(progress.changes_bytes),
            )
        )
    if progress.rows:
        size = size_words(progress.rows_bytes)
        parts.append(words(language, "result.down", n=progress.rows, size=size))
    return ("；" if language == "zh" else "; ").join(parts)


def size_words(size_bytes: int) -> str:
    """0 KB, 0.4 KB, 64 KB, 1.7 MB."""
    if size_bytes >= MB:
        return f"{size_bytes / MB:.1f} MB"
    kilobytes = size_bytes / KB
    return f"{kilobytes:.1f} KB" if 0 < kilobytes < 10 else f"{kilobytes:.0f} KB"


def _refused(store: Store) -> RecordView | None:
    """The latest visit that is refused now; asked only if one was in the last sync."""
    result = last_result(store)
    if result is None or not result.refused:
        return None
    return next(iter(records.recent(store, limit=1, state=RecordState.REFUSED)), None)
