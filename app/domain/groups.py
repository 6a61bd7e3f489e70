"""Who belongs to a campaign's groups (80岁以上, 生活困难, ...), and the age that decides it.

Phone and server both ask here, so that the list a worker walks through and the 应访 column of the
summary table name the same people.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from app.domain.campaign import Group
from app.domain.categories import BenefitCategory
from app.domain.codes import AwayStatus
from app.domain.models import Person

# 重点优抚对象, whose circumstances are confirmed every year: all classes but these two alone (domain.md 2.1).
KEY_CATEGORIES = frozenset(BenefitCategory) - {BenefitCategory.VETERAN, BenefitCategory.ACTIVE_FAMILY}
_BORN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


def age_on(born: str | None, day: date) -> int | None:
    """Completed years (周岁) on `day` of one born YYYY, YYYY-MM or YYYY-MM-DD; None if that is no date.

    Of a partial date the last possible day counts: the age is what the person has reached for
    certain. Who was born on 29 February grows older on 1 March in common years. A day of birth
    after `day` gives None.
    """
    birthday = _last_possible(born or "")
    if birthday is None:
        return None
    age = day.year - birthday.year - ((day.month, day.day) < (birthday.month, birthday.day))
    return age if age >= 0 else None


def _last_possible(born: str) -> date | None:
    if (found := _BORN.fullmatch(born)) is None:
        return None
    try:
        if found[3]:
            return date.fromisoformat(born)
        year, month = int(found[1]), int(found[2] or 12)
        return date(year, month, monthrange(year, month)[1])
    except ValueError:
        return None


def is_away(away: str | None) -> bool:
    """True for one who usually lives outside (外地); without a word about it he is at home."""
    return away not in (None, AwayStatus.HOME)


def belongs(group: Group, person: Person, *, on: date, has_need: bool) -> bool:
    """True if any of the group's conditions holds on day `on` (the campaign's reference date).

    `has_need`: a hardship is noted of the person that was not found untrue (不属实).
    """
    age = age_on(person.born, on) if group.min_age is not None else None
    return (
        (age is not None and group.min_age is not None and age >= group.min_age)
        or not set(group.categories).isdisjoint(person.categories)
        or not set(group.living).isdisjoint(person.living)
        or not set(group.honours).isdisjoint(person.honours)
        or person.employment in group.employment
        or person.merit in group.merits
        or (group.away and is_away(person.away))
        or (group.has_need and has_need)
    )
