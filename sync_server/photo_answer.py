"""A photo or its thumbnail as an HTTP answer, to phones and to the dashboard alike."""

from __future__ import annotations

import re

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from sync_server.photos.serving import shown_photo
from sync_server.photos.shelf import Shelf
from sync_server.records.accounts import DeviceRow

# As players of videos ask; some play nothing from a server that does not answer so.
_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})", re.ASCII)


async def photo_answer(
    request: Request, shelf: Shelf, device: DeviceRow, *, record: str, digest: str, part: str
) -> Response:
    """The bytes, to be kept by this one reader for as long as he likes: their address holds their hash.

    Raises UnknownCode for what `device` may not see, as for what is not there.
    """
    shown = await run_in_threadpool(shown_photo, shelf, device.scope, record, digest, part)
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": f'"{digest}"',
        "X-Content-Type-Options": "nosniff",
        # A browser wraps a picture or a video that is opened alone into a page of its own.
        "Content-Security-Policy": "default-src 'none'; img-src 'self'; media-src 'self'; "
        "style-src 'unsafe-inline'",
        "Content-Disposition": "inline",
    }
    if f'"{digest}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if shown.size_bytes is None:
        return StreamingResponse(shown.pieces, media_type=shown.mime, headers=headers)
    headers["Accept-Ranges"] = "bytes"
    span = _span(request, shown.size_bytes)
    if span is None:
        headers["Content-Length"] = str(shown.size_bytes)
        return StreamingResponse(shown.pieces, media_type=shown.mime, headers=headers)
    first, last = span
    headers["Content-Range"] = f"bytes {first}-{last}/{shown.size_bytes}"
    headers["Content-Length"] = str(last - first + 1)
    pieces = shown.part(first, last)
    return StreamingResponse(pieces, status_code=206, media_type=shown.mime, headers=headers)


def _span(request: Request, size_bytes: int) -> tuple[int, int] | None:
    """First and last byte of the one range that is asked for; None for the whole, and for a range that is
    not understood or lies behind the end, which may be answered with the whole."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return None
    first, last = int(asked[1]), min(int(asked[2] or size_bytes), size_bytes - 1)
    return (first, last) if first <= last else None
