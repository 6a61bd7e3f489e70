"""Personal names as rosters write them: cleaned, masked, and read for search.

Rare characters are kept code point for code point. Unicode's NFKC is not used, because it replaces
CJK compatibility characters, which occur in real names, by others.
"""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST_NAME = 30  # characters; what is longer has something else written behind it

_WIDE = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
_NAME_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅●.", "·"))
_BRACKETED = re.compile(r"[(\[【〔<《](.*?)[)\]】〕>》]")
_OPEN_BRACKET = re.compile(r"[(\[【〔].*$")
_NUMBERING = re.compile(r"^\d+[.、．]")

# Readings that a character has only, or first, as a surname.
_SURNAME_READINGS = {
    "单": "shan", "仇": "qiu", "解": "xie", "曾": "zeng", "区": "ou", "查": "zha", "任": "ren",
    "盖": "ge", "朴": "piao", "华": "hua", "乐": "yue", "缪": "miao", "召": "shao", "员": "yun",
    "冼": "xian", "洗": "xian", "覃": "qin", "翟": "zhai", "车": "che", "宓": "mi", "葛": "ge",
    "过": "guo", "祭": "zhai", "那": "na", "应": "ying", "俞": "yu", "郇": "xun", "牟": "mou",
    "隗": "wei", "卜": "bu", "柏": "bai", "叶": "ye", "冯": "feng", "纪": "ji", "薄": "bo",
    "宁": "ning", "句": "gou", "种": "chong", "秘": "bi", "黑": "he", "折": "she", "燕": "yan",
    "繁": "po", "尉": "wei", "沈": "shen", "石": "shi", "褚": "chu", "贾": "jia", "逄": "pang",
    "会": "gui", "相": "xiang", "都": "du", "降": "jiang", "谌": "chen", "瞿": "qu", "佴": "nai",
    "占": "zhan", "长": "zhang", "重": "chong", "盛": "sheng", "曲": "qu", "訾": "zi",
}  # fmt: skip
_COMPOUND_SURNAME_READINGS = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"), "令狐": ("ling", "hu"), "皇甫": ("huang", "fu"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReadName:
    """A name and what stood in brackets behind it (已搬, 户主, 曾用名...), both may be empty.

    `has_unresolved`: it holds a private-use character, drawn only by the font of the machine that
    wrote it; it is kept as it is until somebody says which character is meant.
    """

    name: str
    note: str = ""
    has_unresolved: bool = False


def read_name(written: str) -> ReadName:
    """Take a cell's text apart; blanks of every kind go, also those that cannot be seen."""
    text = fold_width(strip_blanks(written))
    notes = [note for note in _BRACKETED.findall(text) if note]
    text = _BRACKETED.sub("", text)
    if (cut_off := _OPEN_BRACKET.search(text)) is not None:
        notes.append(cut_off.group()[1:])
        text = text[: cut_off.start()]
    text = _NUMBERING.sub("", text)
    name = text.translate(_NAME_DOTS).strip("·,，、;；:：*'’")
    return ReadName(name, "、".join(notes), any(unicodedata.category(c) == "Co" for c in name))


def strip_blanks(text: str) -> str:
    """The text without spaces, line breaks, control and format characters (zero-width ones too)."""
    return "".join(c for c in text if not (c.isspace() or unicodedata.category(c) in ("Cc", "Cf", "Zs")))


def fold_width(text: str) -> str:
    """Full-width letters, digits and signs as their usual forms; every other character stays."""
    return text.translate(_WIDE)


def house_order(house: str) -> tuple[int, str]:
    """By which houses are put in order: 12 before 100, those without a number last."""
    digits = re.search(r"\d+", house)
    return (int(digits.group()) if digits else 10**9, house)


def mask_name(name: str) -> str:
    """张** for any name: the number of stars says nothing about its length (domain.md 7)."""
    return f"{name[0]}**" if name else ""


def readings(name: str) -> tuple[tuple[str, ...], ...]:
    """For each character its plain pinyin readings, likeliest first; others stand for themselves.

    A surname's own reading comes first (单 shan), its everyday ones stay behind it, since a worker
    may type either.
    """
    compound = _COMPOUND_SURNAME_READINGS.get(name[:2], ())
    spelt = []
    for place, character in enumerate(name):
        known = _character_readings(character)
        first = compound[place] if place < len(compound) else None
        if place == 0 and first is None:
            first = _SURNAME_READINGS.get(character)
        spelt.append(known if first is None else (first, *(r for r in known if r != first)))
    return tuple(spelt)


@lru_cache(maxsize=8192)
def _character_readings(character: str) -> tuple[str, ...]:
    # A phrase dictionary of 47,000 entries would be loaded for nothing: names are no phrases.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    plain = dict.fromkeys(r.replace("ü", "v") for r in (found[0] if found else ()) if r)
    return tuple(plain) or (character.lower(),)
