"""A small tus server for tests of the phone: the photo addresses of the protocol, at the HTTP level only.

And photos' files in memory, for phones that have no disk of their own.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from PIL import Image

from app.device.pictures import Keepable, Shrinker, Sniffed
from app.domain.errors import StorageFull, StoreFault


@dataclass
class PhotoServer:
    """Takes photos as /v1/photos does. `answer` goes before any other handler; None: not a photo address.

    `before_take` may raise or answer instead of the server, `before_answer` after the work was done.
    `part` is what was appended by upload, `proven` the receipts by hash; `pieces` are the sizes of all
    pieces of photos that were sent, with whatever request and fate.
    """

    before_take: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    before_answer: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    part: dict[str, bytearray] = field(default_factory=dict)
    meant: dict[str, tuple[str, int]] = field(default_factory=dict)
    proven: dict[str, str] = field(default_factory=dict)
    taken_bytes: int = 0
    log: list[tuple[str, int]] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response | None:
        """The answer to a photo request, None for any other."""
        if not request.url.path.startswith("/v1/photos"):
            return None
        self.log.append((request.method, len(request.content)))
        if request.content and request.headers.get("content-type") == "application/offset+octet-stream":
            self.pieces.append(len(request.content))
        early = self.before_take(request)
        if early is not None:
            return early
        answer = self._take(request)
        return self.before_answer(request) or answer

    def lose_everything(self) -> None:
        """The server is restored from a backup in which no photo was."""
        self.part.clear()
        self.meant.clear()
        self.proven.clear()

    def _take(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/v1/photos/proofs":
            asked = json.loads(request.content)["sha256"]
            return httpx.Response(
                200,
                json={
                    "proofs": {sha256: self.proven[sha256] for sha256 in asked if sha256 in self.proven},
                    "missing": [sha256 for sha256 in asked if sha256 not in self.proven],
                },
            )
        if request.headers["tus-resumable"] != "1.0.0":
            return httpx.Response(412)
        if request.method == "POST":
            return self._create(request)
        if path not in self.part:
            return httpx.Response(404)
        if request.method == "HEAD":
            return httpx.Response(200, headers={"upload-offset": str(len(self.part[path]))})
        return self._append(request)

    def _create(self, request: httpx.Request) -> httpx.Response:
        said = dict(part.split(" ") for part in request.headers["upload-metadata"].split(","))
        sha256 = base64.b64decode(said["sha256"]).decode()
        size = int(request.headers["upload-length"])
        path = f"/v1/photos/{len(self.meant) + 1:032x}"
        self.part[path], self.meant[path] = bytearray(), (sha256, size)
        headers = {"location": path}
        if sha256 in self.proven:
            headers |= {"upload-offset": str(size), "zoufang-photo-receipt": self.proven[sha256]}
        elif request.content:
            taken = self._take_piece(path, request)
            if taken.status_code != 204:
                return taken
            headers |= dict(taken.headers)
        return httpx.Response(201, headers=headers)

    def _append(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if int(request.headers["upload-offset"]) != len(self.part[path]):
            return httpx.Response(409)
        return self._take_piece(path, request)

    def _take_piece(self, path: str, request: httpx.Request) -> httpx.Response:
        part, (sha256, size) = self.part[path], self.meant[path]
        algorithm, _, checksum = request.headers["upload-checksum"].partition(" ")
        if base64.b64encode(hashlib.new(algorithm, request.content).digest()).decode() != checksum:
            return httpx.Response(460)
        part += request.content
        self.taken_bytes += len(request.content)
        headers = {"upload-offset": str(len(part))}
        if len(part) == size:
            if hashlib.sha256(part).hexdigest() != sha256:
                del self.part[path]
                return httpx.Response(460)
            self.proven[sha256] = receipt_of(sha256, size)
            headers["zoufang-photo-receipt"] = self.proven[sha256]
        return httpx.Response(204, headers=headers)


def receipt_of(sha256: str, size: int) -> str:
    """A receipt in the server's form; who signed it does not matter to the phone."""
    body = json.dumps({"sha256": sha256, "size": size, "org": "331121", "at": 0, "kid": "test"})
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=") + ".c2lnbmVk"


class MemoryBlobs:
    """Photos' files in memory. `room_bytes`: how much more it takes, None for any amount."""

    def __init__(self, *, room_bytes: int | None = None) -> None:
        self.kept: dict[str, bytes] = {}
        self.room_bytes = room_bytes

    async def put(self, sha256: str, content: bytes) -> None:
        if self.room_bytes is not None and len(content) > self.room_bytes:
            raise StorageFull("手机满了，这张照片没有存上。走访照样能存。")
        self.kept[sha256] = content

    async def read(self, sha256: str, start: int, size: int) -> bytes:
        if sha256 not in self.kept:
            raise StoreFault("这张照片的文件在本机读不出来。")
        return self.kept[sha256][start : start + size]

    async def delete(self, sha256: str) -> None:
        self.kept.pop(sha256, None)

    async def listed(self) -> list[str]:
        return sorted(self.kept)

    async def free_bytes(self) -> int | None:
        return self.room_bytes


class ChosenFiles:
    """A camera whose worker takes and picks what the test says; `takes` counts the times it was opened."""

    def __init__(self, *, can_take: bool = True) -> None:
        self.files: list[bytes | None] = []
        self.takes = 0
        self._can_take = can_take

    def attach(self, page: object) -> None:
        pass

    def can_take(self) -> bool:
        return self._can_take

    async def take(self) -> list[bytes | None]:
        self.takes += 1
        return self.files[:1]

    async def pick(self) -> list[bytes | None]:
        return list(self.files)


class SlowShrinker:
    """Another shrinker, held up until `go_on` is set."""

    def __init__(self, shrinker: Shrinker) -> None:
        self._shrinker = shrinker
        self.go_on = asyncio.Event()
        self.go_on.set()

    async def shrink(self, content: bytes, sniffed: Sniffed, *, watermark: str) -> Keepable:
        await self.go_on.wait()
        return await self._shrinker.shrink(content, sniffed, watermark=watermark)


def small_jpeg(color: str = "green", size: tuple[int, int] = (320, 240)) -> bytes:
    """A photo of one colour."""
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, "JPEG")
    return written.getvalue()
