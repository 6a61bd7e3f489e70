"""A sheet's cells seen through its merged ranges."""

from __future__ import annotations

from sync_server.roster.workbook import Merge, Sheet, Value

_LARGEST_MERGE_CELLS = 200_000  # beyond, a range is a slip (whole columns merged), not a layout


class Grid:
    """Cells by row and column, counted from 0."""

    def __init__(self, sheet: Sheet) -> None:
        self.name = sheet.name
        self.is_hidden = sheet.hidden
        self.height = len(sheet.rows)
        self.width = max((len(row) for row in sheet.rows), default=0)
        self._rows = sheet.rows
        self._covered: dict[tuple[int, int], Merge] = {}
        for merge in sheet.merges:
            bottom, right = min(merge.bottom, self.height - 1), min(merge.right, self.width - 1)
            if (bottom - merge.top + 1) * (right - merge.left + 1) > _LARGEST_MERGE_CELLS:
                continue
            for row in range(merge.top, bottom + 1):
                for column in range(merge.left, right + 1):
                    self._covered[row, column] = merge

    def raw(self, row: int, column: int) -> Value:
        """What is written in this very cell."""
        cells = self._rows[row]
        return cells[column] if column < len(cells) else None

    def shown(self, row: int, column: int) -> Value:
        """What a reader sees there: the text of a merged range in each of its cells."""
        merge = self._covered.get((row, column))
        return self.raw(merge.top, merge.left) if merge else self.raw(row, column)

    def merge_at(self, row: int, column: int) -> Merge | None:
        return self._covered.get((row, column))

    def is_right_part(self, row: int, column: int) -> bool:
        """True in a merged range's cells behind its first column."""
        merge = self._covered.get((row, column))
        return merge is not None and column > merge.left

    def filled(self, row: int) -> list[tuple[int, Value]]:
        """Columns with something written in them, in order."""
        return [(c, v) for c, v in enumerate(self._rows[row]) if v is not None]
