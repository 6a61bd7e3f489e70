"""What leaves: a ZIP of covered photos and its index; and the index of all, with captions and consent."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from pydantic_core import from_json
from sqlalchemy import Connection, select

from app.domain.codes import PhotoKind
from app.domain.facts import Photo
from app.domain.wire import head_from_json
from sync_server.db.tables import heads, organisations, photo_blobs, photo_facts
from sync_server.photos.blobs import PHOTOS, name_of
from sync_server.photos.proofs import BYTES_OF_RECORD
from sync_server.photos.publicity import Candidate, covered
from sync_server.photos.shelf import Shelf
from sync_server.records.scope import Scope

_IN_MEMORY_BYTES = 4 * 2**20
_PUBLIC = ("序号", "文件", "日期", "单位", "说明", "本人同意")
_ALL = ("序号", "类别", "日期", "单位", "说明", "本人同意", "原件", "大小（KB）", "SHA-256")
_WIDTHS = {"序号": 6, "文件": 12, "日期": 12, "单位": 24, "说明": 48, "本人同意": 24, "SHA-256": 68}
_STATES = {None: "还没到", "": "已核对"}


def public_parcel(shelf: Shelf, chosen: Iterable[Candidate]) -> IO[bytes]:
    """A ZIP of those of `chosen` that may leave, `001.jpg` and on, and `索引.xlsx`; at its beginning.

    One photo is in memory at a time. The names of files say nothing.
    """
    parcel: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller's to close
    lines: list[Sequence[str | int]] = []
    with zipfile.ZipFile(parcel, "w", zipfile.ZIP_STORED) as archive:
        for photo in chosen:
            pieces = shelf.blobs.pieces(name_of(PHOTOS, photo.sha256)) if photo.may_leave else None
            if pieces is None:
                continue
            name = f"{len(lines) + 1:03}.jpg"
            archive.writestr(name, covered(b"".join(pieces), photo.covers))
            lines.append((len(lines) + 1, name, photo.day, photo.organisation, photo.caption, photo.consent))
        archive.writestr("索引.xlsx", _workbook("宣传照片索引", _PUBLIC, lines))
    parcel.seek(0)
    return parcel


def index_workbook(connection: Connection, scope: Scope, campaign: str) -> bytes:
    """Every photo of `scope`, arrived or not, in the order of the records, as a workbook."""
    query = (
        select(
            photo_facts.c.record,
            photo_facts.c.kind,
            photo_facts.c.day,
            photo_facts.c.sha256,
            photo_facts.c.size_bytes,
            organisations.c.name,
            photo_blobs.c.fault,
            heads.c.row,
        )
        .select_from(photo_facts)
        .join(heads, (heads.c.county == photo_facts.c.county) & (heads.c.record == photo_facts.c.record))
        .join(photo_blobs, BYTES_OF_RECORD, isouter=True)
        .join(organisations, organisations.c.code == photo_facts.c.organisation, isouter=True)
        .where(
            photo_facts.c.campaign == campaign,
            ~photo_facts.c.is_voided,
            scope.condition(heads.c.path, heads.c.unit_path),
        )
        .order_by(photo_facts.c.record)
    )
    lines = []
    for number, row in enumerate(connection.execute(query), 1):
        photo = Photo.read(row.record, head_from_json(from_json(row.row)).values)
        lines.append(
            (
                number,
                PhotoKind[row.kind].label,
                row.day,
                row.name or "",
                photo.caption,
                photo.consent,
                _STATES.get(row.fault, "坏了，等重传"),
                -(-row.size_bytes // 1024),
                row.sha256,
            )
        )
    return _workbook("照片索引", _ALL, lines)


def _workbook(title: str, heads_: Sequence[str], lines: Iterable[Sequence[str | int]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for number, head in enumerate(heads_):
        sheet.column_dimensions[chr(ord("A") + number)].width = _WIDTHS.get(head, 14)
    sheet.freeze_panes = "A2"
    for line in (heads_, *lines):
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a caption that begins with "=" is a caption
            cells.append(cell)
        sheet.append(cells)
    made = BytesIO()
    book.save(made)
    return made.getvalue()
