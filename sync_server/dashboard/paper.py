"""The page 走访单: a village's people who are not reached yet, to be taken along on paper.

Names are masked: a sheet that is lost on the way tells nobody who is on the roster. Hamlet, house and
age are enough for a worker who knows the village.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import segno
from fastapi import APIRouter
from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.domain.campaign import Campaign
from app.domain.codes import LivingTag, Merit, OrgKind
from app.domain.errors import BadInput
from app.domain.groups import age_on
from app.domain.models import Person
from app.domain.names import house_order, mask_name
from app.domain.paper import AFTER_USE, DONE, METHODS, RESULTS, PaperLine, sheet_code, sheets_of
from sync_server.dashboard import session
from sync_server.dashboard.pages import PageRoute, page
from sync_server.db.engine import reading
from sync_server.db.tables import heads
from sync_server.records.campaigns import campaign_in_force
from sync_server.records.organisations import Organisation, children, organisation
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState
from sync_server.summary.cells import CHINA

_TAGS = {code.value: code.label for code in (*LivingTag, *Merit)}
_TAGS_SHOWN = 2
_UNITS = frozenset({OrgKind.CITY_UNIT, OrgKind.PROV_UNIT})
_QR_MM = 30


@dataclass(frozen=True, slots=True)
class _Printed:
    """A page as the template has it: its lines under their hamlets, and the code as an image."""

    number: int
    lines: list[tuple[str, PaperLine]]
    qr: str


def router(state: ServerState) -> APIRouter:
    """The page."""
    routes = APIRouter(route_class=PageRoute)

    @routes.get("/paper")
    @scoped(ScopeRule.ORGANISATION)
    async def paper_page(request: Request) -> Response:
        return await run_in_threadpool(_page, state, request)

    return routes


def _page(state: ServerState, request: Request) -> Response:
    """Raises NotSignedIn, OutsideScope, UnknownCode, BadInput for a unit, which has no village."""
    device = session.viewer_of(request, state)
    viewer = device.account
    assert viewer is not None  # importers have no token
    now = datetime.fromtimestamp(state.now_ms() / 1000, UTC).astimezone(CHINA)
    with reading(state.engine) as connection:
        asked = request.query_params.get("org") or viewer.organisation.code
        here = device.scope.demand(organisation(connection, asked))
        chosen = campaign_in_force(connection, now.date())
        shared: dict[str, Any] = {"viewer": viewer, "here": here, "campaign": chosen, "printed_at": now}
        if here.kind != OrgKind.VILLAGE:
            below = [one for one in children(connection, here.code) if one.kind not in _UNITS]
            if not below:
                raise BadInput(f"{here.name}没有村，走访单按村打印。请选一个村。", field="org")
            return page("paper_places.html", **shared, below=below)
        sheets = _sheets(connection, here, chosen)
    words: dict[str, Any] = {"methods": METHODS, "results": RESULTS, "done": DONE, "after_use": AFTER_USE}
    return page("paper.html", **shared, **words, sheets=sheets, qr_mm=_QR_MM)


def _sheets(connection: Connection, here: Organisation, chosen: Campaign) -> list[_Printed]:
    people, gone = _people(connection, here), _reached_or_dead(connection, here, chosen)
    gone |= {one.second_of for one in people if one.second_of and one.id in gone}
    left = sorted(
        (one for one in people if not (one.deceased or one.voided or one.second_of or one.id in gone)),
        key=lambda one: (not one.hamlet, one.hamlet, house_order(one.house), one.name, one.id),
    )
    by_id = {one.id: one for one in left}
    printed = []
    for sheet in sheets_of(here.code, [one.id for one in left]):
        lines = [(by_id[one].hamlet or "没写自然村", _line(by_id[one], chosen)) for one in sheet.people]
        code = segno.make(sheet_code(sheet), error="m", micro=False)
        image = code.svg_data_uri(border=2, omitsize=True)
        printed.append(_Printed(sheet.number, lines, image))
    return printed


def _line(person: Person, chosen: Campaign) -> PaperLine:
    age = age_on(person.born, chosen.reference_date)
    marks = [*sorted(person.living), *([person.merit] if person.merit else [])]
    tags = [_TAGS[mark] for mark in marks if mark in _TAGS]
    return PaperLine(
        person=person.id,
        house=f"{person.house}号" if person.house.isdigit() else person.house,
        name=mask_name(person.name),
        age=f"{age}岁" if age is not None else "",
        tags=" ".join(tags[:_TAGS_SHOWN]),
    )


def _people(connection: Connection, here: Organisation) -> list[Person]:
    found = []
    for record, values in _values(connection, here, "person"):
        try:
            found.append(Person.read(record, values))
        except ValidationError:
            continue  # one that cannot be read keeps nobody else off the sheet
    return found


def _reached_or_dead(connection: Connection, here: Organisation, chosen: Campaign) -> set[str]:
    """Who needs no line: reached in this campaign, or told to have died in any."""
    deaths = {result.code for result in chosen.results if result.death}
    contacts = {result.code for result in chosen.results if result.contact}
    return {
        str(values.get("person"))
        for _, values in _values(connection, here, "visit")
        if not values.get("voided")
        and (
            values.get("result") in deaths
            or (values.get("campaign") == chosen.code and values.get("result") in contacts)
        )
    }


def _values(connection: Connection, here: Organisation, entity: str) -> list[tuple[str, dict[str, Any]]]:
    query = select(heads.c.record, heads.c.row).where(heads.c.path == here.path, heads.c.entity == entity)
    return [(record, from_json(row)["values"]) for record, row in connection.execute(query)]
