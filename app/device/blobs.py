"""Files under their SHA-256 in one folder of the file system, each there whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path

from app.domain.errors import StorageFull, StoreFault

_NAME = re.compile(r"[0-9a-f]{64}")
_UNFINISHED = ".part"


class FolderBlobs:
    """`BlobFiles` of an installed app or a desk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, sha256: str, content: bytes) -> None:
        place = self._folder / sha256
        if place.exists():
            return
        unfinished = self._folder / f"{sha256}{_UNFINISHED}"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(place)
            _flush_folder(self._folder)
        except OSError as fault:
            unfinished.unlink(missing_ok=True)
            if fault.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFull("手机满了，这张照片没有存上。走访照样能存。") from fault
            raise StoreFault("这张照片没有存上，请再试一次。走访照样能存。") from fault

    async def read(self, sha256: str, start: int, size: int) -> bytes:
        try:
            with (self._folder / sha256).open("rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError as fault:
            raise StoreFault("这张照片的文件在本机读不出来。") from fault

    async def delete(self, sha256: str) -> None:
        (self._folder / sha256).unlink(missing_ok=True)

    async def listed(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        # Nobody writes while the app starts: what is unfinished stays so.
        for left in self._folder.glob(f"*{_UNFINISHED}"):
            left.unlink(missing_ok=True)
        return sorted(path.name for path in self._folder.iterdir() if _NAME.fullmatch(path.name))

    async def free_bytes(self) -> int | None:
        try:
            nearest = self._folder if self._folder.is_dir() else self._folder.parent
            return shutil.disk_usage(nearest).free
        except OSError:
            return None


def _flush_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system knows how."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
