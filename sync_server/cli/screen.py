"""The summary table on a terminal: blocks of columns, each as wide as the window, the places down the side.

A form has some forty-five columns and a terminal eighty characters, so a long section is cut where the
window ends and its next columns follow below under the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Block
from rich.text import Text

from app.domain.campaign import Column
from sync_server.summary.cells import Row, Table
from sync_server.summary.layout import Section, footnotes, lines_of, moment, sections, spell, title

_HEADER_CELLS = 10  # five Chinese characters; a longer header goes on in the next line
_NAME_CELLS = 24
_GAP = 2  # blanks between columns


def print_table(console: Console, table: Table) -> None:
    """Print `table` section by section, then its notes."""
    console.print(Text(title(table), "bold"))
    console.print(f"填报单位：{table.name}　数据截至{moment(table)}", highlight=False)
    lines = lines_of(table)
    for part in _parts(table, lines, console.width):
        console.print()
        console.print(_block(part, lines))
    console.print()
    for number, note in enumerate(footnotes(table), start=1):
        console.print(f"注{number}：{note}", highlight=False)


def _parts(table: Table, lines: Sequence[tuple[str, Row]], width: int) -> Iterator[Section]:
    """The sections, small ones side by side and long ones cut, in blocks of at most `width`."""
    room = width - _name_width(lines)
    titles: list[str] = []
    taken: list[Column] = []
    left = room
    for section in sections(table.columns):
        needed = [_width(column, lines) + _GAP for column in section.columns]
        is_whole = sum(needed) <= left
        for column, cells in zip(section.columns, needed, strict=True):
            if taken and (cells > left or (not is_whole and titles[-1] != section.title)):
                yield Section("　".join(titles), tuple(taken))
                titles, taken, left = [], [], room
            if section.title not in titles:
                titles.append(section.title)
            taken.append(column)
            left -= cells
    yield Section("　".join(titles), tuple(taken))


def _name_width(lines: Sequence[tuple[str, Row]]) -> int:
    return min(_NAME_CELLS, max(cell_len(name) for name, _ in lines))


def _width(column: Column, lines: Sequence[tuple[str, Row]]) -> int:
    """As wide as the figures, and as the header broken into lines of nearly the same length."""
    figures = max(cell_len(spell(row.cells[column.id], column.unit)) for _, row in lines)
    header = cell_len(column.header)
    broken = -(-header // -(-header // _HEADER_CELLS))
    return max(figures, broken + broken % 2, cell_len(f"（{column.unit}）"))


def _header(column: Column) -> str:
    return f"{column.id}\n{column.header}\n（{column.unit}）"


def _block(section: Section, lines: Sequence[tuple[str, Row]]) -> Block:
    block = Block(title=section.title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    block.padding = (0, _GAP, 0, 0)
    block.add_column("单位", width=_name_width(lines), overflow="fold", vertical="bottom")
    for column in section.columns:
        width = _width(column, lines)
        block.add_column(_header(column), width=width, justify="right", overflow="fold", vertical="bottom")
    for name, row in lines:
        figures = (spell(row.cells[column.id], column.unit) for column in section.columns)
        block.add_row(name, *figures)
    return block
