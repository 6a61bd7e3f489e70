"""今天: how far it is, who is left in which group, and who lives on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import flet as ft

from app.domain.campaign import Campaign
from app.domain.divisions import spoken_name
from app.state.live import use_live, use_session, use_watched
from app.store.index import NOT_MET, UNVISITED, IndexRow, PeopleIndex, Progress, people_index
from app.store.way import last_visited, nearest
from app.ui.parts import when
from app.ui.parts.first_load import FirstLoad
from app.ui.parts.frame import page_view
from app.ui.parts.look import go, screen, under, use_look
from app.ui.parts.need_answers import NeedAnswers
from app.ui.parts.people import person_rows
from app.ui.parts.shapes import card, scrolled, section
from app.ui.parts.strip import NetStrip
from app.ui.parts.tap import grid, only_icon, primary, quiet, tap
from app.ui.parts.text import text
from app.ui.parts.villages import village_picker
from app.ui.theme import GAP, RADIUS_CARD, Look
from app.ui.words import words

ON_THE_WAY = 4
FEW_ENOUGH = 1000  # people left of whom the next one is worth naming before a village is chosen
TILES = 6
ShowRoster = Callable[..., None]
PEOPLE_TABLES = ("people", "visits", "needs", "account")


@screen
def Today() -> ft.View:
    look = use_look()
    session = use_session()
    names = use_watched(session.names)
    index, stands_at = use_live(lambda store: (people_index(store), last_visited(store)), *PEOPLE_TABLES)
    here = ft.use_view_path() or "/"
    account, progress = session.account, index.progress()
    language = look.language
    village, choose_village = ft.use_state("")
    campaign_name = account.campaign.name if language == "zh" else account.campaign.name_en
    body: list[ft.Control] = [NetStrip()]
    if progress.due == 0:
        body.append(FirstLoad())
    else:
        body.append(
            _progress_card(look, progress, account.campaign, session.now().date(), session.show_roster)
        )
        body.append(NeedAnswers())
        tiles = _tiles(look, index, progress, account.campaign, session.show_roster)
        if tiles:
            body.append(section(look, words(language, "today.groups")))
            body.append(grid(look, tiles, columns=1 if look.is_huge else 3))
        if progress.left:
            body.append(
                quiet(
                    look,
                    words(language, "left.open"),
                    on_click=lambda: go(under(here, "left")),
                    glyph=ft.Icons.FORMAT_LIST_BULLETED,
                    is_outlined=True,
                    wraps=True,
                )
            )
        if progress.left > FEW_ENOUGH and stands_at is None and not village:
            # A county's list begins nowhere near the worker: he says where he is.
            body += village_picker(look, session, index, village, choose_village, title="today.village")
        elif progress.left:
            nearby = nearest(index, stands_at, now=session.now(), village=village or None)
            if nearby:
                body.append(section(look, _nearby_words(look, nearby)))
                rows = person_rows(look, nearby[:ON_THE_WAY], here=here, are_shown=names.are_shown)
                body.append(ft.Column(rows, spacing=0))
        body.append(
            quiet(
                look,
                words(language, "greet.title"),
                on_click=lambda: go(under(here, "greet")),
                glyph=ft.Icons.FORUM_OUTLINED,
                is_outlined=True,
                wraps=True,
            )
        )
    body.append(
        quiet(
            look,
            words(language, "activity.list"),
            on_click=lambda: go("/records/activities"),
            glyph=ft.Icons.GROUPS_OUTLINED,
            is_outlined=True,
            wraps=True,
        )
    )
    return page_view(
        look,
        route=here,
        title=spoken_name(account.organisation_name),
        context=campaign_name,
        actions=[
            quiet(
                look,
                words(language, "look.open"),
                on_click=lambda: go(under(here, "text")),
                color=look.palette.ink,
            ),
            only_icon(
                look,
                ft.Icons.PERSON_OUTLINE,
                label=words(language, "me.open"),
                on_click=lambda: go(under(here, "me")),
            ),
        ],
        body=scrolled(look, body, spacing=GAP + 2),
        place="today",
    )


def _nearby_words(look: Look, nearby: Sequence[IndexRow]) -> str:
    hamlet = nearby[0].hamlet
    if not hamlet:
        return words(look.language, "today.on_the_way.none", n=len(nearby))
    return words(look.language, "today.on_the_way", hamlet=hamlet, n=len(nearby))


def deadline_words(look: Look, campaign: Campaign, today: date) -> str:
    """How long there is still, before, within and after the campaign."""
    if today < campaign.starts_on:
        return words(look.language, "today.before", date=when.month_day(look.language, campaign.starts_on))
    days = (campaign.ends_on - today).days
    if days < 0:
        return words(look.language, "late.record")
    if days == 0:
        return words(look.language, "today.last_day")
    return words(look.language, "today.days", date=when.month_day(look.language, campaign.ends_on), n=days)


def _progress_card(
    look: Look, progress: Progress, campaign: Campaign, today: date, show_roster: ShowRoster
) -> ft.Control:
    shade, language = look.palette, look.language
    reached = text(look, words(language, "today.reached"), "body", color=shade.ink2)
    deadline = text(look, deadline_words(look, campaign, today), "meta", color=shade.ink2)
    head = (
        ft.Column([reached, deadline], spacing=2)
        if look.is_stacked
        else ft.Row([reached, deadline], alignment=ft.MainAxisAlignment.SPACE_BETWEEN, wrap=True)
    )
    figure = ft.Row(
        [
            text(look, f"{progress.visited}", "figure", color=shade.primary),
            text(look, words(language, "today.of", n=progress.due), "lead", color=shade.ink2),
        ],
        spacing=10,
        vertical_alignment=ft.CrossAxisAlignment.END,
        wrap=True,
    )
    # Outdoors the empty part is white like the card, and an edge says where it ends.
    track = ft.Container(
        content=ft.ProgressBar(
            value=progress.visited / progress.due,
            bar_height=12,
            color=shade.primary,
            bgcolor=shade.sunk,
            border_radius=6,
        ),
        border=ft.Border.all(2, shade.edge) if shade.edge_width > 2 else None,
        border_radius=8,
    )
    # The bar would say its own bare number after the sentence.
    bar = ft.Semantics(
        image=True,
        label=words(language, "today.progress.label", all=progress.due, n=progress.visited),
        content=ft.Semantics(exclude_semantics=True, content=track),
    )
    if progress.left:
        said = words(language, "today.left", n=progress.left)
        label = words(language, "today.left.label", n=progress.left)
    else:
        said = words(language, "today.all", n=progress.due)
        label = words(language, "today.all.label", n=progress.due)

    def see_list() -> None:
        show_roster(*((UNVISITED,) if progress.left else ()))
        go("/roster")

    rows: list[ft.Control] = [head, figure, bar]
    if progress.left:
        rows.append(primary(look, said, label=label, tail=ft.Icons.CHEVRON_RIGHT, on_click=see_list))
    else:
        rows.append(text(look, said, "strong"))
        more = words(language, "more.open")
        rows.append(primary(look, more, tail=ft.Icons.CHEVRON_RIGHT, on_click=lambda: go("/more")))
        rows.append(quiet(look, words(language, "today.all.see"), label=label, on_click=see_list))
    return card(look, rows, spacing=GAP)


def _tiles(
    look: Look, index: PeopleIndex, progress: Progress, campaign: Campaign, show_roster: ShowRoster
) -> list[ft.Control]:
    """Tiles for the groups that have anybody, those to be visited first; six at most, none at the end.

    A tile stays where it is while its number falls to nothing, and 上次未遇 comes and goes at the end: a
    hand that knows the place must not open another list.
    """
    if not progress.left:
        return []
    listed = index.counts()
    groups = sorted(campaign.groups, key=lambda g: ("visit", "care", "list").index(g.care))
    shown = [
        (g.code, g.label if look.language == "zh" else g.label_en, progress.by_group[g.code])
        for g in groups
        if listed[g.code]
    ][: TILES - 1]
    not_met = index.counts(frozenset({UNVISITED}))[NOT_MET]
    if not_met:
        shown.append((NOT_MET, words(look.language, "filter.NOT_MET"), not_met))
    return [_tile(look, code, label, left, show_roster) for code, label, left in shown]


def _tile(look: Look, code: str, label: str, left: int, show_roster: ShowRoster) -> ft.Control:
    shade = look.palette
    number = text(look, f"{left}", "tile")
    name = text(look, label, "meta", color=shade.ink2, expand=True if look.is_huge else None)
    content: ft.Control = (
        ft.Row([number, name], spacing=12)
        if look.is_huge
        else ft.Column([number, name], spacing=0, tight=True)
    )

    def see_group() -> None:
        # Of a group that is done the list shows who was in it, not that nobody is left.
        show_roster(*((UNVISITED,) if left else ()), code)
        go("/roster")

    return tap(
        content,
        label=words(look.language, "today.tile.label", group=label, n=left),
        on_click=see_group,
        bgcolor=shade.card,
        border=ft.Border.all(1.5, shade.edge) if shade.edge_width > 2 else None,
        radius=RADIUS_CARD,
        padding=ft.Padding.symmetric(horizontal=8, vertical=10),
        align=ft.Alignment.CENTER_LEFT,
        expand=1,
    )
