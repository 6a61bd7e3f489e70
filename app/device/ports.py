"""What the app needs from the machine it runs on: one Protocol each, two implementations.

`native.py` serves the installed app and the desk, `browser.py` the page. Everything above this
package is the same code in both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    # Only named here: httpx takes 0.4 s to import in a browser and waits for the first exchange.
    import flet as ft
    import httpx

    from app.device.pictures import Shrinker

MountResult = Literal["durable", "busy", "memory"]
NetworkKind = Literal["wifi", "cellular", "unknown"]
DATABASE_NAME = "zoufang.db"


class Files(Protocol):
    """Where the phone's database lives."""

    async def mount_durable(self) -> MountResult:
        """Make the database's folder ready. To be awaited before `data_path()` is opened.

        "durable": what is committed outlives a kill and a power loss. "busy": another tab has the
        database; this one must say so and open nothing. Awaited again after that, it asks the other
        tab, which stops, for the files; "busy" once more if that does not answer. "memory": the
        browser keeps no files (too old, a private window, or a page not served over https); what is
        saved is gone when the page is closed, and the worker must be told before recording anything.
        """

    def data_path(self) -> Path:
        """Path of the database file; its folder exists once `mount_durable()` has said so."""


class Network(Protocol):
    """The way to the server, and the hints that it may be open."""

    def server_origin(self) -> str | None:
        """Scheme, host and port of the server, e.g. `https://zoufang.example`; None if not known yet."""

    def http_client(self, base_url: str) -> httpx.AsyncClient:
        """A client for `base_url`. Whoever asks for it closes it.

        A server that cannot be reached is `httpx.ConnectError`, one that does not answer in time
        `httpx.TimeoutException`, in a browser as elsewhere.
        """

    def is_online(self) -> bool:
        """False only when the device says it has no network. True promises nothing."""

    def kind(self) -> NetworkKind:
        """What the present network costs: "cellular" is paid for by the byte, as far as the device knows.

        "wifi" is any that is not, a cable and the network of a desk among them; "unknown" where a phone
        does not say.
        """

    def on_online(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time the device finds a network, on the event loop."""

    def on_resume(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time the app comes back before the user's eyes, on the event loop."""

    def attach(self, page: ft.Page) -> None:
        """Hear the events above through `page`, where only Flet reports them. To be called once."""


class BlobFiles(Protocol):
    """Photos beside the database, each a file under the SHA-256 of its bytes (lower-case hex)."""

    async def put(self, sha256: str, content: bytes) -> None:
        """Write the file; when this returns it is whole and outlives a power loss. Safe to repeat.

        Raises StorageFull where there is no room, StoreFault for another trouble; then nothing is kept.
        """

    async def read(self, sha256: str, start: int, size: int) -> bytes:
        """At most `size` bytes from `start`, fewer at the end. Raises StoreFault for one that is not here."""

    async def delete(self, sha256: str) -> None:
        """Remove the file; nothing happens where there is none."""

    async def listed(self) -> list[str]:
        """The hashes of all whole files; what a crash left unfinished is removed. For the start."""

    async def free_bytes(self) -> int | None:
        """Room that is left on the device for this app; None where it does not say."""


class Camera(Protocol):
    """The worker's own choice of a photo or a short video; nothing here looks at the camera by itself."""

    def attach(self, page: ft.Page) -> None:
        """Ask through `page`, where only Flet can. To be called once."""

    def can_take(self) -> bool:
        """Whether `take` opens the camera itself; else photos are taken with the phone's own app first."""

    async def take(self) -> list[bytes | None]:
        """What was taken just now, none where the worker thought better of it; None is too large to read."""

    async def pick(self) -> list[bytes | None]:
        """What was chosen among the photos on the device; as `take`."""


@dataclass(frozen=True)
class Device:
    """One machine: `current_device()` gives the one this process runs on."""

    files: Files
    network: Network
    blobs: BlobFiles
    camera: Camera
    shrinker: Shrinker
