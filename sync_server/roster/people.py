"""The person whom one block of columns holds in a line: whether there is one, and what each cell says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from app.domain.categories import SURVIVORS, BenefitCategory, read_categories
from app.domain.citizen_id import IdProblem, ReadId, birth_date, is_sound, read_citizen_id, sex_of
from app.domain.codes import Sex
from app.domain.divisions import Divisions
from app.domain.names import ReadName, read_name
from sync_server.roster.cells import BlockCells, joined
from sync_server.roster.death import read_death
from sync_server.roster.doubts import Doubts, VillageTrail
from sync_server.roster.flaws import UNCOMPUTED
from sync_server.roster.grid import Grid
from sync_server.roster.kinds import KindReader
from sync_server.roster.layout import Table, column_letters
from sync_server.roster.model import RosterRow
from sync_server.roster.names import holds_no_name, is_title, names_in
from sync_server.roster.place import one_village
from sync_server.roster.residence import (
    HOME,
    HOME_BY_BLANK,
    Whereabouts,
    by_flag,
    by_home_flag,
    by_residence,
    together,
)
from sync_server.roster.titles import Field, field_of_title
from sync_server.roster.values import (
    Says,
    folded,
    read_month,
    read_yes_no,
    says_nothing,
    text_of,
    what_it_says,
)
from sync_server.roster.workbook import Value

# The whole cell must be such a label: 合计 also occurs in remarks about people.
_SUMMARY = re.compile(
    r".{0,10}(?:小计|合计|总计|共计|累计|总人数|人数)[:：(（]?(?:共|计)?[\d.,]*(?:人|名|户)?[)）]?|计[:：]?|共[\d]+(?:人|名|户)"
)
_NO_NAME = re.compile(
    r"^(?:填表|制表|审核|复核|负责人|经办|单位|填报|日期|备注|说明|注$|第.{1,3}页|续表?$|姓名$|序号$|以上|以下|联系电话|盖章|签[字名])"
)
_WHEREABOUTS = (Field.RESIDENCE, Field.AWAY_PLACE, Field.AWAY_FLAG, Field.HOME_FLAG)
_FORTUNES = (*_WHEREABOUTS, Field.ALIVE)  # where else a death is written
_WHOLE_NUMBERS = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?![\dXx])")
_LUNAR_MONTHS = 2  # so far a month of the old calendar may be from ours
_SURVIVOR = re.compile("[三遗家亲烈]属")
_NOT_ALIVE = re.compile("否|不|不在|不是|×|x|0", re.IGNORECASE)
_HOUSE = re.compile(r"(?<=.)[\d\-]+(?:号|幢|弄|室|单元|组|队)?(?:[\d\-]+(?:号|室)?)*$")
_PLAUSIBLE_NAME = re.compile(r"[^\d\s:：,，。;；()/\\=+%￥#!！?？]{2,25}\d?")
_SIGNATURE = re.compile(r"(?:填表|制表|审核|复核|填报|负责|经办|单位|站长|联系)[^,，:：]{0,6}[:：]")


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A person's row; `is_dead` (and when `died`) if the row itself says that the person has died.

    `home_by_blank`: only an empty cell says that the person is at home.
    """

    row: RosterRow
    is_dead: bool = False
    died: str | None = None
    home_by_blank: bool = False


class BlockReader:
    """Reads the person whom one block of a table's columns holds in a line; `doubts` takes what is open."""

    def __init__(
        self,
        grid: Grid,
        table: Table,
        block: int,
        *,
        divisions: Divisions,
        township: str,
        trail: VillageTrail,
        today: date,
        blank_is_home: bool,
    ) -> None:
        self.doubts = Doubts()
        self.cells = BlockCells(grid, table, table.blocks[block])
        self._grid = grid
        self._paths = table.paths
        self._block = table.blocks[block]
        self._column = (
            column_letters(self._block.columns[Field.NAME])
            if len(table.blocks) > 1 and Field.NAME in self._block.columns
            else ""
        )
        self._divisions = divisions
        self._township = township
        self._trail = trail
        self._today = today
        number = self._block.columns.get(Field.ID)
        self._id_may_be_birth = number is not None and "出生" in "".join(self._paths[number])
        self._blank = HOME_BY_BLANK if blank_is_home else Whereabouts()

    def is_empty(self, r: int) -> bool:
        return not self.cells.own(r)

    def person(self, r: int, default_categories: tuple[BenefitCategory, ...] = ()) -> FoundRow | None:
        """The person of the line, None if the block holds none there."""
        if not self._block.holds_people:
            return None
        written = self.cells.raw(r, Field.NAME)
        name = ReadName("") if holds_no_name(written) else read_name(text_of(written))
        number = self._number(r)
        if not self._is_person(r, name, number):
            return None
        if is_title(written):
            self.doubts.titles.setdefault(text_of(written), []).append(self._at(r))
            return None
        if several := names_in(written):
            self.doubts.several_names.append(self._at(r))
            name = ReadName("、".join(several), name.note)
        return self._person(r, name, number, default_categories)

    def _number(self, r: int) -> ReadId:
        """The present number; where that is blank or cut off, the former one."""
        number = read_citizen_id(self.cells.raw(r, Field.ID))
        former = read_citizen_id(self.cells.raw(r, Field.FORMER_ID))
        is_blank = number.problem is IdProblem.MISSING and former.problem is not IdProblem.MISSING
        is_lost = number.problem is IdProblem.DIGITS_LOST and former.problem is None
        read = former if is_blank or is_lost else number
        if len(_WHOLE_NUMBERS.findall(folded(read.as_written))) > 1 and read.problem is IdProblem.CHECKSUM:
            self.doubts.several_numbers.append(self._at(r))
            return ReadId(None, IdProblem.MISSING, read.as_written)  # whose is which, a person must say
        return read

    def _at(self, r: int) -> str:
        """The line's number, with the name's column where the line holds several people."""
        return f"{r + 1}（{self._column} 列）" if self._column else str(r + 1)

    def _is_person(self, r: int, name: ReadName, number: ReadId) -> bool:
        cells = self.cells.own(r)
        if number.problem is not IdProblem.MISSING:
            # A subtotal's number cell may hold a long count or sum; then it still says 小计.
            return number.problem is not IdProblem.DIGITS_LOST or not any(is_summary(v) for _, v in cells)
        if not cells or any(is_footing(v) for _, v in cells):
            return False
        if _PLAUSIBLE_NAME.fullmatch(name.name) is None or _NO_NAME.search(name.name):
            return False
        if field_of_title(text_of(self.cells.raw(r, Field.ID))) is Field.ID:
            return False  # titles once more
        merge = self._grid.merge_at(r, self._block.columns.get(Field.NAME, 0))
        return len(cells) > 1 and not (merge and merge.right > merge.left)

    def _person(
        self, r: int, name: ReadName, number: ReadId, default_categories: tuple[BenefitCategory, ...]
    ) -> FoundRow:
        if not name.name:
            self.doubts.nameless.append(self._at(r))
        self.doubts.uncomputed += sum(self._grid.raw(r, c) == UNCOMPUTED for c in self._block.read)
        village, rest = self._village(r)
        kinds = KindReader(
            self.cells, self._paths, self._block, trail=self._trail, doubts=self.doubts, r=r, at=self._at(r)
        )
        ticked = kinds.ticked
        discharged = read_month(self.cells.value(r, Field.DISCHARGED))
        sound = number.number if number.number and is_sound(number.number) else None
        disability = self.cells.words(r, Field.DISABILITY)
        where = self._whereabouts(r, village)
        if where.unclear:
            self.doubts.away.append(self._at(r))
        row = RosterRow(
            sheet=self._grid.name,
            row=r + 1,
            name=name.name,
            name_note=name.note,
            id=number.number,
            id_as_written="" if number.as_written == UNCOMPUTED else number.as_written,
            id_problem=number.problem,
            century_unsure=number.century_unsure,
            village=village,
            village_as_written=self._trail.written,
            hamlet=self.cells.words(r, Field.HAMLET) or rest,
            house=self.cells.words(r, Field.HOUSE),
            household=folded(self.cells.words(r, Field.HOUSEHOLD)),
            address=self.cells.words(r, Field.ADDRESS) or self.cells.words(r, Field.HUKOU),
            categories=kinds.categories(disability, default_categories, is_discharged=discharged is not None),
            category_as_written="；".join(kinds.texts),
            sex=self._sex(r, sound),
            born=self._born(r, sound, number.problem),
            born_as_written=text_of(self.cells.value(r, Field.BORN)),
            away=where.away,
            away_place=where.place,
            phones=self.cells.phones(r),
            phones_unread=self.cells.phones_unread(r),
            enlisted=read_month(self.cells.value(r, Field.ENLISTED)),
            discharged=discharged,
            employment=joined(self.cells.words(r, Field.EMPLOYMENT), *ticked.get(Field.EMPLOYMENT, ())),
            living=joined(self.cells.words(r, Field.LIVING), *ticked.get(Field.LIVING, ())),
            merit=joined(self.cells.words(r, Field.MERIT), *ticked.get(Field.MERIT, ())),
            disability=disability,
            card=self.cells.words(r, Field.CARD),
            note=joined(self.cells.words(r, Field.NOTE), where.unclear, *ticked.get(Field.NOTE, ())),
            column=self._column,
        )
        is_dead, died = self._death(r, row)
        return FoundRow(row, is_dead, died, home_by_blank=where is HOME_BY_BLANK)

    def _death(self, r: int, row: RosterRow) -> tuple[bool, str | None]:
        """Whether the row says that its person has died: its own column, or a remark wherever it stands."""
        written = self.cells.value(r, Field.DIED)
        if what_it_says(written) is Says.UNKNOWN:  # that the day is not known says that there was one
            self.doubts.deaths.append(self._at(r))
        elif not says_nothing(written) and read_yes_no(written)[0] is not False:
            return True, read_month(written)
        elsewhere = (self.cells.words(r, f) for f in _FORTUNES)
        if _NOT_ALIVE.fullmatch(folded(self.cells.value(r, Field.ALIVE))):
            return True, None
        # A category's own words (三属(病故), 牺牲军人遗属) say how a soldier died, never this person.
        beside = read_categories(row.category_as_written).rest.replace("|", ",")
        said = [read_death(words) for words in (row.name_note, row.note, row.living, beside, *elsewhere)]
        if SURVIVORS.intersection(row.categories) or _SURVIVOR.search(row.category_as_written):
            said = [death.of_survivor() for death in said]
        if dead := next((d for d in said if d.is_dead), None):
            return True, dead.died
        if any(d.unclear for d in said):
            self.doubts.deaths.append(self._at(r))
        return False, None

    def _village(self, r: int) -> tuple[str | None, str]:
        """The village's code, and what its cell says beyond it.

        A column of villages speaks first, blank cells in it for the one above, and 无 or a dash for
        none; then the line or the sheet that names one; the addresses only where nothing else does.
        """
        column = self._block.columns.get(Field.VILLAGE)
        value = None if column is None else self._grid.shown(r, column)
        says = what_it_says(value)
        if says in (Says.NOTHING, Says.UNKNOWN):
            self._trail.name(None, "")
            self.doubts.no_village.append(self._at(r))
            return None, ""
        if says is Says.SOMETHING:
            written = text_of(value)
            code, rest = one_village(self._divisions, self._township, written)
            self._trail.name(code, written)
            if code is None:
                self.doubts.villages.setdefault(written, []).append(self._at(r))
            return code, rest
        by_address = self._village_of_addresses(r)
        if self._trail.village is None and not self._trail.named and by_address is not None:
            return by_address
        if self._trail.village is None:
            rows = self.doubts.villages.get(self._trail.written, self.doubts.no_village)
            rows.append(self._at(r))
        elif by_address is not None and by_address[0] != self._trail.village:
            self.doubts.other_village.append(self._at(r))
        return self._trail.village, ""

    def _village_of_addresses(self, r: int) -> tuple[str, str] | None:
        village = self._block.columns.get(Field.VILLAGE)
        for wanted in (Field.HUKOU, Field.ADDRESS):
            if self._block.columns.get(wanted, village) != village:
                code, rest = one_village(self._divisions, self._township, self.cells.words(r, wanted))
                if code is not None:
                    return code, rest
        return None

    def _sex(self, r: int, sound: str | None) -> Sex | None:
        written = folded(self.cells.value(r, Field.SEX))[:1]
        return {"男": Sex.MALE, "女": Sex.FEMALE}.get(written) or (sex_of(sound) if sound else None)

    def _born(self, r: int, sound: str | None, problem: IdProblem | None) -> str | None:
        written = read_month(self.cells.value(r, Field.BORN))
        if sound is not None and (day := birth_date(sound)) is not None:
            if day > self._today:
                self.doubts.unborn.append(self._at(r))
                return None
            if written is not None and _months_apart(day, written) > _LUNAR_MONTHS:
                self.doubts.born.append(self._at(r))
            return day.isoformat()
        # With a number that is wrong or cut off, the two statements would have to be weighed by a person.
        if problem is not IdProblem.MISSING:
            return None
        return written or (read_month(self.cells.value(r, Field.ID)) if self._id_may_be_birth else None)

    def _whereabouts(self, r: int, village: str | None) -> Whereabouts:
        hamlet, house = folded(self.cells.words(r, Field.HAMLET)), folded(self.cells.words(r, Field.HOUSE))
        registered = {folded(self.cells.words(r, f)) for f in (Field.HUKOU, Field.ADDRESS)}
        registered |= {hamlet, house, hamlet + house}

        def here(place: str) -> bool:
            text = folded(place)
            written = (text, _HOUSE.sub("", text))
            named = {self._divisions.match_village(self._township, t).code for t in written} - {None}
            return text in registered or village in named

        columns, says = self._block.columns, []
        if any(read_death(self.cells.words(r, f)).is_dead for f in _WHEREABOUTS):
            return Whereabouts()
        if Field.AWAY_FLAG in columns:
            says.append(by_flag(self.cells.flag(r, Field.AWAY_FLAG)))
        if Field.HOME_FLAG in columns:
            says.append(by_home_flag(self.cells.flag(r, Field.HOME_FLAG)))
        if Field.AWAY_PLACE in columns:
            says.append(by_residence(self.cells.value(r, Field.AWAY_PLACE), here, blank=HOME))
        if Field.RESIDENCE in columns:
            says.append(by_residence(self.cells.value(r, Field.RESIDENCE), here, blank=self._blank))
        return together(says)


def _months_apart(day: date, written: str) -> int:
    """Months between a date and YYYY-MM; a bare YYYY is as near as any of its months."""
    if len(written) == 4:
        return max(0, abs(day.year - int(written)) * 12 - 11)
    return abs((day.year - int(written[:4])) * 12 + day.month - int(written[5:7]))


def is_footing(value: Value) -> bool:
    """小计, 合计 and the like, or who signs: a line with it is no person's."""
    return is_summary(value) or _SIGNATURE.match(folded(value)) is not None


def is_summary(value: Value) -> bool:
    return isinstance(value, str) and _SUMMARY.fullmatch(folded(value)) is not None
