"""Days that are only half known, as people write them: 1940, 1940年3月, 1940.3.1, or 7-20 of this year."""

from __future__ import annotations

import re
from datetime import date, timedelta

from app.state.typed import read_date

_DAYS_AGO = {"今天": 0, "昨天": 1, "前天": 2}
_MONTHS_AGO = {"这个月": 0, "本月": 0, "上个月": 1, "上月": 1}
_YEARS_AGO = {"今年": 0, "去年": 1, "前年": 2}


def read_partial_date(written: str, today: date | None = None) -> str | None:
    """YYYY, YYYY-MM or YYYY-MM-DD; "" where nothing is written, None where it is no such date.

    With `today` a month and day without a year (7-20), 昨天, 上个月 and 去年 are understood as well.
    """
    plain = written.strip()
    if not plain:
        return ""
    spoken = _spoken(plain, today) if today is not None else None
    if spoken is not None:
        return spoken
    numbers = re.findall(r"\d+", plain)
    if len(numbers) == 1 and len(numbers[0]) == 8:
        numbers = [numbers[0][:4], numbers[0][4:6], numbers[0][6:]]
    if today is not None and len(numbers) == 2 and len(numbers[0]) <= 2:
        day = read_date(plain, today)
        return None if day is None else day.isoformat()
    if not 1 <= len(numbers) <= 3 or len(numbers[0]) != 4:
        return None
    year, month, day_of_month = ([int(n) for n in numbers] + [1, 1])[:3]
    try:
        whole = date(year, month, day_of_month)
    except ValueError:
        return None
    return whole.isoformat()[: (4, 7, 10)[len(numbers) - 1]]


def _spoken(plain: str, today: date) -> str | None:
    if plain in _DAYS_AGO:
        return (today - timedelta(days=_DAYS_AGO[plain])).isoformat()
    if plain in _MONTHS_AGO:
        month = today.year * 12 + today.month - 1 - _MONTHS_AGO[plain]
        return f"{month // 12:04}-{month % 12 + 1:02}"
    return f"{today.year - _YEARS_AGO[plain]:04}" if plain in _YEARS_AGO else None


def begins_after(partial: str, today: date) -> bool:
    """Whether even the first day that `partial` may mean is still to come."""
    return partial > today.isoformat()[: len(partial)]
