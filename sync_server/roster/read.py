"""Reading a roster workbook: open, find the tables, place the columns, read the people, ask the rest.

Nothing is stored here and nothing is guessed: either a whole Roster comes back, with questions for
what single rows leave open, or one error says everything that is in the way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from pathlib import Path

from app.domain.divisions import Division, Divisions
from app.domain.errors import RosterUnclear
from sync_server.roster.doubts import Doubts, Trails
from sync_server.roster.evidence import weigh
from sync_server.roster.grid import Grid
from sync_server.roster.layout import (
    Table,
    column_letters,
    find_tables,
    name_column,
    place_columns,
    title_rows,
)
from sync_server.roster.lines import TableReader, mark_second_listings, says_home_somewhere
from sync_server.roster.model import Deceased, Roster, RosterRow, SheetLayout
from sync_server.roster.people import FoundRow
from sync_server.roster.place import village_in_title, village_of_line
from sync_server.roster.purpose import Purpose, Standing, stand
from sync_server.roster.questions import other_names, questions_of, titles_for_names
from sync_server.roster.titles import Field, field_of_title
from sync_server.roster.township import Said, given_township, settle_township
from sync_server.roster.values import Says, text_of, what_it_says
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


def read_roster(
    path: str | Path, divisions: Divisions, township: str | None = None, *, today: date | None = None
) -> Roster:
    """Read the roster of one township from an `.xlsx` or `.xls` file.

    `township` (code or name) settles what the workbook does not say. Raises FileUnreadable,
    TooLarge, UnknownCode (a township outside `divisions`) or RosterUnclear, whose one sentence
    lists everything that could not be placed. Reading the same file again gives the same Roster;
    nobody is born after `today`.
    """
    path = Path(path)
    given = given_township(divisions, township) if township else None
    sheets = [_tables_of(Grid(sheet)) for sheet in open_workbook(path) if sheet.rows]
    in_the_way: list[str] = []
    place = settle_township(divisions, given, _said_of_township(path, sheets, divisions), in_the_way)
    placed = [_placed(sheet, divisions, place.code if place else None) for sheet in sheets]
    unclear = [
        f"表“{s.grid.name}”里{what}，请在表头写明" for s in placed for t in s.tables for what in t.unclear
    ]
    if not any(sheet.tables for sheet in placed):
        unclear = [_no_table(sheets)]
    in_the_way += unclear
    if place is None or in_the_way:
        raise RosterUnclear(f"花名册 {path.name} 还读不全：{'；'.join(in_the_way)}。什么也没有导入。")
    return _assemble(path, divisions, place, placed, today or date.today())


def _no_table(sheets: list[_SheetTables]) -> str:
    """What is in the way where no table holds people: no title for the names, or not one person a line."""
    cells = (v for s in sheets for r in range(s.grid.height) for _, v in s.grid.filled(r))
    if any(field_of_title(text_of(v)) is Field.NAME for v in cells):
        return "有“姓名”这个标题，但看不出哪一列是姓名，像是一人占了几行，请改成一人一行、每列一个标题"
    return "没有一张表里找得到“姓名”列，请给各列写上表头（姓名、身份证号、村等）"


def _tables_of(grid: Grid) -> _SheetTables:
    return _SheetTables(grid, tuple(find_tables(grid)))


def _said_of_township(path: Path, sheets: list[_SheetTables], divisions: Divisions) -> Said:
    return Said(
        titles=tuple(text for sheet in sheets for text in sheet.title_texts()),
        sheets=tuple(sheet.grid.name for sheet in sheets),
        column=tuple(dict.fromkeys(text for sheet in sheets for text in _township_cells(sheet, divisions))),
        file=path.stem,
        everything=(
            s.grid.raw(r, c) for s in sheets for r in range(s.grid.height) for c in range(s.grid.width)
        ),
    )


def _township_cells(sheet: _SheetTables, divisions: Divisions) -> list[str]:
    """What stands under 乡镇, and the townships of the villages' codes, each text once."""
    found: dict[str, None] = {}
    for table in sheet.tables:
        for c, path in enumerate(table.paths):
            title = field_of_title(path[-1]) if path else None
            if title not in (Field.TOWNSHIP, Field.VILLAGE, Field.VILLAGE_CODE):
                continue
            for text in (text_of(sheet.grid.raw(r, c)) for r in table.column_rows()):
                if title is Field.TOWNSHIP:
                    found[text] = None
                elif text in divisions and divisions[text].level == "village":
                    found[divisions[text].parent] = None
    return list(found)


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
        if any(block.holds_people for block in placed.blocks):
            tables.append(placed)
        elif any(
            evidence[b.columns[Field.ID]].convinces(Field.ID) for b in placed.blocks if Field.ID in b.columns
        ):
            tables.append(replace(placed, unclear=placed.unclear or ("找不到“姓名”列",)))
    return _SheetTables(sheet.grid, tuple(tables))


def _assemble(
    path: Path, divisions: Divisions, place: Division, sheets: list[_SheetTables], today: date
) -> Roster:
    reading = _Reading([], [], {}, [])
    tables = [(sheet.grid, table) for sheet in sheets for table in sheet.tables]
    some_have_numbers = any(Field.ID in b.columns for _, table in tables for b in table.blocks)
    blank_is_home = not any(says_home_somewhere(grid, table) for grid, table in tables)
    for sheet in sheets:
        if not sheet.tables:
            reading.layout.append(SheetLayout(sheet.grid.name, "skipped"))
        elif some_have_numbers and not any(_is_of_beneficiaries(t) for t in sheet.tables):
            reading.layout.append(_layout_of(sheet, {Purpose.UNCLEAR}))
        else:
            _read_sheet(sheet, divisions, place.code, reading, today, blank_is_home=blank_is_home)
    if titles := [q for name, doubts in reading.doubts.items() for q in titles_for_names(name, doubts)]:
        raise RosterUnclear(f"花名册 {path.name} 还读不全：{'；'.join(titles)}。什么也没有导入。")
    if not reading.people and not reading.dead:
        raise RosterUnclear(
            f"花名册 {path.name} 里一个人也没有找到。请确认选对了文件和工作表。什么也没有导入。"
        )
    rows = mark_second_listings(reading.people)
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
        questions=(*questions_of(place, reading.layout, reading.doubts, hidden), *other_names(rows)),
        layout=tuple(reading.layout),
    )


def _is_of_beneficiaries(table: Table) -> bool:
    """False for a list of names without number, category or service dates: staff, cadres, a phone list."""
    tells = {Field.ID, Field.ENLISTED, Field.DISCHARGED, Field.DIED}
    return any(tells & b.columns.keys() or b.categories or b.ticks for b in table.blocks)


def _read_sheet(
    sheet: _SheetTables,
    divisions: Divisions,
    township: str,
    reading: _Reading,
    today: date,
    *,
    blank_is_home: bool,
) -> None:
    """The people of all tables of a sheet, in the order of its rows, into `reading`."""
    grid, titles = sheet.grid, sheet.title_texts()
    doubts = reading.doubts.setdefault(grid.name, Doubts())
    trails = Trails(_village_of_sheet(divisions, township, grid.name, titles))
    standing: list[Standing] = []
    previous: Table | None = None
    roles: set[Purpose] = set()
    for section, table in sorted(
        ((s, t) for t in sheet.tables for s in t.sections), key=lambda st: st[0].body.start
    ):
        if table is not previous:
            reader = TableReader(
                grid,
                table,
                divisions=divisions,
                township=township,
                trails=trails,
                doubts=doubts,
                today=today,
                blank_is_home=blank_is_home,
            )
            doubts.unused |= _unused(grid, table)
        standing = [
            stand(grid, section, block, before=before, same=table is previous)
            for block, before in zip_longest(table.blocks, standing[: len(table.blocks)])
        ]
        previous = table
        roles |= {each.purpose for each in standing}
        for n, found in reader.people(section.body, standing):
            if standing[n].purpose is Purpose.DECEASED:
                reading.dead.append(found)
            elif standing[n].purpose is Purpose.PEOPLE:
                reading.people.append(found)
    reading.layout.append(_layout_of(sheet, roles))


def _unused(grid: Grid, table: Table) -> dict[str, int]:
    """Columns that hold something and were not understood, and how many cells they fill."""
    nothing = (Says.BLANK, Says.NOTHING)
    return {
        name_column(c, table.paths[c]): filled
        for block in table.blocks
        for c in block.unused
        if (filled := sum(what_it_says(grid.raw(r, c)) not in nothing for r in table.column_rows()))
    }


def _village_of_sheet(divisions: Divisions, township: str, name: str, titles: list[str]) -> str | None:
    """The village that the sheet as a whole is of, if its name or a title says one."""
    by_name = village_of_line(divisions, township, name)
    return by_name or next(
        (code for t in (*titles, name) if (code := village_in_title(divisions, township, t))), None
    )


def _deceased(found: FoundRow, listed: RosterRow | None) -> Deceased:
    row = found.row
    of = listed.ref if listed else None
    return Deceased(row.sheet, row.row, row.name, row.id, row.id_problem, found.died, of, column=row.column)


def _layout_of(sheet: _SheetTables, roles: set[Purpose]) -> SheetLayout:
    """How the sheet was read; the columns are those of its longest table."""
    headers = tuple(sorted({r + 1 for t in sheet.tables for s in t.sections for r in s.header}))
    table = max(sheet.tables, key=lambda t: len(t.column_rows()))
    columns = []
    for block in table.blocks:
        columns += [(f.value, c) for f, c in block.columns.items()]
        columns += [(f.value, c) for f, further in block.more.items() for c in further]
        columns += [(Field.PHONE.value, c) for c in block.phones]
        columns += [(Field.CATEGORY.value, c) for c in block.categories]
        columns += [(kind.value, c) for c, kind in block.ticks.items()]
    role = next(p for p in Purpose if p in roles)
    return SheetLayout(
        sheet.grid.name, role.value, headers, tuple((f, column_letters(c)) for f, c in columns)
    )
