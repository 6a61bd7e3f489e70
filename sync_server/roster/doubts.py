"""What a person has to look at, gathered by kind while a sheet is read, so that it is asked once."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Doubts:
    """Rows as a clerk finds them: 5, or 5（G 列） of a line of several people.

    What is quoted is a word for a village or a kind, never a remark about people.
    """

    villages: dict[str, list[str]] = field(default_factory=dict)  # as written: not just one of the township
    no_village: list[str] = field(default_factory=list)
    other_village: list[str] = field(default_factory=list)  # the registered address names another one
    categories: dict[str, list[str]] = field(default_factory=dict)  # as written: names no category
    ticks: dict[tuple[str, str], list[str]] = field(default_factory=dict)  # column, what is written there
    away: list[str] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)  # a death is spoken of, and not clearly whose
    nameless: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # rows with several cells that are no person's
    uncomputed: int = 0  # cells of people that hold a formula and no result
    unused: dict[str, int] = field(default_factory=dict)  # column, how many cells it fills


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
class Trails:
    """One VillageTrail for each block of columns, counted from the left; they outlast a repeated header."""

    default: str | None = None
    of_block: dict[int, VillageTrail] = field(default_factory=dict)

    def of(self, block: int) -> VillageTrail:
        return self.of_block.setdefault(block, VillageTrail(self.default))
