"""The table on a terminal: nothing wider than the window, nothing left out."""

from __future__ import annotations

import io
import random

import pytest
from rich.cells import cell_len
from rich.console import Console

from sync_server.cli.screen import print_table
from sync_server.db.engine import reading
from sync_server.summary.cells import Table, count_cells
from sync_server.summary.layout import lines_of, spell
from tests.postgres import Database
from tests.summary.city import campaign, invent, tree


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Table:
    city = invent(random.Random(11), people=150, visits=300, needs=30, paths=tree())
    engine = city.stored(database.fresh(tmp_path_factory.mktemp("city")))
    with reading(engine) as connection:
        return count_cells(connection, campaign(), "3311")


def printed(table: Table, width: int) -> list[str]:
    stream = io.StringIO()
    print_table(Console(file=stream, width=width), table)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 132])
def test_no_line_is_wider_than_the_window(table: Table, width: int) -> None:
    assert [line for line in printed(table, width) if cell_len(line) > width] == []


@pytest.mark.parametrize("width", [60, 80, 132])
def test_every_place_has_every_figure_in_one_line_in_the_order_of_the_columns(
    table: Table, width: int
) -> None:
    said = printed(table, width)
    for name, row in lines_of(table):
        figures = [figure for line in said if line.startswith(f"{name} ") for figure in line.split()[1:]]
        assert figures == [spell(row.cells[c.id], c.unit) for c in table.columns], name
