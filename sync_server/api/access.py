"""Who is asking: the device behind a request's bearer token."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.domain.errors import NotSignedIn
from sync_server.records.accounts import DeviceRow, authenticate
from sync_server.state import ServerState


async def device_of(request: Request, state: ServerState) -> DeviceRow:
    """The signed-in device; raises NotSignedIn without a token, with a wrong or a revoked one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("还没有登录。请先登录。")
    return await run_in_threadpool(authenticate, state.engine, token.strip(), now_ms=state.now_ms())
