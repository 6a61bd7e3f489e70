"""A page in a browser: SQLite in the origin's private file system, HTTP through `fetch`.

Runs in the worker that `sync_server/pwa/web/python-worker.js` starts; the module `zoufang_device`
is that script's half. The private file system is durable only through synchronous access handles,
of which a file has one; so there are exactly two files, the database and its rollback journal, and
SQLite has to be told to need no third:

    PRAGMA journal_mode = TRUNCATE     commit = the journal cut to nothing; WAL would need shared memory
    PRAGMA synchronous = FULL          each sync becomes the handle's flush()
    PRAGMA temp_store = MEMORY         no temporary files; `VACUUM` too then stays inside the two
    PRAGMA locking_mode = EXCLUSIVE    one tab holds the files anyway; saves a read per transaction

See docs/adr/0010-sqlite-on-opfs-sync-handles.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

import js
import zoufang_device  # type: ignore[import-not-found]  # the worker's half, python-worker.js
from pyodide.ffi import JsException, create_proxy, to_js

from app.device.pictures import (
    FILE_BYTES,
    HEIC,
    LONGEST_SIDE,
    PHOTO_BYTES,
    UNREADABLE,
    Keepable,
    Sniffed,
)
from app.device.ports import DATABASE_NAME, Device, MountResult, NetworkKind
from app.domain.errors import BadInput, StorageFull, StoreFault

if TYPE_CHECKING:
    import flet as ft
    import httpx


def browser_device() -> Device:
    """The device of a page."""
    return Device(
        files=BrowserFiles(),
        network=BrowserNetwork(),
        blobs=BrowserBlobs(),
        camera=BrowserCamera(),
        shrinker=CanvasShrinker(),
    )


class BrowserFiles:
    """`Files` on /data, which the worker mounts."""

    async def mount_durable(self) -> MountResult:
        result = cast(MountResult, await zoufang_device.mountDurable())
        if result == "durable":
            # Or the browser may clear the origin when the disk is full. Granted in silence to an
            # installed page; refused, the files are still there until the user or the browser acts.
            zoufang_device.askPersist()
        return result

    def data_path(self) -> Path:
        return Path("/data") / DATABASE_NAME


class BrowserNetwork:
    """`Network` over the page's own origin; events are forwarded from the window."""

    def server_origin(self) -> str | None:
        return str(js.location.origin)

    def http_client(self, base_url: str) -> httpx.AsyncClient:
        import httpx

        from app.device.fetch import BrowserTransport

        return httpx.AsyncClient(base_url=base_url, transport=BrowserTransport())

    def is_online(self) -> bool:
        return bool(zoufang_device.isOnline())

    def kind(self) -> NetworkKind:
        return cast(NetworkKind, str(zoufang_device.photos.networkKind()))

    def on_online(self, callback: Callable[[], None]) -> None:
        zoufang_device.listen("online", create_proxy(callback))

    def on_resume(self, callback: Callable[[], None]) -> None:
        zoufang_device.listen("resume", create_proxy(callback))

    def attach(self, page: ft.Page) -> None:
        """Nothing to do: the worker hears the window itself."""


class BrowserBlobs:
    """`BlobFiles` in the origin's private file system (`sync_server/pwa/web/photos.js`)."""

    async def put(self, sha256: str, content: bytes) -> None:
        try:
            await zoufang_device.photos.put(sha256, to_js(content))
        except JsException as fault:
            if fault.name == "QuotaExceededError":
                raise StorageFull("手机满了，这张照片没有存上。走访照样能存。") from fault
            raise StoreFault("这张照片没有存上，请再试一次。走访照样能存。") from fault

    async def read(self, sha256: str, start: int, size: int) -> bytes:
        try:
            return bytes((await zoufang_device.photos.read(sha256, start, size)).to_bytes())
        except JsException as fault:
            raise StoreFault("这张照片的文件在本机读不出来。") from fault

    async def delete(self, sha256: str) -> None:
        try:
            await zoufang_device.photos.remove(sha256)
        except JsException as fault:
            raise StoreFault("这张照片的文件在本机删不掉，下次再试。") from fault

    async def listed(self) -> list[str]:
        try:
            return [str(name) for name in await zoufang_device.photos.listed()]
        except JsException:
            return []  # the browser keeps no files at all, of which the worker was told

    async def free_bytes(self) -> int | None:
        free = int(await zoufang_device.photos.freeBytes())
        return None if free < 0 else free


class BrowserCamera:
    """`Camera` through the window's own file input: on a phone `take` opens the camera."""

    def attach(self, page: ft.Page) -> None:
        """Nothing to do: the worker asks the window itself."""

    def can_take(self) -> bool:
        return bool(zoufang_device.hasCamera())

    async def take(self) -> list[bytes | None]:
        return await self._ask(is_camera=True)

    async def pick(self) -> list[bytes | None]:
        return await self._ask(is_camera=False)

    async def _ask(self, *, is_camera: bool) -> list[bytes | None]:
        chosen = await zoufang_device.pick(is_camera, FILE_BYTES)
        return [None if file is None else bytes(file.to_bytes()) for file in chosen]


class CanvasShrinker:
    """`Shrinker` over the browser's own decoders and a canvas beside the page."""

    async def shrink(self, content: bytes, sniffed: Sniffed, *, watermark: str) -> Keepable:
        try:
            made = await zoufang_device.photos.shrink(
                to_js(content), f"image/{sniffed.kind}", LONGEST_SIDE, PHOTO_BYTES, watermark
            )
        except JsException as fault:
            raise BadInput(HEIC if sniffed.kind == "heic" else UNREADABLE, field="photo") from fault
        return Keepable(bytes(made.bytes.to_bytes()), "image/jpeg", int(made.width), int(made.height))
