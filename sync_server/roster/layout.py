"""Finding the tables in a sheet: header rows, repeated ones too, and which column holds what.

A column is placed by its title and by its values. Titles propose; values decide between several
proposals, speak for columns whose title nobody knows, and overrule a title that they contradict.
The position of a column means nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sync_server.roster.evidence import ColumnEvidence
from sync_server.roster.grid import Grid
from sync_server.roster.titles import Field, field_of_title, is_about_families, own_title, title_key, whose
from sync_server.roster.values import folded, text_of
from sync_server.roster.workbook import Value

_MOST_HEADER_ROWS = 4
_PERSONAL = (Field.NAME, Field.ID, Field.SEX, Field.BORN, Field.ADDRESS, Field.EMPLOYMENT)
_MANY = (Field.PHONE, Field.CATEGORY, Field.OTHER)  # several columns, or none that matters
_BY_VALUES = (Field.ID, Field.VILLAGE, Field.NAME, Field.SEX, Field.RESIDENCE)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one header. `above` are the lines between the last body's people and this header."""

    above: tuple[int, ...]
    header: range
    body: range


@dataclass(frozen=True)
class Table:
    """Sections of one sheet with the same titles, and their columns once placed.

    `paths` holds for each column its titles from group to leaf. `unclear` says in words what could
    not be placed.
    """

    paths: tuple[Path, ...]
    sections: tuple[Section, ...]
    columns: Mapping[Field, int] = field(default_factory=dict)
    phones: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    ticks: tuple[int, ...] = ()  # columns titled with a category, ticked row by row
    all_have_died: bool = False  # nearly every row says when
    unclear: tuple[str, ...] = ()

    def column_rows(self) -> list[int]:
        return [r for section in self.sections for r in section.body]


def find_tables(grid: Grid) -> list[Table]:
    """The tables of a sheet in order of first appearance; [] if no header is found."""
    headers = list(_header_ranges(grid))
    sections: dict[tuple[Path, ...], list[Section]] = {}
    for n, header in enumerate(headers):
        end = headers[n + 1].start if n + 1 < len(headers) else grid.height
        above = _lines_above(grid, header.start, headers[n - 1].stop if n else 0)
        sections.setdefault(_paths(grid, header), []).append(Section(above, header, range(header.stop, end)))
    return [Table(paths, tuple(found)) for paths, found in sections.items()]


def headless_table(grid: Grid) -> Table:
    """The whole sheet as one table without titles."""
    return Table(((),) * grid.width, (Section((), range(0), range(grid.height)),))


def title_rows(grid: Grid, table: Table) -> list[int]:
    """The rows that may speak of the table as a whole; without a header the first five."""
    headed = [s for s in table.sections if len(s.header)]
    return [r for s in headed for r in s.above] if headed else list(range(min(5, grid.height)))


def place_columns(table: Table, evidence: Mapping[int, ColumnEvidence]) -> Table:
    """Give every column of `table` its field, as far as title and values agree on one."""
    ticks = tuple(
        c for c, path in enumerate(table.paths) if path and evidence[c].is_ticked_category(path[-1])
    )
    proposed = {c: f for c, f in enumerate(proposals(table.paths)) if c not in ticks}
    columns: dict[Field, int] = {}
    for wanted in Field:
        titled = [c for c, f in proposed.items() if f is wanted]
        if titled and wanted not in _MANY:
            columns[wanted] = max(titled, key=lambda c: (evidence[c].fit(wanted), -c))
    unclear = [
        problem
        for wanted in _BY_VALUES
        if (problem := _let_values_speak(wanted, columns, proposed, evidence))
    ]
    free = {c for c, f in proposed.items() if f is None} - set(columns.values())
    return replace(
        table,
        columns=columns,
        phones=_titled_or_fitting(Field.PHONE, proposed, free, evidence),
        categories=_titled_or_fitting(Field.CATEGORY, proposed, free, evidence),
        ticks=ticks,
        all_have_died=_all_have_died(columns, evidence),
        unclear=tuple(unclear),
    )


def proposals(paths: tuple[Path, ...]) -> list[Field | None]:
    """What each column's titles say: the leaf first, then all read together, then the group."""
    families = is_about_families(tuple(path[-1] for path in paths if path))
    found = [_proposal(tuple(own_title(t) for t in p) if families else p) for p in paths]
    if Field.NAME not in found:  # a roster that knows its people only as 家属姓名, 联系人姓名
        leaves = [field_of_title(_own_word(path[-1])) if path else None for path in paths]
        found = [
            leaf if leaf in (Field.NAME, Field.ID) and f is Field.OTHER else f
            for f, leaf in zip(found, leaves, strict=True)
        ]
    return found


def column_letters(column: int) -> str:
    """A spreadsheet's letters for a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _let_values_speak(
    wanted: Field,
    columns: dict[Field, int],
    proposed: Mapping[int, Field | None],
    evidence: Mapping[int, ColumnEvidence],
) -> str | None:
    """Take the column whose values are `wanted`'s, if no title says so or the titled one holds others."""
    titled = columns.get(wanted)
    if titled is not None and (evidence[titled].filled == 0 or evidence[titled].fit(wanted) >= 0.2):
        return None
    if wanted is Field.NAME and Field.ID not in columns:
        return None  # names alone may be anybody's: the station's staff, village cadres
    may_hold = {None, wanted, Field.ADDRESS} if wanted is Field.VILLAGE else {None, wanted}
    taken = {c for f, c in columns.items() if f not in (wanted, Field.ADDRESS)}
    rivals = [
        c
        for c, f in proposed.items()
        if f in may_hold and c != titled and c not in taken and evidence[c].convinces(wanted)
    ]
    if not rivals:
        return None
    best = max(rivals, key=lambda c: evidence[c].fit(wanted))
    if wanted is Field.NAME and len(rivals) > 1:
        letters = "、".join(column_letters(c) for c in rivals)
        return f"{letters} 列都像姓名"
    columns[wanted] = best
    return None


def _all_have_died(columns: Mapping[Field, int], evidence: Mapping[int, ColumnEvidence]) -> bool:
    if Field.DIED not in columns or Field.NAME not in columns:
        return False
    return evidence[columns[Field.DIED]].filled >= 0.8 * evidence[columns[Field.NAME]].filled


def _titled_or_fitting(
    wanted: Field,
    proposed: Mapping[int, Field | None],
    free: set[int],
    evidence: Mapping[int, ColumnEvidence],
) -> tuple[int, ...]:
    titled = tuple(c for c, f in proposed.items() if f is wanted)
    if any(evidence[c].fit(wanted) > 0 for c in titled):
        return titled
    return titled + tuple(c for c in sorted(free) if evidence[c].fit(wanted) > 0.5)


def _header_ranges(grid: Grid) -> Iterator[range]:
    row = 0
    while row < grid.height:
        if not _is_header_row(grid, row):
            row += 1
            continue
        end = row + 1
        limit = min(grid.height, row + _MOST_HEADER_ROWS)
        while end < limit and (_is_header_row(grid, end) or _is_joined(grid, end - 1, end)):
            end += 1
        start = row - 1 if row > 0 and _is_group_row(grid, row - 1) else row
        found = set(proposals(_paths(grid, range(start, end)))) - {None, Field.OTHER, Field.SEQ}
        if Field.NAME in found or len(found) >= 3:
            yield range(start, end)
        row = end


def _is_header_row(grid: Grid, row: int) -> bool:
    """Mostly known titles, two different ones at least, and nothing that looks like a number of digits."""
    cells = grid.filled(row)
    if not cells or any(_is_long_number(v) for _, v in cells):
        return False
    known = [field_of_title(text_of(v)) for _, v in cells]
    hits = {f for f in known if f is not None}
    if hits == {Field.NAME}:
        return len(cells) == 1
    return len(hits) >= 2 and sum(f is not None for f in known) * 2 >= len(cells)


def _is_joined(grid: Grid, above: int, row: int) -> bool:
    """True if a merged range joins the two rows, as in a header of several lines."""
    return any(
        merge.top <= above and merge.bottom - merge.top < _MOST_HEADER_ROWS
        for c in range(grid.width)
        if (merge := grid.merge_at(row, c)) is not None
    )


def _is_group_row(grid: Grid, row: int) -> bool:
    """A line of group titles (基本情况, 服役情况) above the titles proper."""
    cells = grid.filled(row)
    if len(cells) < 2 or not all(isinstance(v, str) and len(folded(v)) <= 12 for _, v in cells):
        return False
    if any(_is_long_number(v) for _, v in cells):
        return False
    spans = [merge for c, _ in cells if (merge := grid.merge_at(row, c)) is not None]
    return _is_joined(grid, row, row + 1) or any(merge.right > merge.left for merge in spans)


def _is_long_number(value: Value) -> bool:
    return sum(ch.isdigit() for ch in text_of(value)) >= 7


def _lines_above(grid: Grid, header_row: int, floor: int) -> tuple[int, ...]:
    """Rows above a header with one cell each (or none), up to the last row of a person.

    Above the first header everything counts, since a title block may be laid out in any way.
    """
    if floor == 0:
        return tuple(range(header_row))
    lines = []
    for row in range(header_row - 1, floor - 1, -1):
        if len(grid.filled(row)) > 1:
            break
        lines.append(row)
    return tuple(reversed(lines))


def _paths(grid: Grid, header: range) -> tuple[Path, ...]:
    paths = []
    for column in range(grid.width):
        titles = [text_of(grid.shown(row, column)) for row in header]
        paths.append(tuple(dict.fromkeys(t for t in titles if t)))
    return tuple(paths)


def _proposal(path: Path) -> Field | None:
    if not path:
        return None
    readings = (path[-1], "".join(path), path[0])
    found = next((f for text in readings if (f := field_of_title(text)) is not None), None)
    return Field.OTHER if found in _PERSONAL and whose(path) != "本人" else found


def _own_word(title: str) -> str:
    """The last two words' worth of a title: 家属姓名 -> 姓名, 家属身份证号 -> 身份证号."""
    key = title_key(title)
    return next((key[key.index(w) :] for w in ("姓名", "身份证", "公民身份") if w in key), key)
