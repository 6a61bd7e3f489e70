"""Photos of a world: files on phones and on the server that fail as disks do, and what must become of them.

A picture here is its first bytes and chance: what follows is nothing to either end but bytes. Chunks are
small, so that each photo is several and can be cut at any.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import sync_server.photos.shelf
import sync_server.photos.uploads
from app.device.blobs import FolderBlobs
from app.domain.errors import StorageFull, Unavailable
from app.store.photos import KeptFile
from sync_server.photos.blobs import PHOTOS, Blobs, name_of, open_blobs
from tests.simulation.chance import replaced
from tests.simulation.databases import ServerDisk
from tests.simulation.disk import COMMIT, Died, Disk

_WRITE = "INSERT"  # how a disk is told of a step that writes (disk.py)
_JPEG = b"\xff\xd8\xff\xe0"


def picture(random: Random) -> bytes:
    """A new photo, of one to five chunks."""
    return _JPEG + random.randbytes(random.randrange(200, 4000))


def kept_file(content: bytes) -> KeptFile:
    """What a phone notes of these bytes."""
    return KeptFile(sha256(content).hexdigest(), len(content), "image/jpeg", 320, 240)


def at_once(step: Coroutine[Any, Any, Any]) -> Any:
    """What `step` gives; it waits for nothing."""
    try:
        step.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("a step that was to wait for nothing has waited")


class PhoneFiles:
    """The real files of a phone's photos, on the disk that its database is on; the dead touch none."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        self.folder, self._disk = folder, disk
        self._files = FolderBlobs(folder)

    async def put(self, sha: str, content: bytes) -> None:
        self._meet()
        self.folder.mkdir(exist_ok=True)
        unfinished = self.folder / f"{sha}.part"
        unfinished.write_bytes(content[: len(content) // 2])  # as a death in the middle would leave it
        self._meet()
        await self._files.put(sha, content)
        self._disk.after()

    async def read(self, sha: str, start: int, size: int) -> bytes:
        self._demand_life()
        return await self._files.read(sha, start, size)

    async def delete(self, sha: str) -> None:
        self._meet()
        await self._files.delete(sha)
        self._disk.after()

    async def listed(self) -> list[str]:
        self._demand_life()
        return await self._files.listed()

    def holds(self, sha: str) -> bool:
        """Whether the bytes of this hash are here, whole."""
        path = self.folder / sha
        return path.exists() and sha256(path.read_bytes()).hexdigest() == sha

    def copy_to(self, target: Path) -> None:
        """Copy them as they lie."""
        _copy_folder(self.folder, target)

    def replace_by(self, source: Path) -> None:
        """Put a copy made earlier in their place."""
        _copy_folder(source, self.folder)

    def _meet(self) -> None:
        try:
            self._disk.before(_WRITE)
        except Exception as full:
            raise StorageFull("手机满了，这张照片没有存上。走访照样能存。") from full

    def _demand_life(self) -> None:
        if self._disk.is_dead:
            raise Died


class FailingStore:
    """A blob store that answers late, wrongly or not at all, on a server that dies or is full there.

    `badness()` is the chance that it does so; `note` is told of what went wrong.
    """

    def __init__(
        self,
        inner: Blobs,
        disk: ServerDisk,
        random: Random,
        badness: Callable[[], float],
        note: Callable[[str], None],
    ) -> None:
        self._inner, self._disk, self._random, self._badness, self._note = inner, disk, random, badness, note

    def take(self, source: Path, name: str) -> None:
        _met(self._disk)
        self._fail("store did not take a photo")
        if self._random.random() < self._badness():
            self._note("store took a photo and did not say so")
            content = source.read_bytes()
            self._inner.put(name, content)
            raise Unavailable("照片库没有应答。")
        self._inner.take(source, name)
        self._disk.after()

    def put(self, name: str, content: bytes) -> None:
        _met(self._disk)
        self._inner.put(name, content)

    def pieces(self, name: str) -> Iterator[bytes] | None:
        self._fail("store gave nothing back")
        return self._inner.pieces(name)

    def size(self, name: str) -> int | None:
        self._fail("store did not say what it has")
        return self._inner.size(name)

    def names(self, part: str) -> Iterator[str]:
        return self._inner.names(part)

    def drop(self, name: str) -> None:
        _met(self._disk)
        self._inner.drop(name)

    def _fail(self, how: str) -> None:
        if self._random.random() < self._badness():
            self._note(how)
            raise Unavailable("照片库没有应答。")


class _FailingOs:
    """`os` for the files of uploads in progress: the server may die at each write and flush."""

    def __init__(self, disk: Callable[[], ServerDisk]) -> None:
        self._disk = disk

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def write(self, descriptor: int, content: bytes) -> int:
        _met(self._disk())
        written = os.write(descriptor, content[: max(1, len(content) // 2)])  # disks write what they like
        self._disk().after()
        return written

    def fsync(self, descriptor: int) -> None:
        _met(self._disk(), COMMIT)
        os.fsync(descriptor)
        self._disk().after()

    def ftruncate(self, descriptor: int, size: int) -> None:
        _met(self._disk())
        os.ftruncate(descriptor, size)


@contextmanager
def photos_on(
    disk: Callable[[], ServerDisk], random: Random, badness: Callable[[], float], note: Callable[[str], None]
) -> Iterator[None]:
    """For the length of the block the server keeps photos on `disk` and in a store that may fail."""

    def failing(place: str) -> FailingStore:
        return FailingStore(open_blobs(place), disk(), random, badness, note)

    with replaced(
        (sync_server.photos.shelf, "open_blobs", failing),
        (sync_server.photos.uploads, "os", _FailingOs(disk)),
    ):
        yield


class ServerPhotos:
    """The folder of a server's photos: looked into, copied with a backup, put back with it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._backup = folder / "photos", folder / "photos-backup"

    def holds(self, sha: str) -> bool:
        """Whether the store has the bytes of this hash, whole."""
        pieces = open_blobs(str(self._folder)).pieces(name_of(PHOTOS, sha))
        return pieces is not None and sha256(b"".join(pieces)).hexdigest() == sha

    def back_up(self) -> None:
        _copy_folder(self._folder, self._backup)

    def restore(self) -> None:
        _copy_folder(self._backup, self._folder)


def _met(disk: ServerDisk, step: str = _WRITE) -> None:
    try:
        disk.before(step)
    except Exception as full:
        raise OSError(errno.ENOSPC, "no space left on device") from full


def _copy_folder(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, target)
