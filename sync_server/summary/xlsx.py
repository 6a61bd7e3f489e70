"""The summary table as a workbook that can be printed and signed: A3 landscape, its sections side by side.

Every figure is written as a number, none as a formula: a sum of 人 over the lines would be wrong,
and what stands in the sheet is what was counted.
"""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.campaign import Column
from app.domain.metrics import Number
from sync_server.summary.cells import Row, Table
from sync_server.summary.layout import NO_FIGURE, footnotes, lines_of, moment, title
from sync_server.summary.sheet_pages import (
    ROW_PT,
    UNIT_FONT,
    UNIT_SIZE_PT,
    PrintedPage,
    column_width,
    header_height_pt,
    name_width,
    pages_of,
    scale_for,
)

FIRST_DATA_ROW = 5  # title, reporting unit, sections, columns
_FONT = "宋体"
_LINE = Side(style="thin", color="000000")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_NEXT = Alignment(horizontal="left", vertical="center")  # runs on over empty neighbours
_RIGHT = Alignment(horizontal="right", vertical="center")
_HEAD = PatternFill("solid", fgColor="E6EAE7")
_NOTE_CHARACTERS = 70  # of a note that fits one line under the first page's columns
_FORMATS = {"元": "#,##0.00", "%": "0.00%"}
_SIGNATURES = ("负责人：", "填表人：", "联系电话：", "填报日期：　　年　月　日")


def workbook(table: Table, *, by: str) -> bytes:
    """The .xlsx of `table`. `by` says who made it, in the foot of every page."""
    book = _empty_book(by)
    sheet = book.active
    sheet.title = "汇总表"
    lines = lines_of(table)
    pages = pages_of(table.columns, lines)
    _headings(sheet, table, pages)
    _headers(sheet, table, pages)
    for offset, (name, row) in enumerate(lines):
        _line(sheet, FIRST_DATA_ROW + offset, name, row, table.columns, bold=row is table.total)
    last = FIRST_DATA_ROW + len(lines) - 1
    if table.children:
        last += 1
        _adjustment(sheet, last, table)
    _foot(sheet, last + 1, table, 1 + len(pages[0].columns))
    _widths(sheet, table, lines)
    _page(sheet, table, pages, by)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _empty_book(by: str) -> Workbook:
    """A workbook made by `by`, its widths counted in `UNIT_FONT`."""
    book = Workbook()
    book.properties.creator = book.properties.lastModifiedBy = by
    # openpyxl has no public way to the style "Normal", whose font every column's width is counted in.
    unit = Font(name=UNIT_FONT, size=UNIT_SIZE_PT)
    book._fonts = IndexedList([unit])
    book._named_styles["Normal"].font = unit
    return book


def _write(sheet: Worksheet, row: int, column: int, text: str, *, size: int = 11, bold: bool = False) -> Cell:
    cell = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"  # a name that begins with "=" is a name
    cell.font = Font(name=_FONT, size=size, bold=bold)
    return cell


def _headings(sheet: Worksheet, table: Table, pages: list[PrintedPage]) -> None:
    """Title and reporting unit above each page's own columns: what crosses a page would be cut."""
    whose, until = f"填报单位：{table.name}", f"数据截至：{moment(table)}"
    end = 1
    for number, page in enumerate(pages):
        start, end = (end + 1 if number else 1), end + len(page.columns)
        said = title(table) + (f"（续{number}）" if number else "")
        _write(sheet, 1, start, said, size=20 if number == 0 else 16, bold=True).alignment = _CENTRE
        _merge(sheet, 1, start, end)
        if number:
            _write(sheet, 2, start, f"{whose}　{until}").alignment = _RIGHT
            _merge(sheet, 2, start, end)
            continue
        middle = (start + end) // 2
        _write(sheet, 2, start, whose).alignment = _NEXT
        _merge(sheet, 2, start, middle)
        _write(sheet, 2, middle + 1, until).alignment = _RIGHT
        _merge(sheet, 2, middle + 1, end)
    sheet.row_dimensions[1].height = 36
    sheet.row_dimensions[2].height = 22


def _merge(sheet: Worksheet, row: int, start: int, end: int) -> None:
    if start < end:
        sheet.merge_cells(start_row=row, end_row=row, start_column=start, end_column=end)


def _headers(sheet: Worksheet, table: Table, pages: list[PrintedPage]) -> None:
    _head_cell(sheet, 3, 1, "单位")
    sheet.merge_cells("A3:A4")
    _head_cell(sheet, 4, 1, "")
    place = 2
    for section in (section for page in pages for section in page.sections):
        for offset, column in enumerate(section.columns):
            _head_cell(sheet, 3, place + offset, "" if offset else section.title)
            _head_cell(sheet, 4, place + offset, f"{column.header}\n（{column.unit}）")
        end = place + len(section.columns) - 1
        _merge(sheet, 3, place, end)
        place = end + 1
    sheet.row_dimensions[3].height = 22
    sheet.row_dimensions[4].height = header_height_pt(table.columns)
    sheet.freeze_panes = sheet.cell(FIRST_DATA_ROW, 2)


def _head_cell(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = _write(sheet, row, column, text, size=10, bold=True) if text else sheet.cell(row, column)
    cell.alignment, cell.border, cell.fill = _CENTRE, _BOX, _HEAD


def _line(
    sheet: Worksheet, at: int, name: str, row: Row, columns: tuple[Column, ...], *, bold: bool = False
) -> None:
    head = _write(sheet, at, 1, name, bold=bold)
    head.alignment, head.border = _LEFT, _BOX
    for place, column in enumerate(columns, start=2):
        _figure(sheet.cell(at, place), row.cells[column.id], column.unit, bold=bold)
    sheet.row_dimensions[at].height = ROW_PT


def _figure(cell: Cell, figure: Number, unit: str, *, bold: bool) -> None:
    cell.font, cell.border = Font(name=_FONT, size=11, bold=bold), _BOX
    cell.alignment = _RIGHT
    if figure is None:
        cell.value = NO_FIGURE
        return
    # Through Decimal: 93.33 / 100 as floating point would show as 0.9332999999999999.
    cell.value = float(Decimal(str(figure)) / 100) if unit == "%" else figure
    cell.number_format = _FORMATS.get(unit, "#,##0")


def _adjustment(sheet: Worksheet, at: int, table: Table) -> None:
    """The children's sum minus the total, for the columns that count 人 or 户."""
    head = _write(sheet, at, 1, "各行相加减合计", size=10)
    head.alignment, head.border = _LEFT, _BOX
    for place, column in enumerate(table.columns, start=2):
        cell = sheet.cell(at, place)
        cell.border, cell.font = _BOX, Font(name=_FONT, size=10, italic=True)
        cell.alignment = _RIGHT
        if column.id in table.adjustment:
            cell.value, cell.number_format = table.adjustment[column.id], "#,##0"
    sheet.row_dimensions[at].height = ROW_PT


def _foot(sheet: Worksheet, at: int, table: Table, width: int) -> None:
    """Notes and signatures under the first page's figures, for the first column is on every page."""
    for number, note in enumerate(footnotes(table), start=1):
        _write(sheet, at, 2, f"注{number}：{note}", size=10).alignment = _LEFT
        _merge(sheet, at, 2, width)
        sheet.row_dimensions[at].height = 30 if len(note) > _NOTE_CHARACTERS else 16
        at += 1
    step = max(1, (width - 1) // len(_SIGNATURES))
    for place, words in enumerate(_SIGNATURES):
        _write(sheet, at, 2 + place * step, words).alignment = _NEXT
    sheet.row_dimensions[at].height = 30


def _widths(sheet: Worksheet, table: Table, lines: list[tuple[str, Row]]) -> None:
    sheet.column_dimensions["A"].width = name_width(lines)
    for place, column in enumerate(table.columns, start=2):
        sheet.column_dimensions[get_column_letter(place)].width = column_width(column, lines)


def _page(sheet: Worksheet, table: Table, pages: list[PrintedPage], by: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8  # A3
    # Not "fit to page", for which Excel forgets the breaks.
    sheet.page_setup.scale = scale_for(sum(row.height for row in sheet.row_dimensions.values()))
    sheet.page_setup.pageOrder = "overThenDown"  # the columns of some places, then further places
    end = 1
    for page in pages[:-1]:
        end += len(page.columns)
        sheet.col_breaks.append(Break(id=end))
    sheet.print_title_rows, sheet.print_title_cols = "1:4", "A:A"
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = 0.4
    margins.bottom, margins.footer = 0.6, 0.3
    # "&" begins a code in a page's foot.
    made = f"{by} {table.as_of.at:%Y-%m-%d %H:%M}".replace("&", "&&")
    sheet.oddFooter.left.text = f"制表：{made}"
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
