"""The way of a photo from the camera to a durable file: chosen, made small, kept, noted.

What it belongs to, a form or a saved visit, is the caller's affair: a visit may be saved while its
photo is still being made small.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from app.domain.codes import PhotoKind
from app.domain.errors import StorageFull, StoreFault, TooLarge
from app.store import photo_files, photos, prefs
from app.store.account import signed_in
from app.store.photo_files import KeptFile, note_file
from app.store.photos import NewPhoto
from app.store.store import Store
from app.sync.uploads import WIFI_ONLY

if TYPE_CHECKING:
    from app.device import Device

WATERMARK = "photos_watermark"  # the preference; off unless the worker says otherwise
LOW_BYTES = 200 * 1024 * 1024  # below this the worker is warned before a photo
RESERVE_BYTES = 20 * 1024 * 1024  # that photos leave for visits
THUMBNAILS_KEPT = 24
_TOWNSHIP_DIGITS = 9


class PhotoDesk:
    """What screens ask about photos beside the store."""

    def __init__(
        self, store: Store, device: Device, *, now: Callable[[], datetime], wake: Callable[[str], None]
    ) -> None:
        self._store = store
        self._device = device
        self._now = now
        self._wake = wake
        self._seen: dict[str, bytes] = {}

    def can_take(self) -> bool:
        """Whether the camera can be opened from here."""
        return self._device.camera.can_take()

    async def choose(self, *, is_camera: bool) -> Sequence[bytes | None]:
        """The files that the worker takes or picks; None in the place of one that is too large."""
        camera = self._device.camera
        return await (camera.take() if is_camera else camera.pick())

    async def keep(self, content: bytes | None) -> NewPhoto:
        """Make a chosen file small and keep it; when this returns it is durable.

        Raises BadInput for what is neither photo nor short video, StorageFull where there is no room
        that visits do not need more.
        """
        from app.device.pictures import make_keepable

        if content is None:
            raise TooLarge("文件太大（超过 60 MB），没有加上。请换小一些的。", field="photo")
        made = await make_keepable(self._device.shrinker, content, watermark=self.watermark())
        free = await self._device.blobs.free_bytes()
        if free is not None and free < len(made.content) + RESERVE_BYTES:
            raise StorageFull("手机满了，这张照片没有存上。走访照样能存。")
        name = hashlib.sha256(made.content).hexdigest()
        await self._device.blobs.put(name, made.content)
        file = KeptFile(name, len(made.content), made.mime, made.width, made.height)
        note_file(self._store, file)
        kind = PhotoKind.VIDEO if made.mime.startswith("video/") else PhotoKind.SCENE
        return NewPhoto(file, kind, self._now())

    def add(self, about: str, photo: NewPhoto) -> None:
        """Add a photo to a visit saved here; raises BadInput for one that was taken back, StoreFault."""
        photos.keep_photo(self._store, about, photo)
        self._wake("save")

    def remove(self, record: str) -> None:
        """Take a photo of a saved visit back; raises UnknownRecord, StoreFault."""
        photos.remove_photo(self._store, record)
        self._wake("save")

    def send_again(self, sha256: str) -> None:
        """Offer a photo that the server did not take once more."""
        photo_files.send_again(self._store, sha256)
        self._wake("photos")

    async def is_room_low(self) -> bool:
        """Whether the worker is to be warned before the next photo."""
        free = await self._device.blobs.free_bytes()
        return free is not None and free < LOW_BYTES

    async def picture(self, sha256: str, size_bytes: int) -> bytes | None:
        """The bytes of a photo that is here, to be drawn; None where they cannot be read."""
        if sha256 not in self._seen:
            try:
                content = await self._device.blobs.read(sha256, 0, size_bytes)
            except StoreFault:
                return None
            while len(self._seen) >= THUMBNAILS_KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[sha256] = content
        return self._seen[sha256]

    def is_wifi_only(self) -> bool:
        """Whether photos wait for Wi-Fi where the network is known to cost."""
        return bool(prefs.pref(self._store, WIFI_ONLY, True))

    def set_wifi_only(self, is_so: bool) -> None:
        """Let photos wait for Wi-Fi from now on, or go over any network."""
        prefs.set_pref(self._store, WIFI_ONLY, is_so)
        self._wake("save")

    def is_marked(self) -> bool:
        """Whether date and township are written on photos."""
        return bool(prefs.pref(self._store, WATERMARK, False))

    def set_marked(self, is_marked: bool) -> None:
        """Write date and township on photos from now on, or no longer."""
        prefs.set_pref(self._store, WATERMARK, is_marked)

    def watermark(self) -> str:
        """Date and township, never finer, where the worker wants them on his photos; else nothing."""
        account = signed_in(self._store)
        if account is None or not self.is_marked():
            return ""
        day = f"{self._now():%Y-%m-%d}"
        is_township = account.organisation.isdigit() and len(account.organisation) == _TOWNSHIP_DIGITS
        return f"{day} {account.organisation_name}" if is_township else day
