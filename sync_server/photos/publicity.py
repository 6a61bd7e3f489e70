"""Photos for the public: those taken for it, with consent, and only after a person has covered the faces.

Nothing is public by default. A person looks at a photo, covers each face with a mosaic, and then says that
he has; or that no face can be made out. What leaves is drawn anew from the pixels, so that neither what is
under a mosaic nor what a camera wrote into the file goes along. A cover that is changed, or other bytes under
the record, ask for a new look.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw, ImageOps
from pydantic_core import from_json
from sqlalchemy import Connection, Row, Select, select

from app.domain.codes import PhotoKind
from app.domain.errors import BadInput, UnknownCode
from app.domain.facts import Photo
from app.domain.wire import head_from_json
from sync_server.db.engine import upsert
from sync_server.db.tables import heads, organisations, photo_blobs, photo_covers, photo_facts
from sync_server.photos.pixels import FORMATS, demand_affordable
from sync_server.photos.proofs import BYTES_OF_RECORD
from sync_server.records.scope import Scope

SIDE_PX = 1600  # the longest side of what leaves
COVERS_MOST = 60
PERMILLE = 1000
_CELLS = 5  # mosaic cells across a cover: too few to know anybody by
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Cover:
    """A mosaic disc: its middle in ‰ of width and height, its radius in ‰ of the longest side."""

    x: int
    y: int
    radius: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo for publicity that is whole in the store.

    `is_looked_at`: a person has said that it may leave as it is covered now. `caption` and `consent` are the
    worker's words; without consent it never leaves.
    """

    county: str
    record: str
    sha256: str
    organisation: str
    day: str
    caption: str
    consent: str
    covers: tuple[Cover, ...]
    is_looked_at: bool

    @property
    def may_leave(self) -> bool:
        return self.is_looked_at and bool(self.consent)

    @property
    def drawing(self) -> str:
        """Another one whenever it would look different: what a person has seen is named by it."""
        return sha256(f"{self.sha256} {_told(self.covers)}".encode()).hexdigest()[:16]


def candidates(connection: Connection, scope: Scope, campaign: str) -> list[Candidate]:
    """Those of `scope`, in the order of their records."""
    query = _query(scope).where(photo_facts.c.campaign == campaign).order_by(photo_facts.c.record)
    return [_candidate(row) for row in connection.execute(query)]


def candidate(connection: Connection, scope: Scope, record: str) -> Candidate:
    """The one of this record; raises UnknownCode alike for none, for one elsewhere and for one that is no
    photo for publicity."""
    row = connection.execute(_query(scope).where(photo_facts.c.record == record)).first()
    if row is None:
        raise UnknownCode("没有这张宣传照片，或不在您的管理范围内。请从宣传照片清单进入。")
    return _candidate(row)


def toggled(covers: Sequence[Cover], x: int, y: int, radius: int) -> tuple[Cover, ...]:
    """`covers` with one more at this place, or without the one that is there. Raises BadInput beyond
    COVERS_MOST, or outside the picture."""
    if not (0 <= x <= PERMILLE and 0 <= y <= PERMILLE and 0 < radius <= PERMILLE):
        raise BadInput("点的地方不在照片里。请在照片上点一张脸。")
    there = [c for c in covers if abs(c.x - x) <= c.radius and abs(c.y - y) <= c.radius]
    if there:
        return tuple(c for c in covers if c is not there[-1])
    if len(covers) >= COVERS_MOST:
        raise BadInput(f"一张照片最多遮 {COVERS_MOST} 处。脸太多的照片请换一张。")
    return (*covers, Cover(x, y, radius))


def keep_covers(connection: Connection, found: Candidate, covers: Sequence[Cover]) -> None:
    """Cover the photo like this from now on, inside a write transaction; it must be looked at anew."""
    _keep(connection, found, covers, by="", at=0)


def keep_look(connection: Connection, found: Candidate, *, by: str, now_ms: int) -> None:
    """The account `by` has looked: the photo may leave as it is covered. Inside a write transaction."""
    _keep(connection, found, found.covers, by=by, at=now_ms)


def covered(content: bytes, covers: Sequence[Cover], *, side_px: int = SIDE_PX) -> bytes:
    """A JPEG of at most `side_px` each way with a mosaic at each cover, and nothing but pixels.

    Raises BadInput for what cannot be opened, or not within pixels.PEAK_BYTES.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            demand_affordable(image, side_px)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        raise BadInput("这张照片打不开，不能对外用。请换一张。") from fault
    upright.thumbnail((side_px, side_px))
    for cover in covers:
        _mosaic(upright, cover)
    made = BytesIO()
    # From the bare pixels: what came with the file (comment, profile, XMP) is not part of an image made anew.
    Image.frombytes("RGB", upright.size, upright.tobytes()).save(made, "JPEG", quality=_QUALITY)
    return made.getvalue()


def _mosaic(image: Image.Image, cover: Cover) -> None:
    radius = max(1, round(cover.radius * max(image.size) / PERMILLE))
    middle = round(cover.x * image.width / PERMILLE), round(cover.y * image.height / PERMILLE)
    box = (
        max(0, middle[0] - radius),
        max(0, middle[1] - radius),
        min(image.width, middle[0] + radius),
        min(image.height, middle[1] + radius),
    )
    part = image.crop(box)
    if 0 in part.size:
        return
    cells = part.resize((min(_CELLS, part.width), min(_CELLS, part.height)), Image.Resampling.BOX)
    shape = Image.new("L", part.size, 0)
    left, top = middle[0] - radius - box[0], middle[1] - radius - box[1]
    ImageDraw.Draw(shape).ellipse((left, top, left + 2 * radius, top + 2 * radius), fill=255)
    image.paste(cells.resize(part.size, Image.Resampling.NEAREST), box, shape)


def _keep(connection: Connection, found: Candidate, covers: Sequence[Cover], *, by: str, at: int) -> None:
    row = {
        "county": found.county,
        "record": found.record,
        "sha256": found.sha256,
        "covers": _told(covers),
        "looked_by": by,
        "looked_at": at,
    }
    upsert(connection, photo_covers, [row])


def _told(covers: Sequence[Cover]) -> str:
    return json.dumps([asdict(cover) for cover in covers])


def _query(scope: Scope) -> Select[tuple[object, ...]]:
    of_record = (heads.c.county == photo_facts.c.county) & (heads.c.record == photo_facts.c.record)
    its_covers = (
        (photo_covers.c.county == photo_facts.c.county)
        & (photo_covers.c.record == photo_facts.c.record)
        & (photo_covers.c.sha256 == photo_facts.c.sha256)
    )
    return (
        select(
            photo_facts.c.county,
            photo_facts.c.record,
            photo_facts.c.sha256,
            photo_facts.c.day,
            organisations.c.name.label("organisation"),
            heads.c.row,
            photo_covers.c.covers,
            photo_covers.c.looked_at,
        )
        .select_from(photo_facts)
        .join(heads, of_record)
        .join(photo_blobs, BYTES_OF_RECORD)
        .join(photo_covers, its_covers, isouter=True)
        .join(organisations, organisations.c.code == photo_facts.c.organisation, isouter=True)
        .where(
            photo_facts.c.kind == PhotoKind.PUBLICITY.value,
            ~photo_facts.c.is_voided,
            photo_blobs.c.fault == "",
            photo_blobs.c.mime.startswith("image/"),
            scope.condition(heads.c.path, heads.c.unit_path),
        )
    )


def _candidate(row: Row[tuple[object, ...]]) -> Candidate:
    photo = Photo.read(row.record, head_from_json(from_json(row.row)).values)
    return Candidate(
        county=row.county,
        record=row.record,
        sha256=row.sha256,
        organisation=row.organisation or "",
        day=row.day,
        caption=photo.caption,
        consent=photo.consent,
        covers=tuple(Cover(**cover) for cover in json.loads(row.covers or "[]")),
        is_looked_at=bool(row.looked_at),
    )
