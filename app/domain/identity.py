"""What makes two listings one person, and the one class under which that person stands.

People are counted by identity at every level (domain.md section 4): a village, an employer and a
second township may each list the same person.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from app.domain.categories import IMPLY_VETERAN, SURVIVORS, BenefitCategory
from app.domain.citizen_id import IdProblem, birth_date, is_sound, read_citizen_id

VETERAN, SURVIVOR, ACTIVE_FAMILY, OTHER = "VETERAN", "SURVIVOR", "ACTIVE_FAMILY", "OTHER"
PRIMARY_CLASSES = (VETERAN, SURVIVOR, ACTIVE_FAMILY, OTHER)  # in the order in which they are chosen
_EIGHTEEN = re.compile(r"\d{17}[\dX]", re.ASCII)
_IMPLY_VETERAN = frozenset({BenefitCategory.VETERAN, *IMPLY_VETERAN})


def primary_class(categories: Iterable[str]) -> str:
    """The one class under which a person stands, so that A3-A6 add up to A2.

    Veterans first, then the 三属, then families of serving members; everybody else, also one whose
    category is not known yet, is OTHER.
    """
    held = set(categories)
    if held & _IMPLY_VETERAN:
        return VETERAN
    if held & SURVIVORS:
        return SURVIVOR
    return ACTIVE_FAMILY if BenefitCategory.ACTIVE_FAMILY in held else OTHER


def identity_number(written: str | None) -> str | None:
    """The ID number by which two listings are the same person; None where it proves nothing.

    A number that fails only its check character still does: real people hold such numbers. One
    without a possible birth date is a placeholder, and one whose last digits a spreadsheet dropped
    would make strangers born on one day the same person.
    """
    if not written or is_sound(written):
        return written or None
    read = read_citizen_id(written)
    if read.number is None or not _EIGHTEEN.fullmatch(read.number):
        return None
    if read.problem is IdProblem.CHECKSUM and birth_date(read.number) is None:
        return None
    return read.number


def first_listings(second: Mapping[str, str], standing: Collection[str]) -> dict[str, str]:
    """For each second listing the record that stands for the person.

    `second` maps a record to the one that it repeats (`Person.second_of`), voided ones left out;
    `standing` holds the other records that are neither voided nor second. Where the first listing
    is gone (voided, unknown), the second one stands for itself, and of listings that name each
    other the smallest id stands: nobody disappears because a list was tidied.
    """
    return {record: _standing_for(record, second, standing) for record in second}


def _standing_for(record: str, second: Mapping[str, str], standing: Collection[str]) -> str:
    line = [record]
    while True:
        first = second[line[-1]]
        if first in line:
            return min(line[line.index(first) :])
        if first not in second:
            return first if first in standing else line[-1]
        line.append(first)
