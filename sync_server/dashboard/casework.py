"""The pages 困难, 意见 and 活动: what was found and heard below an organisation, and how it goes on.

Needs stand by state, what is overdue first; nobody is ranked. Every page about an organisation keeps to
the viewer's part of the tree by `_look`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.campaign import Campaign
from app.domain.codes import (
    ActivityKind,
    Assistance,
    AttendeeKind,
    NeedOutcome,
    NeedSeverity,
    NeedState,
    NeedType,
    OpinionTarget,
)
from app.domain.errors import BadInput
from sync_server.dashboard import session
from sync_server.dashboard.pages import PageRoute, page
from sync_server.db.engine import reading
from sync_server.records.accounts import Account, DeviceRow
from sync_server.records.campaigns import campaign, campaign_in_force
from sync_server.records.casework import (
    SHOWN,
    NewStep,
    activities_at,
    case_file,
    cases_at,
    opinions_at,
    take_step,
    today_of,
)
from sync_server.records.organisations import Organisation, children, organisation
from sync_server.records.scope import ScopeRule, scope_of, scoped
from sync_server.state import ServerState

_LABELS = {
    "types": {one.value: one.label for one in NeedType},
    "severities": {one.value: one.label for one in NeedSeverity},
    "outcomes": {one.value: one.label for one in NeedOutcome},
    "assistance": {one.value: one.label for one in Assistance},
    "states": {one.value: one.label for one in NeedState},
    "targets": {one.value: one.label for one in OpinionTarget},
    "kinds": {one.value: one.label for one in ActivityKind},
    "attendees": {one.value: one.label for one in AttendeeKind},
}


@dataclass(frozen=True, slots=True)
class _Look:
    viewer: Account
    device: DeviceRow
    here: Organisation
    below: list[Organisation]
    campaign: Campaign

    def link(self, path: str, org: str) -> str:
        return f"{path}?org={quote(org)}&campaign={quote(self.campaign.code)}"


def router(state: ServerState) -> APIRouter:
    """The pages, and the form by which staff add the next step."""
    routes = APIRouter(route_class=PageRoute)

    @routes.get("/needs")
    @scoped(ScopeRule.ORGANISATION)
    async def needs_page(request: Request) -> Response:
        return await run_in_threadpool(_needs, state, request)

    @routes.get("/needs/{need}")
    @scoped(ScopeRule.OWN)
    async def need_page(request: Request, need: str) -> Response:
        return await run_in_threadpool(_need, state, request, need)

    @routes.post("/needs/{need}/step")
    @scoped(ScopeRule.REVIEW)
    async def stepping(request: Request, need: str) -> Response:
        form = await session.form_of(request, longest_bytes=16 * 1024)
        return await run_in_threadpool(_step, state, request, need, form)

    @routes.get("/opinions")
    @scoped(ScopeRule.ORGANISATION)
    async def opinions_page(request: Request) -> Response:
        return await run_in_threadpool(_opinions, state, request)

    @routes.get("/activities")
    @scoped(ScopeRule.ORGANISATION)
    async def activities_page(request: Request) -> Response:
        return await run_in_threadpool(_activities, state, request)

    return routes


def _needs(state: ServerState, request: Request) -> Response:
    with reading(state.engine) as connection:
        look = _look(state, connection, request)
        cases = cases_at(connection, scope_of(look.here), look.campaign, today_of(state.now_ms()))
    board = [
        {"state": one, "cases": mine[:SHOWN], "number": len(mine)}
        for one in NeedState
        if (mine := [case for case in cases if case.standing.state == one])
    ]
    late = [case for case in cases if case.reminder is not None]
    return _answer(look, "needs.html", board=board, late=late[:SHOWN], late_number=len(late), shown=SHOWN)


def _need(
    state: ServerState, request: Request, need: str, *, sentence: str = "", status: int = 200
) -> Response:
    device = session.viewer_of(request, state)
    assert device.account is not None  # importers have no token
    with reading(state.engine) as connection:
        today = today_of(state.now_ms())
        found = case_file(connection, device.account, need, campaign_in_force(connection, today), today)
    done = "记下了。村里、乡镇的手机下次联网会看到。" if request.query_params.get("done") else ""
    values: dict[str, Any] = {"file": found, "sentence": sentence, "done": done, **_LABELS}
    return page("need.html", status=status, viewer=device.account, **values)


def _step(state: ServerState, request: Request, need: str, form: dict[str, str]) -> Response:
    account = session.viewer_of(request, state).account
    assert account is not None  # importers have no token
    new = NewStep(
        **{name: form.get(name, "") for name in ("state", "words", "outcome", "assistance", "money")}
    )
    try:
        take_step(state.engine, account, need, new, now_ms=state.now_ms())
    except BadInput as fault:
        return _need(state, request, need, sentence=fault.sentence, status=fault.status)
    return RedirectResponse(f"/needs/{quote(need, safe='')}?done=1", status_code=303)


def _opinions(state: ServerState, request: Request) -> Response:
    with reading(state.engine) as connection:
        look = _look(state, connection, request)
        heard = opinions_at(connection, look.viewer, scope_of(look.here), look.campaign)
    groups = [
        {"target": one, "heard": mine[:SHOWN], "number": len(mine)}
        for one in OpinionTarget
        if (mine := [said for said in heard if said.opinion.target == one])
    ]
    return _answer(look, "opinions.html", groups=groups, shown=SHOWN)


def _activities(state: ServerState, request: Request) -> Response:
    with reading(state.engine) as connection:
        look = _look(state, connection, request)
        held = activities_at(connection, scope_of(look.here), look.campaign)
    return _answer(look, "activities.html", held=held[:SHOWN], number=len(held), shown=SHOWN)


def _answer(look: _Look, template: str, **values: Any) -> Response:
    shown: dict[str, Any] = {**_LABELS, **values}
    return page(template, look=look, viewer=look.viewer, **shown)


def _look(state: ServerState, connection: Connection, request: Request) -> _Look:
    device = session.viewer_of(request, state)
    assert device.account is not None  # importers have no token
    asked = request.query_params.get("org") or device.account.organisation.code
    here = device.scope.demand(organisation(connection, asked))
    code = request.query_params.get("campaign")
    chosen = campaign(connection, code) if code else campaign_in_force(connection, today_of(state.now_ms()))
    return _Look(device.account, device, here, children(connection, here.code), chosen)
