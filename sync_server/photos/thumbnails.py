"""Small pictures of photos for lists, made in the background, one at a time, after the photo is proven."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageOps
from sqlalchemy import Connection, select, update

from sync_server.db.engine import reading, written_together
from sync_server.db.tables import photo_blobs
from sync_server.photos.blobs import PHOTOS, THUMBS, name_of
from sync_server.photos.kinds import IMAGE_BYTES
from sync_server.photos.pixels import FORMATS, demand_affordable
from sync_server.photos.shelf import Shelf

THUMBNAIL_MIME = "image/jpeg"
SIDE_PX = 320
_QUALITY = 75
_logger = logging.getLogger(__name__)


def make_waiting(shelf: Shelf, *, most: int = 50) -> int:
    """Make up to `most` of the thumbnails that wait; how many were seen to.

    One that cannot be made is not tried again. What a crash interrupts still waits.
    """
    with reading(shelf.engine) as connection:
        query = select(photo_blobs.c.sha256).where(photo_blobs.c.thumbnail == "waiting").limit(most)
        digests = list(connection.execute(query).scalars())
    for digest in digests:
        outcome = "made" if _make(shelf, digest) else "none"
        written_together(shelf.engine, _note, (digest, outcome))
    return len(digests)


def thumbnail_of(content: bytes) -> bytes | None:
    """A JPEG of at most SIDE_PX each way, upright, with no metadata.

    None for what cannot be opened, or not within pixels.PEAK_BYTES.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                demand_affordable(image, SIDE_PX)
                small = ImageOps.exif_transpose(image)
                small.thumbnail((SIDE_PX, SIDE_PX))
                if small.mode in ("RGBA", "LA", "PA", "P"):
                    over = small.convert("RGBA")
                    small = Image.new("RGB", over.size, "white")
                    small.paste(over, mask=over.getchannel("A"))
                made = BytesIO()
                small.convert("RGB").save(made, "JPEG", quality=_QUALITY)
                return made.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        _logger.warning("no thumbnail: %s", type(fault).__name__)
        return None


def _note(connection: Connection, made: Sequence[tuple[str, str]]) -> list[None]:
    for digest, outcome in made:
        thumbnail = {"thumbnail": outcome}
        connection.execute(update(photo_blobs).where(photo_blobs.c.sha256 == digest).values(thumbnail))
    return [None] * len(made)


def _make(shelf: Shelf, digest: str) -> bool:
    pieces = shelf.blobs.pieces(name_of(PHOTOS, digest))
    content = b"" if pieces is None else b"".join(pieces)
    made = thumbnail_of(content) if len(content) <= IMAGE_BYTES else None
    if made is not None:
        shelf.blobs.put(name_of(THUMBS, digest), made)
    return made is not None
