"""A phone's half of an upload by hand, so that a test can stop, repeat and twist any request of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
from fastapi import FastAPI

from tests.photos.pictures import digest_of, metadata
from tests.server.phones import Phone, ask

RECEIPT = "Zoufang-Photo-Receipt"

OFFSET_STREAM = "application/offset+octet-stream"


def tus(phone: Phone, method: str, path: str, *, content: Any = b"", **headers: Any) -> httpx.Response:
    """One request of the protocol; a header's name is written with _ for -."""
    said = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {phone.token}"}
    said |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return ask(phone.app, method, path, content=content, headers=said)


def create(phone: Phone, content: bytes, **headers: Any) -> httpx.Response:
    """Announce `content`, sending nothing of it."""
    named = {"Upload_Length": len(content), "Upload_Metadata": metadata(content), **headers}
    return tus(phone, "POST", "/v1/photos", **named)


def send(phone: Phone, address: str, piece: Any, offset: int, **headers: Any) -> httpx.Response:
    """Append `piece` at `offset`."""
    named = {"Upload_Offset": offset, "Content_Type": OFFSET_STREAM, **headers}
    return tus(phone, "PATCH", address, content=piece, **named)


def offset_of(phone: Phone, address: str) -> int:
    """How far the server says the upload has got."""
    answer = tus(phone, "HEAD", address)
    assert answer.status_code == 200, answer.status_code
    return int(answer.headers["Upload-Offset"])


def send_whole(phone: Phone, content: bytes) -> httpx.Response:
    """Announce and send in one request."""
    return create_with(phone, content, content)


def create_with(phone: Phone, content: bytes, piece: Any, **headers: Any) -> httpx.Response:
    """Announce `content` and send `piece`, its beginning, in one request."""
    named = {"Upload_Length": len(content), "Upload_Metadata": metadata(content), **headers}
    return tus(phone, "POST", "/v1/photos", content=piece, Content_Type=OFFSET_STREAM, **named)


def send_cut(phone: Phone, address: str, piece: bytes, *, offset: int, said: int, **headers: Any) -> None:
    """Send `piece` as the beginning of a body of `said` bytes, and lose the connection behind it."""

    async def cut_app(scope: Any, receive: Any, send_: Any) -> None:
        parts = [piece[at : at + 50_000] for at in range(0, len(piece), 50_000)]

        async def cut_receive() -> dict[str, Any]:
            if parts:
                return {"type": "http.request", "body": parts.pop(0), "more_body": True}
            return {"type": "http.disconnect"}

        await phone.app(scope, cut_receive, send_)

    named = {"Upload_Offset": offset, "Content_Type": OFFSET_STREAM, "Content_Length": said, **headers}
    tus(replace(phone, app=cut_app), "PATCH", address, **named)


async def iter_of(content: bytes) -> AsyncIterator[bytes]:
    """The body in two parts, whose length is stated nowhere."""
    yield content[:1000]
    yield content[1000:]


def stored(app: FastAPI, content: bytes) -> bool:
    """Whether the server's store has exactly these bytes."""
    digest = digest_of(content)
    pieces = app.state.photos.blobs.pieces(f"photos/{digest}")
    return pieces is not None and b"".join(pieces) == content


def public_key(app: FastAPI) -> dict[str, str]:
    """The key with which anyone can check a receipt."""
    return ask(app, "GET", "/v1/photos/key").json()


def ask_for_proofs(phone: Phone, contents: list[bytes]) -> dict[str, Any]:
    """The answer to which of these bytes are proven to the phone."""
    headers = {"Authorization": f"Bearer {phone.token}"}
    digests = [digest_of(content) for content in contents]
    return ask(phone.app, "POST", "/v1/photos/proofs", json={"sha256": digests}, headers=headers).json()


def left_in(app: FastAPI) -> list[str]:
    """The files of every upload."""
    return sorted(path.name for path in app.state.photos.uploads._folder.glob("*/*"))
