"""The paper sheet (走访单): how many lines a page holds, and the code at its foot that keeps their order.

The code is what a QR reader gives: `ZF1 <village> <sheet> <id> <id> ...`, ids in the order of the lines.
It names no person. Ids are written in capital hex without hyphens, which a QR code holds tightly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.domain.errors import BadInput

LINES = 13  # of 16 mm on an upright A4 page between its head and its foot
_HEAD = "ZF1"
_UUID = re.compile(r"[0-9A-F]{32}")
_HYPHENED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

METHODS = ("上门", "电话", "其他")
RESULTS = ("本人", "家属", "未遇", "拒")
DONE = ("通报", "送法", "听取", "确认")
AFTER_USE = "用后交站里销毁"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line: whose it is, and what is printed of him. `name` is masked unless it may be shown."""

    person: str
    house: str
    name: str
    age: str
    tags: str


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """One page, numbered from 1 on."""

    village: str
    number: int
    people: tuple[str, ...]


def sheets_of(village: str, people: list[str]) -> list[PaperSheet]:
    """The pages that hold `people` in their order."""
    return [
        PaperSheet(village, start // LINES + 1, tuple(people[start : start + LINES]))
        for start in range(0, len(people), LINES)
    ]


def sheet_code(sheet: PaperSheet) -> str:
    """What the QR code at the foot of the page says."""
    ids = (one.replace("-", "").upper() if _HYPHENED.fullmatch(one) else one for one in sheet.people)
    return " ".join((_HEAD, sheet.village, f"{sheet.number}", *ids))


def read_code(text: str) -> PaperSheet:
    """The page of which `text` was read; raises BadInput for what is no such code."""
    head, *rest = text.split()[:1] + text.split()[1:] or [""]
    if head.upper() != _HEAD or len(rest) < 3 or not rest[1].isdigit() or len(rest) > LINES + 2:
        raise BadInput("这不是走访单上的码。请对准页脚的方块码再扫一次。", field="code")
    return PaperSheet(rest[0], int(rest[1]), tuple(_hyphened(one) for one in rest[2:]))


def _hyphened(one: str) -> str:
    if not _UUID.fullmatch(one.upper()):
        return one
    low = one.lower()
    return "-".join((low[:8], low[8:12], low[12:16], low[16:20], low[20:]))
