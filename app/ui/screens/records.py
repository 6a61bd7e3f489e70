"""记录: the proof. Numbers that add up to what was saved, what needs a hand, then all of it."""

from __future__ import annotations

from collections.abc import Callable

import flet as ft

from app.domain.names import mask_name
from app.state.live import use_live, use_session, use_watched
from app.state.session import Net, Session
from app.store import records
from app.store.outbox import RecordState
from app.store.photos import photo_counts
from app.store.records import RecordView, Totals
from app.ui.parts import when
from app.ui.parts.disputed import Disputed
from app.ui.parts.frame import page_view
from app.ui.parts.last_result import LastResult
from app.ui.parts.look import go, screen, under, use_look
from app.ui.parts.newcomers_refused import NewcomersRefused
from app.ui.parts.photos import photo_count_words
from app.ui.parts.photos_now import PhotosNow
from app.ui.parts.refusal import refusal_words
from app.ui.parts.shapes import card, line, notice, scrolled, section
from app.ui.parts.states import FACES, method_words, state_line, state_words
from app.ui.parts.strip import NetStrip
from app.ui.parts.tap import calls, primary, quiet, tap, tick
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD, Look
from app.ui.words import words

WINDOW = 50
REFUSED_SHOWN = 5
SPOKEN_STATES = (RecordState.SAVED, RecordState.SENT, RecordState.RECEIVED)


@screen
def Records() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    net = use_watched(session.net)
    here = ft.use_view_path() or "/records"
    limit, set_limit = ft.use_state(WINDOW)
    only, set_only = ft.use_state("")
    asked_ms, set_asked = ft.use_state(0)

    def send() -> None:
        set_asked(session.now_ms())
        session.wake("hand")

    state = RecordState(only) if only else None
    tables = ("outbox", "receipts", "visits")
    sums = use_live(records.totals, *tables)
    found = use_live(lambda store: records.recent(store, limit=limit + 1, state=state), *tables)
    refused = use_live(
        lambda store: records.recent(store, limit=REFUSED_SHOWN, state=RecordState.REFUSED), *tables
    )
    pictures = use_live(lambda store: photo_counts(store, [view.visit.id for view in found]), "photos")
    language = look.language
    body: list[ft.Control] = [NetStrip(only_asking=True)]
    if asked_ms:
        answer = words(language, _answer(net, asked_ms))
        body.append(ft.Semantics(live_region=True, content=notice(look, answer, glyph=ft.Icons.SYNC)))
    body += [_numbers(look, sums, net), LastResult(), PhotosNow()]
    if sums.refused:
        body.append(_refused(look, session, sums.refused, refused, here=here, are_shown=names.are_shown))
    body += [NewcomersRefused(here=here), Disputed(here=here)]
    body.append(
        quiet(
            look,
            words(language, "activity.list"),
            on_click=lambda: go(under(here, "activities")),
            glyph=ft.Icons.GROUPS_OUTLINED,
            is_outlined=True,
            wraps=True,
        )
    )
    if sums.all == 0:
        body.append(text(look, words(language, "records.none"), color=look.palette.ink2))
    else:
        body.append(section(look, words(language, "records.recent")))
        cells = _only(look, sums, only, set_only)
        if len(cells) > 2:
            body.append(ft.Row(cells, spacing=GAP, run_spacing=GAP, wrap=True))
        shown = found[:limit]
        labels = record_labels(look, session, shown, are_shown=names.are_shown)
        rows: list[ft.Control] = []
        for at, (view, label) in enumerate(zip(shown, labels, strict=True)):
            if at:
                rows.append(line(look))
            seen = pictures.get(view.visit.id)
            told = photo_count_words(look, *seen) if seen else ""
            rows.append(_row(look, session, view, label, told, here=here, are_shown=names.are_shown))
        if rows:
            body.append(card(look, rows, spacing=0, holds_rows=True))
        if len(found) > limit:
            more = words(language, "records.more", n=WINDOW)
            body.append(quiet(look, more, on_click=lambda: set_limit(limit + WINDOW), is_outlined=True))
    return page_view(
        look,
        route=here,
        title=words(language, "place.records"),
        context=_last_contact(look, session, net),
        actions=[
            quiet(
                look,
                words(language, "records.send"),
                label=words(language, "records.send.label"),
                glyph=ft.Icons.SYNC,
                on_click=send,
                hides_words=look.is_huge,
            )
        ],
        body=scrolled(look, body, spacing=GAP + 2),
        place="records",
    )


def _answer(net: Net, asked_ms: int) -> str:
    """What has become of 传送, pressed at `asked_ms`: a key of the words."""
    status = net.status
    if status and status.last_contact_ms is not None and status.last_contact_ms >= asked_ms:
        return "records.asked.done"
    if not net.is_online or (status and status.phase == "offline"):
        return "records.asked.offline"
    return "net.server" if status and status.phase == "no_answer" else "records.asked"


def _last_contact(look: Look, session: Session, net: Net) -> str:
    last_ms = net.status.last_contact_ms if net.status else None
    if last_ms is None:
        return words(look.language, "records.context.never")
    moment = when.from_ms(last_ms)
    return words(
        look.language, "records.context", when=when.day_and_clock(look.language, moment, session.now())
    )


def _numbers(look: Look, sums: Totals, net: Net) -> ft.Control:
    counts = {
        RecordState.SAVED: sums.saved,
        RecordState.SENT: sums.sent,
        RecordState.RECEIVED: sums.received,
    }
    is_stacked = look.is_stacked or look.language == "en"
    cells = [_number(look, state, counts[state], is_stacked=is_stacked) for state in SPOKEN_STATES]
    if is_stacked:
        numbers: ft.Control = ft.Column(cells, spacing=GAP)
    else:
        arrow = ft.Icons.ARROW_FORWARD
        numbers = ft.Row(
            [cells[0], icon(look, arrow, size=20), cells[1], icon(look, arrow, size=20), cells[2]],
            spacing=0,
            alignment=ft.MainAxisAlignment.SPACE_BETWEEN,
        )
    shown = [numbers]
    if sums.refused:
        # The fourth number, off the way that the three go: with it they add up to all that was saved.
        refused = _number(look, RecordState.REFUSED, sums.refused, is_stacked=True)
        shown += [line(look), refused]
    shown += _edits(look, sums)
    return card(
        look,
        [*shown, line(look), text(look, _standing(look, sums, net), "meta", color=look.palette.ink2)],
        spacing=12,
    )


def _edits(look: Look, sums: Totals) -> list[ft.Control]:
    """What was saved beside the visits and has not arrived: the numbers would not add up without it."""
    counts = (
        (RecordState.SAVED, "records.edits", sums.edits),
        (RecordState.REFUSED, "records.edits.refused", sums.edits_refused),
    )
    shown: list[ft.Control] = []
    for state, key, n in counts:
        if n:
            ink = getattr(look.palette, FACES[state].ink)
            said = text(look, words(look.language, key, n=n), "meta", color=ink, expand=True)
            shown += [line(look), ft.Row([icon(look, FACES[state].glyph, color=ink), said], spacing=12)]
    return shown


def _number(look: Look, state: RecordState, count: int, *, is_stacked: bool) -> ft.Control:
    face = FACES[state]
    ink = getattr(look.palette, face.ink)
    name = words(look.language, face.short)
    mark, figure = icon(look, face.glyph, color=ink), text(look, f"{count}", "tile", color=ink)
    content: ft.Control
    if is_stacked:
        content = ft.Row([mark, figure, text(look, name, "meta", expand=True)], spacing=12)
    else:
        content = ft.Column(
            [ft.Row([mark, figure], spacing=6, tight=True), text(look, name, "meta")],
            spacing=0,
            tight=True,
            horizontal_alignment=ft.CrossAxisAlignment.CENTER,
        )
    spoken = words(look.language, "records.number.label", name=name, n=count)
    return ft.Semantics(
        label=spoken, container=True, content=ft.Semantics(exclude_semantics=True, content=content)
    )


def _standing(look: Look, sums: Totals, net: Net) -> str:
    language = look.language
    if sums.all and sums.has_all_arrived:
        return words(language, "records.all", n=sums.received)
    if not sums.waiting:
        if not sums.all:
            return words(language, "records.nothing")
        if sums.refused:
            key = "records.rest" if sums.received and not sums.edits_refused else "records.sum"
            return words(language, key, all=sums.all)
        return words(language, "records.visits", n=sums.received)
    return f"{words(language, 'records.sum', all=sums.all) if sums.all else ''}{_way(look, net)}"


def _way(look: Look, net: Net) -> str:
    language, status = look.language, net.status
    if not net.is_online or (status and status.phase == "offline"):
        return words(language, "records.offline")
    if status and status.phase == "no_answer":
        return words(language, "net.server")
    return words(language, "records.waiting")


def _only(look: Look, sums: Totals, only: str, set_only: Callable[[str], None]) -> list[ft.Control]:
    """Filter by state; only the states that some record is in."""
    counts = {
        "": sums.all,
        "saved": sums.saved,
        "sent": sums.sent,
        "received": sums.received,
        "refused": sums.refused,
    }
    cells: list[ft.Control] = []
    for code, count in counts.items():
        if code and not count and code != only:
            continue
        name = words(look.language, FACES[RecordState(code)].short if code else "records.filter.all")
        cells.append(
            tick(
                look,
                name,
                label=words(look.language, "records.filter.label", name=name),
                is_ticked=code == only,
                on_click=calls(set_only, code),
                expand=None,
            )
        )
    return cells


def record_labels(look: Look, session: Session, views: list[RecordView], *, are_shown: bool) -> list[str]:
    """`张** 今天 9:41 上门，存在本机，等网络` for each, no two alike."""
    labels: list[str] = []
    seen: dict[str, int] = {}
    for view in views:
        label = words(
            look.language,
            "record.label",
            name=view.person_name if are_shown else mask_name(view.person_name),
            when=when.day_and_clock(look.language, view.visit.at, session.now()),
            method=method_words(session.campaign, look, view.visit.method),
            state=_state(look, view),
        )
        seen[label] = seen.get(label, 0) + 1
        nth = words(look.language, "record.nth", n=seen[label]) if seen[label] > 1 else ""
        labels.append(label + nth)
    return labels


def _state(look: Look, view: RecordView) -> str:
    state = state_words(look, view.delivery.state)
    if not view.is_undone:
        return state
    return words(look.language, "and").join((words(look.language, "record.undone"), state))


def _row(
    look: Look, session: Session, view: RecordView, label: str, photos: str, *, here: str, are_shown: bool
) -> ft.Control:
    """One record; `photos` says how its photos stand, empty where it has none."""
    shade = look.palette
    name = view.person_name if are_shown else mask_name(view.person_name)
    day = when.day_and_clock(look.language, view.visit.at, session.now())
    method = method_words(session.campaign, look, view.visit.method)
    about: list[ft.Control] = [
        ft.Row(
            [text(look, name, "name"), text(look, f"{day} {method}", "meta", color=shade.ink2)],
            spacing=10,
            run_spacing=0,
            wrap=True,
        )
    ]
    if view.is_undone:
        about.append(text(look, words(look.language, "undo.done"), "meta", color=shade.ink2))
    about.append(state_line(look, view.delivery.state))
    if photos:
        about.append(text(look, photos, "meta", color=shade.ink2))
        label = words(look.language, "and").join((label, photos))
    return tap(
        ft.Row(
            [ft.Column(about, spacing=4, tight=True, expand=True), icon(look, ft.Icons.CHEVRON_RIGHT)],
            spacing=GAP,
        ),
        label=label,
        on_click=lambda: go(under(here, f"record/{view.visit.id}")),
        padding=ft.Padding.symmetric(vertical=12),
    )


def _refused(
    look: Look, session: Session, count: int, views: list[RecordView], *, here: str, are_shown: bool
) -> ft.Control:
    """What the city did not take, why, and that nothing is lost: the one red thing of the app."""
    shade, language = look.palette, look.language
    rows: list[ft.Control] = [
        ft.Row(
            [
                icon(look, ft.Icons.ERROR_OUTLINE, color=shade.bad),
                text(
                    look, words(language, "rejected.title", n=count), "strong", color=shade.bad, expand=True
                ),
            ],
            spacing=10,
        )
    ]
    labels = record_labels(look, session, views, are_shown=are_shown)
    for view, label in zip(views, labels, strict=True):
        name = view.person_name if are_shown else mask_name(view.person_name)
        day = when.day(language, view.visit.at, session.now())
        method = method_words(session.campaign, look, view.visit.method)
        rows.append(text(look, f"{name}·{day} {method}", "body"))
        rows.append(text(look, refusal_words(look.language, view.delivery.refusal), "meta"))
        rows.append(
            primary(
                look,
                words(language, "rejected.open"),
                label=words(language, "rejected.open.label", who=label),
                is_bad=True,
                on_click=calls(go, under(here, f"record/{view.visit.id}")),
            )
        )
    return ft.Container(
        content=ft.Column(rows, spacing=GAP, horizontal_alignment=ft.CrossAxisAlignment.STRETCH),
        bgcolor=shade.bad_ground,
        border=ft.Border.all(2, shade.bad) if shade.edge_width > 2 else None,
        border_radius=RADIUS_CARD,
        padding=MARGIN,
    )
