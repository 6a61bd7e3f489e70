"""The pages 照片: totals by place and by phone, and behind each figure the photos themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.domain.campaign import Campaign
from app.domain.codes import OrgKind
from sync_server.dashboard import session
from sync_server.dashboard.pages import PageRoute, page
from sync_server.db.engine import reading
from sync_server.photo_answer import photo_answer
from sync_server.photos.blobs import PHOTOS, THUMBS
from sync_server.photos.shelf import Shelf
from sync_server.photos.totals import Totals, photos_in, totals_by_phone, totals_by_place
from sync_server.records.accounts import Account
from sync_server.records.campaigns import campaign, campaign_in_force
from sync_server.records.organisations import organisation
from sync_server.records.scope import Scope, ScopeRule, scope_of, scoped
from sync_server.state import ServerState
from sync_server.summary.cells import CHINA
from sync_server.summary.places import Place, line_of, place, places_in

# A phone is of one village or township; above it there would be hundreds in the list.
_WITH_PHONES = frozenset({OrgKind.TOWNSHIP, OrgKind.VILLAGE, OrgKind.CITY_UNIT, OrgKind.PROV_UNIT})


@dataclass(frozen=True, slots=True)
class View:
    """Which organisation of which campaign is looked at, by whom; `line` leads down to it."""

    viewer: Account
    campaign: Campaign
    here: Place
    line: list[Place]
    scope: Scope

    def link(self, path: str, org: str = "", **more: str) -> str:
        """The address of a page about `org`, by default this organisation, with what else it is told."""
        said = {"org": org or self.here.code, "campaign": self.campaign.code, **more}
        return f"{path}?{urlencode({name: value for name, value in said.items() if value})}"


def router(state: ServerState, shelf: Shelf) -> APIRouter:
    """The pages, and the photos for them: a browser shows its session's cookie, not a token."""
    routes = APIRouter(route_class=PageRoute)

    @routes.get("/photos")
    @scoped(ScopeRule.ORGANISATION)
    async def photos_page(request: Request) -> Response:
        return await run_in_threadpool(_totals_page, state, request)

    @routes.get("/photos/list")
    @scoped(ScopeRule.ORGANISATION)
    async def list_page(request: Request) -> Response:
        return await run_in_threadpool(_list_page, state, request)

    async def show(request: Request, record: str, digest: str, part: str) -> Response:
        viewer = await run_in_threadpool(session.viewer_of, request, state)
        return await photo_answer(request, shelf, viewer, record=record, digest=digest, part=part)

    @routes.get("/photos/{record}/{digest}")
    @scoped(ScopeRule.OWN)
    async def photo(request: Request, record: str, digest: str) -> Response:
        return await show(request, record, digest, PHOTOS)

    @routes.get("/photos/{record}/{digest}/thumbnail")
    @scoped(ScopeRule.OWN)
    async def thumbnail(request: Request, record: str, digest: str) -> Response:
        return await show(request, record, digest, THUMBS)

    return routes


def _totals_page(state: ServerState, request: Request) -> Response:
    with reading(state.engine) as connection:
        view = _view(state, connection, request)
        below = [] if view.here.kind is OrgKind.VILLAGE else places_in(connection, view.here.code)
        lines = totals_by_place(connection, view.scope, view.campaign.code, view.here, below)
        phones = (
            totals_by_phone(connection, view.scope, view.campaign.code)
            if view.here.kind in _WITH_PHONES
            else []
        )
    values: dict[str, Any] = {
        "view": view,
        "viewer": view.viewer,
        "lines": [line for line in lines if line.totals.taken or line.place is not None],
        "phones": phones,
        "total": sum((line.totals for line in lines), Totals()),
    }
    return page("photos.html", **values)


def _list_page(state: ServerState, request: Request) -> Response:
    told = request.query_params
    only_missing, device = told.get("show") == "missing", told.get("device", "")[:64]
    with reading(state.engine) as connection:
        view = _view(state, connection, request)
        found = photos_in(
            connection,
            view.scope,
            view.campaign.code,
            only_missing=only_missing,
            device=device,
            after=told.get("after", "")[:64],
        )
    values: dict[str, Any] = {
        "view": view,
        "viewer": view.viewer,
        "found": found,
        "only_missing": only_missing,
        "device": device,
        "show": "missing" if only_missing else "",
        "is_first": not told.get("after"),
    }
    return page("photo_list.html", **values)


def _view(state: ServerState, connection: Connection, request: Request) -> View:
    """Raises NotSignedIn, OutsideScope, UnknownCode."""
    device = session.viewer_of(request, state)
    viewer = device.account
    assert viewer is not None, "importers have no token"
    found = device.scope.demand(
        organisation(connection, request.query_params.get("org") or viewer.organisation.code)
    )
    here = place(connection, found.code)
    code = request.query_params.get("campaign")
    today = datetime.fromtimestamp(state.now_ms() / 1000, UTC).astimezone(CHINA).date()
    chosen = campaign(connection, code) if code else campaign_in_force(connection, today)
    line = [step for step in line_of(connection, here) if device.scope.holds(step.path)]
    return View(viewer, chosen, here, line, scope_of(found))
