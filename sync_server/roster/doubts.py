"""What a person has to look at, gathered by kind while a sheet is read, so that it is asked once."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain.categories import BenefitCategory


@dataclass
class Doubts:
    """Rows as a clerk finds them: 5, or 5（G 列） of a line of several people.

    What is quoted is a word for a village or a kind, or a title, never a remark about people.
    """

    villages: dict[str, list[str]] = field(default_factory=dict)  # as written: not just one of the township
    no_village: list[str] = field(default_factory=list)
    other_village: list[str] = field(default_factory=list)  # the registered address names another one
    categories: dict[str, list[str]] = field(default_factory=dict)  # as written: names no category
    ticks: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # column, what is written there
    disabilities: dict[str, list[str]] = field(default_factory=dict)  # as written: a soldier's or not
    born: list[str] = field(default_factory=list)  # the number and the birth column differ
    unborn: list[str] = field(default_factory=list)  # the number's birth date is still to come
    several_numbers: list[str] = field(default_factory=list)
    several_names: list[str] = field(default_factory=list)
    titles: dict[str, list[str]] = field(default_factory=dict)  # a column's title in a name's cell
    away: list[str] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)  # a death is spoken of, and not clearly whose
    nameless: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # rows with several cells that are no person's
    uncomputed: int = 0  # cells of people that hold a formula and no result
    unused: dict[str, int] = field(default_factory=dict)  # column, how many cells it fills


@dataclass
class VillageTrail:
    """The village, and the kind of people, that stand until a line or cell names another.

    `default` is the sheet's village, when none has been named.
    """

    default: str | None = None
    current: str | None = None
    written: str = ""
    named: bool = False
    kinds: tuple[BenefitCategory, ...] = ()  # a line (二、烈属) says it of those below
    kinds_written: str = ""
    kinds_unclear: bool = False
    kinds_are_within: bool = False  # villages hold kinds (巨浦村, 一、烈属), not kinds villages

    def name_by_line(self, code: str | None, written: str) -> None:
        """A line names the village; kinds that stood under the one before end with it."""
        if self.kinds_are_within:
            self.head((), "")
        self.name(code, written)

    def name(self, code: str | None, written: str) -> None:
        self.current, self.written, self.named = code, written, True

    def head(self, kinds: tuple[BenefitCategory, ...], written: str) -> None:
        """A line says of which kind those below are; without `kinds` it says so in words nobody knows."""
        if not self.kinds_written:
            self.kinds_are_within = self.named
        self.kinds, self.kinds_written, self.kinds_unclear = kinds, written, bool(written) and not kinds

    @property
    def village(self) -> str | None:
        return self.current if self.named else self.default


@dataclass
class Trails:
    """One VillageTrail for each block of columns, counted from the left; they outlast a repeated header."""

    default: str | None = None
    of_block: dict[int, VillageTrail] = field(default_factory=dict)

    def of(self, block: int) -> VillageTrail:
        return self.of_block.setdefault(block, VillageTrail(self.default))
