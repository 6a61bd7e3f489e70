"""From the lines of a table to its people: every block of every line, and the lines between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from app.domain.categories import BenefitCategory
from app.domain.divisions import Divisions
from sync_server.roster.doubts import Doubts, Trails
from sync_server.roster.grid import Grid
from sync_server.roster.layout import Table
from sync_server.roster.model import RosterRow
from sync_server.roster.people import BlockReader, FoundRow, is_footing
from sync_server.roster.place import rest_of_line, says_village, village_of_line
from sync_server.roster.purpose import Purpose, Standing
from sync_server.roster.sections import is_count, kinds_of_line, speaks_of_kinds
from sync_server.roster.titles import Field
from sync_server.roster.values import folded, is_home_word, text_of
from sync_server.roster.workbook import Value

_COUNTER = re.compile(r"[(]?\d{1,2}[)]?|[甲乙丙丁戊己]|栏次")
_MOST_BANNER_CELLS = 3  # a line with more in it that is no person is asked about


class TableReader:
    """Reads the people of one placed table. Call `people` once a section, in sheet order."""

    def __init__(
        self,
        grid: Grid,
        table: Table,
        *,
        divisions: Divisions,
        township: str,
        trails: Trails,
        doubts: Doubts,
        today: date,
        blank_is_home: bool,
    ) -> None:
        self._grid, self._trails, self._doubts = grid, trails, doubts
        self._divisions, self._township = divisions, township
        self._titled: list[tuple[BenefitCategory, ...] | None] = [None] * len(table.blocks)
        self._readers = [
            BlockReader(
                grid,
                table,
                n,
                divisions=divisions,
                township=township,
                trail=trails.of(n),
                today=today,
                blank_is_home=blank_is_home,
            )
            for n in range(len(table.blocks))
        ]

    def people(self, body: range, standing: Sequence[Standing]) -> Iterator[tuple[int, FoundRow]]:
        """The people among the rows of `body` with their block, line by line.

        A village that a line between them names is remembered. Only of the roster's people are
        doubts kept: nobody is asked for the village of the deceased.
        """
        for n, (reader, block) in enumerate(zip(self._readers, standing, strict=True)):
            if block.categories != self._titled[n]:  # a title of another kind ends what lines said
                self._trails.of(n).head((), "")
                self._titled[n] = block.categories
            reader.doubts = self._doubts if block.purpose is Purpose.PEOPLE else Doubts()
        for r in body:
            found = [(n, reader.person(r, standing[n].default)) for n, reader in enumerate(self._readers)]
            for n, person in found:
                if person is not None:
                    yield n, person
            if not any(person for _, person in found):
                self._remember_line(r)
                continue
            for n, person in found:
                if person is None and not self._readers[n].is_empty(r):
                    self._remember(r, self._readers[n].cells.own(r), [n])

    def _remember_line(self, r: int) -> None:
        cells = self._grid.filled(r)
        holding = [n for n, reader in enumerate(self._readers) if not reader.is_empty(r)]
        if len(cells) < 2 or len(holding) < 2:
            self._remember(r, cells, range(len(self._readers)))
            return
        for n in holding:  # 巨浦村 over the people on the left, 湖云村 over those on the right
            self._remember(r, self._readers[n].cells.own(r), [n])

    def _remember(self, r: int, cells: list[tuple[int, Value]], blocks: Iterable[int]) -> None:
        if any(is_footing(v) for _, v in cells) or _numbers_columns(cells):
            return
        if len(cells) > _MOST_BANNER_CELLS:
            self._doubts.unread.append(str(r + 1))
            return
        for _, value in cells:
            code = village_of_line(self._divisions, self._township, text_of(value))
            # A village that the township does not have: those below it are asked about, not given
            # to the village above.
            if code or (len(cells) == 1 and says_village(text_of(value))):
                for n in blocks:
                    self._trails.of(n).name_by_line(code, text_of(value))
                break
        self._remember_kinds(cells, blocks)

    def _remember_kinds(self, cells: list[tuple[int, Value]], blocks: Iterable[int]) -> None:
        """Take 二、烈属（1人） for what the people below are, in whatever words it says so."""
        texts = [text_of(v) for _, v in cells if not is_count(v)]
        if len(texts) != 1:
            return
        named = village_of_line(self._divisions, self._township, texts[0])
        # 巨浦村退役军人（3人） names both; 巨浦村（12人） and 某村 no kind.
        words = rest_of_line(self._divisions, self._township, texts[0]) if named else texts[0]
        kinds, is_heading = kinds_of_line(words)
        if not is_heading or (not kinds and (named or says_village(words))):
            return
        for n in blocks:
            trail = self._trails.of(n)
            if kinds or trail.kinds_written or speaks_of_kinds(texts[0]):
                trail.head(kinds, texts[0])


def mark_second_listings(found: Iterable[FoundRow]) -> list[RosterRow]:
    """The rows, `of` set where an earlier row has the same number; a name alone makes nobody a double.

    A second listing's blank residence says nothing (the clerk's rule 6).
    """
    first: dict[str, RosterRow] = {}
    marked = []
    for one in found:
        row = one.row
        earlier = first.setdefault(row.id, row) if row.id else row
        if earlier is not row:
            row = replace(row, of=earlier.ref, away=None if one.home_by_blank else row.away)
        marked.append(row)
    return marked


def says_home_somewhere(grid: Grid, table: Table) -> bool:
    """True if somebody's residence says 本村; where nobody's does, blank means home."""
    return any(
        is_home_word(grid.raw(r, block.columns[Field.RESIDENCE]))
        for block in table.blocks
        if Field.RESIDENCE in block.columns
        for r in table.column_rows()
    )


def _numbers_columns(cells: Sequence[tuple[int, Value]]) -> bool:
    """A line that counts the columns: 甲 乙 1 2 3."""
    return len(cells) > 1 and all(_COUNTER.fullmatch(folded(v)) for _, v in cells)
