"""Where a roster belongs: its township, and the village that a line, a title or a sheet names."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.domain.divisions import Division, Divisions
from app.domain.errors import UnknownCode
from sync_server.roster.values import folded

_TOWNSHIP_WORD = re.compile(
    r"(?:县|市|区|^|[^\u4e00-\u9fff])?([\u4e00-\u9fff]{2,6}?(?:街道|镇|乡))(?!村|政府)"
)
_NUMBERING = re.compile(r"^[(\[]?(?:第?[一二三四五六七八九十]+|\d+)[)\]、.,:：\s]+|^\d+(?=[\u4e00-\u9fff])")
_COUNT = re.compile(r"[(\[][^)\]]*[)\]]|[:：]?(?:共|计|合计)?\d+(?:人|名|户)|[:：]$|花名册|名册|名单|台账")


def given_township(divisions: Divisions, township: str) -> Division:
    """The township that the caller names by code or name; raises UnknownCode if there is none."""
    found = divisions.find_township(township)
    if found is None:
        raise UnknownCode(
            f"“{township}”不是区划表里的一个乡镇或街道。请用九位区划代码，例如 331121209。", field="township"
        )
    return found


def townships_in(divisions: Divisions, texts: Iterable[str]) -> tuple[Division, ...]:
    """The townships that the texts name, each once."""
    found = {d.code: d for text in texts for d in divisions.townships_named_in(text)}
    return tuple(found.values())


def foreign_township(texts: Iterable[str]) -> str | None:
    """A township-like name that the divisions do not have, for the question that asks about it."""
    for text in texts:
        if (found := _TOWNSHIP_WORD.search(folded(text))) is not None:
            return found.group(1)
    return None


def suggested_township(divisions: Divisions, values: Iterable[object]) -> Division | None:
    """The one township whose villages occur among `values`: good for a suggestion, not for a decision."""
    texts = {folded(v) for v in values if isinstance(v, str)}
    texts = {t for t in texts if 2 <= len(t) <= 20 and re.search("村|社区|居委会", t)}
    scores = {
        d.code: sum(divisions.match_village(d.code, t).code is not None for t in texts)
        for d in (divisions.at_level("township") if len(texts) <= 2000 else ())
    }
    ranked = sorted(scores, key=lambda code: -scores[code])
    if len(ranked) < 2 or scores[ranked[0]] < 2 or scores[ranked[0]] == scores[ranked[1]]:
        return None
    return divisions[ranked[0]]


def village_of_line(divisions: Divisions, township: str, text: str) -> str | None:
    """The village that a sheet's name or a line of its own names: 二、巨浦村（12人）.

    One character is enough only behind a number (二、余): alone it may be anything.
    """
    line = folded(text)
    unnumbered = _NUMBERING.sub("", line)
    plain = _COUNT.sub("", unnumbered)
    least = 1 if unnumbered != line else 2
    return divisions.match_village(township, plain).code if least <= len(plain) <= 20 else None


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
