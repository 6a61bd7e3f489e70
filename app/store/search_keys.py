"""What a person is found by: one line of text each, and how a query is looked up in it.

Chinese is found anywhere in name, hamlet and house. Letters and digits are found at the start of a
word, where the words of a name or hamlet are its pinyin and its initials from every syllable on:
zhangsan, zhangs, san, zs, s. A character with several readings has them all.
"""

from __future__ import annotations

from itertools import islice, product
from string import ascii_lowercase

from app.domain.names import fold_width, readings

_MOST_SPELLINGS = 24  # of one name
_WORD = "|"


def plain_key(name: str, hamlet: str, house: str, phones: list[str]) -> str:
    """The part that costs nothing: the texts as written, and house number and last four digits as words."""
    place = fold_width(f"{hamlet}{house}").lower()
    digits = [fold_width(house).lower(), *(phone[-4:] for phone in phones)]
    return "\n".join((name.lower(), place, "".join(f"{_WORD}{word}" for word in digits if word)))


def pinyin_key(name: str) -> str:
    """The pinyin and the initials of a name or hamlet as words. The first call loads pypinyin."""
    syllables = readings(name)
    words: dict[str, None] = {}
    for start in range(len(syllables)):
        for mix in islice(product(*syllables[start:]), _MOST_SPELLINGS):
            words["".join(mix)] = None
        letters = [tuple(dict.fromkeys(r[:1] for r in each)) for each in syllables[start:]]
        for mix in islice(product(*letters), _MOST_SPELLINGS):
            words["".join(mix)] = None
    return "".join(f"{_WORD}{word}" for word in words)


def needles(text: str) -> list[str]:
    """The parts of a query that must all be found: `上坞 zs` -> ["上坞", "|zs"], `张s` -> ["张", "|s"]."""
    parts: list[str] = []
    for word in fold_width(text).lower().split():
        written = word.rstrip(ascii_lowercase)
        # Letters behind characters go on in pinyin; digits do not begin anew (上坞12 is one place).
        parts += [word] if written.isascii() else [written, word.removeprefix(written)]
    return [f"{_WORD}{part}" if part.isascii() else part for part in parts if part]


def needs_pinyin(wanted: list[str]) -> bool:
    """Whether one of the needles can only be found in the pinyin of a name or hamlet."""
    return any(part.startswith(_WORD) and any(c.isalpha() for c in part) for part in wanted)
