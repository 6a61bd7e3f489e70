"""Writing small workbooks for tests, as plain lists of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import xlwt

Rows = Sequence[Sequence[Any]]


def write_workbook(
    path: Path,
    sheets: Mapping[str, Rows],
    merges: Mapping[str, Sequence[tuple[int, int, int, int]]] | None = None,
) -> Path:
    """Write `sheets`; merges are (top, left, bottom, right) counted from 0. `.xls` by the path's ending."""
    (_write_xls if path.suffix == ".xls" else _write_xlsx)(path, sheets, merges or {})
    return path


def _write_xlsx(path: Path, sheets: Mapping[str, Rows], merges: Mapping[str, Any]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for r, row in enumerate(rows, start=1):
            for c, value in enumerate(row, start=1):
                if value is not None:
                    sheet.cell(r, c, value)
        for top, left, bottom, right in merges.get(name, ()):
            sheet.merge_cells(
                start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
            )
    book.save(path)


def _write_xls(path: Path, sheets: Mapping[str, Rows], merges: Mapping[str, Any]) -> None:
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    plain = xlwt.easyxf()
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        merged = {(top, left): (bottom, right) for top, left, bottom, right in merges.get(name, ())}
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                style = day if hasattr(value, "year") else plain
                if (r, c) in merged:
                    sheet.write_merge(r, merged[r, c][0], c, merged[r, c][1], value, style)
                elif value not in (None, ""):
                    sheet.write(r, c, value, style)
    book.save(str(path))
