"""Invented citizen ID numbers (GB 11643) with sound check digits, and mobile numbers of nobody.

The address code is the one in force when the number was given: Lishui's people born before 2000
carry 3325xx (domain.md 5), so that nobody who tries the demo concludes that all begin with 3311.
"""

from __future__ import annotations

from datetime import date
from random import Random

from app.domain.citizen_id import check_character

# County now -> (code of 1982, code when the seat became a city, or None): GB 11643, domain.md 5.
_FORMER = {
    "331102": ("332521", "332501"),
    "331121": ("332522", None),
    "331122": ("332526", None),
    "331123": ("332527", None),
    "331124": ("332528", None),
    "331125": ("332523", None),
    "331126": ("332525", None),
    "331127": ("332529", None),
    "331181": ("332524", "332502"),
}
COUNTIES = tuple(_FORMER)
_MOBILE_PREFIXES = ("154", "160", "161", "163", "164", "168")  # as in the sample roster


class IdNumbers:
    """Gives out ID numbers, never one twice."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def invent(self, rng: Random, *, county: str, born: date, male: bool) -> str:
        """A number of 18 characters that nobody got yet; `county` is the present six-digit code."""
        address = _address(rng, county, born)
        while True:
            sequence = rng.randrange(1, 996)  # 996 to 999 once marked centenarians
            if sequence % 2 != male:
                continue
            first17 = f"{address}{born:%Y%m%d}{sequence:03d}"
            if first17 not in self._given:
                self._given.add(first17)
                return first17 + check_character(first17)


def spoil_check_digit(rng: Random, number: str) -> str:
    """The number with a check character that is not its own, as a slip of the pen leaves it."""
    return number[:17] + rng.choice([c for c in "0123456789X" if c != number[17]])


def invent_mobile(rng: Random) -> str:
    """Eleven digits with a prefix that is given to no operator."""
    return rng.choice(_MOBILE_PREFIXES) + f"{rng.randrange(10**8):08d}"


def _address(rng: Random, county: str, born: date) -> str:
    if born.year >= 2000 or (born.year >= 1992 and rng.random() < 0.2):
        return county
    of_1982, as_city = _FORMER[county]
    return as_city if as_city and born.year >= 1987 else of_1982
