"""What a table is for, as its titles say: the roster's people, the deceased, or something to ask about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from app.domain.categories import BenefitCategory, read_categories
from sync_server.roster.layout import Table
from sync_server.roster.values import folded


class Purpose(StrEnum):
    PEOPLE = "people"
    DECEASED = "deceased"
    UNCLEAR = "unclear"


_DECEASED = re.compile(
    r"(?<!不含)(?<!不包括)(?<!除)(?<!未)(?<!无)(?:已)?(?:去世|死亡|亡故|已故|逝世|离世|过世)"
)
_LEFT = re.compile(r"减员|注销|迁出|除名")
_SEVERAL_KINDS = re.compile(r"及|和|与|、|其他|等|优抚对象|服务对象")


def purpose_of(titles: Iterable[str], table: Table) -> Purpose:
    """Whose list a table is, by its sheet's name, the lines above it, and its columns.

    A list of those who left (减员) may be of the dead or of people who moved: without a word or a
    column that says so it is UNCLEAR.
    """
    texts = [folded(t) for t in titles]
    if table.all_have_died or any(_DECEASED.search(t) for t in texts):
        return Purpose.DECEASED
    return Purpose.UNCLEAR if any(_LEFT.search(t) for t in texts) else Purpose.PEOPLE


def single_categories(titles: Iterable[str]) -> tuple[BenefitCategory, ...]:
    """What a roster of one kind says in its title (参战退役人员花名册); a mixed one says nothing."""
    for title in titles:
        if not _SEVERAL_KINDS.search(title) and (found := read_categories(title).categories):
            return found
    return ()
