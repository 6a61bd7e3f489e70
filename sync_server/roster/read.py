"""Reading a roster workbook: open, find the tables, place the columns, read the people, ask the rest.

Nothing is stored here and nothing is guessed: either a whole Roster comes back, with questions for
what single rows leave open, or one error says everything that is in the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.domain.divisions import Division, Divisions
from app.domain.errors import RosterUnclear
from sync_server.roster.evidence import weigh
from sync_server.roster.grid import Grid
from sync_server.roster.layout import (
    Table,
    column_letters,
    find_tables,
    headless_table,
    place_columns,
    title_rows,
)
from sync_server.roster.model import Deceased, Roster, RosterRow, RowRef, SheetLayout
from sync_server.roster.people import Doubts, FoundRow, TableReader, VillageTrail, mark_second_listings
from sync_server.roster.place import (
    foreign_township,
    given_township,
    suggested_township,
    townships_in,
    village_in_title,
    village_of_line,
)
from sync_server.roster.purpose import Purpose, purpose_of, single_categories
from sync_server.roster.questions import questions_of
from sync_server.roster.titles import Field, field_of_title
from sync_server.roster.values import text_of
from sync_server.roster.workbook import open_workbook

_ROWS_WEIGHED = 3000  # enough to know a column by


@dataclass(frozen=True)
class _SheetTables:
    grid: Grid
    tables: tuple[Table, ...]

    def title_texts(self) -> list[str]:
        rows = sorted({r for table in self.tables for r in title_rows(self.grid, table)})
        return [text_of(v) for r in rows for _, v in self.grid.filled(r)]


@dataclass
class _Reading:
    """What the sheets have given so far."""

    people: list[FoundRow]
    dead: list[FoundRow]
    doubts: dict[str, Doubts]
    layout: list[SheetLayout]


def read_roster(path: str | Path, divisions: Divisions, township: str | None = None) -> Roster:
    """Read the roster of one township from an `.xlsx` or `.xls` file.

    `township` (code or name) settles what the workbook does not say. Raises FileUnreadable,
    TooLarge, UnknownCode (a township outside `divisions`) or RosterUnclear, whose one sentence
    lists everything that could not be placed. Reading the same file again gives the same Roster.
    """
    path = Path(path)
    given = given_township(divisions, township) if township else None
    sheets = [_tables_of(Grid(sheet)) for sheet in open_workbook(path) if sheet.rows]
    in_the_way: list[str] = []
    place = given or _named_township(divisions, path, sheets, in_the_way)
    placed = [_placed(sheet, divisions, place.code if place else None) for sheet in sheets]
    unclear = [
        f"表“{s.grid.name}”里{what}，请在表头写明" for s in placed for t in s.tables for what in t.unclear
    ]
    if not any(sheet.tables for sheet in placed):
        unclear = ["没有一张表里找得到“姓名”列，请给各列写上表头（姓名、身份证号、村等）"]
    in_the_way += unclear
    if place is None or in_the_way:
        raise RosterUnclear(f"花名册 {path.name} 还读不全：{'；'.join(in_the_way)}。什么也没有导入。")
    return _assemble(path, divisions, place, placed)


def _tables_of(grid: Grid) -> _SheetTables:
    return _SheetTables(grid, tuple(find_tables(grid)) or (headless_table(grid),))


def _named_township(
    divisions: Divisions, path: Path, sheets: list[_SheetTables], in_the_way: list[str]
) -> Division | None:
    """The township that titles, else sheet names, a column, the file's name say; else what to ask."""
    titles = [text for sheet in sheets for text in sheet.title_texts()]
    column = [text for sheet in sheets for text in _township_cells(sheet)]
    for texts in (titles, [s.grid.name for s in sheets], column, [path.stem]):
        named = townships_in(divisions, texts)
        if len(named) == 1:
            return named[0]
        if named:
            names = "、".join(d.name for d in named[:5])
            in_the_way.append(f"里面写了不止一个乡镇（{names}），请按乡镇分开，或指明是哪一个乡镇")
            return None
    if outside := foreign_township(titles):
        in_the_way.append(f"标题里的“{outside}”不在区划表里，请指明乡镇的九位区划代码")
        return None
    cells = (s.grid.raw(r, c) for s in sheets for r in range(s.grid.height) for c in range(s.grid.width))
    suggestion = suggested_township(divisions, cells)
    hint = f"（看村名像是{divisions.path(suggestion.code)}，代码 {suggestion.code}）" if suggestion else ""
    in_the_way.append(f"看不出是哪个乡镇，请指明乡镇的九位区划代码{hint}")
    return None


def _township_cells(sheet: _SheetTables) -> list[str]:
    """What stands under 乡镇, each text once."""
    return list(
        dict.fromkeys(
            text_of(sheet.grid.raw(r, c))
            for table in sheet.tables
            for c, path in enumerate(table.paths)
            if path and field_of_title(path[-1]) is Field.TOWNSHIP
            for r in table.column_rows()
        )
    )


def _placed(sheet: _SheetTables, divisions: Divisions, township: str | None) -> _SheetTables:
    """The sheet with the columns of its tables placed; tables that hold no people are left out."""
    tables = []
    for table in sheet.tables:
        rows = table.column_rows()[:_ROWS_WEIGHED]
        evidence = {
            c: weigh((sheet.grid.shown(r, c) for r in rows), divisions, township)
            for c in range(sheet.grid.width)
        }
        placed = place_columns(table, evidence)
        if Field.NAME in placed.columns and (len(placed.columns) > 1 or placed.phones or placed.categories):
            tables.append(placed)
        elif Field.ID in placed.columns and evidence[placed.columns[Field.ID]].convinces(Field.ID):
            unclear = placed.unclear or ("找不到“姓名”列",)
            tables.append(Table(placed.paths, placed.sections, placed.columns, unclear=unclear))
    return _SheetTables(sheet.grid, tuple(tables))


def _assemble(path: Path, divisions: Divisions, place: Division, sheets: list[_SheetTables]) -> Roster:
    reading = _Reading([], [], {}, [])
    some_have_numbers = any(Field.ID in t.columns for sheet in sheets for t in sheet.tables)
    for sheet in sheets:
        if not sheet.tables:
            reading.layout.append(SheetLayout(sheet.grid.name, "skipped"))
        elif some_have_numbers and not any(_is_of_beneficiaries(t) for t in sheet.tables):
            reading.layout.append(_layout_of(sheet, {Purpose.UNCLEAR}))
        else:
            _read_sheet(sheet, divisions, place.code, reading)
    if not reading.people and not reading.dead:
        raise RosterUnclear(
            f"花名册 {path.name} 里一个人也没有找到。请确认选对了文件和工作表。什么也没有导入。"
        )
    rows = mark_second_listings(found.row for found in reading.people)
    listed = {row.id: row for row in reversed(rows) if row.id}
    deceased = [_deceased(found, listed.get(found.row.id or "")) for found in reading.dead]
    noted = [_deceased(found, found.row) for found in reading.people if found.is_dead]
    known = {one.of for one in deceased}
    hidden = [sheet.grid.name for sheet in sheets if sheet.grid.is_hidden and sheet.tables]
    return Roster(
        township=place.code,
        county=place.parent,
        rows=tuple(rows),
        deceased=(*deceased, *(one for one in noted if one.of not in known)),
        questions=tuple(questions_of(place, reading.layout, reading.doubts, hidden)),
        layout=tuple(reading.layout),
    )


def _is_of_beneficiaries(table: Table) -> bool:
    """False for a list of names without number, category or service dates: staff, cadres, a phone list."""
    tells = {Field.ID, Field.ENLISTED, Field.DISCHARGED, Field.DIED}
    return bool(tells & table.columns.keys() or table.categories or table.ticks)


def _read_sheet(sheet: _SheetTables, divisions: Divisions, township: str, reading: _Reading) -> None:
    """The people of all tables of a sheet, in the order of its rows, into `reading`."""
    grid, titles = sheet.grid, sheet.title_texts()
    doubts = reading.doubts.setdefault(grid.name, Doubts())
    trail = VillageTrail(_village_of_sheet(divisions, township, grid.name, titles))
    purpose, categories = Purpose.PEOPLE, single_categories((grid.name,))
    previous: Table | None = None
    roles: set[Purpose] = set()
    for section, table in sorted(
        ((s, t) for t in sheet.tables for s in t.sections), key=lambda st: st[0].body.start
    ):
        own = tuple(text_of(v) for r in section.above for _, v in grid.filled(r))
        said = purpose_of((grid.name, *own), table)
        if table is not previous or said is not Purpose.PEOPLE:
            purpose = said  # a title repeated at a page break does not say again whose list it is
        categories = single_categories(own) or categories
        roles.add(purpose)
        if table is not previous:
            reader = TableReader(
                grid, table, divisions=divisions, township=township, trail=trail, doubts=doubts
            )
        previous = table
        if purpose is Purpose.UNCLEAR:
            continue
        default = () if table.categories or table.ticks else categories
        found = list(reader.people(section.body, default))
        (reading.dead if purpose is Purpose.DECEASED else reading.people).extend(found)
    reading.layout.append(_layout_of(sheet, roles))


def _village_of_sheet(divisions: Divisions, township: str, name: str, titles: list[str]) -> str | None:
    """The village that the sheet as a whole is of, if its name or a title says one."""
    by_name = village_of_line(divisions, township, name)
    return by_name or next(
        (code for t in (*titles, name) if (code := village_in_title(divisions, township, t))), None
    )


def _deceased(found: FoundRow, listed: RosterRow | None) -> Deceased:
    row = found.row
    of = RowRef(listed.sheet, listed.row) if listed else None
    return Deceased(row.sheet, row.row, row.name, row.id, row.id_problem, found.died, of)


def _layout_of(sheet: _SheetTables, roles: set[Purpose]) -> SheetLayout:
    """How the sheet was read; the columns are those of its longest table."""
    headers = tuple(sorted({r + 1 for t in sheet.tables for s in t.sections for r in s.header}))
    table = max(sheet.tables, key=lambda t: len(t.column_rows()))
    columns = [(f.value, c) for f, c in table.columns.items()]
    columns += [(Field.PHONE.value, c) for c in table.phones]
    columns += [(Field.CATEGORY.value, c) for c in (*table.categories, *table.ticks)]
    role = next(p for p in Purpose if p in roles)
    return SheetLayout(
        sheet.grid.name, role.value, headers, tuple((f, column_letters(c)) for f, c in columns)
    )
