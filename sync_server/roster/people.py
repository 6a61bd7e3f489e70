"""From the rows of a table to people: which rows are people, and what each cell says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from app.domain.categories import BenefitCategory, read_categories
from app.domain.citizen_id import IdProblem, ReadId, birth_date, is_sound, read_citizen_id, sex_of
from app.domain.codes import Sex
from app.domain.divisions import Divisions
from app.domain.names import ReadName, read_name
from sync_server.roster.evidence import categories_of_title
from sync_server.roster.layout import Grid, Table
from sync_server.roster.model import Phone, RosterRow
from sync_server.roster.place import village_of_line
from sync_server.roster.titles import Field, is_of_someone_else, whose
from sync_server.roster.values import (
    folded,
    is_ditto,
    is_home_word,
    is_tick,
    read_month,
    read_phones,
    read_yes_no,
    says_nothing,
    text_of,
)  # fmt: skip
from sync_server.roster.workbook import Value

_SUMMARY = re.compile(r"(?:小计|合计|总计|共计|累计|本页计|本页小计|总人数|人数)|^计$")
_NO_NAME = re.compile(
    r"^(?:填表|制表|审核|复核|负责|经办|单位|填报|日期|备注|说明|注[:：\d]?|第.{1,3}页|续表?$|姓名$|序号$|共\d|以上|以下|联系电话|盖章|签字|无$|空$)"
)
_PLAUSIBLE_NAME = re.compile(r"[^\d\s:：,，。;；()/\\、=+%￥]{2,25}")
_DEAD = re.compile(
    r"(?:本人)?(?:已|于)?[\d年月日.\-/]*(?:因病)?(?:已)?(?:去世|死亡|亡故|已故|过世|逝世|病逝|殁)(?:[\d年月日.\-/]*)"
)
# A place or a category under 姓名 would be a misplaced column; a line of one village is a banner.


@dataclass
class VillageTrail:
    """The village that stands until another is named; `default` when none has been yet."""

    default: str | None = None
    current: str | None = None
    written: str = ""
    named: bool = False

    def name(self, code: str | None, written: str) -> None:
        self.current, self.written, self.named = code, written, True

    @property
    def village(self) -> str | None:
        return self.current if self.named else self.default


@dataclass
class Doubts:
    """What a person has to look at, gathered by kind so that it is asked once; rows by number."""

    unknown_villages: dict[str, list[int]] = field(default_factory=dict)
    unclear_categories: dict[str, list[int]] = field(default_factory=dict)
    nameless: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A person's row, and whether the row itself says that the person has died (and when)."""

    row: RosterRow
    is_dead: bool = False
    died: str | None = None


class TableReader:
    """Reads the people of one placed table. One reader a table; rows come in sheet order."""

    def __init__(
        self, grid: Grid, table: Table, divisions: Divisions, township: str, trail: VillageTrail, doubts: Doubts,
        default_categories: tuple[BenefitCategory, ...] = (),
    ) -> None:  # fmt: skip
        self._grid = grid
        self._table = table
        self._divisions = divisions
        self._township = township
        self._trail = trail
        self._doubts = doubts
        self._default_categories = default_categories
        self._above: dict[int, Value] = {}  # last statement of each column, for ditto marks
        residence = table.columns.get(Field.RESIDENCE)
        self._blank_is_home = residence is not None and not any(
            is_home_word(grid.raw(r, residence)) for section in table.sections for r in section.body
        )
        self._has_id_column = Field.ID in table.columns

    def people(self, body: range) -> Iterator[FoundRow]:
        """The people among the rows of `body`; villages named between them are remembered."""
        for r in body:
            name = read_name(self._text(r, Field.NAME))
            number = read_citizen_id(self._raw(r, Field.ID))
            if self._is_person(r, name, number):
                yield self._person(r, name, number)
            else:
                self._remember_banner(r)

    def _is_person(self, r: int, name: ReadName, number: ReadId) -> bool:
        cells = self._grid.filled(r)
        has_number = number.problem is not IdProblem.MISSING
        if not cells or (not has_number and any(_is_summary(v) for _, v in cells)):
            return False
        if has_number:
            return True
        if _PLAUSIBLE_NAME.fullmatch(name.name) is None or _NO_NAME.search(name.name):
            return False
        merge = self._grid.merge_at(r, self._table.columns.get(Field.NAME, 0))
        return len(cells) > 1 and not (merge and merge.right > merge.left)

    def _remember_banner(self, r: int) -> None:
        cells = self._grid.filled(r)
        if not cells or any(_is_summary(v) for _, v in cells):
            return
        for _, value in cells:
            if code := village_of_line(self._divisions, self._township, text_of(value)):
                self._trail.name(code, text_of(value))
                return

    def _person(self, r: int, name: ReadName, number: ReadId) -> FoundRow:
        row_number = r + 1
        if not name.name:
            self._doubts.nameless.append(row_number)
        village, rest = self._village(r)
        discharged = read_month(self._cell(r, Field.DISCHARGED))
        written_category, categories = self._categories(r, discharged is not None)
        sound = number.number if number.number and is_sound(number.number) else None
        away, away_place = self._away(r, village)
        died_cell = self._cell(r, Field.DIED)
        row = RosterRow(
            sheet=self._grid.sheet.name,
            row=row_number,
            name=name.name,
            name_note=name.note,
            id=number.number,
            id_as_written=number.as_written,
            id_problem=number.problem,
            century_unsure=number.century_unsure,
            village=village,
            village_as_written=self._trail.written,
            hamlet=self._words(r, Field.HAMLET) or rest,
            house=self._words(r, Field.HOUSE),
            address=self._words(r, Field.ADDRESS),
            categories=categories,
            category_as_written=written_category,
            sex=self._sex(r, sound),
            born=self._born(r, sound, number.problem),
            born_as_written=text_of(self._cell(r, Field.BORN)),
            away=away,
            away_place=away_place,
            phones=self._phones(r),
            enlisted=read_month(self._cell(r, Field.ENLISTED)),
            discharged=discharged,
            employment=self._words(r, Field.EMPLOYMENT),
            living=self._words(r, Field.LIVING),
            merit=self._words(r, Field.MERIT),
            card=self._words(r, Field.CARD),
            note=self._words(r, Field.NOTE),
        )
        says_dead = _DEAD.fullmatch(name.note) or _DEAD.fullmatch(folded(row.note))
        has_died = (
            died_cell is not None and not says_nothing(died_cell) and read_yes_no(died_cell)[0] is not False
        )
        return FoundRow(row, bool(says_dead) or has_died, read_month(died_cell))

    def _village(self, r: int) -> tuple[str | None, str]:
        """The village's code and what its cell says beyond it."""
        if Field.VILLAGE not in self._table.columns:
            return self._trail.village, ""
        value = self._shown(r, Field.VILLAGE)
        if value is None or is_ditto(value) or says_nothing(value):
            return self._trail.village, ""
        written = text_of(value)
        found = self._divisions.match_village(self._township, written)
        self._trail.name(found.code, written)
        if found.code is None:
            self._doubts.unknown_villages.setdefault(written, []).append(r + 1)
        return found.code, found.rest

    def _categories(self, r: int, discharged: bool) -> tuple[str, tuple[BenefitCategory, ...]]:
        texts = [text_of(self._resolved(r, c)) for c in self._table.categories]
        ticked = [c for c in self._table.ticks if is_tick(self._grid.raw(r, c))]
        texts += [self._table.paths[c][-1] for c in ticked]
        written = "；".join(t for t in texts if t)
        found: set[BenefitCategory] = set()
        for text in texts:
            read = read_categories(text, discharged=discharged)
            found.update(read.categories)
            if text and read.unclear:
                self._doubts.unclear_categories.setdefault(text, []).append(r + 1)
        if not self._table.categories and not self._table.ticks:
            found.update(self._default_categories)
        return written, tuple(c for c in BenefitCategory if c in found)

    def _sex(self, r: int, sound: str | None) -> Sex | None:
        written = folded(self._cell(r, Field.SEX))
        return {"男": Sex.MALE, "女": Sex.FEMALE}.get(written[:1]) or (sex_of(sound) if sound else None)

    def _born(self, r: int, sound: str | None, problem: IdProblem | None) -> str | None:
        if sound is not None and (day := birth_date(sound)) is not None:
            return day.isoformat()
        return read_month(self._cell(r, Field.BORN)) if problem is IdProblem.MISSING else None

    def _away(self, r: int, village: str | None) -> tuple[bool | None, str]:
        """Away by residence or by flag; the two together as one statement, away if either says so."""
        says: list[tuple[bool | None, str]] = []
        if Field.AWAY_FLAG in self._table.columns:
            yes, words = read_yes_no(self._cell(r, Field.AWAY_FLAG))
            says.append((True, words) if yes is None else (yes, words))
        if Field.HOME_FLAG in self._table.columns:
            cell = self._cell(r, Field.HOME_FLAG)
            yes, words = read_yes_no(cell)
            if cell is not None:
                says.append(
                    (True, words)
                    if yes is None
                    else (not yes or (is_home_word(cell) is False and not yes), words)
                )
        if Field.AWAY_PLACE in self._table.columns:
            says.append(self._residence(self._cell(r, Field.AWAY_PLACE), village, blank=False))
        if Field.RESIDENCE in self._table.columns:
            blank = False if self._blank_is_home else None
            says.append(self._residence(self._cell(r, Field.RESIDENCE), village, blank=blank))
        place = next((p for away, p in says if away and p), "")
        if any(away for away, _ in says):
            return True, place
        return (False if any(away is False for away, _ in says) else None), ""

    def _residence(self, value: Value, village: str | None, *, blank: bool | None) -> tuple[bool | None, str]:
        if value is None or says_nothing(value):
            return blank, ""
        if is_home_word(value):
            return False, ""
        yes, words = read_yes_no(value)
        if yes is not None and not words:
            return (not yes if is_home_word(value) else yes), ""
        place = text_of(value)
        here = self._divisions.match_village(self._township, place).code
        return (False, "") if here is not None and here == village else (True, place)

    def _phones(self, r: int) -> tuple[Phone, ...]:
        found: dict[str, Phone] = {}
        for c in self._table.phones:
            for phone in read_phones(self._resolved(r, c), whose(self._table.paths[c])):
                found.setdefault(phone.number, phone)
        return tuple(found.values())

    def _words(self, r: int, wanted: Field) -> str:
        value = self._cell(r, wanted)
        return "" if says_nothing(value) else text_of(value)

    def _cell(self, r: int, wanted: Field) -> Value:
        """The cell's statement: merged ranges and ditto marks taken for what they repeat."""
        column = self._table.columns.get(wanted)
        return None if column is None else self._resolved(r, column)

    def _resolved(self, r: int, column: int) -> Value:
        value = self._grid.shown(r, column)
        if value is not None and is_ditto(value):
            return self._above.get(column)
        self._above[column] = value
        return value

    def _shown(self, r: int, wanted: Field) -> Value:
        column = self._table.columns.get(wanted)
        return None if column is None else self._grid.shown(r, column)

    def _raw(self, r: int, wanted: Field) -> Value:
        column = self._table.columns.get(wanted)
        return None if column is None else self._grid.raw(r, column)

    def _text(self, r: int, wanted: Field) -> str:
        return text_of(self._raw(r, wanted))


def mark_second_listings(rows: list[RosterRow]) -> list[RosterRow]:
    """Each row with `of` set where an earlier row has the same number.

    A blank residence in a second listing says nothing, so it is not taken for being at home.
    """
    from sync_server.roster.model import RowRef

    first: dict[str, RosterRow] = {}
    marked = []
    for row in rows:
        earlier = first.setdefault(row.id, row) if row.id else row
        marked.append(row if earlier is row else replace(row, of=RowRef(earlier.sheet, earlier.row)))
    return marked


def _is_summary(value: Value) -> bool:
    text = folded(value)
    return len(text) <= 16 and _SUMMARY.search(text) is not None


Reader = Callable[[range], Iterator[FoundRow]]
__all__ = [
    "Any",
    "Doubts",
    "FoundRow",
    "Reader",
    "TableReader",
    "VillageTrail",
    "categories_of_title",
    "is_of_someone_else",
    "mark_second_listings",
]
