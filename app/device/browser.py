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
from pyodide.ffi import create_proxy

from app.device.ports import DATABASE_NAME, Device, MountResult

if TYPE_CHECKING:
    import flet as ft
    import httpx


def browser_device() -> Device:
    """The device of a page."""
    return Device(files=BrowserFiles(), network=BrowserNetwork())


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

    def on_online(self, callback: Callable[[], None]) -> None:
        zoufang_device.listen("online", create_proxy(callback))

    def on_resume(self, callback: Callable[[], None]) -> None:
        zoufang_device.listen("resume", create_proxy(callback))

    def attach(self, page: ft.Page) -> None:
        """Nothing to do: the worker hears the window itself."""
