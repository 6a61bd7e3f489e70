"""Where photos come in and lie: the uploads in progress, the store, the proofs and the signature.

`finish` is the one way to a proof: the bytes on disk are hashed, moved into the store, and only then
noted. A crash between two of these steps leaves an upload that the next request finishes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.domain.errors import BadConfig, BadInput, ChecksumMismatch, StorageFull, UnknownUpload
from app.domain.reasons import os_reason
from sync_server.db.engine import kept, reading, written_together
from sync_server.photos.blobs import PHOTOS, Blobs, digest_of, name_of, open_blobs, pieces_of
from sync_server.photos.kinds import HEAD_BYTES, MediaKind, demand_kind
from sync_server.photos.proofs import proofs_of, prove
from sync_server.photos.receipts import Proof, Signer
from sync_server.photos.uploads import NO_SPACE, InHand, Upload, Uploads
from sync_server.settings import Settings

_NOT_THESE = "收到的照片和手机说的不一样，没有收下。请从头再传一次，手机里的还在。"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Made once by `open_shelf`."""

    engine: Engine
    uploads: Uploads
    blobs: Blobs
    signer: Signer

    def proof(self, digest: str, device: str) -> Proof | None:
        """As `proofs`, of one."""
        return self.proofs([digest], device).get(digest)

    def proofs(self, digests: Collection[str], device: str) -> dict[str, Proof]:
        """What `device`, or another of its account, has proven of these bytes, where the store has them in
        their size now.

        What was noted is not believed alone: a disk loses files, and a backup put back may be of another
        day than the photos beside it. Raises Unavailable if the store cannot be asked.
        """
        with reading(self.engine) as connection:
            noted = proofs_of(connection, digests, device)
        return {
            digest: proof
            for digest, proof in noted.items()
            if self.blobs.size(name_of(PHOTOS, digest)) == proof.size_bytes
        }

    def finish(self, in_hand: InHand, *, now_ms: int) -> Proof:
        """Every byte has come: hash them as they lie on disk, put them into the store, note it.

        Bytes that are not those announced, or no photo, are dropped with their upload: raises
        ChecksumMismatch, BadInput, TooLarge. Raises StorageFull and Unavailable with the upload as it was.
        """
        assert in_hand.is_complete
        upload = in_hand.upload
        digest, size = digest_of(pieces_of(in_hand.part))
        try:
            if digest != upload.sha256:
                raise ChecksumMismatch(_NOT_THESE, field="sha256")
            kind = _kind_in(in_hand.part, size)
        except (ChecksumMismatch, BadInput):
            self.uploads.drop(upload)
            raise
        self.uploads.mark_whole(upload)
        self.blobs.take(in_hand.part, name_of(PHOTOS, digest))
        return self._note(upload, kind, size, now_ms=now_ms)

    def finished(self, upload: Upload, *, now_ms: int) -> Proof:
        """The proof of an upload that brought its bytes into the store, made now if a crash came before it.

        Raises UnknownUpload if the store does not hold them: then they must come again.
        """
        if (found := self.proof(upload.sha256, upload.device)) is not None:
            return found
        pieces = self.blobs.pieces(name_of(PHOTOS, upload.sha256))
        first = b"" if pieces is None else next(pieces, b"")
        digest, size = ("", 0) if pieces is None else digest_of(_chained(first, pieces))
        if digest != upload.sha256:
            self.uploads.drop(upload)
            raise UnknownUpload("服务器没有存好这张照片。请从头再传一次，手机里的还在。")
        return self._note(upload, demand_kind(first[:HEAD_BYTES], size), size, now_ms=now_ms)

    def _note(self, upload: Upload, kind: MediaKind, size: int, *, now_ms: int) -> Proof:
        proof = Proof(upload.sha256, size, upload.organisation, now_ms)
        try:
            return written_together(self.engine, _prove, (proof, kind, upload))
        except OperationalError as fault:
            if getattr(fault.orig, "sqlite_errorname", "") == "SQLITE_FULL" or (
                getattr(fault.orig, "sqlstate", "") == "53100"  # disk_full
            ):
                raise StorageFull(NO_SPACE) from fault
            raise


def _prove(connection: Connection, found: Sequence[tuple[Proof, MediaKind, Upload]]) -> list[Proof]:
    return [
        prove(connection, proof, kind, county=upload.county, device=upload.device)
        for proof, kind, upload in found
    ]


def open_shelf(engine: Engine, settings: Settings) -> Shelf:
    """The shelf of `settings`; uploads in progress lie in a folder also where photos go to a bucket.

    Raises BadConfig for a store that cannot be one.
    """
    is_folder = "://" not in settings.photos
    folder = Path(settings.photos) if is_folder else settings.data / "photos"
    with reading(engine) as connection:
        secret = kept(connection, "receipt_key")
    try:
        uploads = Uploads(folder / "uploads")
        blobs = open_blobs(str(folder) if is_folder else settings.photos)
    except OSError as fault:
        raise BadConfig(f"照片文件夹 {folder} 不能用（{os_reason(fault)}）。请换一个文件夹。") from fault
    return Shelf(engine, uploads, blobs, Signer(bytes.fromhex(secret)))


def _kind_in(path: Path, size_bytes: int) -> MediaKind:
    with path.open("rb") as file:
        return demand_kind(file.read(HEAD_BYTES), size_bytes)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
