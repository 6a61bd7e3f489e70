"""From the rows of a table to people: which rows are people, and what each cell says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from app.domain.categories import BenefitCategory, read_categories
from app.domain.citizen_id import IdProblem, ReadId, birth_date, is_sound, read_citizen_id, sex_of
from app.domain.codes import Sex
from app.domain.divisions import Divisions
from app.domain.names import ReadName, read_name
from sync_server.roster.grid import Grid
from sync_server.roster.layout import Table
from sync_server.roster.model import Phone, RosterRow, RowRef
from sync_server.roster.place import says_village, village_of_line
from sync_server.roster.residence import Whereabouts, by_flag, by_home_flag, by_residence, together
from sync_server.roster.titles import Field, whose
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
)
from sync_server.roster.workbook import Value

# The whole cell must be such a label: 合计 also occurs in remarks about people.
_SUMMARY = re.compile(
    r".{0,10}(?:小计|合计|总计|共计|累计|总人数|人数)[:：(（]?(?:共|计)?[\d.,]*(?:人|名|户)?[)）]?|计[:：]?|共[\d]+(?:人|名|户)"
)
_NO_NAME = re.compile(
    r"^(?:填表|制表|审核|复核|负责人|经办|单位|填报|日期|备注|说明|注$|第.{1,3}页|续表?$|姓名$|序号$|以上|以下|联系电话|盖章|签[字名])"
)
_PLAUSIBLE_NAME = re.compile(r"[^\d\s:：,，。;；()/\\=+%￥#!！?？]{2,25}\d?")
_SIGNATURE = re.compile(r"(?:填表|制表|审核|复核|填报|负责|经办|单位|站长|联系)[^,，:：]{0,6}[:：]")
_DEAD = re.compile(
    r"(?:本人)?(?:已|于)?[\d年月日.\-/]*(?:因病)?已?(?:去世|死亡|亡故|已故|过世|逝世|病逝|殁)[\d年月日.\-/]*"
)
_MOST_BANNER_CELLS = 3  # a line with more in it that is no person is asked about


@dataclass
class VillageTrail:
    """The village that stands until another is named; `default` (the sheet's) when none has been."""

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

    villages: dict[str, list[int]] = field(default_factory=dict)  # as written: not one of the township
    no_village: list[int] = field(default_factory=list)
    categories: dict[str, list[int]] = field(default_factory=dict)  # as written: names no category
    nameless: list[int] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)  # rows with several cells that are no person's


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A person's row; `is_dead` (and when `died`) if the row itself says that the person has died."""

    row: RosterRow
    is_dead: bool = False
    died: str | None = None


class TableReader:
    """Reads the people of one placed table. Call `people` once a section, in sheet order."""

    def __init__(
        self,
        grid: Grid,
        table: Table,
        *,
        divisions: Divisions,
        township: str,
        trail: VillageTrail,
        doubts: Doubts,
    ) -> None:
        self._grid = grid
        self._table = table
        self._divisions = divisions
        self._township = township
        self._trail = trail
        self._doubts = doubts
        self._above: dict[int, Value] = {}  # last statement of each column, for ditto marks
        residence = table.columns.get(Field.RESIDENCE)
        # Where nobody's residence says 本村, the column is kept for those away and blank means home.
        self._blank_is_home = residence is not None and not any(
            is_home_word(grid.raw(r, residence)) for r in table.column_rows()
        )

    def people(self, body: range, default_categories: tuple[BenefitCategory, ...] = ()) -> Iterator[FoundRow]:
        """The people among the rows of `body`; a village named by a line between them is remembered.

        `default_categories` are those of a roster of one kind that has no column for them.
        """
        for r in body:
            name = read_name(text_of(self._raw(r, Field.NAME)))
            number = read_citizen_id(self._raw(r, Field.ID))
            if self._is_person(r, name, number):
                yield self._person(r, name, number, default_categories)
            else:
                self._remember_banner(r)

    def _is_person(self, r: int, name: ReadName, number: ReadId) -> bool:
        cells = self._grid.filled(r)
        if number.problem is not IdProblem.MISSING:
            # A subtotal's number cell may hold a long count or sum; then it still says 小计.
            return number.problem is not IdProblem.DIGITS_LOST or not any(_is_summary(v) for _, v in cells)
        if not cells or any(_is_summary(v) or _SIGNATURE.match(folded(v)) for _, v in cells):
            return False
        if _PLAUSIBLE_NAME.fullmatch(name.name) is None or _NO_NAME.search(name.name):
            return False
        merge = self._grid.merge_at(r, self._table.columns.get(Field.NAME, 0))
        return len(cells) > 1 and not (merge and merge.right > merge.left)

    def _remember_banner(self, r: int) -> None:
        cells = self._grid.filled(r)
        if any(_is_summary(v) or _SIGNATURE.match(folded(v)) for _, v in cells):
            return
        if len(cells) > _MOST_BANNER_CELLS:
            self._doubts.unread.append(r + 1)
            return
        for _, value in cells:
            code = village_of_line(self._divisions, self._township, text_of(value))
            # A village that the township does not have: those below it are asked about, not given
            # to the village above.
            if code or (len(cells) == 1 and says_village(text_of(value))):
                self._trail.name(code, text_of(value))
                return

    def _person(
        self, r: int, name: ReadName, number: ReadId, default_categories: tuple[BenefitCategory, ...]
    ) -> FoundRow:
        if not name.name:
            self._doubts.nameless.append(r + 1)
        village, rest = self._village(r)
        discharged = read_month(self._cell(r, Field.DISCHARGED))
        sound = number.number if number.number and is_sound(number.number) else None
        where = self._whereabouts(r, village)
        row = RosterRow(
            sheet=self._grid.name,
            row=r + 1,
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
            categories=self._categories(r, discharged=discharged is not None) or default_categories,
            category_as_written=self._category_text(r),
            sex=self._sex(r, sound),
            born=self._born(r, sound, number.problem),
            born_as_written=text_of(self._cell(r, Field.BORN)),
            away=where.away,
            away_place=where.place,
            phones=self._phones(r),
            phones_unread=self._phones_unread(r),
            enlisted=read_month(self._cell(r, Field.ENLISTED)),
            discharged=discharged,
            employment=self._words(r, Field.EMPLOYMENT),
            living=self._words(r, Field.LIVING),
            merit=self._words(r, Field.MERIT),
            card=self._words(r, Field.CARD),
            note=self._words(r, Field.NOTE),
        )
        died = self._cell(r, Field.DIED)
        says_dead = any(_DEAD.fullmatch(folded(words)) for words in (name.note, row.note))
        has_died = died is not None and not says_nothing(died) and read_yes_no(died)[0] is not False
        return FoundRow(row, says_dead or has_died, read_month(died))

    def _village(self, r: int) -> tuple[str | None, str]:
        """The village's code, and what its cell says beyond it."""
        column = self._table.columns.get(Field.VILLAGE)
        value = None if column is None else self._grid.shown(r, column)
        if value is None or is_ditto(value) or says_nothing(value):
            if self._trail.village is None and self._trail.written not in self._doubts.villages:
                self._doubts.no_village.append(r + 1)
            elif self._trail.village is None:
                self._doubts.villages[self._trail.written].append(r + 1)
            return self._trail.village, ""
        written = text_of(value)
        found = self._divisions.match_village(self._township, written)
        self._trail.name(found.code, written)
        if found.code is None:
            self._doubts.villages.setdefault(written, []).append(r + 1)
        return found.code, found.rest

    def _category_cells(self, r: int) -> Iterable[str]:
        yield from (text_of(self._resolved(r, c)) for c in self._table.categories)
        yield from (self._table.paths[c][-1] for c in self._table.ticks if is_tick(self._grid.raw(r, c)))

    def _category_text(self, r: int) -> str:
        return "；".join(text for text in self._category_cells(r) if text)

    def _categories(self, r: int, *, discharged: bool) -> tuple[BenefitCategory, ...]:
        found: set[BenefitCategory] = set()
        for text in self._category_cells(r):
            read = read_categories(text, discharged=discharged)
            found.update(read.categories)
            if read.unclear and not says_nothing(text):
                self._doubts.categories.setdefault(text, []).append(r + 1)
        return tuple(c for c in BenefitCategory if c in found)

    def _sex(self, r: int, sound: str | None) -> Sex | None:
        written = folded(self._cell(r, Field.SEX))[:1]
        return {"男": Sex.MALE, "女": Sex.FEMALE}.get(written) or (sex_of(sound) if sound else None)

    def _born(self, r: int, sound: str | None, problem: IdProblem | None) -> str | None:
        if sound is not None and (day := birth_date(sound)) is not None:
            return day.isoformat()
        # With a number that is wrong or cut off, the two statements would have to be weighed by a person.
        return read_month(self._cell(r, Field.BORN)) if problem is IdProblem.MISSING else None

    def _whereabouts(self, r: int, village: str | None) -> Whereabouts:
        def here(place: str) -> bool:
            code = self._divisions.match_village(self._township, place).code
            return code is not None and code == village

        columns, says = self._table.columns, []
        if Field.AWAY_FLAG in columns:
            says.append(by_flag(self._cell(r, Field.AWAY_FLAG)))
        if Field.HOME_FLAG in columns:
            says.append(by_home_flag(self._cell(r, Field.HOME_FLAG)))
        if Field.AWAY_PLACE in columns:
            says.append(by_residence(self._cell(r, Field.AWAY_PLACE), here, blank_is_home=True))
        if Field.RESIDENCE in columns:
            says.append(by_residence(self._cell(r, Field.RESIDENCE), here, blank_is_home=self._blank_is_home))
        return together(says)

    def _phones(self, r: int) -> tuple[Phone, ...]:
        found: dict[str, Phone] = {}
        for c in self._table.phones:
            for phone in read_phones(self._resolved(r, c), whose(self._table.paths[c])):
                found.setdefault(phone.number, phone)
        return tuple(found.values())

    def _phones_unread(self, r: int) -> str:
        """What the phone cells say where no number could be read: kept for the worker, not dropped."""
        cells = [self._resolved(r, c) for c in self._table.phones]
        return "、".join(text_of(v) for v in cells if not says_nothing(v) and not read_phones(v))

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

    def _raw(self, r: int, wanted: Field) -> Value:
        column = self._table.columns.get(wanted)
        return None if column is None else self._grid.raw(r, column)


def mark_second_listings(rows: Iterable[RosterRow]) -> list[RosterRow]:
    """The rows, `of` set where an earlier row has the same number; a name alone makes nobody a double."""
    first: dict[str, RosterRow] = {}
    marked = []
    for row in rows:
        earlier = first.setdefault(row.id, row) if row.id else row
        marked.append(row if earlier is row else replace(row, of=RowRef(earlier.sheet, earlier.row)))
    return marked


def _is_summary(value: Value) -> bool:
    return isinstance(value, str) and _SUMMARY.fullmatch(folded(value)) is not None
