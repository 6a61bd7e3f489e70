"""Who is asking: the device behind a request's bearer token."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.domain.errors import NotSignedIn
from sync_server.records.accounts import DeviceRow, authenticate
from sync_server.state import ServerState


async def device_of(request: Request, state: ServerState, *, takes_revoked: bool = False) -> DeviceRow:
    """The signed-in device; raises NotSignedIn without a token, with a wrong or a revoked one.

    `takes_revoked`: a revoked one is good enough, to hand in its unsent work and nothing else.
    """
    token = bearer_token(request)
    if not token:
        raise NotSignedIn("还没有登录。请先登录。")
    return await run_in_threadpool(
        authenticate, state.engine, token, now_ms=state.now_ms(), takes_revoked=takes_revoked
    )


def bearer_token(request: Request) -> str:
    """The token of the request; "" without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
