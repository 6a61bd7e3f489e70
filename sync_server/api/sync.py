"""POST /v1/sync: the outbox batch up; receipts and the feed down; one round trip (docs/SYNC.md)."""

from __future__ import annotations

import zlib
from functools import partial

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from sqlalchemy import Connection

from app.domain.collector import collector_paused
from app.domain.digest import Digest
from app.domain.errors import WireError
from app.domain.wire import BATCH_BYTES, PAGE_ROWS, AnswerEnd, SyncHeader, decode_request, encode_answer
from sync_server.api.access import device_of
from sync_server.api.body import read_body
from sync_server.db.engine import kept, reading
from sync_server.records.accounts import DeviceRow, have_of
from sync_server.records.digests import digest_of_scope
from sync_server.records.feed import LeftOut, Page, page_after
from sync_server.records.intake import accept_push
from sync_server.records.levels import levels_of_authors
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState

NDJSON = "application/x-ndjson"
# Exchanges in hand at the same time. More would only wait for the interpreter's lock, which each statement
# gives up and asks for again, and hold more memory; fewer would share each commit, and each pass, with less.
_AT_ONCE = 16
_LARGE_BYTES = 2**20
_KNOWS_REMOVAL = 2  # the protocol from which a phone is told of removals and restarts
_GZIP_LEVEL = 5  # of a first sync's pages: half the time of 6 for 2 % more bytes


def router(state: ServerState) -> APIRouter:
    """The sync route."""
    routes = APIRouter()
    at_once = CapacityLimiter(_AT_ONCE)

    @routes.post("/v1/sync")
    @scoped(ScopeRule.OWN)
    async def sync_route(request: Request) -> Response:
        # Taken before the body is read: a slow upload must not pass for a slow clock.
        now_ms = state.now_ms()
        device = await device_of(request, state, takes_revoked=True)
        body = await read_body(request, content_type=NDJSON, limit_bytes=BATCH_BYTES)
        answer = await to_thread.run_sync(
            partial(exchange, state, device, body, now_ms=now_ms), limiter=at_once
        )
        return _response(answer, "gzip" in request.headers.get("accept-encoding", "").lower())

    return routes


def exchange(state: ServerState, device: DeviceRow, body: bytes, *, now_ms: int) -> bytes:
    """Take in the request `body` and give the answer's bytes; receipts are told only after commit (P3).

    A revoked device gets its receipts and no rows, and keeps its cursor.
    """
    with collector_paused(len(body) > _LARGE_BYTES):
        return _exchange(state, device, body, now_ms)


def _exchange(state: ServerState, device: DeviceRow, body: bytes, now_ms: int) -> bytes:
    batch = decode_request(body)
    if batch.header.device != device.id:
        raise WireError("传送的设备编号与登录的设备不符。请重新登录后再传。", field="device")
    taken = accept_push(state.engine, device, batch, now_ms=now_ms)
    with reading(state.engine) as connection:
        # What a large push has made comes back with its receipts, not page by page behind them.
        limit = max(PAGE_ROWS, len(taken.receipts))
        page = _page(connection, device, batch.header, limit, without=taken.left_out if taken.own else None)
        end = AnswerEnd(
            receipts=len(taken.receipts),
            rows=len(page.rows) + len(page.gone),
            cursor=page.cursor,
            more=page.more,
            epoch=page.epoch,
            have=have_of(connection, device.id),
            time=state.now_ms(),
            restarted=page.restarted,
            digest=_digest(connection, device, batch.header.protocol, is_last=not page.more),
            is_revoked=device.is_revoked,
            own=len(taken.own),
            levels=_levels(connection, device, batch.header.protocol, page),
        )
    return encode_answer(taken.receipts, page.rows, end, gone=page.gone, own=taken.own)


def _digest(connection: Connection, device: DeviceRow, protocol: int, *, is_last: bool) -> Digest | None:
    """With the last page, to a phone that can compare it (protocol 1 cannot) and may hold anything."""
    is_told = is_last and protocol > 1 and not device.is_revoked
    return digest_of_scope(connection, device.scope) if is_told else None


def _levels(connection: Connection, device: DeviceRow, protocol: int, page: Page) -> dict[str, str]:
    """From where the others are whom the page's marks name; protocol 1 does not know the field."""
    return levels_of_authors(connection, page.rows, but=device.actors) if protocol > 1 else {}


def _page(
    connection: Connection, device: DeviceRow, header: SyncHeader, limit: int, *, without: LeftOut | None
) -> Page:
    if device.is_revoked:
        epoch = kept(connection, "epoch")
        return Page([], header.cursor or "", more=False, gone=[], restarted=False, epoch=epoch)
    return page_after(
        connection,
        header.cursor,
        device.scope,
        limit,
        knows_removal=header.protocol >= _KNOWS_REMOVAL,
        without=without,
    )


def _response(answer: bytes, takes_gzip: bool) -> Response:
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
    if takes_gzip:
        deflater = zlib.compressobj(_GZIP_LEVEL, wbits=16 + zlib.MAX_WBITS)
        answer = deflater.compress(answer) + deflater.flush()
        headers["Content-Encoding"] = "gzip"
    return Response(answer, media_type=NDJSON, headers=headers)
