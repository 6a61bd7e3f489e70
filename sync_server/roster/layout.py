"""The tables of a sheet as blocks of columns, each block one person a line, and what each column holds.

A sheet that prints two people side by side has two blocks; most have one. A column is placed by its
title and by its values. Titles propose; values decide between several proposals, speak for columns
whose title nobody knows, and overrule a title that they contradict. The position of a column means
nothing. What holds something and cannot be placed is named: `unclear` stops the reading, `unused` is
asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sync_server.roster.evidence import ColumnEvidence
from sync_server.roster.grid import Grid
from sync_server.roster.header import Path, header_ranges, paths_of, proposals, unknown_header
from sync_server.roster.terms import meaning_of_title
from sync_server.roster.titles import Field, title_key

_MANY = (Field.PHONE, Field.CATEGORY, Field.OTHER)  # several columns, or none that matters
_JOINED = (
    Field.NOTE,
    Field.LIVING,
    Field.MERIT,
    Field.EMPLOYMENT,
    Field.ADDRESS,
    Field.HAMLET,
    Field.HOUSE,
    Field.DISABILITY,
)
# Read in the other's place where a table has no column of that kind.
_STANDS_IN = {Field.FORMER_ID: Field.ID, Field.VILLAGE_CODE: Field.VILLAGE}
_BY_VALUES = (Field.ID, Field.VILLAGE, Field.NAME, Field.SEX, Field.RESIDENCE)
# One of these again, with a name still to come, begins the next person of the line.
_ONCE_A_PERSON = frozenset(
    {Field.SEQ, Field.NAME, Field.ID, Field.SEX, Field.BORN, Field.TOWNSHIP, Field.VILLAGE}
)
_MAY_BE_TICKED = (None, Field.CATEGORY, Field.LIVING, Field.MERIT, Field.EMPLOYMENT)
_OF_NOBODY = (Field.SEQ, Field.TOWNSHIP, Field.VILLAGE_CODE, Field.OTHER)


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under one header. `above` are the lines between the last body's people and this header."""

    above: tuple[int, ...]
    header: range
    body: range


@dataclass(frozen=True)
class Block:
    """The columns that speak of one person of a line.

    `reach` are all of them, `shared` those that speak of the line's other people as well.
    """

    reach: tuple[int, ...]
    shared: tuple[int, ...] = ()
    columns: Mapping[Field, int] = field(default_factory=dict)
    more: Mapping[Field, tuple[int, ...]] = field(default_factory=dict)  # further columns of one text
    phones: tuple[int, ...] = ()
    categories: tuple[int, ...] = ()
    ticks: Mapping[int, Field] = field(default_factory=dict)  # columns whose title is the value
    unused: tuple[int, ...] = ()
    all_have_died: bool = False  # nearly every row says when

    @property
    def read(self) -> frozenset[int]:
        """The columns that something is read from."""
        more = (c for further in self.more.values() for c in further)
        columns = (c for f, c in self.columns.items() if f not in _OF_NOBODY)
        return frozenset((*columns, *more, *self.phones, *self.categories, *self.ticks))

    @property
    def holds_people(self) -> bool:
        return Field.NAME in self.columns and (
            len(self.columns) > 1 or bool(self.phones or self.categories or self.ticks)
        )


@dataclass(frozen=True)
class Table:
    """Sections of one sheet with the same titles, and the blocks of their columns once placed.

    `paths` holds for each column its titles from group to leaf. `unclear` says in words what could
    not be placed.
    """

    paths: tuple[Path, ...]
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...] = ()
    unclear: tuple[str, ...] = ()

    def column_rows(self) -> list[int]:
        return [r for section in self.sections for r in section.body]


def find_tables(grid: Grid) -> list[Table]:
    """The tables of a sheet in order of first appearance; the whole sheet if no title is known."""
    headers = list(header_ranges(grid))
    if not headers:
        header = unknown_header(grid)
        paths = paths_of(grid, header)
        section = Section(tuple(range(header.start)), header, range(header.stop, grid.height))
        return [Table(paths, (section,))]
    sections: dict[tuple[Path, ...], list[Section]] = {}
    for n, header in enumerate(headers):
        end = headers[n + 1].start if n + 1 < len(headers) else grid.height
        above = _lines_above(grid, header.start, headers[n - 1].stop if n else 0)
        sections.setdefault(paths_of(grid, header), []).append(
            Section(above, header, range(header.stop, end))
        )
    return [Table(paths, tuple(found)) for paths, found in sections.items()]


def title_rows(grid: Grid, table: Table) -> list[int]:
    """The rows that may speak of the table as a whole; without a header the first five."""
    headed = any(len(s.header) for s in table.sections)
    if headed or table.sections[0].above:
        return [r for s in table.sections for r in s.above]
    return list(range(min(5, grid.height)))


def place_columns(table: Table, evidence: Mapping[int, ColumnEvidence]) -> Table:
    """Give every column of `table` its block and its field, as far as title and values agree on one."""
    titles = proposals(table.paths)
    ticks = {
        c: kind
        for c, (path, titled) in enumerate(zip(table.paths, titles, strict=True))
        if path and titled in _MAY_BE_TICKED
        if (kind := meaning_of_title(path[-1])) is not None and evidence[c].is_ticked_as(kind)
    }
    proposed = {c: f for c, f in enumerate(titles) if c not in ticks}
    cuts, shared = _cut(table, proposed, evidence)
    blocks, unclear = [], []
    for n, own in enumerate(cuts):
        reach = sorted({*own, *(shared if n else ())})
        block = Block(tuple(reach), tuple(shared) if len(cuts) > 1 else ())
        placed, problem = _place(
            block, table, {c: f for c, f in proposed.items() if c in reach}, evidence, ticks
        )
        blocks.append(placed)
        unclear += [problem] if problem else []
    if len(blocks) > 1 and blocks[0].columns.keys() <= blocks[-1].columns.keys():
        unclear += _one_sided(blocks, evidence)
    return replace(table, blocks=tuple(blocks), unclear=tuple(unclear))


def column_letters(column: int) -> str:
    """A spreadsheet's letters for a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def name_column(column: int, path: Path) -> str:
    """A column as a clerk finds it: K 列“低保”."""
    return f"{column_letters(column)} 列" + (f"“{title_key(path[-1])}”" if path else "")


def _cut(
    table: Table, proposed: Mapping[int, Field | None], evidence: Mapping[int, ColumnEvidence]
) -> tuple[list[list[int]], list[int]]:
    """The columns of each person of a line, from left to right, and those that all of them share.

    One block, unless each has a name and what tells its people apart.
    """
    kinds = {c: f or _by_values_alone(evidence[c]) for c, f in proposed.items()}
    width = len(table.paths)
    blocks: list[list[int]] = [[]]
    for c in range(width):
        seen = {kinds.get(b) for b in blocks[-1]}
        has_name_ahead = any(kinds.get(later) is Field.NAME for later in range(c, width))
        if kinds.get(c) in seen & _ONCE_A_PERSON and Field.NAME in seen and has_name_ahead:
            blocks.append([])
        blocks[-1].append(c)
    fields = [{kinds.get(c) for c in block} - {None, Field.OTHER, Field.SEQ} for block in blocks]
    if len(blocks) == 1 or not all(
        Field.NAME in f and (Field.ID in f or (f == fields[0] and len(f) > 1)) for f in fields
    ):
        return [list(range(width))], []
    second_begins_with = kinds.get(blocks[1][0])
    begin = next(c for c in blocks[0] if kinds.get(c) is second_begins_with)
    return blocks, blocks[0][: blocks[0].index(begin)]


def _by_values_alone(evidence: ColumnEvidence) -> Field | None:
    return next((f for f in (Field.ID, Field.NAME, Field.VILLAGE, Field.SEX) if evidence.convinces(f)), None)


def _place(
    block: Block,
    table: Table,
    proposed: Mapping[int, Field | None],
    evidence: Mapping[int, ColumnEvidence],
    ticks: Mapping[int, Field],
) -> tuple[Block, str | None]:
    columns: dict[Field, int] = {}
    more: dict[Field, tuple[int, ...]] = {}
    for wanted in Field:
        titled = [c for c, f in proposed.items() if f is wanted]
        if titled and wanted not in _MANY:
            columns[wanted] = max(titled, key=lambda c: (evidence[c].fit(wanted), -c))
            if wanted in _JOINED and len(titled) > 1:
                more[wanted] = tuple(c for c in titled if c != columns[wanted])
    for spare, main in _STANDS_IN.items():
        if spare in columns and main not in columns:
            columns[main] = columns.pop(spare)
    unclear = _rival_names(columns, proposed, evidence, table)
    for wanted in _BY_VALUES:
        unclear = _let_values_speak(wanted, columns, proposed, evidence, table) or unclear
    if not columns.keys() & {Field.VILLAGE, Field.HUKOU, Field.ADDRESS}:
        addresses = [c for c, f in proposed.items() if f is None and evidence[c].convinces(Field.ADDRESS)]
        columns |= {Field.ADDRESS: addresses[0]} if addresses else {}
    taken = set(columns.values())
    free = {c for c, f in proposed.items() if f is None} - taken
    phones = _titled_or_fitting(Field.PHONE, proposed, free, evidence)
    categories = tuple(
        c for c in _titled_or_fitting(Field.CATEGORY, proposed, free, evidence) if c not in taken
    )
    own_ticks = {c: kind for c, kind in ticks.items() if c in block.reach}
    used = taken | {*phones, *categories, *own_ticks, *(c for group in more.values() for c in group)}
    unused = tuple(
        c
        for c in block.reach
        if c not in used
        and evidence[c].filled
        and proposed.get(c) not in _OF_NOBODY
        and c not in block.shared
    )
    placed = replace(
        block,
        columns=columns,
        more=more,
        phones=phones,
        categories=categories,
        ticks=own_ticks,
        unused=unused,
        all_have_died=_all_have_died(columns, evidence),
    )
    return placed, unclear


def _rival_names(
    columns: Mapping[Field, int],
    proposed: Mapping[int, Field | None],
    evidence: Mapping[int, ColumnEvidence],
    table: Table,
) -> str | None:
    """Two columns of names in one block: the one that says just 姓名 is the person's, else it is asked."""
    rivals = [c for c, f in proposed.items() if f is Field.NAME and evidence[c].fit(Field.NAME) >= 0.3]
    plain = [c for c in rivals if title_key(table.paths[c][-1]) in ("姓名", "本人姓名")]
    if len(rivals) < 2 or (len(plain) == 1 and columns.get(Field.NAME) == plain[0]):
        return None
    return f"{_and(rivals, table)}都像姓名"


def _let_values_speak(
    wanted: Field,
    columns: dict[Field, int],
    proposed: Mapping[int, Field | None],
    evidence: Mapping[int, ColumnEvidence],
    table: Table,
) -> str | None:
    """Take the column whose values are `wanted`'s, if no title says so or the titled one holds others."""
    titled = columns.get(wanted)
    if titled is not None and (evidence[titled].filled == 0 or _suits(evidence[titled], wanted)):
        return None
    if wanted is Field.NAME and Field.ID not in columns:
        return None  # names alone may be anybody's: the station's staff, village cadres
    may_hold = {None, wanted} | ({Field.ADDRESS, Field.HUKOU} if wanted is Field.VILLAGE else set())
    taken = {c for f, c in columns.items() if f not in (wanted, Field.ADDRESS, Field.HUKOU)}
    rivals = [
        c
        for c, f in proposed.items()
        if (f in may_hold or (wanted is Field.NAME and _is_noun_of_people(f, evidence[c])))
        and c != titled
        and c not in taken
        and evidence[c].convinces(wanted)
    ]
    if not rivals:
        return None
    if wanted is Field.NAME and len(rivals) > 1:
        return f"{_and(rivals, table)}都像姓名"
    columns[wanted] = max(rivals, key=lambda c: evidence[c].fit(wanted))
    return None


def _suits(evidence: ColumnEvidence, wanted: Field) -> bool:
    fit = evidence.fit(wanted) + (evidence.fit(Field.ADDRESS) if wanted is Field.VILLAGE else 0)
    return fit >= 0.2


def _is_noun_of_people(proposed: Field | None, evidence: ColumnEvidence) -> bool:
    """服务对象 over a column may mean who they are or of which kind: no kind among the values, then who."""
    return proposed is Field.CATEGORY and evidence.fit(Field.CATEGORY) == 0


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


def _one_sided(blocks: Sequence[Block], evidence: Mapping[int, ColumnEvidence]) -> Iterable[str]:
    """Columns that the last of like blocks has and the others lack: they may be of the whole line."""
    first, last = blocks[0], blocks[-1]
    extra = [c for f, c in last.columns.items() if f not in first.columns]
    extra += last.categories if not first.categories else ()
    extra += last.phones if not first.phones else ()
    return [f"{column_letters(c)} 列不知道说的是左边还是右边的人" for c in extra if evidence[c].filled]


def _and(columns: Sequence[int], table: Table) -> str:
    return "、".join(name_column(c, table.paths[c]) for c in columns)


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
