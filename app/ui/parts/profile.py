"""The fields of a person in words: what a field is called, what its value is, who wrote it and when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.domain.categories import BenefitCategory
from app.domain.citizen_id import mask_citizen_id
from app.domain.codes import AwayStatus, Employment, Honour, LabelledCode, LivingTag, Merit
from app.domain.names import mask_name
from app.store.authors import Author
from app.ui.code_words import ENGLISH, code_words
from app.ui.parts import when
from app.ui.parts.hints import station_words
from app.ui.parts.tags import tag_words
from app.ui.theme import Language, Look
from app.ui.words import WORDS, words

_CODES: dict[str, type[LabelledCode]] = {
    "categories": BenefitCategory,
    "living": LivingTag,
    "honours": Honour,
    "away": AwayStatus,
    "employment": Employment,
    "merit": Merit,
}


def masked_phone(number: str) -> str:
    """138 **** 0000; the middle of any other number goes as well."""
    if len(number) <= 4:
        return "****"
    return f"{number[:3]} **** {number[-4:]}" if len(number) >= 11 else f"{number[:-4]}****"


def spaced_phone(number: str) -> str:
    """138 1234 5678, as it is read out; any other number as it is written."""
    if len(number) == 11 and number.isascii() and number.isdigit():
        return f"{number[:3]} {number[3:7]} {number[7:]}"
    return number


def field_words(language: Language, field: str, *, are_shown: bool) -> str:
    """电话 139 **** 0000 for `phones/13900000000`, 类别 退役军人, 自然村."""
    name, _, element = field.partition("/")
    key = f"field.{name}"
    called = words(language, key) if key in WORDS else name
    if not element:
        return called
    if name == "phones":
        element = element if are_shown else masked_phone(element)
    elif name in _CODES:
        element = _label(language, _CODES[name], element)
    return words(language, "field.element", field=called, element=element)


def value_words(language: Language, field: str, value: Any, *, are_shown: bool) -> str:
    """The value as a worker says it; names and numbers are masked unless `are_shown`."""
    name, _, element = field.partition("/")
    if value is None or value is False:
        return words(language, "conflict.taken" if element else "no" if value is False else "conflict.empty")
    if value is True:
        return words(language, "conflict.there" if element else "yes")
    said = str(value)
    if name == "name":
        return said if are_shown else mask_name(said)
    if name == "id_number":
        return said if are_shown else mask_citizen_id(said)
    if name == "sex" and said in ("M", "F"):
        return words(language, f"sex.{said}")
    if name in _CODES and not element:
        return _label(language, _CODES[name], said)
    return said or words(language, "conflict.empty")


def author_words(language: Language, author: Author) -> str:
    """你, the name of a colleague of this phone, a station, 名册, or 别的手机."""
    if author.is_me:
        return words(language, "who.you")
    if author.is_roster:
        return words(language, "who.roster")
    return station_words(language, author.name) or words(language, "who.other")


def written_words(language: Language, author: Author, now: datetime) -> str:
    """本机·你·昨天 16:20"""
    where = words(language, "who.here" if author.is_here else "who.city")
    parts = [where, author_words(language, author)]
    if author.at_ms is not None:
        parts.append(when.day_and_clock(language, when.from_ms(author.at_ms), now))
    return "·".join(parts)


def sides_words(language: Language, authors: Iterable[Author]) -> list[str]:
    """你, 县里: everybody who wrote one of the values, once each, the reader first."""
    ordered = sorted(authors, key=lambda author: not author.is_me)
    return list(dict.fromkeys(author_words(language, author) for author in ordered))


def _label(language: Language, codes: type[LabelledCode], code: str) -> str:
    """The term of a code; in English where there is a word for it, else as it stands."""
    if language == "en" and codes in ENGLISH:
        return code_words(language, codes, code)
    label = next((known.label for known in codes if known.value == code), code)
    return tag_words(Look(language=language), label)
