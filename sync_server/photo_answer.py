"""A photo or its thumbnail as an HTTP answer, to phones and to the dashboard alike."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from sync_server.photos.serving import shown_photo
from sync_server.photos.shelf import Shelf
from sync_server.records.accounts import DeviceRow


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
        "Content-Security-Policy": "default-src 'none'",
        "Content-Disposition": "inline",
    }
    if f'"{digest}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return StreamingResponse(shown.pieces, media_type=shown.mime, headers=headers)
