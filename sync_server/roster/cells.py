"""What the cells of one block of columns say in a line: merged ranges, ditto marks and ticks resolved."""

from __future__ import annotations

from sync_server.roster.grid import Grid
from sync_server.roster.layout import Block, Table
from sync_server.roster.model import Phone
from sync_server.roster.terms import term_of_title
from sync_server.roster.titles import Field, whose
from sync_server.roster.values import Mark, is_ditto, read_mark, read_phones, says_nothing, text_of
from sync_server.roster.workbook import Value


class BlockCells:
    """A block's cells by line and field. Lines are asked for from top to bottom, for ditto marks."""

    def __init__(self, grid: Grid, table: Table, block: Block) -> None:
        self._grid, self._paths, self._block = grid, table.paths, block
        self._own = frozenset(block.reach) - frozenset(block.shared)
        self._above: dict[int, Value] = {}  # last statement of each column
        rows = table.column_rows()
        self._ticked = {
            c
            for c in (*block.ticks, *block.columns.values())
            if any(read_mark(grid.raw(r, c)) is Mark.YES for r in rows)
        }

    def own(self, r: int) -> list[tuple[int, Value]]:
        """What is written in the block's own columns."""
        return [(c, v) for c, v in self._grid.filled(r) if c in self._own]

    def raw(self, r: int, wanted: Field) -> Value:
        """What is written in the field's very cell."""
        column = self._block.columns.get(wanted)
        return None if column is None else self._grid.raw(r, column)

    def value(self, r: int, wanted: Field) -> Value:
        """The field's statement: merged ranges and ditto marks taken for what they repeat."""
        column = self._block.columns.get(wanted)
        return None if column is None else self.in_column(r, column)

    def in_column(self, r: int, column: int) -> Value:
        value = self._grid.shown(r, column)
        if value is not None and is_ditto(value):
            return self._above.get(column)
        self._above[column] = value
        return value

    def words(self, r: int, wanted: Field) -> str:
        """The field's words from all its columns; a tick there says what the column's title says."""
        if wanted not in self._block.columns:
            return ""
        each = (self._block.columns[wanted], *self._block.more.get(wanted, ()))
        return joined(*(self._words_of(r, c, wanted) for c in each))

    def flag(self, r: int, wanted: Field) -> Value:
        """A yes/no cell; where the column has no other tick, a circle is its yes."""
        value = self.value(r, wanted)
        is_yes = read_mark(value) is Mark.CIRCLE and not self.has_ticks(self._block.columns[wanted])
        return "是" if is_yes else value

    def has_ticks(self, column: int) -> bool:
        """True if a cell of the column says yes by another mark than a circle."""
        return column in self._ticked

    def phones(self, r: int) -> tuple[Phone, ...]:
        found: dict[str, Phone] = {}
        for c in self._block.phones:
            for phone in read_phones(self.in_column(r, c), whose(self._paths[c])):
                found.setdefault(phone.number, phone)
        return tuple(found.values())

    def phones_unread(self, r: int) -> str:
        """What the phone cells say where no number could be read: kept for the worker, not dropped."""
        cells = [self.in_column(r, c) for c in self._block.phones]
        return "、".join(text_of(v) for v in cells if not says_nothing(v) and not read_phones(v))

    def _words_of(self, r: int, column: int, wanted: Field) -> str:
        value = self.in_column(r, column)
        if says_nothing(value):
            return ""
        if wanted in (Field.LIVING, Field.MERIT, Field.EMPLOYMENT) and (mark := read_mark(value)):
            return term_of_title(self._paths[column][-1]) if mark is Mark.YES and self._paths[column] else ""
        return text_of(value)


def joined(*texts: str) -> str:
    """The texts, each once, as one remark."""
    return "；".join(dict.fromkeys(text for text in texts if text))
