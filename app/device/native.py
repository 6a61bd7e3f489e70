"""The installed app and the desk: ordinary files, ordinary sockets.

`FLET_APP_STORAGE_DATA` is the private folder that Android and iOS give an app; Flet sets it. Without
it (on a desk) the folder is `~/.local/share/zoufang`. `ZOUFANG_SERVER` names the server.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.device.blobs import FolderBlobs
from app.device.pictures import FILE_BYTES
from app.device.pillow_shrinker import PillowShrinker
from app.device.ports import DATABASE_NAME, Device, MountResult, NetworkKind

if TYPE_CHECKING:
    import flet as ft
    import httpx


_FREE = frozenset({"wifi", "ethernet"})
_DESKS = frozenset({"windows", "macos", "linux"})  # as Flet names them; they have no radio of their own


def native_device() -> Device:
    """The device of an installed app."""
    data = os.environ.get("FLET_APP_STORAGE_DATA")
    folder = Path(data) if data else Path.home() / ".local" / "share" / "zoufang"
    return Device(
        files=NativeFiles(folder),
        network=NativeNetwork(os.environ.get("ZOUFANG_SERVER")),
        blobs=FolderBlobs(folder / "photos"),
        camera=NativeCamera(),
        shrinker=PillowShrinker(),
    )


class NativeFiles:
    """`Files` in one folder of the file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def mount_durable(self) -> MountResult:
        # The database holds people's particulars: on a shared desk nobody else reads the folder.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return "durable"

    def data_path(self) -> Path:
        return self._folder / DATABASE_NAME


class NativeNetwork:
    """`Network` over httpx's own transport; events come from Flet's page."""

    def __init__(self, origin: str | None) -> None:
        self._origin = origin
        self._is_online = True
        self._kind: NetworkKind = "unknown"
        self._is_desk = False
        self._on_online: list[Callable[[], None]] = []
        self._on_resume: list[Callable[[], None]] = []

    def server_origin(self) -> str | None:
        return self._origin

    def http_client(self, base_url: str) -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(base_url=base_url)

    def is_online(self) -> bool:
        return self._is_online

    def kind(self) -> NetworkKind:
        return self._kind

    def on_online(self, callback: Callable[[], None]) -> None:
        self._on_online.append(callback)

    def on_resume(self, callback: Callable[[], None]) -> None:
        self._on_resume.append(callback)

    def attach(self, page: ft.Page) -> None:
        import flet as ft

        def connectivity_changed(event: ft.ConnectivityChangeEvent) -> None:
            was_online, self._is_online = self._is_online, ft.ConnectivityType.NONE not in event.connectivity
            changed = self._hear_kind(event.connectivity)
            if self._is_online and (changed or not was_online):
                _call(self._on_online)

        def lifecycle_changed(event: ft.AppLifecycleStateChangeEvent) -> None:
            if event.state == ft.AppLifecycleState.RESUME:
                _call(self._on_resume)

        connectivity = ft.Connectivity(on_change=connectivity_changed)
        self._is_desk = page.platform is not None and page.platform.value in _DESKS

        async def ask_kind() -> None:
            if self._hear_kind(await connectivity.get_connectivity()):
                _call(self._on_online)  # photos may have been held because nobody knew

        page.services.append(connectivity)
        page.run_task(ask_kind)
        page.on_app_lifecycle_state_change = lifecycle_changed

    def _hear_kind(self, kinds: list[ft.ConnectivityType]) -> bool:
        """Note what Flet says; True where it is another network than before."""
        names = {kind.value for kind in kinds}
        before = self._kind
        if names & _FREE:
            self._kind = "wifi"
        elif "mobile" in names:
            self._kind = "cellular"
        else:
            self._kind = "wifi" if self._is_desk else "unknown"
        return self._kind != before


class NativeCamera:
    """`Camera` over Flet's file picker, which shows the phone's own gallery."""

    def __init__(self) -> None:
        self._picker: ft.FilePicker | None = None

    def attach(self, page: ft.Page) -> None:
        import flet as ft

        self._picker = ft.FilePicker()
        page.services.append(self._picker)

    def can_take(self) -> bool:
        return False

    async def take(self) -> list[bytes | None]:
        return await self.pick()

    async def pick(self) -> list[bytes | None]:
        import flet as ft

        if self._picker is None:
            return []
        chosen = await self._picker.pick_files(file_type=ft.FilePickerFileType.MEDIA, allow_multiple=True)
        return [await asyncio.to_thread(_content, Path(file.path)) for file in chosen if file.path]


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.stat().st_size <= FILE_BYTES else None
    except OSError:
        return b""  # gone again, or not to be read: no photo, which is what will be said of it


def _call(callbacks: list[Callable[[], None]]) -> None:
    for callback in callbacks:
        callback()
