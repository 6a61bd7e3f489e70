"""Of which kinds the person of a line is: category cells, ticks, the lines above, the title, a grade."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.categories import DISABLED, BenefitCategory, read_categories
from sync_server.roster.cells import BlockCells
from sync_server.roster.doubts import Doubts, VillageTrail
from sync_server.roster.header import Path
from sync_server.roster.layout import Block, name_column
from sync_server.roster.terms import is_service_disability, meaning_of_title, term_of_title
from sync_server.roster.titles import Field
from sync_server.roster.values import Mark, Says, read_mark, tells_more, text_of, what_it_says


class KindReader:
    """What one line's cells say of its person's kinds.

    `texts` are the category cells and ticks as written; `ticked` is by field what the ticked columns'
    titles say, a word beside a tick as a NOTE. `at` is the line as a question names it.
    """

    def __init__(
        self,
        cells: BlockCells,
        paths: Sequence[Path],
        block: Block,
        *,
        trail: VillageTrail,
        doubts: Doubts,
        r: int,
        at: str,
    ) -> None:
        self._cells, self._paths, self._block = cells, paths, block
        self._trail, self._doubts, self._at = trail, doubts, at
        self.ticked = self._read_ticks(r)
        written = (text_of(cells.in_column(r, c)) for c in block.categories)
        self.texts = [text for text in (*written, *self.ticked.get(Field.CATEGORY, ())) if text]

    def categories(
        self, disability: str, default: tuple[BenefitCategory, ...], *, is_discharged: bool
    ) -> tuple[BenefitCategory, ...]:
        """What the cells name; failing that the line above them, then the title (`default`); and the grade.

        A grade of `disability` makes a disabled soldier unless a cell says what else the person is.
        """
        found = self._named(is_discharged=is_discharged) if self.texts else set(self._by_line(default))
        if disability and not found & DISABLED:
            is_soldiers = is_service_disability(disability)
            if is_soldiers is None:
                self._doubts.disabilities.setdefault(disability, []).append(self._at)
            elif is_soldiers:
                found.add(BenefitCategory.DISABLED_MILITARY)
        if is_discharged and BenefitCategory.DISABLED_MILITARY in found:
            found.add(BenefitCategory.VETERAN)
        return tuple(c for c in BenefitCategory if c in found)

    def _named(self, *, is_discharged: bool) -> set[BenefitCategory]:
        found: set[BenefitCategory] = set()
        for text in self.texts:
            read = read_categories(text, discharged=is_discharged)
            found.update(read.categories)
            if read.unclear and what_it_says(text) is not Says.NOTHING:
                self._doubts.categories.setdefault(text, []).append(self._at)
        return found

    def _by_line(self, default: tuple[BenefitCategory, ...]) -> tuple[BenefitCategory, ...]:
        if self._trail.kinds_unclear:
            self._doubts.categories.setdefault(self._trail.kinds_written, []).append(self._at)
            return ()
        return self._trail.kinds or default

    def _read_ticks(self, r: int) -> dict[Field, list[str]]:
        said: dict[Field, list[str]] = {}
        for c, kind in self._block.ticks.items():
            value, term = self._cells.in_column(r, c), term_of_title(self._paths[c][-1])
            mark, says = read_mark(value), what_it_says(value)
            if mark is Mark.YES or (mark is Mark.CIRCLE and not self._cells.has_ticks(c)):
                said.setdefault(kind, []).append(term)
            elif mark is Mark.NO or (mark is None and says in (Says.BLANK, Says.NOTHING)):
                continue
            elif mark is None and meaning_of_title(text_of(value)) is kind:
                said.setdefault(kind, []).append(text_of(value))
            elif mark is None and tells_more(value):
                said.setdefault(kind, []).append(term)
                said.setdefault(Field.NOTE, []).append(f"{term}：{text_of(value)}")
            else:
                column = name_column(c, self._paths[c])
                self._doubts.ticks.setdefault((column, text_of(value)), []).append(self._at)
        return said
