"""Where the bytes of photos are kept: a folder beside the data, or a bucket of an S3-compatible store.

A name is `<part>/<sha256>`, the part being `photos` or `thumbs`. What `take` and `put` return from is
durable, and a name holds either all of its bytes or is not there. Nothing is overwritten by other bytes,
since the name is their hash.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import obstore
from obstore.exceptions import BaseError

from app.domain.errors import BadConfig, Unavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

PIECE_BYTES = 256 * 1024  # how much of a photo is in memory at once
_PART_BYTES = 5 * 2**20  # the least that S3 takes as a part of a larger thing
# A phone waits for the answer meanwhile; it comes again by itself.
_PATIENCE: ClientConfig = {"timeout": timedelta(seconds=30), "connect_timeout": timedelta(seconds=5)}
_AGAIN: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=40)}
PHOTOS, THUMBS = "photos", "thumbs"
_UNREACHABLE = "照片库暂时连不上，照片还没有收下，手机里的还在。稍后会自动再传；一直不行请联系管理员。"


class Blobs(Protocol):
    """The store as everything else knows it. Any of it may raise OSError or Unavailable."""

    def take(self, source: Path, name: str) -> None:
        """Keep `source`, a file on disk with the hash of `name`, under it; afterwards `source` is gone."""

    def put(self, name: str, content: bytes) -> None:
        """Keep a small thing."""

    def pieces(self, name: str) -> Iterator[bytes] | None:
        """The bytes in pieces of at most PIECE_BYTES; None if there are none of this name."""

    def size(self, name: str) -> int | None:
        """How many bytes there are of this name, without reading them; None if there are none."""

    def names(self, part: str) -> Iterator[str]:
        """Every name of the part, in no order."""

    def drop(self, name: str) -> None:
        """Nothing is kept under `name` afterwards; repeating it changes nothing."""


def name_of(part: str, digest: str) -> str:
    return f"{part}/{digest}"


def digest_of(pieces: Iterator[bytes]) -> tuple[str, int]:
    """SHA-256 in hex, and how many bytes."""
    digest, size = sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size


def pieces_of(path: Path) -> Iterator[bytes]:
    """The file in pieces."""
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


class FolderBlobs:
    """A folder: `<part>/ab/<sha256>`. A file is moved there by its name alone, never copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, source: Path, name: str) -> None:
        target = self._path(name)
        self._make(target.parent)
        source.replace(target)
        _flush_folder(target.parent)

    def put(self, name: str, content: bytes) -> None:
        target = self._path(name)
        self._make(target.parent)
        draft = target.with_name(f".{secrets.token_hex(8)}")
        try:
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        _flush_folder(target.parent)

    def pieces(self, name: str) -> Iterator[bytes] | None:
        path = self._path(name)
        return pieces_of(path) if path.is_file() else None

    def size(self, name: str) -> int | None:
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            return None

    def names(self, part: str) -> Iterator[str]:
        for path in (self._folder / part).glob("??/*"):
            if not path.name.startswith("."):
                yield f"{part}/{path.name}"

    def drop(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        part, _, digest = name.partition("/")
        return self._folder / part / digest[:2] / digest

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            _flush_folder(folder.parent)


class BucketBlobs:
    """A bucket, by `obstore`, which asks again by itself when the store is slow or answers with an error."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def take(self, source: Path, name: str) -> None:
        try:
            obstore.put(self._store, name, source, chunk_size=_PART_BYTES, max_concurrency=1)
        except BaseError as fault:
            raise Unavailable(_UNREACHABLE) from fault
        # What the store says it has is read back: only then may the file, and later the phone's copy, go.
        kept = self.pieces(name)
        if kept is None or digest_of(kept)[0] != name.rpartition("/")[2]:
            self.drop(name)
            raise Unavailable(_UNREACHABLE)
        source.unlink()

    def put(self, name: str, content: bytes) -> None:
        try:
            obstore.put(self._store, name, content)
        except BaseError as fault:
            raise Unavailable(_UNREACHABLE) from fault

    def pieces(self, name: str) -> Iterator[bytes] | None:
        try:
            found = obstore.get(self._store, name)
        except FileNotFoundError:
            return None
        except BaseError as fault:
            raise Unavailable(_UNREACHABLE) from fault
        return _in_pieces(found)

    def size(self, name: str) -> int | None:
        try:
            return obstore.head(self._store, name)["size"]
        except FileNotFoundError:
            return None
        except BaseError as fault:
            raise Unavailable(_UNREACHABLE) from fault

    def names(self, part: str) -> Iterator[str]:
        try:
            for page in obstore.list(self._store, prefix=part):
                yield from (str(found["path"]) for found in page)
        except BaseError as fault:
            raise Unavailable(_UNREACHABLE) from fault

    def drop(self, name: str) -> None:
        try:
            obstore.delete(self._store, name)
        except FileNotFoundError:
            return
        except BaseError as fault:
            raise Unavailable(_UNREACHABLE) from fault


def open_blobs(place: str) -> Blobs:
    """The store at `place`: `s3://bucket/prefix`, or a folder. Raises BadConfig for an address that is none.

    Keys, region and endpoint of a bucket come from the environment (AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL).
    """
    if "://" not in place:
        return FolderBlobs(Path(place))
    try:
        is_plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")  # as a city's own network has
        options: ClientConfig = {**_PATIENCE, "allow_http": is_plain}
        store = obstore.store.from_url(place, client_options=options, retry_config=_AGAIN)
        return BucketBlobs(store)
    except (BaseError, ValueError) as fault:
        raise BadConfig(
            "ZOUFANG_PHOTOS 不是能用的照片库地址。请写文件夹，或 s3://桶名/前缀，并核对 AWS_ 开头的环境变量。"
        ) from fault


def _in_pieces(found: obstore.GetResult) -> Iterator[bytes]:
    try:
        for piece in found.stream(min_chunk_size=PIECE_BYTES):
            yield bytes(piece)
    except BaseError as fault:
        raise Unavailable(_UNREACHABLE) from fault


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
