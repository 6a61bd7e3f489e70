"""The workbook read back: the same figures as numbers, nothing that Excel would compute."""

from __future__ import annotations

import io
import random

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from sync_server.db.engine import reading
from sync_server.summary.cells import Table, count_cells
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
def sheet(table: Table) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(workbook(table, by="丽水市 & 张三"))).active


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
    assert [c.value for c in sheet[3] if c.value][:3] == ["单位", "服务对象", "走访慰问"]
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


def test_it_prints_on_a3_landscape_one_page_wide_with_its_titles(sheet: Worksheet) -> None:
    setup = sheet.page_setup
    assert (setup.paperSize, setup.orientation, setup.fitToWidth, setup.fitToHeight) == (8, "landscape", 1, 0)
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$3:$4", "$A:$A")
    assert "丽水市 && 张三" in sheet.oddFooter.left.text
