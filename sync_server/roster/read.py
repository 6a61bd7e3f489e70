"""Reading a roster workbook: open, find the tables, place the columns, read the people, ask the rest.

Nothing is stored here and nothing is guessed: either a whole Roster comes back, with questions for
what single rows leave open, or one error says everything that is in the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.domain.categories import BenefitCategory, read_categories
from app.domain.divisions import Division, Divisions
from app.domain.errors import RosterUnclear
from sync_server.roster.evidence import weigh
from sync_server.roster.layout import Grid, Table, column_letters, find_tables, headless_table, place_columns
from sync_server.roster.model import Deceased, Roster, RosterRow, RowRef, SheetLayout
from sync_server.roster.people import Doubts, FoundRow, TableReader, VillageTrail, mark_second_listings
from sync_server.roster.place import (
    foreign_township,
    given_township,
    suggested_township,
    townships_in,
    village_in_title,
    village_of_line,
)  # fmt: skip
from sync_server.roster.titles import FIELD_LABELS, Field
from sync_server.roster.values import folded, text_of
from sync_server.roster.workbook import Sheet, open_workbook

_OF_THE_DECEASED = re.compile(r"去世|死亡|亡故|已故|逝世|离世|过世|减员|注销")
_SEVERAL_KINDS = re.compile(r"及|和|与|、|其他|等|优抚对象|服务对象")
_MOST_ROWS_NAMED = 8  # row numbers spelt out in one question


@dataclass(frozen=True)
class _SheetTables:
    grid: Grid
    tables: tuple[Table, ...]

    @property
    def first_row(self) -> int:
        return min(s.header.start if len(s.header) else 0 for t in self.tables for s in t.sections)


def read_roster(path: str | Path, divisions: Divisions, township: str | None = None) -> Roster:
    """Read the roster of one township from an `.xlsx` or `.xls` file.

    `township` (code or name) settles what the workbook does not say. Raises FileUnreadable,
    TooLarge, UnknownCode (a township outside `divisions`) or RosterUnclear, whose one sentence
    lists everything that could not be placed. Reading the same file again gives the same Roster.
    """
    path = Path(path)
    given = given_township(divisions, township) if township else None
    sheets = open_workbook(path)
    found = [_tables_of(Grid(sheet)) for sheet in sheets if sheet.rows]
    in_the_way: list[str] = []
    place = given or _named_township(divisions, path, found, in_the_way)
    placed = [_placed(sheet, divisions, place.code if place else "") for sheet in found]
    placed = [sheet for sheet in placed if sheet.tables]
    if not placed:
        in_the_way.append("没有一张表里找得到姓名和身份证号等列，请给表头写上“姓名”“身份证号”“村”")
    in_the_way += [
        f"表“{s.grid.sheet.name}”里{what}，请在表头写明" for s in placed for t in s.tables for what in t.open
    ]
    if in_the_way or place is None:
        raise RosterUnclear(f"花名册 {path.name} 还读不全：{'；'.join(in_the_way)}。什么也没有导入。")
    return _assemble(
        divisions,
        place,
        placed,
        skipped=[s for s in sheets if s.name not in {p.grid.sheet.name for p in placed}],
    )


def _tables_of(grid: Grid) -> _SheetTables:
    return _SheetTables(grid, tuple(find_tables(grid)) or (headless_table(grid),))


def _named_township(
    divisions: Divisions, path: Path, sheets: list[_SheetTables], in_the_way: list[str]
) -> Division | None:
    """The township that title lines, else sheet names, else the file's name say; else what to ask."""
    titles = [text_of(v) for s in sheets for r in _title_rows(s) for _, v in s.grid.filled(r)]
    column = [text_of(v) for s in sheets for v in _township_cells(s)]
    for texts in (titles, [s.grid.sheet.name for s in sheets], column, [path.stem]):
        named = townships_in(divisions, texts)
        if len(named) == 1:
            return named[0]
        if len(named) > 1:
            names = "、".join(d.name for d in named[:5])
            in_the_way.append(f"里面写了不止一个乡镇（{names}），请按乡镇分开，或指明是哪一个乡镇")
            return None
    if outside := foreign_township(titles):
        in_the_way.append(f"标题里的“{outside}”不在区划表里，请指明乡镇的九位区划代码")
        return None
    suggestion = suggested_township(divisions, (v for s in sheets for row in s.grid.sheet.rows for v in row))
    hint = f"（看村名像是{divisions.path(suggestion.code)}，代码 {suggestion.code}）" if suggestion else ""
    in_the_way.append(f"看不出是哪个乡镇，请指明乡镇的九位区划代码{hint}")
    return None


def _title_rows(sheet: _SheetTables) -> Iterable[int]:
    """Rows that speak of a whole table: those above its header; of a sheet without one, the first few."""
    headed = [s for t in sheet.tables for s in t.sections if len(s.header)]
    if not headed:
        return range(min(5, sheet.grid.height))
    return [r for s in headed for r in s.above]


def _township_cells(sheet: _SheetTables) -> Iterable[object]:
    from sync_server.roster.titles import field_of_title

    for table in sheet.tables:
        for column, path in enumerate(table.paths):
            if path and field_of_title(path[-1]) is Field.TOWNSHIP:
                yield from (sheet.grid.raw(r, column) for s in table.sections for r in s.body)


def _placed(sheet: _SheetTables, divisions: Divisions, township: str) -> _SheetTables:
    """The sheet with the columns of its tables placed; tables that hold no people are left out."""
    tables = []
    for table in sheet.tables:
        rows = [r for s in table.sections for r in s.body]
        evidence = {
            c: weigh((sheet.grid.shown(r, c) for r in rows), divisions, township)
            for c in range(sheet.grid.width)
        }
        placed = place_columns(sheet.grid, table, evidence)
        if Field.NAME in placed.columns and (len(placed.columns) > 1 or placed.phones or placed.categories):
            tables.append(placed)
        elif Field.ID in placed.columns and evidence[placed.columns[Field.ID]].fit(Field.ID) > 0.5:
            tables.append(
                Table(placed.paths, placed.sections, placed.columns, open=placed.open or ("找不到姓名列",))
            )
    return _SheetTables(sheet.grid, tuple(tables))


def _assemble(
    divisions: Divisions, place: Division, sheets: list[_SheetTables], skipped: list[Sheet]
) -> Roster:
    doubts: dict[str, Doubts] = {}
    people: list[FoundRow] = []
    dead: list[FoundRow] = []
    layout: list[SheetLayout] = []
    for sheet in sheets:
        of_the_deceased = _is_of_the_deceased(sheet)
        found = _people_of(sheet, divisions, place.code, doubts.setdefault(sheet.grid.sheet.name, Doubts()))
        (dead if of_the_deceased else people).extend(found)
        layout.append(_layout_of(sheet, "deceased" if of_the_deceased else "people"))
    layout += [SheetLayout(s.name, "skipped") for s in skipped if s.rows]
    if not people and not dead:
        raise RosterUnclear(f"{place.name}的花名册里一个人也没有找到。请确认选对了文件和工作表。")
    rows = mark_second_listings([p.row for p in people])
    listed = {row.id: row for row in reversed(rows) if row.id}
    deceased = [_deceased(p, listed.get(p.row.id or "")) for p in dead]
    deceased += [_deceased(p, p.row) for p in people if p.is_dead]
    return Roster(
        township=place.code,
        county=place.parent,
        rows=tuple(rows),
        deceased=tuple(deceased),
        questions=tuple(_questions(place, sheets, doubts, several=len(sheets) > 1)),
        layout=tuple(layout),
    )


def _people_of(sheet: _SheetTables, divisions: Divisions, township: str, doubts: Doubts) -> list[FoundRow]:
    titles = [text_of(v) for r in _title_rows(sheet) for _, v in sheet.grid.filled(r)]
    name = sheet.grid.sheet.name
    default = village_of_line(divisions, township, name) or next(
        (code for t in (*titles, name) if (code := village_in_title(divisions, township, t))), None
    )
    trail = VillageTrail(default)
    categories = _categories_of_titles([*titles, name])
    readers = {
        section: TableReader(sheet.grid, table, divisions, township, trail, doubts, categories)
        for table in sheet.tables
        for section in table.sections
    }
    in_order = sorted(readers, key=lambda section: section.body.start)
    return [found for section in in_order for found in readers[section].people(section.body)]


def _categories_of_titles(titles: list[str]) -> tuple[BenefitCategory, ...]:
    """What a roster of one kind says in its title (参战退役人员花名册); a mixed one says nothing."""
    for title in titles:
        if not _SEVERAL_KINDS.search(title) and (found := read_categories(title).categories):
            return found
    return ()


def _is_of_the_deceased(sheet: _SheetTables) -> bool:
    titles = [
        sheet.grid.sheet.name,
        *(text_of(v) for r in _title_rows(sheet) for _, v in sheet.grid.filled(r)),
    ]
    return any(_OF_THE_DECEASED.search(folded(t)) for t in titles)


def _deceased(found: FoundRow, listed: RosterRow | None) -> Deceased:
    row = found.row
    of = RowRef(listed.sheet, listed.row) if listed else None
    return Deceased(row.sheet, row.row, row.name, row.id, row.id_problem, found.died, of)


def _layout_of(sheet: _SheetTables, role: str) -> SheetLayout:
    headers = tuple(r + 1 for t in sheet.tables for s in t.sections for r in s.header)
    table = max(sheet.tables, key=lambda t: sum(len(s.body) for s in t.sections))
    columns = [(f.value, column_letters(c)) for f, c in table.columns.items()]
    columns += [(Field.PHONE.value, column_letters(c)) for c in table.phones]
    columns += [(Field.CATEGORY.value, column_letters(c)) for c in (*table.categories, *table.ticks)]
    return SheetLayout(sheet.grid.sheet.name, role, headers, tuple(columns))


def _questions(
    place: Division, sheets: list[_SheetTables], doubts: dict[str, Doubts], *, several: bool
) -> Iterable[str]:
    for sheet in sheets:
        name = sheet.grid.sheet.name
        at = f"表“{name}”" if several else ""
        if sheet.grid.sheet.hidden:
            yield f"表“{name}”是隐藏的，里面的人也读了进来，请确认是否应当算入。"
        for field in (Field.ID, Field.VILLAGE):
            if not _is_of_the_deceased(sheet) and not any(field in t.columns for t in sheet.tables):
                yield f"{at}没有找到“{FIELD_LABELS[field]}”列，请确认。"
        found = doubts[name]
        for written, rows in found.unknown_villages.items():
            yield f"{at}{_rows(rows)}的村名“{written}”在{place.name}里对不上唯一的村或社区，请改正或补上。"
        for written, rows in found.unclear_categories.items():
            yield f"{at}{_rows(rows)}的身份类别“{written}”看不出是哪一类，请写明。"
        if found.nameless:
            yield f"{at}{_rows(found.nameless)}没有姓名，请补上。"


def _rows(rows: list[int]) -> str:
    named = "、".join(str(r) for r in rows[:_MOST_ROWS_NAMED])
    return f"第 {named} 行" + (f"等 {len(rows)} 行" if len(rows) > _MOST_ROWS_NAMED else "")
