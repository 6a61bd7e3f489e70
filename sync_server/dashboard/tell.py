"""The page behind the printed cards, by which anybody tells the county without the worker; and the cards.

Nobody signs in and nobody is named. The address holds a village's code and nothing else; no cookie is
set. The sheet of cards is for whoever may see the village.
"""

from __future__ import annotations

import secrets
from typing import Any

import segno
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from app.domain.codes import OpinionTarget, OrgKind
from app.domain.errors import BadInput, TooManyAttempts
from sync_server.dashboard import session
from sync_server.dashboard.pages import PageRoute, page
from sync_server.db.engine import reading
from sync_server.records.organisations import organisation, villages_under
from sync_server.records.scope import ScopeRule, scoped
from sync_server.records.tell import LONGEST, Patience, card_code, form_token, tell, village_of_card
from sync_server.state import ServerState

_TARGETS = (
    (OpinionTarget.WORKER, "对上门的工作人员"),
    (OpinionTarget.WORK, "对退役军人工作"),
    (OpinionTarget.POLICY, "对政策"),
    (OpinionTarget.OTHER, "别的事"),
)
_MOST_CARDS = 400  # one county's sheet at most; a city prints county by county


def router(state: ServerState) -> APIRouter:
    """The page for everybody, and the sheet of cards for those who print it."""
    routes = APIRouter(route_class=PageRoute)
    patience = Patience()

    @routes.get("/tell/{code}")
    @scoped(ScopeRule.PUBLIC)
    async def tell_page(code: str) -> Response:
        return await run_in_threadpool(_page, state, code)

    @routes.post("/tell/{code}")
    @scoped(ScopeRule.PUBLIC)
    async def telling(request: Request, code: str) -> Response:
        form = await session.form_of(request, longest_bytes=16 * 1024)
        address = request.client.host if request.client is not None else ""
        return await run_in_threadpool(_tell, state, patience, address, code, form)

    @routes.get("/cards")
    @scoped(ScopeRule.ORGANISATION)
    async def cards_page(request: Request) -> Response:
        return await run_in_threadpool(_cards, state, request)

    return routes


def _page(state: ServerState, code: str, *, status: int = 200, **said: Any) -> Response:
    with reading(state.engine) as connection:
        village = village_of_card(connection, code[:64])
        county = organisation(connection, village.county)
        token = form_token(connection, code[:64], secrets.token_hex(16), state.now_ms())
    values = {"target": "", "words": "", "sentence": "", "is_done": False, "token": token, **said}
    return page(
        "tell.html",
        status=status,
        code=code[:64],
        county=county.name,
        targets=_TARGETS,
        longest=LONGEST,
        **values,
    )


def _tell(state: ServerState, patience: Patience, address: str, code: str, form: dict[str, str]) -> Response:
    """The page that says thank you, or the form as it was with one sentence above it."""
    code, now_ms = code[:64], state.now_ms()
    target, words, token = form.get("target", ""), form.get("words", ""), form.get("token", "")[:256]
    try:
        patience.demand(address=address, code=code.strip().upper(), now_ms=now_ms)
        tell(state.engine, code, token=token, target=target, words=words, now_ms=now_ms)
    except (BadInput, TooManyAttempts) as fault:
        return _page(
            state, code, status=fault.status, sentence=fault.sentence, target=target, words=words[:LONGEST]
        )
    return _page(state, code, is_done=True)


def _cards(state: ServerState, request: Request) -> Response:
    device = session.viewer_of(request, state)
    assert device.account is not None  # importers have no token
    with reading(state.engine) as connection:
        asked = request.query_params.get("org") or device.account.organisation.code
        here = device.scope.demand(organisation(connection, asked))
        villages = villages_under(connection, here.path)
        shown = [] if here.kind == OrgKind.CITY else villages[:_MOST_CARDS]
        cards = [(village.name, card_code(connection, village.code)) for village in shown]
    base = str(request.base_url).rstrip("/")
    sheet = [
        {
            "village": name,
            "address": f"{base}/tell/{code}",
            "picture": segno.make(f"{base}/tell/{code}", error="m").svg_data_uri(
                scale=4, border=2, light="white"
            ),
        }
        for name, code in cards
    ]
    return page("cards.html", viewer=device.account, here=here, cards=sheet)
