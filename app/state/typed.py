"""What people type and what it means: amounts, counts, days and times.

Taken as generously as can be without guessing: full-width digits, 元, 月 and 日, points of every kind.
"""

from __future__ import annotations

import re
from datetime import date, timedelta, timezone
from decimal import Decimal

# A browser's Python knows no time zones, and the work is in one that has no summer time.
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")

_HALF_A_YEAR = 182  # days
_AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?")


def fen_of(written: str) -> int | None:
    """Whole fen of an amount in yuan as written (300, 300.5, ３００); empty is 0, None if it is none."""
    plain = _plain(written).removesuffix("元")
    if not plain:
        return 0
    return int(Decimal(plain) * 100) if _AMOUNT.fullmatch(plain) else None


def count_of(written: str) -> int | None:
    """A whole number as written; empty is 0, None if it is none."""
    plain = _plain(written)
    if not plain:
        return 0
    return int(plain) if re.fullmatch(r"\d{1,6}", plain) else None


def yuan(fen: int) -> str:
    """300, or 300.50 where there are fen."""
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen / 100:.2f}"


def read_date(written: str, today: date) -> date | None:
    """The date that a worker wrote (7-20, 7月20日, 7/20, 2022-7-20); None if it is none.

    Without a year the nearest such day is meant: in July 12-31 is still to come, in January it was.
    """
    numbers = [int(n) for n in re.findall(r"\d+", _plain(written))]
    try:
        if len(numbers) == 3:
            return date(*numbers)
        if len(numbers) == 2:
            this_year = date(today.year, *numbers)
            is_far_ahead = (this_year - today).days > _HALF_A_YEAR
            return date(today.year - 1, *numbers) if is_far_ahead else this_year
    except ValueError:
        return None
    return None


def read_clock(written: str) -> tuple[int, int] | None:
    """Hour and minute that a worker wrote (9:41, 9：41, 9点41, 9点); None if they are none."""
    numbers = [int(n) for n in re.findall(r"\d+", _plain(written))]
    if len(numbers) == 1:
        numbers.append(0)
    if len(numbers) != 2 or not (0 <= numbers[0] < 24 and 0 <= numbers[1] < 60):
        return None
    return numbers[0], numbers[1]


def _plain(written: str) -> str:
    wide = str.maketrans({0xFF10 + i: 0x30 + i for i in range(10)} | {0xFF0E: 0x2E, 0x3002: 0x2E})
    return written.translate(wide).strip().replace(",", "").replace("，", "")
