"""Opening a workbook without trusting it: `.xlsx` and `.xls` become plain grids of values.

Whatever the file is, the answer is sheets or one clear sentence. Size is looked at while the file
is still packed, so that a sheet of 200,000 rows (or a few kilobytes that unpack to gigabytes) is
refused before it is in memory.
"""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO

import python_calamine

from app.domain.errors import FileUnreadable, TooLarge
from sync_server.roster.flaws import Flaws, column_number, flaws_in, sheet_parts

MAX_ROWS = 20_000  # rows with anything in them, a sheet; a township has some 430 people
MAX_SPAN_ROWS = 70_000  # the last row with anything in it: grids are dense in memory
MAX_COLUMNS = 300
MAX_FILE_BYTES = 30 * 2**20
MAX_UNPACKED_BYTES = 400 * 2**20
_CHUNK_BYTES = 2**18

Value = str | int | float | bool | date | datetime | None

_ROW_START = re.compile(rb"<(?:\w+:)?row[\s>/]")
_VALUE_END = re.compile(rb"</(?:\w+:)?(?:v|is)>")
_CELL_REF = re.compile(rb'\sr="([A-Z]{1,3})(\d+)"')
_OLE, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
_XLS_BEGIN = re.compile(rb"\x09\x08[\x08\x10]\x00..\x05\x00", re.DOTALL)  # BOF of the workbook's globals
_XLS_FILEPASS = 0x002F
_FEW_RECORDS = 4  # it stands right behind BOF, but for marks of write protection
_SAVE_AGAIN = "请用 WPS 或 Excel 打开它，另存为 .xlsx 后再试。"


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; first and last are inside it; counted from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet from its first row on: `rows[0][0]` is A1, and empty cells are None."""

    name: str
    rows: tuple[tuple[Value, ...], ...]
    merges: tuple[Merge, ...]
    hidden: bool = False


def open_workbook(path: Path) -> tuple[Sheet, ...]:
    """Every worksheet in order, hidden ones too. Raises FileUnreadable or TooLarge."""
    try:
        if path.is_dir():
            raise FileUnreadable(
                f"“{path.name or path}”是一个文件夹，不是花名册。请写明是哪个 .xlsx 或 .xls 文件。"
            )
        size_bytes = path.stat().st_size
        data = path.read_bytes() if size_bytes <= MAX_FILE_BYTES else b""
    except FileNotFoundError:
        raise FileUnreadable(f"找不到文件 {path.name}。请核对路径和文件名。") from None
    except OSError:
        raise FileUnreadable(f"打不开文件 {path.name}。请确认它是一个文件，并且允许读取。") from None
    if size_bytes > MAX_FILE_BYTES:
        raise TooLarge(
            f"文件 {path.name} 有 {size_bytes // 2**20} MB，超过 {MAX_FILE_BYTES // 2**20} MB 的上限。"
            "请删去图片和无关的工作表后再试。"
        )
    flaws = _look_inside(path.name, data)
    sheets = _sheets_of(path.name, data, flaws)
    if not any(sheet.rows for sheet in sheets):
        raise FileUnreadable(f"文件 {path.name} 里没有内容。请确认选对了花名册。")
    return sheets


def _look_inside(file_name: str, data: bytes) -> list[Flaws]:
    """Refuse what is no workbook, is locked, or is too large; nothing is unpacked as a whole.

    Returns each sheet's cells without a value (flaws.py), in the order of the sheets.
    """
    if not data:
        raise FileUnreadable(f"文件 {file_name} 是空的。请确认选对了花名册。")
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data or _is_locked_xls(data):
            raise _locked(file_name)
        return []
    if not data.startswith(_ZIP):
        raise FileUnreadable(f"文件 {file_name} 不是 Excel 工作簿（扩展名可能被改过）。{_SAVE_AGAIN}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if any(part.flag_bits & 1 for part in parts):
                raise _locked(file_name)
            if "xl/workbook.xml" not in {part.filename for part in parts}:
                raise FileUnreadable(f"文件 {file_name} 不是 .xlsx 或 .xls 工作簿。{_SAVE_AGAIN}")
            if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise TooLarge(f"文件 {file_name} 解开后过大。{_SAVE_AGAIN}")
            flaws: dict[str, Flaws] = {}
            for part in parts:
                if "/worksheets/" in part.filename and part.filename.endswith(".xml"):
                    with archive.open(part) as xml:
                        flaws[part.filename] = _measure(file_name, xml)
            return [flaws.get(part, {}) for part in sheet_parts(archive)]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise FileUnreadable(f"文件 {file_name} 已损坏，读不出来。{_SAVE_AGAIN}") from error


def _is_locked_xls(data: bytes) -> bool:
    """True if one of the first records of an `.xls` workbook says how it is encrypted (FILEPASS)."""
    for start in _XLS_BEGIN.finditer(data):
        at = start.start()
        for _ in range(_FEW_RECORDS):
            kind, length = (int.from_bytes(data[n : n + 2], "little") for n in (at, at + 2))
            if kind == _XLS_FILEPASS:
                return True
            at += 4 + length
    return False


def _locked(file_name: str) -> FileUnreadable:
    return FileUnreadable(f"文件 {file_name} 设了打开密码。请打开它，去掉密码，另存后再试。")


def _measure(file_name: str, xml: IO[bytes]) -> Flaws:
    """Count the rows that hold values, up to the limit; returns the cells that have none of their own."""
    filled = 0
    flaws: Flaws = {}
    for row in _row_chunks(xml):
        flaws |= flaws_in(row)
        ends = list(_VALUE_END.finditer(row))
        if not ends:
            continue  # formatted but empty: whole columns often are
        filled += 1
        refs = list(_CELL_REF.finditer(row, 0, ends[-1].end()))
        column, number = (refs[-1].group(1), int(refs[-1].group(2))) if refs else (b"A", filled)
        if filled > MAX_ROWS or number > MAX_SPAN_ROWS:
            raise _too_many_rows(file_name)
        if column_number(column) > MAX_COLUMNS:
            raise TooLarge(
                f"文件 {file_name} 第 {number} 行写到了 {column.decode()} 列，超过 {MAX_COLUMNS} 列。"
                "请删去右边无关的内容后再试。"
            )
    return flaws


def _row_chunks(xml: IO[bytes]) -> Iterator[bytes]:
    """The text of each `<row>`, in order, a bounded piece of the part in memory at a time."""
    rest = b""
    while chunk := xml.read(_CHUNK_BYTES):
        rest += chunk
        starts = [m.start() for m in _ROW_START.finditer(rest)]
        for start, end in itertools.pairwise(starts):
            yield rest[start:end]
        if starts:
            rest = rest[starts[-1] :]
    if _ROW_START.match(rest):
        yield rest


def _sheets_of(file_name: str, data: bytes, flaws: list[Flaws]) -> tuple[Sheet, ...]:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        return tuple(
            _sheet_of(
                file_name,
                book,
                meta.name,
                flaws[n] if n < len(flaws) else {},
                hidden=meta.visible != python_calamine.SheetVisibleEnum.Visible,
            )
            for n, meta in enumerate(book.sheets_metadata)
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        )
    except python_calamine.PasswordError as error:
        raise _locked(file_name) from error
    except TooLarge:
        raise
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise FileUnreadable(f"文件 {file_name} 已损坏，读不出来。{_SAVE_AGAIN}") from error


def _sheet_of(
    file_name: str, book: python_calamine.CalamineWorkbook, name: str, flaws: Flaws, *, hidden: bool
) -> Sheet:
    sheet = book.get_sheet_by_name(name)
    cells = [[_plain(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (r, c), flaw in flaws.items():
        if r < len(cells) and c < len(cells[r]) and cells[r][c] is None:
            cells[r][c] = flaw
    rows = tuple(tuple(row) for row in cells)
    if sum(any(v is not None for v in row) for row in rows) > MAX_ROWS:
        raise _too_many_rows(file_name)
    merges = tuple(Merge(*first, *last) for first, last in sheet.merged_cell_ranges or ())
    return Sheet(name, rows, merges, hidden)


def _plain(value: object) -> Value:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, bool | int | float | date | datetime):
        return value
    return None if value is None else str(value)


def _too_many_rows(file_name: str) -> TooLarge:
    return TooLarge(
        f"文件 {file_name} 有一张表超过 {MAX_ROWS:,} 行，不像一个乡镇的花名册。"
        "请按乡镇分开，删去多余的行后再试。"
    )
