"""Days and times in the words of people: 今天 9:41, 昨天 16:20, 7月18日, 2025年7月."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.state.typed import CHINA
from app.ui.theme import Language
from app.ui.words import words


def local(moment: datetime) -> datetime:
    """`moment` as the clock on the wall shows it."""
    return moment.astimezone(CHINA)


def from_ms(ms: int) -> datetime:
    """The moment of Unix time `ms`, as the clock on the wall shows it."""
    return datetime.fromtimestamp(ms / 1000, CHINA)


def clock(moment: datetime) -> str:
    """9:41"""
    here = local(moment)
    return f"{here.hour}:{here.minute:02d}"


def day(language: Language, moment: datetime, now: datetime) -> str:
    """今天, 昨天, 7月18日, or 2025年7月 for another year."""
    return day_of(language, local(moment).date(), local(now).date())


def day_of(language: Language, on: date, today: date) -> str:
    """The same for a date."""
    if on == today:
        return words(language, "day.today")
    if on == today - timedelta(days=1):
        return words(language, "day.yesterday")
    if on.year == today.year:
        return words(language, "day.month_day", month=on.month, day=on.day)
    return words(language, "day.year_month", year=on.year, month=on.month)


def day_and_clock(language: Language, moment: datetime, now: datetime) -> str:
    """今天 9:41; older than yesterday, the day alone."""
    name = day(language, moment, now)
    if local(now).date() - local(moment).date() > timedelta(days=1):
        return name
    return f"{name} {clock(moment)}"


def month_day(language: Language, on: date) -> str:
    """8月1日"""
    return words(language, "day.month_day", month=on.month, day=on.day)


def ago(language: Language, moment: datetime, now: datetime) -> str:
    """今天, 昨天 or 8 天前."""
    days = (local(now).date() - local(moment).date()).days
    if days <= 0:
        return words(language, "ago.today")
    if days == 1:
        return words(language, "ago.yesterday")
    return words(language, "ago.days", n=days)
