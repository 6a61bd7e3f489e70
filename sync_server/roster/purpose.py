"""Whose list a block of columns is, by its titles: the people, the deceased, or one to be asked about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.categories import BenefitCategory, read_categories
from sync_server.roster.grid import Grid
from sync_server.roster.layout import Block, Section
from sync_server.roster.values import folded, text_of
from sync_server.roster.workbook import Value


class Purpose(StrEnum):
    PEOPLE = "people"
    DECEASED = "deceased"
    UNCLEAR = "unclear"


_DECEASED = re.compile(
    r"(?<!不含)(?<!不包括)(?<!除)(?<!未)(?<!无)(?:已)?(?:去世|死亡|亡故|已故|逝世|离世|过世)"
)
_LEFT = re.compile(r"减员|注销|迁出|除名")
_SEVERAL_KINDS = re.compile(r"及|和|与|、|其他|等|优抚对象|服务对象")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a block's people are, until a title says otherwise."""

    purpose: Purpose
    categories: tuple[BenefitCategory, ...]  # what the title of a roster of one kind says
    has_column: bool  # then the title's are not needed

    @property
    def default(self) -> tuple[BenefitCategory, ...]:
        return () if self.has_column else self.categories


def stand(grid: Grid, section: Section, block: Block, *, before: Standing | None, same: bool) -> Standing:
    """What a block's people are under this header; `before` under the one above, of the `same` table."""
    own = tuple(text_of(v) for r in section.above for v in _line_over(grid, r, block))
    said = _purpose_of((grid.name, *own), all_have_died=block.all_have_died)
    # A title repeated at a page break does not say again whose list it is.
    purpose = said if before is None or not same or said is not Purpose.PEOPLE else before.purpose
    inherited = before.categories if before else _single_categories((grid.name,))
    return Standing(
        purpose, _single_categories(own) or inherited, has_column=bool(block.categories or block.ticks)
    )


def _line_over(grid: Grid, row: int, block: Block) -> list[Value]:
    """What a line above says of a block: one cell alone speaks of all, others of what they stand over."""
    cells = grid.filled(row)
    if len(cells) == 1:
        merge = grid.merge_at(row, cells[0][0])
        if merge is None or merge.right == merge.left:
            return [cells[0][1]]
    shown = [grid.shown(row, c) for c in block.reach]
    return list(dict.fromkeys(v for v in shown if v is not None))


def _purpose_of(titles: Iterable[str], *, all_have_died: bool) -> Purpose:
    """Whose list a block is, by its sheet's name, the lines above it, and its rows' dates of death.

    A list of those who left (减员) may be of the dead or of people who moved: without a word or a
    column that says so it is UNCLEAR.
    """
    texts = [folded(t) for t in titles]
    if all_have_died or any(_DECEASED.search(t) for t in texts):
        return Purpose.DECEASED
    return Purpose.UNCLEAR if any(_LEFT.search(t) for t in texts) else Purpose.PEOPLE


def _single_categories(titles: Iterable[str]) -> tuple[BenefitCategory, ...]:
    """What a roster of one kind says in its title (参战退役人员花名册); a mixed one says nothing."""
    for title in titles:
        if not _SEVERAL_KINDS.search(title) and (found := read_categories(title).categories):
            return found
    return ()
