"""Teach Flutter that one font draws every ideograph its own fonts lack.

For a character that the app's fonts do not hold, Flutter looks into a table of Google's hundreds of
Noto slices, and asks for the slice that has it. Two things are wrong with that here: 9,276 of the
27,000 ideographs of our source font are in no slice, so they would stay boxes for good; and each
slice would be asked for by itself. Rewritten, the table names one slice for all ideographs, and
whoever serves the page answers it with the font of rare characters.

The table is a string in main.dart.js (Flutter's noto_font_encoding.dart). It covers the code points
from 0 on, range by range: a range is its size, then the number of its component (a set of fonts; 0
for none). Numbers are written in decimal but for the last place, which is a letter: a-z for a size
(less 2; a size of 1 is left out), A-Z for a component.
"""

from __future__ import annotations

import re

_TABLE = re.compile(r'"([0-9a-zA-Z]{10000,})"')
_ALL_CODE_POINTS = 0x110000
_LETTERS = 26
# CJK Extension A, the unified and the compatibility ideographs, and the supplementary planes of
# Extension B and later.
IDEOGRAPHS = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x323B0))
# Any ideograph that Google's simplified-Chinese slices are certain to hold.
_KNOWN = ord("龘")


def name_one_font_for_ideographs(script: str) -> str | None:
    """`script` (main.dart.js) with its table rewritten, or None if it holds no such table."""
    for match in _TABLE.finditer(script):
        components = _decode(match[1])
        if components is not None:
            start, end = match.span(1)
            return script[:start] + _encode(_unify(components)) + script[end:]
    return None


def _unify(components: list[int]) -> list[int]:
    chosen = components[_KNOWN]
    for block in IDEOGRAPHS:
        components[block.start : block.stop] = [chosen] * len(block)
    return components


def _decode(table: str) -> list[int] | None:
    """The component of each code point; None if the string is something else."""
    components: list[int] = []
    size, number = 1, 0
    for letter in table:
        if letter.isdigit():
            number = number * 10 + int(letter)
        elif letter.islower():
            size, number = number * _LETTERS + ord(letter) - ord("a") + 2, 0
        else:
            if len(components) + size > _ALL_CODE_POINTS:
                return None
            components += [number * _LETTERS + ord(letter) - ord("A")] * size
            size, number = 1, 0
    return components if len(components) == _ALL_CODE_POINTS else None


def _encode(components: list[int]) -> str:
    parts: list[str] = []
    start = 0
    while start < len(components):
        end = start + 1
        while end < len(components) and components[end] == components[start]:
            end += 1
        if end - start > 1:
            parts.append(_number(end - start - 2, "a"))
        parts.append(_number(components[start], "A"))
        start = end
    return "".join(parts)


def _number(value: int, first_letter: str) -> str:
    tens, letter = divmod(value, _LETTERS)
    return f"{tens or ''}{chr(ord(first_letter) + letter)}"
