"""The summary table as a workbook that can be printed and signed: A3 landscape, one page wide.

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
from openpyxl.worksheet.worksheet import Worksheet

from app.domain.campaign import Column
from app.domain.metrics import Number
from sync_server.summary.cells import Row, Table
from sync_server.summary.layout import NO_FIGURE, footnotes, moment, sections, spell, title

FIRST_DATA_ROW = 5  # title, reporting unit, sections, columns
_FONT = "宋体"
_LINE = Side(style="thin", color="000000")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_HEAD = PatternFill("solid", fgColor="E6EAE7")
_FORMATS = {"元": "#,##0.00", "%": "0.00%"}
_SIGNATURES = ("负责人：", "填表人：", "联系电话：", "填报日期：　　年　月　日")


def workbook(table: Table, *, by: str) -> bytes:
    """The .xlsx of `table`. `by` says who made it, in the foot of every page."""
    book = Workbook()
    sheet = book.active
    sheet.title = "汇总表"
    width = 1 + len(table.columns)
    _heading(sheet, table, width)
    _headers(sheet, table)
    for offset, row in enumerate(table.children):
        _line(sheet, FIRST_DATA_ROW + offset, row.name, row, table.columns)
    last = FIRST_DATA_ROW + len(table.children)
    _line(sheet, last, "合计" if table.children else table.total.name, table.total, table.columns, bold=True)
    if table.children:
        last += 1
        _adjustment(sheet, last, table)
    _foot(sheet, last + 1, table, width)
    _page(sheet, table, by)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write(sheet: Worksheet, row: int, column: int, text: str, *, size: int = 11, bold: bool = False) -> Cell:
    cell = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s"  # a name that begins with "=" is a name
    cell.font = Font(name=_FONT, size=size, bold=bold)
    return cell


def _heading(sheet: Worksheet, table: Table, width: int) -> None:
    _write(sheet, 1, 1, title(table), size=20, bold=True).alignment = _CENTRE
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    half = max(1, width // 2)
    _write(sheet, 2, 1, f"填报单位：{table.name}").alignment = _LEFT
    sheet.merge_cells(start_row=2, end_row=2, start_column=1, end_column=half)
    if width > half:
        cell = _write(sheet, 2, half + 1, f"数据截至：{moment(table)}")
        cell.alignment = Alignment(horizontal="right", vertical="center")
        sheet.merge_cells(start_row=2, end_row=2, start_column=half + 1, end_column=width)
    sheet.row_dimensions[1].height = 36
    sheet.row_dimensions[2].height = 22


def _headers(sheet: Worksheet, table: Table) -> None:
    _head_cell(sheet, 3, 1, "单位")
    sheet.merge_cells("A3:A4")
    _head_cell(sheet, 4, 1, "")
    place = 2
    for section in sections(table.columns):
        for offset, column in enumerate(section.columns):
            _head_cell(sheet, 3, place + offset, "" if offset else section.title)
            _head_cell(sheet, 4, place + offset, f"{column.header}\n（{column.unit}）")
        end = place + len(section.columns) - 1
        sheet.merge_cells(start_row=3, end_row=3, start_column=place, end_column=end)
        place = end + 1
    sheet.row_dimensions[3].height = 30
    sheet.row_dimensions[4].height = 118
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
    sheet.row_dimensions[at].height = 22


def _figure(cell: Cell, figure: Number, unit: str, *, bold: bool) -> None:
    cell.font, cell.border = Font(name=_FONT, size=11, bold=bold), _BOX
    cell.alignment = Alignment(horizontal="right", vertical="center")
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
        cell.alignment = Alignment(horizontal="right", vertical="center")
        if column.id in table.adjustment:
            cell.value, cell.number_format = table.adjustment[column.id], "#,##0"
    sheet.row_dimensions[at].height = 30


def _foot(sheet: Worksheet, at: int, table: Table, width: int) -> None:
    for number, note in enumerate(footnotes(table), start=1):
        _write(sheet, at, 1, f"注{number}：{note}", size=10).alignment = _LEFT
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=width)
        sheet.row_dimensions[at].height = 18
        at += 1
    step = max(1, width // len(_SIGNATURES))
    for place, words in enumerate(_SIGNATURES):
        _write(sheet, at, 1 + place * step, words).alignment = Alignment(vertical="center")
    sheet.row_dimensions[at].height = 34


def _page(sheet: Worksheet, table: Table, by: str) -> None:
    sheet.column_dimensions["A"].width = max(12, *(2 * len(row.name) + 1 for row in table.rows))
    for place, column in enumerate(table.columns, start=2):
        # As narrow as the figures allow: some fifty columns share the width of one sheet.
        longest = max(len(spell(row.cells[column.id], column.unit)) for row in table.rows)
        sheet.column_dimensions[get_column_letter(place)].width = max(
            5.5, longest + 1.5, 2 * len(column.unit) + 3.5
        )
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8  # A3
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.print_title_rows, sheet.print_title_cols = "3:4", "A:A"
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = margins.top = 0.4
    margins.bottom, margins.footer = 0.6, 0.3
    # "&" begins a code in a page's foot.
    made = f"{by} {table.as_of.at:%Y-%m-%d %H:%M}".replace("&", "&&")
    sheet.oddFooter.left.text = f"制表：{made}"
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
