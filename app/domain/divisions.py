"""The administrative divisions of the city, and finding one by the way people write it.

Holds what a text of `code,level,name,parent` lines says and nothing else; reading the file is left
to the caller. Names are looked up only where they can be told apart: townships city-wide, villages
inside one township.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.domain.errors import BadConfig, UnknownCode
from app.domain.names import fold_width, strip_blanks

LEVELS = ("city", "county", "township", "village")
_VILLAGE_ENDINGS = (
    "村村民委员会",
    "村村委员会",
    "村民委员会",
    "村村委会",
    "村委员会",
    "村委会",
    "村委",
    "村",
)
_COMMUNITY_ENDINGS = (
    "社区居民委员会", "社区居委会", "居民委员会", "社区居委", "居委会", "社区", "居委",
)  # fmt: skip
_TOWNSHIP_ENDINGS = ("街道办事处", "街道", "镇", "乡")
_ENDING = re.compile("|".join((*_VILLAGE_ENDINGS, *_COMMUNITY_ENDINGS)))
_SEPARATORS = "-－—_/\\、,，.·:：|"
# 畬 and 佘 are written for 畲 so often that a match must not hang on it (domain.md 5).
_LOOKALIKES = str.maketrans({"畬": "畲", "佘": "畲"})


@dataclass(frozen=True, slots=True)
class Division:
    code: str
    level: str
    name: str
    parent: str


@dataclass(frozen=True, slots=True)
class VillageMatch:
    """`codes` holds the one village meant, or several that the text cannot tell apart, or none.

    `rest` is what followed the village's name in the text (hamlet, house number).
    """

    codes: tuple[str, ...]
    rest: str = ""

    @property
    def code(self) -> str | None:
        return self.codes[0] if len(self.codes) == 1 else None


@dataclass(frozen=True)
class Divisions:
    """All divisions by code, in the order of the text. Build it with `Divisions.read`."""

    by_code: Mapping[str, Division]
    _children: Mapping[str, tuple[str, ...]]
    _villages: Mapping[tuple[str, str], tuple[tuple[str | None, str], ...]]  # (township, stem): (kind, code)

    @classmethod
    def read(cls, text: str) -> Divisions:
        """From CSV text with the header `code,level,name,parent`; raises BadConfig for any other."""
        rows = csv.DictReader(text.lstrip("\ufeff").splitlines())
        if not {"code", "level", "name", "parent"} <= set(rows.fieldnames or ()):
            raise BadConfig("区划表的第一行应是 code,level,name,parent。请换成完整的区划表。")
        by_code: dict[str, Division] = {}
        children: dict[str, tuple[str, ...]] = {}
        villages: dict[tuple[str, str], tuple[tuple[str | None, str], ...]] = {}
        for row in rows:
            division = Division(row["code"], row["level"], row["name"], row["parent"])
            code, parent = division.code, division.parent
            if division.level not in LEVELS or code in by_code:
                raise BadConfig(f"区划表里代码 {code} 重复，或级别不认识。请改正后再用。")
            by_code[code] = division
            children[parent] = (*children.get(parent, ()), code)
            if division.level == "village":
                stem, kind = _stem_and_kind(_fold(division.name))
                villages[parent, stem] = (*villages.get((parent, stem), ()), (kind, code))
        return cls(MappingProxyType(by_code), MappingProxyType(children), MappingProxyType(villages))

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def __getitem__(self, code: str) -> Division:
        """The division; raises UnknownCode in words that can be shown."""
        if code not in self.by_code:
            raise UnknownCode(f"区划代码 {code} 不在区划表里。请核对代码。")
        return self.by_code[code]

    def name(self, code: str) -> str:
        return self[code].name

    def children(self, code: str) -> tuple[Division, ...]:
        """The divisions one level down, in the order of the table."""
        return tuple(self.by_code[c] for c in self._children.get(code, ()))

    def ancestors(self, code: str) -> tuple[Division, ...]:
        """The divisions above, nearest first; the city has none."""
        above = []
        parent = self[code].parent
        while parent in self.by_code:
            above.append(self.by_code[parent])
            parent = self.by_code[parent].parent
        return tuple(above)

    def path(self, code: str) -> str:
        """Names from county to the division itself: 青田县巨浦乡巨浦村村委会."""
        line = [self[code], *self.ancestors(code)]
        return "".join(d.name for d in reversed(line) if d.level != "city" or d.code == code)

    def at_level(self, level: str) -> Iterator[Division]:
        return (d for d in self.by_code.values() if d.level == level)

    def within(self, code: str, ancestor: str) -> bool:
        """True if `code` is `ancestor` or lies below it."""
        return code == ancestor or any(d.code == ancestor for d in self.ancestors(code))

    def find_township(self, written: str) -> Division | None:
        """A township by code or name, with or without its county and 乡/镇/街道; None if not just one."""
        text = _fold(written)
        if text in self.by_code:
            found = self.by_code[text]
            return found if found.level == "township" else None
        exact = self.townships_named_in(text)
        if len(exact) == 1:
            return exact[0]
        loose = [d for d in self.at_level("township") if _township_stem(d.name) == _township_stem(text)]
        return loose[0] if len(loose) == 1 else None

    def townships_named_in(self, written: str) -> tuple[Division, ...]:
        """Townships whose full name (with 乡/镇/街道) a text holds; its county, if named too, decides.

        A name inside a longer one does not count twice (三溪乡 is not in 三溪口街道).
        """
        text = _fold(written)
        found = [d for d in self.at_level("township") if any(n in text for n in _township_names(d.name))]
        counties = [c.code for c in self.at_level("county") if _fold(c.name) in text]
        if len(found) > 1 and counties:
            found = [d for d in found if d.parent in counties] or found
        longest = [d for d in found if not any(_fold(d.name) in _fold(o.name) for o in found if o is not d)]
        return tuple(longest)

    def match_village(self, township: str, written: str) -> VillageMatch:
        """The village or community of `township` that a text names; nothing outside is looked at.

        村, 村委会, 村民委员会 and no ending at all are one; 社区, 居委会 likewise. A text that says
        which of the two kinds it means never matches the other kind of the same name.
        """
        whole = _fold(written)
        # Whole first: 大柘镇居民委员会 is a community that bears its town's name.
        for text in dict.fromkeys((whole, self._without_ancestors(township, whole))):
            for end in (len(text), *sorted((m.end() for m in _ENDING.finditer(text)), reverse=True)):
                stem, kind = _stem_and_kind(text[:end])
                same_stem = self._villages.get((township, stem), ())
                if codes := tuple(code for own, code in same_stem if kind in (None, own)):
                    return VillageMatch(codes, text[end:].strip(_SEPARATORS + "()"))
        return VillageMatch(())

    def _without_ancestors(self, township: str, text: str) -> str:
        above = [d.name for d in (self[township], *self.ancestors(township))]
        for name in ("浙江省", *reversed(above)):
            for form in _township_names(name):
                if text.startswith(form) and len(text) > len(form):
                    text = text[len(form) :].lstrip(_SEPARATORS)
        return text


def _fold(written: str) -> str:
    return fold_width(strip_blanks(written)).translate(_LOOKALIKES)


def _township_names(name: str) -> tuple[str, ...]:
    """The name, and without 畲族, as people say it: 老竹畲族镇 is 老竹镇."""
    folded = _fold(name)
    return tuple(dict.fromkeys((folded, folded.replace("畲族", "") if len(folded) > 4 else folded)))


def _township_stem(name: str) -> str:
    folded = _township_names(name)[-1]
    for ending in _TOWNSHIP_ENDINGS:
        if folded.endswith(ending) and len(folded) > len(ending) + 1:
            return folded[: -len(ending)]
    return folded


def _stem_and_kind(name: str) -> tuple[str, str | None]:
    for kind, endings in (("community", _COMMUNITY_ENDINGS), ("village", _VILLAGE_ENDINGS)):
        for ending in endings:
            if name.endswith(ending) and len(name) > len(ending):
                return name[: -len(ending)], kind
    return name, None


def spoken_name(name: str) -> str:
    """A village's or community's name as people say it: 桃源村委会 is 桃源村, 灯塔社区居委会 is 灯塔社区.

    For screens; tables and files keep the official name. Any other name comes back as it is.
    """
    for office, kind in (("村民委员会", "村"), ("村委会", "村"), ("居民委员会", "社区"), ("居委会", "社区")):
        stem = name.removesuffix(office)
        if stem and stem != name:
            return stem if stem.endswith(("村", "社区")) else stem + kind
    return name
