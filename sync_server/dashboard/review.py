"""The page 待看: refused work that waits for a person, and people who may have been entered twice."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.domain.errors import BadInput, OutsideScope
from sync_server.dashboard import session
from sync_server.dashboard.pages import PageRoute, page
from sync_server.db.engine import reading
from sync_server.records.accounts import Account
from sync_server.records.duplicates import duplicates_in, merge, take_apart, tell_apart
from sync_server.records.review import LONGEST_REASON, decide, waiting_in
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState

_DONE = {
    "released": "收下了，已计入汇总表。填写人的手机下次联网会看到。",
    "set_aside": "没有收。填写人的手机下次联网会看到理由。",
    "merged": "并好了，两条的走访都留着。弄错了可以在下面拆开。",
    "apart": "拆开了，各算各的。",
    "distinct": "记下了，这两位不是同一人，不再列出。弄错了可以在下面取消。",
    "doubted": "取消了，又列在“可能是同一个人”里。",
}


def router(state: ServerState) -> APIRouter:
    """The page and the forms on it."""
    routes = APIRouter(route_class=PageRoute)

    @routes.get("/review")
    @scoped(ScopeRule.REVIEW)
    async def review_page(request: Request) -> Response:
        return await run_in_threadpool(_page, state, request)

    @routes.post("/review/{device}/{seq}")
    @scoped(ScopeRule.REVIEW)
    async def deciding(request: Request, device: str, seq: str) -> Response:
        form = await session.form_of(request)
        return await run_in_threadpool(_decide, state, request, device, seq, form)

    @routes.post("/review/merge")
    @scoped(ScopeRule.REVIEW)
    async def merging(request: Request) -> Response:
        form = await session.form_of(request)
        return await run_in_threadpool(_merge, state, request, form)

    @routes.post("/review/apart")
    @scoped(ScopeRule.REVIEW)
    async def taking_apart(request: Request) -> Response:
        form = await session.form_of(request)
        return await run_in_threadpool(_take_apart, state, request, form)

    @routes.post("/review/distinct")
    @scoped(ScopeRule.REVIEW)
    async def telling_apart(request: Request) -> Response:
        form = await session.form_of(request)
        return await run_in_threadpool(_tell_apart, state, request, form)

    return routes


def _page(state: ServerState, request: Request, *, sentence: str = "", status: int = 200) -> Response:
    """What waits for the viewer; raises NotSignedIn, NotAllowed."""
    viewer = _viewer(request, state)
    after = _number(request.query_params.get("after", ""))
    with reading(state.engine) as connection:
        found = waiting_in(connection, viewer, after=after)
        pairs = duplicates_in(connection, viewer, after=request.query_params.get("pairs", ""))
    values: dict[str, Any] = {
        "viewer": viewer,
        "items": found.items,
        "waiting": found.waiting,
        "next": found.cursor,
        "is_first": after == 0,
        "duplicates": pairs,
        "done": _DONE.get(request.query_params.get("done", ""), ""),
        "sentence": sentence,
        "longest_reason": LONGEST_REASON,
    }
    return page("review.html", status=status, **values)


def _decide(state: ServerState, request: Request, device: str, seq: str, form: dict[str, str]) -> Response:
    """The decision, and back to the list; what cannot be done is said above the list."""
    viewer = _viewer(request, state)
    action, reason = form.get("action", ""), form.get("reason", "")
    try:
        entry = decide(
            state.engine,
            viewer,
            device[:64],
            _number(seq),
            action=action,
            reason=reason,
            now_ms=state.now_ms(),
        )
    except (BadInput, OutsideScope) as fault:
        return _page(state, request, sentence=fault.sentence, status=fault.status)
    return RedirectResponse(f"/review?done={entry.status}", status_code=303)


def _merge(state: ServerState, request: Request, form: dict[str, str]) -> Response:
    viewer, version = _viewer(request, state), _number(form.get("version", ""))
    record, into = form.get("record", ""), form.get("into", "")
    try:
        merge(state.engine, viewer, record, into, version=version, now_ms=state.now_ms())
    except BadInput as fault:
        return _page(state, request, sentence=fault.sentence, status=fault.status)
    return RedirectResponse("/review?done=merged", status_code=303)


def _take_apart(state: ServerState, request: Request, form: dict[str, str]) -> Response:
    viewer, version = _viewer(request, state), _number(form.get("version", ""))
    try:
        take_apart(state.engine, viewer, form.get("record", ""), version=version, now_ms=state.now_ms())
    except BadInput as fault:
        return _page(state, request, sentence=fault.sentence, status=fault.status)
    return RedirectResponse("/review?done=apart", status_code=303)


def _tell_apart(state: ServerState, request: Request, form: dict[str, str]) -> Response:
    """Two who are not one, or, where `back` says so, perhaps one after all."""
    viewer, version = _viewer(request, state), _number(form.get("version", ""))
    is_so = not form.get("back")
    record, other, now_ms = form.get("record", ""), form.get("other", ""), state.now_ms()
    try:
        tell_apart(state.engine, viewer, record, other, version=version, now_ms=now_ms, is_so=is_so)
    except BadInput as fault:
        return _page(state, request, sentence=fault.sentence, status=fault.status)
    return RedirectResponse(f"/review?done={'distinct' if is_so else 'doubted'}", status_code=303)


def _viewer(request: Request, state: ServerState) -> Account:
    account = session.viewer_of(request, state).account
    assert account is not None  # importers have no token
    return account


def _number(text: str) -> int:
    """A number in an address; what is none names nothing and so is 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 17 else 0
