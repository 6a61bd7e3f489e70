"""Reading request bodies within limits, before anything is made of them.

A body is refused as soon as it is known to be too large: by its stated length before a byte is
read, by the bytes received otherwise, and by what it swells to when it is decompressed.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from starlette.requests import ClientDisconnect, Request

from app.domain.errors import TooLarge, WireError, WrongContentType

JSON_BYTES = 16 * 1024
_CUT = "传送的内容不完整。请重新传一次。"


async def read_body(
    request: Request, *, content_type: str, limit_bytes: int, advice: str = "请分几次传。"
) -> bytes:
    """The decompressed body; at most `limit_bytes` are received, and at most that many come out.

    `advice` is what to do about a larger one, for whoever is told that it was refused.
    Raises WrongContentType, TooLarge, WireError.
    """
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != content_type:
        raise WrongContentType(f"这里只收 {content_type}，来的是“{said[:40] or '没写类型'}”。请更新软件。")
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip"):
        raise WrongContentType(f"服务器不认压缩方式“{encoding[:40]}”，只认 gzip。请更新软件。")
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > limit_bytes:
        raise _too_large(limit_bytes, advice)
    received = bytearray()
    try:
        async for part in request.stream():
            received += part
            if len(received) > limit_bytes:
                raise _too_large(limit_bytes, advice)
    except ClientDisconnect as gone:
        raise WireError(_CUT) from gone
    return _gunzip(bytes(received), limit_bytes, advice) if encoding == "gzip" else bytes(received)


async def read_json(request: Request) -> dict[str, Any]:
    """The JSON object in the body; raises WireError if it is none, and what `read_body` raises."""
    body = await read_body(
        request, content_type="application/json", limit_bytes=JSON_BYTES, advice="请只填所要的几项再试。"
    )
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise WireError("内容不是正确的 JSON。请检查后再传。") from fault
    if not isinstance(found, dict):
        raise WireError("内容应是一个 JSON 对象。请检查后再传。")
    return found


def _gunzip(body: bytes, limit_bytes: int, advice: str) -> bytes:
    inflater = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        plain = inflater.decompress(body, limit_bytes + 1)
    except zlib.error as fault:
        raise WireError("压缩的内容已损坏。请重新传一次。") from fault
    if len(plain) > limit_bytes:
        raise _too_large(limit_bytes, advice)
    if not inflater.eof or inflater.unused_data:
        raise WireError(_CUT)
    return plain


def _too_large(limit_bytes: int, advice: str) -> TooLarge:
    sentence = f"传来的内容超过 {limit_bytes // 1024} KB 的上限，没有收下。{advice}"
    return TooLarge(sentence, limit=limit_bytes)
