"""Citizen identity numbers (GB 11643): their written forms, check digit, and what they say.

Reading never corrects and never invents: a number that fails its check is kept as written, and a
number whose last digits a spreadsheet has dropped gives no number at all. The address code is not
judged, because Lishui's has changed and old codes were used again for other places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from app.domain.codes import LabelledCode, Sex
from app.domain.names import fold_width, strip_blanks

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"
_SHAPE = re.compile(r"\d{17}[\dX]", re.ASCII)
_OLD_SHAPE = re.compile(r"\d{15}", re.ASCII)
# A number with words around it. Any other sign beside it (**, ___, .0) may stand for lost digits.
_BESIDE = r"\u4e00-\u9fff:,;、，；：。/()\[\]（）"
_EMBEDDED = re.compile(rf"(?<![^{_BESIDE}])(\d{{17}}[\dX]|\d{{15}})(?![^{_BESIDE}])", re.ASCII)
# Letters and signs that hands and keyboards put where the check character X belongs.
_FORMS_OF_X = str.maketrans(dict.fromkeys("xХхΧχ×✕✖╳Ⅹⅹ", "X"))
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+", re.ASCII)
_FLOAT_TEXT = re.compile(r"(\d+)\.0+", re.ASCII)
_JOINER = re.compile(r"(?<=\d)[-‐‑–—−](?=[\dX])")
_QUOTES = "'’‘`\""
_NOTE = re.compile(r"[(\[【〔].*?[)\]】〕]")
_OLDEST_YEAR, _YOUNGEST_YEAR = 1880, 2099  # outside it a "birth date" is a slip of the pen


class IdProblem(LabelledCode):
    """Why a written number is not a sound one."""

    DIGITS_LOST = "digits_lost", "号码位数已丢失"
    CHECKSUM = "checksum", "校验码不符"
    MISSING = "missing_id", "没有号码"


@dataclass(frozen=True, slots=True)
class ReadId:
    """What a cell says: `number` has 18 characters when `problem` is None.

    With `checksum` it is the number as written (forms folded), with the other problems None.
    `century_unsure`: a 15-digit number whose sequence 996-999 once marked people over a hundred,
    so that the 19 put in front of the year may have to be 18.
    """

    number: str | None
    problem: IdProblem | None
    as_written: str = ""
    century_unsure: bool = False


def read_citizen_id(cell: object) -> ReadId:
    """Read a workbook's cell or typed text; never raises.

    15 digits, as text or as a number, are complete and become 18 (insert 19, compute the last).
    A number cell beyond 15 digits is `digits_lost`: spreadsheets keep fifteen.
    """
    if isinstance(cell, bool) or cell is None:
        return ReadId(None, IdProblem.MISSING)
    if isinstance(cell, int | float):
        return _read_number_cell(cell)
    as_written = str(cell)
    text = fold_forms(as_written)
    if (as_float := _FLOAT_TEXT.fullmatch(text)) is not None:
        text = as_float.group(1)
        if len(text) > 15:
            return ReadId(None, IdProblem.DIGITS_LOST, as_written)
    if not (_SHAPE.fullmatch(text) or _OLD_SHAPE.fullmatch(text)):
        text = _only_number_in(text)
    return _judge(text, as_written)


def fold_forms(written: str) -> str:
    """The number without blanks, hyphens between digits and width; every form of X as X. The rest stays."""
    text = fold_width(strip_blanks(written)).translate(_FORMS_OF_X)
    return _JOINER.sub("", text.upper()).strip(_QUOTES)


def check_character(first17: str) -> str:
    """The 18th character that belongs to 17 digits (weights mod 11, GB 11643)."""
    return _CHECK_CHARACTERS[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def upgrade(fifteen: str) -> str:
    """An old 15-digit number in 18 characters: 19 before the year, check character at the end."""
    first17 = f"{fifteen[:6]}19{fifteen[6:]}"
    return first17 + check_character(first17)


def is_sound(number: str) -> bool:
    """True for 18 characters with a possible birth date and the right check character."""
    return (
        _SHAPE.fullmatch(number) is not None
        and birth_date(number) is not None
        and check_character(number[:17]) == number[17]
    )


def birth_date(number: str) -> date | None:
    """The birth date in an 18-character number; None if the calendar has no such day."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return born if _OLDEST_YEAR <= born.year <= _YOUNGEST_YEAR else None


def sex_of(number: str) -> Sex:
    """Odd sequence male, even female."""
    return Sex.MALE if int(number[16]) % 2 else Sex.FEMALE


def mask_citizen_id(number: str) -> str:
    """First 3 and last 4 characters; the rest as stars (domain.md 7)."""
    return number if len(number) <= 7 else f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def _read_number_cell(cell: int | float) -> ReadId:
    if isinstance(cell, float) and not cell.is_integer():
        return ReadId(None, IdProblem.MISSING, repr(cell))
    digits = str(int(cell))
    if len(digits) > 15:
        # Written as the spreadsheet shows it: printing all digits would look like a number.
        return ReadId(None, IdProblem.DIGITS_LOST, f"{cell:.5E}")
    return _judge(digits, digits)


def _judge(text: str, as_written: str) -> ReadId:
    if _SHAPE.fullmatch(text):
        if is_sound(text):
            return ReadId(text, None, as_written)
        # Fifteen digits survive a spreadsheet, so a ruined number saved as text ends in 000.
        if text.endswith("000"):
            return ReadId(None, IdProblem.DIGITS_LOST, as_written)
        return ReadId(text, IdProblem.CHECKSUM, as_written)
    if _OLD_SHAPE.fullmatch(text):
        number = upgrade(text)
        if not is_sound(number):
            return ReadId(text, IdProblem.CHECKSUM, as_written)
        return ReadId(number, None, as_written, century_unsure=text[12:] >= "996")
    digits = sum(c in "0123456789X" for c in text)
    masked = sum(c in "*?_•" for c in text)
    looks_like_number = digits + masked >= 12 and digits >= 6 and digits + masked >= len(text) // 2
    if _SCIENTIFIC.fullmatch(text) or (looks_like_number and (digits < 18 or masked)):
        return ReadId(None, IdProblem.DIGITS_LOST, as_written)
    if looks_like_number:
        return ReadId(text, IdProblem.CHECKSUM, as_written)
    return ReadId(None, IdProblem.MISSING, as_written)


def _only_number_in(text: str) -> str:
    """The one number inside a cell with words around it; the text itself if there is none or more."""
    without_notes = _NOTE.sub("", text)
    found = set(_EMBEDDED.findall(without_notes)) or set(_EMBEDDED.findall(text))
    return found.pop() if len(found) == 1 else without_notes
