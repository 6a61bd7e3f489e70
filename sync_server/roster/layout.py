"""Finding the tables in a sheet: header rows, also repeated ones, and which column holds what.

A column is placed by its title and by its values. Titles propose; values decide between several
proposals, speak for columns whose title nobody knows, and overrule a title that they contradict.
The position of a column means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.domain.citizen_id import IdProblem
from sync_server.roster.evidence import ColumnEvidence
from sync_server.roster.titles import Field, field_of_title, is_of_someone_else, title_key
from sync_server.roster.values import folded, text_of
from sync_server.roster.workbook import Merge, Sheet, Value

_MOST_HEADER_ROWS = 4
_SINGLE = (Field.NAME, Field.ID, Field.SEX, Field.BORN, Field.VILLAGE, Field.TOWNSHIP, Field.HAMLET, Field.HOUSE,
           Field.ADDRESS, Field.RESIDENCE, Field.AWAY_PLACE, Field.AWAY_FLAG, Field.HOME_FLAG, Field.ENLISTED,
           Field.DISCHARGED, Field.MERIT, Field.LIVING, Field.EMPLOYMENT, Field.CARD, Field.NOTE, Field.DIED,
           Field.SEQ)  # fmt: skip


class Grid:
    """A sheet's cells with its merged ranges; rows and columns from 0."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.height = len(sheet.rows)
        self.width = max((len(row) for row in sheet.rows), default=0)
        self._covered = {
            (r, c): merge
            for merge in sheet.merges
            if (merge.bottom - merge.top + 1) * (merge.right - merge.left + 1) <= 100_000
            for r in range(merge.top, min(merge.bottom, self.height - 1) + 1)
            for c in range(merge.left, min(merge.right, self.width - 1) + 1)
        }

    def raw(self, row: int, column: int) -> Value:
        """What is written in this very cell."""
        cells = self.sheet.rows[row]
        return cells[column] if column < len(cells) else None

    def shown(self, row: int, column: int) -> Value:
        """What a reader sees there: the text of a merged range in each of its cells."""
        merge = self._covered.get((row, column))
        return self.raw(merge.top, merge.left) if merge else self.raw(row, column)

    def merge_at(self, row: int, column: int) -> Merge | None:
        return self._covered.get((row, column))

    def filled(self, row: int) -> list[tuple[int, Value]]:
        """Columns with something written in them, in order."""
        return [(c, v) for c, v in enumerate(self.sheet.rows[row]) if v is not None]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one header: `header` and `body` are row ranges, `above` the lines between it and the last body."""

    above: tuple[int, ...]
    header: range
    body: range


@dataclass(frozen=True)
class Table:
    """Sections of one sheet with the same titles, and their columns once placed."""

    paths: tuple[tuple[str, ...], ...]
    sections: tuple[Section, ...]
    columns: Mapping[Field, int] = field(default_factory=dict)
    phones: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    ticks: tuple[int, ...] = ()  # columns titled with a category, ticked row by row
    open: tuple[str, ...] = ()  # what could not be placed, in words


def find_tables(grid: Grid) -> list[Table]:
    """The tables of a sheet in order of first appearance; [] if it holds no header with a name in it."""
    headers = list(_header_ranges(grid))
    sections: dict[tuple[tuple[str, ...], ...], list[Section]] = {}
    body_end = 0
    for n, header in enumerate(headers):
        end = headers[n + 1].start if n + 1 < len(headers) else grid.height
        above = tuple(r for r in range(body_end if n == 0 else header.start, header.start))
        sections.setdefault(_paths(grid, header), []).append(Section(above, header, range(header.stop, end)))
        body_end = end
    return [Table(paths, tuple(found)) for paths, found in sections.items()]


def headless_table(grid: Grid) -> Table:
    """The whole sheet as one table without titles."""
    empty: tuple[tuple[str, ...], ...] = ((),) * grid.width
    return Table(empty, (Section((), range(0), range(grid.height)),))


def place_columns(grid: Grid, table: Table, evidence: Mapping[int, ColumnEvidence]) -> Table:
    """Give every column of `table` its field, as far as title and values agree on one."""
    proposed = {c: _proposal(path) for c, path in enumerate(table.paths)}
    columns: dict[Field, int] = {}
    unclear: list[str] = []
    for wanted in _SINGLE:
        titled = [
            c for c, f in proposed.items() if f is wanted and (wanted is Field.NOTE or not _other(table, c))
        ]
        if wanted in (Field.NAME, Field.ID) and not titled:
            titled = [c for c, path in enumerate(table.paths) if _leaf_field(path) is wanted]
        if titled:
            columns[wanted] = max(titled, key=lambda c: (evidence[c].fit(wanted), -c))
    for wanted in (Field.ID, Field.VILLAGE, Field.NAME, Field.SEX, Field.RESIDENCE):
        _let_values_speak(wanted, columns, proposed, evidence, unclear)
    taken = set(columns.values())
    phones = [c for c, f in proposed.items() if f is Field.PHONE]
    if not phones:
        phones = [
            c
            for c, f in proposed.items()
            if f is None and c not in taken and evidence[c].fit(Field.PHONE) > 0.5
        ]
    categories = [c for c, f in proposed.items() if f is Field.CATEGORY and c not in taken]
    if not any(evidence[c].fit(Field.CATEGORY) > 0 for c in categories):
        categories += [
            c
            for c, f in proposed.items()
            if f is None and c not in taken and evidence[c].fit(Field.CATEGORY) > 0.5
        ]
    ticks = [
        c
        for c, f in proposed.items()
        if f is None
        and c not in taken
        and c not in categories
        and table.paths[c]
        and evidence[c].is_ticked_category(table.paths[c][-1])
    ]
    return Table(
        table.paths, table.sections, columns, tuple(phones), tuple(categories), tuple(ticks), tuple(unclear)
    )


def _let_values_speak(
    wanted: Field,
    columns: dict[Field, int],
    proposed: Mapping[int, Field | None],
    evidence: Mapping[int, ColumnEvidence],
    unclear: list[str],
) -> None:
    titled = columns.get(wanted)
    if titled is not None and (evidence[titled].filled == 0 or evidence[titled].fit(wanted) >= 0.2):
        return
    may_hold = {None, wanted, Field.ADDRESS} if wanted is Field.VILLAGE else {None, wanted}
    rivals = [
        c for c, f in proposed.items() if f in may_hold and c != titled and evidence[c].convinces(wanted)
    ]
    taken = {c for f, c in columns.items() if f not in (wanted, Field.ADDRESS)}
    rivals = [c for c in rivals if c not in taken]
    if not rivals:
        return
    best = max(rivals, key=lambda c: evidence[c].fit(wanted))
    if (
        wanted is Field.NAME
        and sum(evidence[c].fit(wanted) >= evidence[best].fit(wanted) for c in rivals) > 1
    ):
        unclear.append("有几列都像姓名")
        return
    columns[wanted] = best


def _header_ranges(grid: Grid) -> Iterable[range]:
    row = 0
    while row < grid.height:
        if not _is_header_row(grid, row):
            row += 1
            continue
        end = row + 1
        while end < min(grid.height, row + _MOST_HEADER_ROWS) and (
            _is_header_row(grid, end) or _reaches(grid, end - 1, end)
        ):
            end += 1
        start = row
        if start > 0 and _is_group_row(grid, start - 1):
            start -= 1
        block = range(start, end)
        if (
            any(f is Field.NAME for f in (_proposal(p) for p in _paths(grid, block)))
            or _fields(grid, block) >= 3
        ):
            yield block
        row = end


def _is_header_row(grid: Grid, row: int) -> bool:
    """Mostly known titles, at least two of them, and nothing that looks like a person's number."""
    cells = grid.filled(row)
    known = [field_of_title(text_of(v)) for _, v in cells]
    hits = {f for f in known if f is not None}
    if len(hits) < 2 and Field.NAME not in hits:
        return False
    if len(cells) > 1 and len(hits) < 2:
        return False
    return sum(f is not None for f in known) * 2 >= len(cells) and not any(
        _is_long_number(v) for _, v in cells
    )


def _reaches(grid: Grid, above: int, row: int) -> bool:
    """True if a merged range joins the two rows, as in a header of several lines."""
    return any(
        (merge := grid.merge_at(row, c)) is not None
        and merge.top <= above
        and merge.bottom >= row
        and merge.bottom - merge.top < _MOST_HEADER_ROWS
        for c in range(grid.width)
    )


def _is_group_row(grid: Grid, row: int) -> bool:
    """A line of group titles (基本情况, 服役情况) above the titles proper."""
    cells = grid.filled(row)
    if len(cells) < 2 or any(
        _is_long_number(v) or not isinstance(v, str) or len(folded(v)) > 12 for _, v in cells
    ):
        return False
    return _reaches(grid, row, row + 1) or any(
        (merge := grid.merge_at(row, c)) is not None and merge.right > merge.left for c, _ in cells
    )


def _is_long_number(value: Value) -> bool:
    return sum(ch.isdigit() for ch in text_of(value)) >= 7


def _paths(grid: Grid, header: range) -> tuple[tuple[str, ...], ...]:
    """For each column its titles from group to leaf, each once."""
    paths = []
    for column in range(grid.width):
        titles = [text_of(grid.shown(row, column)) for row in header]
        paths.append(tuple(dict.fromkeys(t for t in titles if t)))
    return tuple(paths)


def _fields(grid: Grid, block: range) -> int:
    return len(
        {f for path in _paths(grid, block) if (f := _proposal(path)) not in (None, Field.OTHER, Field.SEQ)}
    )


def _proposal(path: tuple[str, ...]) -> Field | None:
    """What the titles say: the leaf first, then all of them read together, then the group."""
    if not path:
        return None
    leaf = _leaf_field(path)
    if leaf is None and len(path) > 1:
        leaf = field_of_title("".join(path)) or field_of_title(path[0])
    if leaf in (
        Field.NAME,
        Field.ID,
        Field.SEX,
        Field.BORN,
        Field.ADDRESS,
        Field.EMPLOYMENT,
    ) and is_of_someone_else(path):
        return Field.OTHER
    return leaf


def _leaf_field(path: tuple[str, ...]) -> Field | None:
    return field_of_title(path[-1]) if path else None


def _other(table: Table, column: int) -> bool:
    return is_of_someone_else(table.paths[column])


def column_letters(column: int) -> str:
    """A spreadsheet's letters for a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


__all__ = [
    "Grid",
    "IdProblem",
    "Section",
    "Table",
    "column_letters",
    "find_tables",
    "headless_table",
    "place_columns",
    "title_key",
]
