"""/v1/photos: photos up by the resumable upload protocol tus 1.0, proofs of them, and photos down.

Of tus: core, creation, creation-with-upload, checksum, expiration, termination (docs/SYNC.md, Photos).
Reading requests is tus.py's; what happens to the bytes is photos/shelf.py's.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from app.domain.errors import BadInput, NotAllowed, WrongContentType
from sync_server.api.access import device_of
from sync_server.api.body import read_body
from sync_server.api.tus import CHECKSUMS, OFFSET_STREAM, TUS, TusRoute, announced, number, receive
from sync_server.db.engine import reading
from sync_server.photo_answer import photo_answer
from sync_server.photos.blobs import PHOTOS, THUMBS
from sync_server.photos.kinds import LARGEST_BYTES, demand_size
from sync_server.photos.proofs import is_named_by
from sync_server.photos.receipts import Proof
from sync_server.photos.shelf import Shelf
from sync_server.photos.uploads import InHand, Upload, demand_offset
from sync_server.records.accounts import DeviceRow
from sync_server.records.scope import ScopeRule, scoped
from sync_server.state import ServerState

EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
RECEIPT = "Zoufang-Photo-Receipt"
PROOFS_MOST = 500
_PROOFS_BYTES = 64 * 1024
_AT_ONCE = 4  # uploads that are hashed at the same time; more would only share the disk


def router(state: ServerState, shelf: Shelf) -> APIRouter:
    """Every route under /v1/photos."""
    routes = APIRouter()
    routes.include_router(_tus_routes(state, shelf))
    _proof_routes(routes, state, shelf)
    _down_routes(routes, state, shelf)
    return routes


def _tus_routes(state: ServerState, shelf: Shelf) -> APIRouter:
    routes = APIRouter(route_class=TusRoute)
    edge = _Edge(state, shelf, CapacityLimiter(_AT_ONCE))

    @routes.options("/v1/photos")
    @scoped(ScopeRule.PUBLIC)
    async def abilities(_request: Request) -> Response:
        headers = {
            "Tus-Version": TUS,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(LARGEST_BYTES),
            "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
        }
        return Response(status_code=204, headers=headers)

    @routes.post("/v1/photos")
    @scoped(ScopeRule.OWN)
    async def create(request: Request) -> Response:
        return await edge.create(request)

    @routes.head("/v1/photos/{upload}")
    @scoped(ScopeRule.OWN)
    async def offset(request: Request, upload: str) -> Response:
        return await edge.offset(request, upload)

    @routes.patch("/v1/photos/{upload}")
    @scoped(ScopeRule.OWN)
    async def append(request: Request, upload: str) -> Response:
        return await edge.append(request, upload)

    @routes.delete("/v1/photos/{upload}")
    @scoped(ScopeRule.OWN)
    async def terminate(request: Request, upload: str) -> Response:
        return await edge.terminate(request, upload)

    return routes


@dataclass(frozen=True, slots=True)
class _Edge:
    """The upload routes; each returns its answer or raises one of the tree of errors."""

    state: ServerState
    shelf: Shelf
    hashing: CapacityLimiter

    async def create(self, request: Request) -> Response:
        device = await device_of(request, self.state, takes_revoked=True)
        size, digest, claimed = announced(request)
        demand_size(size, claimed=claimed)
        await self._demand_may_send(device, digest)
        assert device.account is not None, "an importer has no token"
        owner = device.account.organisation
        proof = await run_in_threadpool(self.shelf.proof, digest, device.id)

        def announce() -> Upload:
            return self.shelf.uploads.create(
                digest,
                size,
                organisation=owner.code,
                county=device.county,
                device=device.id,
                now_ms=self.state.now_ms(),
                is_in_store=proof is not None,
            )

        upload = await run_in_threadpool(announce)
        if proof is not None:
            return self._answer(201, upload, size, proof, is_new=True)
        offset = 0
        if request.headers.get("content-type", "") == OFFSET_STREAM:
            try:
                offset, proof = await self._append(request, upload)
            except BaseException:
                self.shelf.uploads.drop(upload)  # its address was never told
                raise
        if proof is None:
            await run_in_threadpool(self.shelf.uploads.keep_announcement, upload)
        return self._answer(201, upload, offset, proof, is_new=True)

    async def offset(self, request: Request, upload_id: str) -> Response:
        upload = await self._upload(request, upload_id)
        async with self._in_hand(upload) as in_hand:
            if in_hand is None:
                return self._answer(200, upload, upload.size_bytes, await self._finished(upload))
            await run_in_threadpool(in_hand.flush, None)  # the offset is told, so it has to stay true
            proof = await self._finish_if_complete(in_hand)
            return self._answer(200, upload, in_hand.offset, proof)

    async def append(self, request: Request, upload_id: str) -> Response:
        upload = await self._upload(request, upload_id)
        if request.headers.get("content-type", "") != OFFSET_STREAM:
            raise WrongContentType(f"这里只收 {OFFSET_STREAM}。请更新软件。", field="Content-Type")
        said = number(request, "Upload-Offset")
        offset, proof = await self._append(request, upload, said=said)
        return self._answer(204, upload, offset, proof)

    async def terminate(self, request: Request, upload_id: str) -> Response:
        upload = await self._upload(request, upload_id)
        async with self._in_hand(upload):
            await run_in_threadpool(self.shelf.uploads.drop, upload)
        return Response(status_code=204)

    async def _append(self, request: Request, upload: Upload, said: int = 0) -> tuple[int, Proof | None]:
        """The offset after the body, and the proof if that was the end."""
        async with self._in_hand(upload) as in_hand:
            if in_hand is None:
                demand_offset(said, upload.size_bytes)
                return upload.size_bytes, await self._finished(upload)
            demand_offset(said, in_hand.offset)
            await receive(request, in_hand, self.state.now_ms)
            return in_hand.offset, await self._finish_if_complete(in_hand)

    async def _upload(self, request: Request, upload_id: str) -> Upload:
        device = await device_of(request, self.state, takes_revoked=True)
        upload = await run_in_threadpool(self.shelf.uploads.of, upload_id, device.id)
        await self._demand_may_send(device, upload.sha256)
        return upload

    async def _demand_may_send(self, device: DeviceRow, digest: str) -> None:
        """A revoked device sends what a Change of it names, and nothing else (P11)."""

        def is_named() -> bool:
            with reading(self.state.engine) as connection:
                return is_named_by(connection, digest, county=device.county, device=device.id)

        if device.is_revoked and not await run_in_threadpool(is_named):
            raise NotAllowed("这台设备已被停用，只收它已传记录里的照片。请联系上级管理员。", field="device")

    @asynccontextmanager
    async def _in_hand(self, upload: Upload) -> AsyncIterator[InHand | None]:
        taking = self.shelf.uploads.in_hand(upload)
        with taking as in_hand:
            yield in_hand

    async def _finish_if_complete(self, in_hand: InHand) -> Proof | None:
        if not in_hand.is_complete:
            return None
        finish = partial(self.shelf.finish, in_hand, now_ms=self.state.now_ms())
        return await to_thread.run_sync(finish, limiter=self.hashing)

    async def _finished(self, upload: Upload) -> Proof:
        finished = partial(self.shelf.finished, upload, now_ms=self.state.now_ms())
        return await to_thread.run_sync(finished, limiter=self.hashing)

    def _answer(
        self, status: int, upload: Upload, offset: int, proof: Proof | None, *, is_new: bool = False
    ) -> Response:
        headers = {
            "Upload-Offset": str(offset),
            "Upload-Length": str(upload.size_bytes),
            "Upload-Expires": formatdate(self.shelf.uploads.expires_at(upload) // 1000, usegmt=True),
        }
        if is_new:
            headers["Location"] = f"/v1/photos/{upload.id}"
        if proof is not None:
            headers[RECEIPT] = self.shelf.signer.receipt(proof)
        return Response(status_code=status, headers=headers)


class ProofsQuestion(BaseModel):
    """Of which bytes a phone asks for the proofs."""

    sha256: list[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = Field(max_length=PROOFS_MOST)


def _proof_routes(routes: APIRouter, state: ServerState, shelf: Shelf) -> None:
    @routes.get("/v1/photos/key")
    @scoped(ScopeRule.PUBLIC)
    async def key_route() -> dict[str, str]:
        return shelf.signer.public_key()

    @routes.post("/v1/photos/proofs")
    @scoped(ScopeRule.OWN)
    async def proofs_route(request: Request) -> dict[str, Any]:
        device = await device_of(request, state, takes_revoked=True)
        body = await read_body(request, content_type="application/json", limit_bytes=_PROOFS_BYTES)
        try:
            question = ProofsQuestion.model_validate_json(body)
        except ValidationError as fault:
            sentence = f"应写 sha256，最多 {PROOFS_MOST} 个。请更新软件。"
            raise BadInput(sentence, field="sha256") from fault
        return await run_in_threadpool(_proofs, shelf, question.sha256, device.id)


def _proofs(shelf: Shelf, digests: list[str], device: str) -> dict[str, Any]:
    found = shelf.proofs(digests, device)
    return {
        "proofs": {digest: shelf.signer.receipt(proof) for digest, proof in sorted(found.items())},
        "missing": sorted(set(digests) - found.keys()),
    }


def _down_routes(routes: APIRouter, state: ServerState, shelf: Shelf) -> None:
    async def show(request: Request, record: str, digest: str, part: str) -> Response:
        device = await device_of(request, state)
        return await photo_answer(request, shelf, device, record=record, digest=digest, part=part)

    @routes.get("/v1/photos/{record}/{digest}")
    @scoped(ScopeRule.OWN)
    async def photo_route(request: Request, record: str, digest: str) -> Response:
        return await show(request, record, digest, PHOTOS)

    @routes.get("/v1/photos/{record}/{digest}/thumbnail")
    @scoped(ScopeRule.OWN)
    async def thumbnail_route(request: Request, record: str, digest: str) -> Response:
        return await show(request, record, digest, THUMBS)
