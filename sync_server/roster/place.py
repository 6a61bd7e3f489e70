"""The village that a cell, a line, a title or a sheet's name names, within one township."""

from __future__ import annotations

import re

from app.domain.divisions import Divisions, VillageMatch
from sync_server.roster.values import folded

_NUMBERING = re.compile(r"^[(\[]?(?:第?[一二三四五六七八九十]+|\d+)[)\]、.,:：\s]+|^\d+(?=[\u4e00-\u9fff])")
_OFFICE = re.compile("(?:人民)?政府|党委|机关|本级|直属|办事处|敬老院|")
# A page's number or a date is no heading's.
_MARKED = re.compile(r"^[(\[]?(?:第?[一二三四五六七八九十]+|\d{1,2})[)\]、.,:](?!\d)|\d(?:人|名|户)[)]?$")
_COUNT = re.compile(r"[(\[][^)\]]*[)\]]|[:：]?(?:共|计|合计)?\d+(?:人|名|户)|[:：]$|花名册|名册|名单|台账")


def one_village(divisions: Divisions, township: str, text: str) -> tuple[str | None, str]:
    """The one village that a cell names, and what it says beyond it; None if it names two or none.

    叶村乡 and 叶村乡人民政府 are the township, not its 叶村. A village's own code names it too.
    """
    if names_the_township(divisions, township, text):
        return None, ""
    if text in divisions and divisions[text].parent == township:
        return text, ""
    found = divisions.match_village(township, text) if text else VillageMatch(())
    other = divisions.match_village(township, found.rest).code if found.rest else None
    return (None, "") if other not in (None, found.code) else (found.code, found.rest)


def names_the_township(divisions: Divisions, township: str, text: str) -> bool:
    """True for the township's own name with its ending, alone or with its office: 县叶村乡, 叶村乡政府."""
    plain = folded(text)
    for above in divisions.ancestors(township):
        plain = plain.removeprefix(above.name)
    name = divisions[township].name
    names = (name, name.replace("畲族", ""))
    return any(plain.startswith(n) and _OFFICE.fullmatch(plain.removeprefix(n)) for n in names)


def village_of_line(divisions: Divisions, township: str, text: str) -> str | None:
    """The village that a sheet's name or a line of its own names: 二、巨浦村（12人）.

    One character is enough only behind a number (二、余): alone it may be anything.
    """
    line = folded(text)
    unnumbered = _NUMBERING.sub("", line)
    plain = _COUNT.sub("", unnumbered)
    least = 1 if unnumbered != line else 2
    if names_the_township(divisions, township, plain):
        return None
    return divisions.match_village(township, plain).code if least <= len(plain) <= 20 else None


def rest_of_line(divisions: Divisions, township: str, text: str) -> str:
    """What a line says beyond the village that it names: 一、巨浦村退役军人（3人） -> 退役军人."""
    return divisions.match_village(township, heading_words(text)[0]).rest


def heading_words(text: str) -> tuple[str, bool]:
    """A line without its numbering and count, and whether it had either: 二、烈属（1人） -> 烈属, True."""
    line = folded(text)
    return _COUNT.sub("", _NUMBERING.sub("", line)), _MARKED.search(line) is not None


def says_village(text: str) -> bool:
    """True for a line that ends as villages and communities do, whichever it may be."""
    plain = _COUNT.sub("", _NUMBERING.sub("", folded(text)))
    return 2 <= len(plain) <= 20 and plain.endswith(("村", "社区", "村委会", "村民委员会", "居委会"))


def village_in_title(divisions: Divisions, township: str, text: str) -> str | None:
    """The one village that a roster's title names with its ending: 巨浦乡巨浦村退役军人花名册."""
    line = folded(text)
    for division in (divisions[township], *divisions.ancestors(township)):
        line = line.replace(division.name, "|")
    found = {
        code
        for start in range(len(line))
        for end in (m.end() for m in re.finditer("村|社区|居委会", line))
        if 2 <= end - start <= 12 and (code := divisions.match_village(township, line[start:end]).code)
    }
    return found.pop() if len(found) == 1 else None
