"""The workbook read back: the same figures as numbers, nothing that Excel would compute."""

from __future__ import annotations

import io
import random
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sync_server.db.engine import reading
from sync_server.summary.cells import Table, count_cells
from sync_server.summary.layout import spell
from sync_server.summary.xlsx import FIRST_DATA_ROW, workbook
from tests.postgres import Database
from tests.summary.city import campaign, invent, tree


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Table:
    city = invent(random.Random(11), people=150, visits=300, needs=30, paths=tree())
    engine = city.stored(database.fresh(tmp_path_factory.mktemp("city")))
    with reading(engine) as connection:
        return count_cells(connection, campaign(), "3311")


@pytest.fixture(scope="module")
def content(table: Table) -> bytes:
    return workbook(table, by="丽水市 & 张三")


@pytest.fixture(scope="module")
def sheet(content: bytes) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(content)).active


def test_every_cell_reads_back_as_it_was_counted(table: Table, sheet: Worksheet) -> None:
    read = sheet.iter_rows(
        min_row=FIRST_DATA_ROW, max_row=FIRST_DATA_ROW + len(table.rows) - 1, values_only=True
    )
    expected = []
    for row in table.rows:
        name = "合计" if row is table.total else row.name
        figures = [(row.cells[c.id], c.unit) for c in table.columns]
        expected.append(
            (name, *("—" if f is None else pytest.approx(f / 100) if u == "%" else f for f, u in figures))
        )
    assert list(read) == expected


def test_no_cell_holds_a_formula(sheet: Worksheet) -> None:
    assert [c.coordinate for row in sheet.iter_rows() for c in row if c.data_type == "f"] == []


def test_figures_are_numbers_in_the_form_of_their_unit(table: Table, sheet: Worksheet) -> None:
    total = sheet[FIRST_DATA_ROW + len(table.children)][1:]
    forms = {c.unit: cell.number_format for c, cell in zip(table.columns, total, strict=False)}
    assert {u: forms[u] for u in ("人", "元", "%")} == {"人": "#,##0", "元": "#,##0.00", "%": "0.00%"}


def test_heading_says_what_whose_and_until_when(table: Table, sheet: Worksheet) -> None:
    assert sheet["A1"].value == "2022年八一大走访活动情况汇总表"
    assert sheet["A2"].value == "填报单位：单位3311"
    said = [c.value for c in sheet[2] if c.value]
    assert said[1].startswith("数据截至：") and f"第 {table.as_of.feed} 号记录" in said[1]
    assert [c.value for c in sheet[3] if c.value][:3] == ["单位", "服务对象", "集体活动"]
    assert sheet["B4"].value == "服务对象总数\n（人）"


def test_the_overlap_stands_under_the_total_for_persons_and_households(
    table: Table, sheet: Worksheet
) -> None:
    line = sheet[FIRST_DATA_ROW + len(table.rows)]
    shown = {
        c.id: cell.value for c, cell in zip(table.columns, line[1:], strict=False) if cell.value is not None
    }
    assert shown == table.adjustment and shown["A2"] > 0


def test_notes_and_signatures_close_the_sheet(sheet: Worksheet) -> None:
    text = [
        str(c.value)
        for row in sheet.iter_rows(min_row=FIRST_DATA_ROW)
        for c in row
        if isinstance(c.value, str)
    ]
    assert any("按人、按户去重" in t for t in text)
    assert text[-4:] == ["负责人：", "填表人：", "联系电话：", "填报日期：　　年　月　日"]


def test_it_prints_at_full_size_on_a3_with_titles_and_places_on_every_page(sheet: Worksheet) -> None:
    setup = sheet.page_setup
    assert (setup.paperSize, setup.orientation, setup.scale, setup.pageOrder) == (
        8,
        "landscape",
        100,
        "overThenDown",
    )
    assert not sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$4", "$A:$A")
    assert "丽水市 && 张三" in sheet.oddFooter.left.text


def pages(sheet: Worksheet) -> list[range]:
    """The columns of each printed page, by their numbers; the first is on all of them."""
    ends = [b.id for b in sheet.col_breaks.brk] + [sheet.max_column]
    return [range(start + 1, end + 1) for start, end in zip([1, *ends], ends, strict=False)]


UNIT_PX, STAND_IN_PX = 7, 8.5  # a digit of 10 pt Arial, and of DejaVu Sans where there is no Arial


def width_px(sheet: Worksheet, column: int, unit_px: float) -> float:
    return sheet.column_dimensions[get_column_letter(column)].width * unit_px


def test_every_page_is_no_wider_than_its_paper_and_none_is_a_leftover(sheet: Worksheet) -> None:
    assert len(pages(sheet)) == 5
    for page in pages(sheet):
        with_font, without = (
            sum(width_px(sheet, c, unit) for c in (1, *page)) for unit in (UNIT_PX, STAND_IN_PX)
        )
        assert 700 <= with_font < without <= 1511  # 16.54 inches less the margins, at 96 px


def test_widths_are_counted_in_a_font_that_most_machines_have(content: bytes) -> None:
    """Excel and LibreOffice count a column's width in digits of the first font."""
    styles = zipfile.ZipFile(io.BytesIO(content)).read("xl/styles.xml").decode()
    fonts = re.findall(r'<name val="(.*?)" ?/>(?:<b [^>]*>)?(?:<i [^>]*>)?<sz val="(\d+)"', styles)
    normal = re.search(r'<cellStyleXfs.*?fontId="(\d+)"', styles)
    assert normal is not None
    assert (fonts[0], fonts[int(normal[1])]) == (("Arial", "10"), ("Arial", "10"))


def test_the_file_says_who_made_it(content: bytes) -> None:
    properties = openpyxl.load_workbook(io.BytesIO(content)).properties
    assert (properties.creator, properties.lastModifiedBy) == ("丽水市 & 张三", "丽水市 & 张三")


def test_every_page_says_what_it_is_and_nothing_crosses_to_the_next(sheet: Worksheet) -> None:
    edges = [page[-1] for page in pages(sheet)]
    crossing = [
        str(m) for m in sheet.merged_cells.ranges for edge in edges[:-1] if m.min_col <= edge < m.max_col
    ]
    assert crossing == []
    titles = [c.value for c in sheet[1] if c.value]
    assert titles == [
        f"2022年八一大走访活动情况汇总表{more}" for more in ("", "（续1）", "（续2）", "（续3）", "（续4）")
    ]
    assert [str(c.value).count("填报单位：单位3311") for c in sheet[2] if c.value] == [1, 0, 1, 1, 1, 1]


def test_headers_and_figures_fit_their_columns(table: Table, sheet: Worksheet) -> None:
    for place, column in enumerate(table.columns, start=2):
        width = sheet.column_dimensions[get_column_letter(place)].width
        figures = [spell(row.cells[column.id], column.unit) for row in table.rows]
        # In the widest stand-in a bold digit has 10.2 px at 11 pt and "%" 14.7; 4 px are the cell's rims.
        needed = max(10.2 * sum(map(str.isdigit, f)) + 14.7 * f.count("%") for f in figures) + 4
        assert width * UNIT_PX >= needed, column.header
        lines = -(-2 * len(column.header) // (width - 1)) + 1  # and the unit below
        assert sheet.row_dimensions[4].height >= 13 * lines, column.header


def test_the_unplaced_stand_above_the_total(tmp_path: Path, database: Database) -> None:
    city = invent(random.Random(3), people=60, visits=90, needs=5, paths=tree())
    township = next(code for code in city.paths if len(code) == 9)
    city.people = [p.model_copy(update={"village": township}) for p in city.people]
    engine = city.stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        table = count_cells(connection, campaign(), township)
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(table, by="张三"))).active
    names = [sheet.cell(row, 1).value for row in range(FIRST_DATA_ROW, FIRST_DATA_ROW + 5)]
    assert names[2:] == ["未写明村（社区）", "合计", "各行相加减合计"]
    assert sheet.cell(FIRST_DATA_ROW + 2, 2).value == sheet.cell(FIRST_DATA_ROW + 3, 2).value > 0
