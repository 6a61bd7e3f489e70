"""A photo down again: only by the record that names it, to whom that record may be shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.errors import UnknownCode
from sync_server.db.engine import reading
from sync_server.db.tables import heads, photo_blobs, photo_facts
from sync_server.photos.blobs import PHOTOS, THUMBS, name_of
from sync_server.photos.proofs import BYTES_OF_RECORD
from sync_server.photos.shelf import Shelf
from sync_server.photos.thumbnails import THUMBNAIL_MIME
from sync_server.records.scope import Scope

_OF_BLOB = (photo_blobs.c.mime, photo_blobs.c.thumbnail, photo_blobs.c.size_bytes)


@dataclass(frozen=True, slots=True)
class Shown:
    """A photo's or a thumbnail's bytes, in pieces; `size_bytes` of a photo or video, None of a thumbnail."""

    mime: str
    pieces: Iterator[bytes]
    size_bytes: int | None

    def part(self, first: int, last: int) -> Iterator[bytes]:
        """The bytes from `first` to `last`, both included."""
        at = 0
        for piece in self.pieces:
            if at > last:
                return
            if at + len(piece) > first:
                yield piece[max(0, first - at) : last + 1 - at]
            at += len(piece)


def shown_photo(shelf: Shelf, scope: Scope, record: str, digest: str, part: str) -> Shown:
    """The bytes `digest` (of PHOTOS or THUMBS) that the photo `record` names.

    Raises UnknownCode alike for a record that is not there, lies outside `scope`, was taken back or names
    other bytes, for bytes that are not here, and for bytes that whoever named them in it never sent: nobody
    learns which.
    """
    with reading(shelf.engine) as connection:
        query = (
            select(heads.c.path, heads.c.unit_path, *_OF_BLOB)
            .select_from(heads)
            .join(
                photo_facts,
                (photo_facts.c.county == heads.c.county) & (photo_facts.c.record == heads.c.record),
            )
            .join(photo_blobs, BYTES_OF_RECORD)
            .where(
                heads.c.record == record,
                photo_facts.c.sha256 == digest,
                ~photo_facts.c.is_voided,
                photo_blobs.c.fault == "",
            )
        )
        rows = connection.execute(query).all()
    for row in rows:
        is_there = part == PHOTOS or row.thumbnail == "made"
        if scope.holds(row.path, row.unit_path) and is_there:
            pieces = shelf.blobs.pieces(name_of(part, digest))
            if pieces is not None:
                if part == THUMBS:
                    return Shown(THUMBNAIL_MIME, pieces, None)
                return Shown(row.mime, pieces, row.size_bytes)
    what = "缩略图" if part == THUMBS else "照片"
    raise UnknownCode(f"没有这张{what}，或不在您的管理范围内。请从照片清单进入。")
