"""The upload protocol tus 1.0.0 as it stands in requests: its version, what is announced, and the bytes.

A body is written as it arrives, however large it is and however many come at once.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Callable, Coroutine
from hashlib import new as new_hash
from typing import Any

import anyio
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.domain.errors import (
    BadInput,
    ChecksumMismatch,
    NotSignedIn,
    TooLarge,
    UnsupportedTus,
    WireError,
    ZoufangError,
)
from sync_server.api.problems import problem
from sync_server.photos.uploads import InHand

TUS = "1.0.0"
CHECKSUMS = ("sha256", "sha1")
OFFSET_STREAM = "application/offset+octet-stream"
_SILENCE_S = 60.0  # a phone that has gone out of reach does not say so; its upload must not stay in hand
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CUT = "照片没有传完。请接着传。"


class TusRoute(APIRoute):
    """A route of the upload protocol: its version is asked for, and said in every answer, errors included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def with_version(request: Request) -> Response:
            try:
                if request.method != "OPTIONS" and request.headers.get("tus-resumable") != TUS:
                    raise UnsupportedTus(f"这里只认上传协议 tus {TUS}。请更新软件。", field="Tus-Resumable")
                found = await answer(request)
            except ZoufangError as fault:
                found = problem(fault.status, fault.code, fault.sentence, fault.field)
                if isinstance(fault, UnsupportedTus):
                    found.headers["Tus-Version"] = TUS
                if isinstance(fault, NotSignedIn):
                    found.headers["WWW-Authenticate"] = "Bearer"
                if isinstance(fault, TooLarge):
                    found.headers["Connection"] = "close"  # the rest of the body is not waited for
            found.headers["Tus-Resumable"] = TUS
            found.headers["Cache-Control"] = "no-store"
            return found

        return with_version


async def receive(request: Request, in_hand: InHand, now_ms: Callable[[], int]) -> None:
    """Append the body; on disk afterwards. A connection that breaks leaves what has come, unless it was to
    be checked as one: raises WireError, and ChecksumMismatch, TooLarge, StorageFull with nothing of it kept.
    """
    begun, room = in_hand.offset, in_hand.upload.size_bytes - in_hand.offset
    checksum = _checksum(request)
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > room:
        raise _too_long()
    if checksum is not None:
        await run_in_threadpool(in_hand.begin_checked)
    try:
        async for part in _parts(request):
            if len(part) > room - (in_hand.offset - begun):
                raise _too_long()
            if checksum is not None:
                checksum.add(part)
            # At once: into the system's cache, which is quicker than handing it to a thread, and a part
            # that waits for one is memory, a hundred times over. What waits for the disk is the flush.
            in_hand.append(part)
        if checksum is not None:
            checksum.demand()
    except BaseException as fault:
        is_kept = checksum is None and isinstance(fault, WireError)
        if not is_kept:
            in_hand.take_back_to(begun)
        in_hand.flush(now_ms() if is_kept else None)
        raise
    await run_in_threadpool(in_hand.flush, now_ms())


async def _parts(request: Request) -> AsyncIterator[bytes]:
    """The body as it arrives; raises WireError where it breaks off."""
    stream = request.stream()
    while True:
        try:
            with anyio.fail_after(_SILENCE_S):
                part = await anext(stream, None)
        except (ClientDisconnect, TimeoutError) as gone:
            raise WireError(_CUT) from gone
        if part is None:
            return
        yield part


class _Checksum:
    """What the body should hash to, and what it does so far."""

    def __init__(self, algorithm: str, expected: bytes) -> None:
        self._digest = new_hash(algorithm)
        self._expected = expected

    def add(self, piece: bytes) -> None:
        self._digest.update(piece)

    def demand(self) -> None:
        if not hmac.compare_digest(self._digest.digest(), self._expected):
            raise ChecksumMismatch("这一段在路上传坏了，没有收下。请再传一次。", field="Upload-Checksum")


def _checksum(request: Request) -> _Checksum | None:
    said = request.headers.get("upload-checksum")
    if said is None:
        return None
    algorithm, _, encoded = said.strip().partition(" ")
    if algorithm not in CHECKSUMS:
        raise WireError(f"校验方式只认 {'、'.join(CHECKSUMS)}。请更新软件。", field="Upload-Checksum")
    return _Checksum(algorithm, _decoded(encoded.strip(), "Upload-Checksum"))


def announced(request: Request) -> tuple[int, str, str]:
    """Size in bytes, SHA-256 in hex, and the claimed type ("" for none) of what is coming."""
    size = number(request, "Upload-Length")
    metadata = {}
    for pair in request.headers.get("upload-metadata", "").split(","):
        name, _, encoded = pair.strip().partition(" ")
        metadata[name] = encoded.strip()
    digest = _decoded(metadata.get("sha256", ""), "Upload-Metadata").decode("utf-8", "replace")
    if not _SHA256.fullmatch(digest):
        raise BadInput(
            "没有写明照片的 SHA-256（Upload-Metadata 里的 sha256，64 位十六进制）。请更新软件。",
            field="Upload-Metadata",
        )
    if size == 0:
        raise BadInput("这张照片是空的，没有收下。请重新拍一张。", field="Upload-Length")
    claimed = _decoded(metadata.get("filetype", ""), "Upload-Metadata").decode("utf-8", "replace")
    return size, digest, claimed.lower()


def number(request: Request, name: str) -> int:
    said = request.headers.get(name, "")
    if not (said.isascii() and said.isdigit() and len(said) < 16):
        raise WireError(f"{name} 应是一个数。请更新软件。", field=name)
    return int(said)


def _decoded(encoded: str, field: str) -> bytes:
    try:
        return b64decode(encoded, validate=True)
    except ValueError as fault:
        raise WireError(f"{field} 里有一项不是 base64。请更新软件。", field=field) from fault


def _too_long() -> TooLarge:
    return TooLarge("传来的比说好的多，多出的没有收下。请先问服务器收到了哪里，再接着传。")
