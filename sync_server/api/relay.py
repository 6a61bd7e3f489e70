"""POST /v1/relay: another device's work, carried by this one, with that device's proof (docs/adr/0028)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from app.domain.errors import NotAllowed, WireError
from app.domain.relay import PROOF_HEADER, is_proved
from app.domain.wire import BATCH_BYTES, decode_request
from sync_server.api.access import device_of
from sync_server.api.body import read_body
from sync_server.api.sync import NDJSON
from sync_server.db.engine import reading
from sync_server.records.accounts import device_to_prove
from sync_server.records.carried import accept_carried
from sync_server.records.judge import is_plain
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState

_UNPROVED = "这份交接来的记录对不上它的手机，没有收。记录在原来那部手机上，请让它联网再传。"


def router(state: ServerState) -> APIRouter:
    """The relay route."""
    routes = APIRouter()

    @routes.post("/v1/relay")
    @scoped(ScopeRule.OWN)
    async def relay_route(request: Request) -> dict[str, Any]:
        await device_of(request, state)
        body = await read_body(request, content_type=NDJSON, limit_bytes=BATCH_BYTES)
        proof = request.headers.get(PROOF_HEADER, "")
        return await run_in_threadpool(_relay, state, body, proof)

    return routes


def _relay(state: ServerState, body: bytes, proof: str) -> dict[str, Any]:
    """How many Changes have their receipt now, and the codes of those in quarantine by seq.

    The receipts themselves are told to their own device. Repeating changes nothing. Raises WireError, and
    NotAllowed without that device's proof: nothing may enter the log under a number that its device did
    not give, since that would keep its true work out.
    """
    batch = decode_request(body)
    if not is_plain(batch.header.device):  # PostgreSQL could not even look it up
        raise WireError("传送的第一行有误：device。请更新软件后再传。", field="device")
    with reading(state.engine) as connection:
        found = device_to_prove(connection, batch.header.device)
    if found is None or not is_proved(found.token_digest, body, proof):
        raise NotAllowed(_UNPROVED, field="proof")
    receipts = accept_carried(state.engine, found, batch, now_ms=state.now_ms())
    refused = {str(receipt.seq): receipt.code for receipt in receipts if receipt.status == "quarantined"}
    return {"receipts": len(receipts), "refused": refused}
