"""POST /v1/digest: what the server holds for a device by part, and the rows of the parts that differ.

Asked only by a phone whose own digest is not the one of its sync's last page (docs/SYNC.md, Digest).
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool

from app.domain.errors import BadInput, WireError
from app.domain.wire import DigestQuestion
from sync_server.api.access import device_of
from sync_server.api.body import read_json
from sync_server.db.engine import reading
from sync_server.records.accounts import DeviceRow
from sync_server.records.digests import buckets_of_scope, rows_in_buckets
from sync_server.records.feed import end_cursor
from sync_server.records.levels import levels_of_authors
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState


def router(state: ServerState) -> APIRouter:
    """The digest route."""
    routes = APIRouter()

    @routes.post("/v1/digest")
    @scoped(ScopeRule.OWN)
    async def digest_route(request: Request) -> Response:
        device = await device_of(request, state)
        question = _question(await read_json(request), device)
        answer = await run_in_threadpool(_answer, state, device, question)
        return Response(answer, media_type="application/json", headers={"Cache-Control": "no-store"})

    return routes


def _question(said: dict[str, object], device: DeviceRow) -> DigestQuestion:
    try:
        question = DigestQuestion.model_validate(said)
    except ValidationError as fault:
        field = str(fault.errors()[0]["loc"][0])
        raise BadInput(f"比对的请求里“{field}”填得不对。请更新软件。", field=field) from fault
    if question.device != device.id:
        raise WireError("比对的设备编号与登录的设备不符。请重新登录后再传。", field="device")
    return question


def _answer(state: ServerState, device: DeviceRow, question: DigestQuestion) -> bytes:
    """wire.DigestAnswer as JSON; the rows are joined as they are stored, not decoded and encoded again."""
    with reading(state.engine) as connection:
        cursor = end_cursor(connection, device.scope)
        parts = buckets_of_scope(connection, device.scope)
        rows = rows_in_buckets(connection, device.scope, question.want)
        levels = levels_of_authors(connection, rows, but=device.actors)
    head = to_json({"cursor": cursor, "parts": parts, **({"levels": levels} if levels else {})})
    return head[:-1] + b',"rows":[' + ",".join(rows).encode() + b"]}"
