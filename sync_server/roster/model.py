"""What reading a roster gives: its people row by row, the deceased, and what stayed open."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.categories import BenefitCategory
from app.domain.citizen_id import IdProblem
from app.domain.codes import Sex


@dataclass(frozen=True, slots=True)
class Phone:
    """A normalised number (mobile 11 digits, landline with its area code if written) and whose it is."""

    number: str
    relation: str = "本人"


@dataclass(frozen=True, slots=True)
class RowRef:
    """A sheet and the row number that is shown at its left edge.

    `column`: the letters of the name's column where a line holds several people, else empty.
    """

    sheet: str
    row: int
    column: str = ""

    def __str__(self) -> str:
        """名册!row12, or 名册!row12G of a line of several people."""
        return f"{self.sheet}!row{self.row}{self.column}"


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row of a person.

    `id` has 18 characters; with `checksum` the number as written; None for `digits_lost` and
    `missing_id`. `of` is the first row with the same number: then this row is a second listing and
    `id_problem` still says what is wrong with the number itself. `born`, `enlisted` and
    `discharged` are YYYY, YYYY-MM or (born from a sound number) YYYY-MM-DD. `away` None: the
    roster does not say. Texts are as written, blanks trimmed. `column` is as in RowRef.
    """

    sheet: str
    row: int
    name: str
    name_note: str = ""
    id: str | None = None
    id_as_written: str = ""
    id_problem: IdProblem | None = None
    century_unsure: bool = False
    of: RowRef | None = None
    village: str | None = None
    village_as_written: str = ""
    hamlet: str = ""
    house: str = ""
    household: str = ""  # the household's number as written, of one village
    address: str = ""
    categories: tuple[BenefitCategory, ...] = ()
    category_as_written: str = ""
    sex: Sex | None = None
    born: str | None = None
    born_as_written: str = ""
    away: bool | None = None
    away_place: str = ""
    phones: tuple[Phone, ...] = ()
    phones_unread: str = ""  # as written, where it is no number
    enlisted: str | None = None
    discharged: str | None = None
    employment: str = ""
    living: str = ""
    merit: str = ""
    disability: str = ""
    card: str = ""
    note: str = ""
    column: str = ""

    @property
    def ref(self) -> RowRef:
        return RowRef(self.sheet, self.row, self.column)

    @property
    def problem(self) -> str | None:
        """`duplicate_of`, else what is wrong with the number, else None."""
        return "duplicate_of" if self.of else self.id_problem.value if self.id_problem else None


@dataclass(frozen=True, slots=True)
class Deceased:
    """Somebody the roster says has died; `of` is the roster row of the same number, if it has one."""

    sheet: str
    row: int
    name: str
    id: str | None
    id_problem: IdProblem | None
    died: str | None = None
    of: RowRef | None = None
    column: str = ""

    @property
    def ref(self) -> RowRef:
        return RowRef(self.sheet, self.row, self.column)


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """How a sheet was understood: `role` is people, deceased, unclear or skipped; `columns` by letter."""

    sheet: str
    role: str
    header_rows: tuple[int, ...] = ()
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """A roster of one township. `questions` are sentences for a person; nothing was guessed for them."""

    township: str
    county: str
    rows: tuple[RosterRow, ...]
    deceased: tuple[Deceased, ...] = ()
    questions: tuple[str, ...] = ()
    layout: tuple[SheetLayout, ...] = ()
