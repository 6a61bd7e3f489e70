"""The dashboard's pages: sign-in, progress, summary table and its workbook.

Server-rendered and readable without scripts. Every page about an organisation goes through `_look`,
the one place that limits it to the viewer's part of the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.campaign import Campaign, Column
from app.domain.errors import NotSignedIn, TooManyAttempts
from app.domain.metrics import metric_of
from sync_server.dashboard import progress, session
from sync_server.dashboard.pages import STYLE, PageRoute, page
from sync_server.dashboard.tables import Tables
from sync_server.db.engine import reading, writing
from sync_server.records.accounts import Account, revoke_device, sign_in
from sync_server.records.campaigns import campaign, campaign_in_force
from sync_server.records.organisations import organisation
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState
from sync_server.summary.cells import CHINA, Table
from sync_server.summary.layout import (
    adjustment_words,
    footnotes,
    lines_of,
    moment,
    sections,
    title,
    unplaced_words,
)
from sync_server.summary.places import Place, line_of, place
from sync_server.summary.xlsx import workbook

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Look:
    """What a viewer sees of one organisation: `line` leads from the viewer's own organisation to it."""

    viewer: Account
    campaign: Campaign
    here: Place
    line: list[Place]
    table: Table
    arrived: dict[str, int]

    def link(self, path: str, org: str) -> str:
        """The address of a page about `org` in the campaign that is being looked at."""
        return f"{path}?org={quote(org)}&campaign={quote(self.campaign.code)}"


def router(state: ServerState) -> APIRouter:
    """All pages of the dashboard."""
    routes = APIRouter(route_class=PageRoute)
    tables = Tables()

    def look(request: Request, columns: Sequence[Column] | None) -> Look:
        return _look(state, tables, request, columns)

    _sign_in_pages(routes, state)

    @routes.get("/")
    @scoped(ScopeRule.ORGANISATION)
    async def progress_page(request: Request) -> Response:
        found = await run_in_threadpool(look, request, progress.COLUMNS)
        rows = progress.lines(found.table, found.arrived, now_ms=state.now_ms())
        return page("progress.html", **_shared(found), rows=rows)

    @routes.get("/table")
    @scoped(ScopeRule.ORGANISATION)
    async def table_page(request: Request) -> Response:
        found = await run_in_threadpool(look, request, None)
        columns = found.table.columns
        layout: dict[str, Any] = {
            "sections": sections(columns),
            "lines": lines_of(found.table),
            "notes": footnotes(found.table),
        }
        return page("table.html", **_shared(found), **layout, heading=title(found.table))

    @routes.get("/table.xlsx")
    @scoped(ScopeRule.ORGANISATION)
    async def table_workbook(request: Request) -> Response:
        found = await run_in_threadpool(look, request, None)
        content = await run_in_threadpool(_workbook, found)
        name = quote(f"{found.table.name}{title(found.table)}.xlsx")
        headers = {
            "Content-Disposition": f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        }
        return Response(content, media_type=_XLSX, headers=headers)

    @routes.get("/static/style.css")
    @scoped(ScopeRule.PUBLIC)
    async def style(_request: Request) -> Response:
        # Its address holds its hash, so it may be kept for good.
        kept = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(STYLE, media_type="text/css", headers=kept)

    return routes


def _sign_in_pages(routes: APIRouter, state: ServerState) -> None:
    @routes.get("/sign-in")
    @scoped(ScopeRule.PUBLIC)
    async def sign_in_page(next: str = "/") -> Response:
        return page("sign_in.html", next=session.way_back(next), login="", sentence="")

    @routes.post("/sign-in")
    @scoped(ScopeRule.PUBLIC)
    async def signing_in(request: Request) -> Response:
        form = await session.form_of(request)
        login, back = form.get("login", ""), session.way_back(form.get("next", "/"))
        password, now_ms = form.get("password", ""), state.now_ms()
        try:
            enrolled = await run_in_threadpool(
                sign_in, state.engine, login, password, session.LABEL, now_ms=now_ms
            )
        except (NotSignedIn, TooManyAttempts) as fault:
            values: dict[str, Any] = {"next": back, "login": login[:64], "sentence": fault.sentence}
            return page("sign_in.html", status=fault.status, **values)
        answer = RedirectResponse(back, status_code=303)
        session.begin(answer, enrolled.token, is_secure=request.url.scheme == "https")
        return answer

    @routes.post("/sign-out")
    @scoped(ScopeRule.OWN)
    async def signing_out(request: Request) -> Response:
        def revoke() -> None:
            device = session.viewer_of(request, state)
            with writing(state.engine) as connection:
                revoke_device(connection, device.id, now_ms=state.now_ms())

        await run_in_threadpool(revoke)
        answer = RedirectResponse("/sign-in", status_code=303)
        session.end(answer)
        return answer


def _look(state: ServerState, tables: Tables, request: Request, columns: Sequence[Column] | None) -> Look:
    """The organisation asked for (`org`, by default the viewer's own), if it lies in the viewer's scope.

    Raises NotSignedIn, OutsideScope, UnknownCode.
    """
    device = session.viewer_of(request, state)
    viewer = device.account
    assert viewer is not None  # importers have no token
    now_ms = state.now_ms()
    with reading(state.engine) as connection:
        asked = request.query_params.get("org") or viewer.organisation.code
        found = device.scope.demand(organisation(connection, asked))
        here = place(connection, found.code)
        line = [p for p in line_of(connection, here) if device.scope.holds(p.path)]
        chosen = _campaign(connection, request.query_params.get("campaign"), now_ms)
        wanted = chosen.columns if columns is None else columns
        return Look(
            viewer=viewer,
            campaign=chosen,
            here=here,
            line=line,
            table=tables.table(connection, chosen, here.code, wanted, now_ms=now_ms),
            arrived=tables.last_arrived(connection, chosen, here),
        )


def _campaign(connection: Connection, code: str | None, now_ms: int) -> Campaign:
    if code:
        return campaign(connection, code)
    return campaign_in_force(connection, datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(CHINA).date())


def _shared(found: Look) -> dict[str, Any]:
    """What every page about an organisation shows."""
    return {
        "look": found,
        "table": found.table,
        "moment": moment(found.table),
        "overlap": adjustment_words(found.table),
        "meanings": [(c, metric_of(found.campaign, c)[0].meaning) for c in found.table.columns],
        "unplaced": unplaced_words(found.table.unplaced) if found.table.unplaced else "",
    }


def _workbook(found: Look) -> bytes:
    return workbook(found.table, by=f"{found.viewer.organisation.name} {found.viewer.name}")
