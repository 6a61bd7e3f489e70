"""谁在用: the workers of a shared phone, each a card; a tap hands the phone over, without a password."""

from __future__ import annotations

import flet as ft

from app.domain.divisions import spoken_name
from app.domain.errors import ZoufangError
from app.state.live import use_live, use_session
from app.store.account import SignedIn, signed_in
from app.store.enrolment import workers_here
from app.ui.parts.faults import fault_words
from app.ui.parts.look import go, part, use_look
from app.ui.parts.shapes import notice, section
from app.ui.parts.tap import Handler, calls, tap
from app.ui.parts.text import icon, text
from app.ui.theme import GAP, MARGIN, RADIUS_CARD, Look
from app.ui.words import words


@part
def WorkersHere(*, only_when_nobody: bool = False) -> ft.Control:
    """Who may take the phone; the one who holds it is marked.

    `only_when_nobody`: nothing while somebody holds it, and nothing where nobody could take it.
    """
    look = use_look()
    session = use_session()
    here = use_live(workers_here, "account")
    current = use_live(signed_in, "account")
    problem, set_problem = ft.use_state("")
    if only_when_nobody and (current is not None or not here):
        return ft.Container(height=0)

    def take(account_id: str) -> None:
        try:
            session.switch_worker(account_id)
        except ZoufangError as fault:
            set_problem(fault_words(session, fault))
        else:
            go("/")

    cards: list[ft.Control] = []
    if only_when_nobody:
        cards.append(section(look, words(look.language, "workers.title")))
    for worker in here:
        is_here = current is not None and worker.account_id == current.account_id
        cards.append(_card(look, worker, is_here=is_here, take=calls(take, worker.account_id)))
    if problem:
        cards.append(ft.Semantics(live_region=True, content=notice(look, problem, is_bad=True)))
    return ft.Column(cards, spacing=GAP, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)


def _card(look: Look, worker: SignedIn, *, is_here: bool, take: Handler) -> ft.Control:
    shade, language = look.palette, look.language
    mark = ft.Icons.RADIO_BUTTON_CHECKED if is_here else ft.Icons.RADIO_BUTTON_UNCHECKED
    station = spoken_name(worker.organisation_name)
    about = f"{station}·{words(language, 'workers.here')}" if is_here else station
    return tap(
        ft.Row(
            [
                icon(look, mark, color=shade.primary if is_here else shade.edge),
                ft.Column(
                    [text(look, worker.account_name, "name"), text(look, about, "meta", color=shade.ink2)],
                    spacing=2,
                    tight=True,
                    expand=True,
                ),
            ],
            spacing=14,
        ),
        label=words(language, "workers.pick", name=f"{station}{worker.account_name}"),
        checked=is_here,
        on_click=take,
        bgcolor=shade.tint if is_here else shade.card,
        border=ft.Border.all(2.5 if is_here else 1.5, shade.primary if is_here else shade.edge),
        radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(horizontal=MARGIN, vertical=GAP + 4),
    )
