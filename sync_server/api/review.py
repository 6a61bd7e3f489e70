"""GET /v1/review: what was refused and waits for a reviewer; POST /v1/review/{device}/{seq}: his decision."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool

from app.domain.errors import BadInput
from sync_server.api.access import device_of
from sync_server.api.body import read_json
from sync_server.db.engine import reading
from sync_server.records.accounts import Account, DeviceRow
from sync_server.records.review import decide, waiting_in
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState

_LARGEST = 2**53


class Said(BaseModel):
    """`action` is release or set_aside; a reason is demanded for the latter."""

    action: str
    reason: str = ""


def router(state: ServerState) -> APIRouter:
    """The reviewer's routes."""
    routes = APIRouter()

    @routes.get("/v1/review")
    @scoped(ScopeRule.REVIEW)
    async def review_route(request: Request, cursor: str = "0") -> dict[str, Any]:
        account = _account_of(await device_of(request, state))
        return await run_in_threadpool(_waiting, state, account, _number(cursor, "cursor"))

    @routes.post("/v1/review/{device}/{seq}")
    @scoped(ScopeRule.REVIEW)
    async def decision_route(request: Request, device: str, seq: str) -> dict[str, Any]:
        account = _account_of(await device_of(request, state))
        told = _said(await read_json(request))

        def settle() -> dict[str, Any]:
            entry = decide(
                state.engine,
                account,
                device[:64],
                _number(seq, "seq"),
                action=told.action,
                reason=told.reason,
                now_ms=state.now_ms(),
            )
            return {"status": entry.status, "version": entry.version, "message": entry.reason}

        return await run_in_threadpool(settle)

    return routes


def _account_of(device: DeviceRow) -> Account:
    assert device.account is not None, "an importer has no token"
    return device.account


def _waiting(state: ServerState, account: Account, after: int) -> dict[str, Any]:
    with reading(state.engine) as connection:
        page = waiting_in(connection, account, after=after)
    cursor = None if page.cursor is None else str(page.cursor)
    return {"items": [asdict(item) for item in page.items], "cursor": cursor, "waiting": page.waiting}


def _number(text: str, field: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 17 and int(text) < _LARGEST):
        raise BadInput(f"“{field}”应是一个整数。请用上一页给的值。", field=field)
    return int(text)


def _said(given: dict[str, Any]) -> Said:
    try:
        return Said.model_validate(given)
    except ValidationError as fault:
        field = str(fault.errors()[0]["loc"][0])
        raise BadInput(f"“{field}”一项填得不对。请填 action 和 reason。", field=field) from fault
