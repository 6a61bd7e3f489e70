"""Which township a roster is of: what the caller says and what the workbook says must agree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.divisions import Division, Divisions
from app.domain.errors import UnknownCode
from sync_server.roster.values import folded, is_ditto, says_nothing

_TOWNSHIP_WORD = re.compile(
    r"(?:县|市|区|^|[^\u4e00-\u9fff])?([\u4e00-\u9fff]{2,6}?(?:街道|镇|乡))(?!村|政府)"
)
_REMARK = re.compile("[(]?(?:注|说明|备注|填表)")  # may speak of other townships
_HOW_TO_SAY = "请在命令后加 --township 九位区划代码"


@dataclass(frozen=True, slots=True)
class Said:
    """The texts of a workbook that may name its township; `everything` serves a suggestion only."""

    titles: tuple[str, ...]
    sheets: tuple[str, ...]
    column: tuple[str, ...]  # what stands under 乡镇, each text once
    file: str
    everything: Iterable[object] = ()


def given_township(divisions: Divisions, township: str) -> Division:
    """The township that the caller names by code or name; raises UnknownCode if there is none."""
    found = divisions.find_township(township)
    if found is None:
        raise UnknownCode(
            f"“{township}”不是区划表里的一个乡镇或街道。请用九位区划代码，例如 331121209。", field="township"
        )
    return found


def settle_township(
    divisions: Divisions, given: Division | None, said: Said, in_the_way: list[str]
) -> Division | None:
    """The one township that caller, titles, sheets, column and file name agree on; else what to ask.

    Only what the workbook leaves open is settled by `given`: a contradiction is for a person.
    """
    column = [t for t in said.column if not says_nothing(t) and not is_ditto(t)]
    of_column = [
        (d,) if (d := divisions.find_township(t)) else divisions.townships_named_in(t) for t in column
    ]
    foreign = [
        t for t, found in zip(column, of_column, strict=True) if not found and _TOWNSHIP_WORD.search(t)
    ]
    if foreign:
        names = "、".join(foreign[:3])
        in_the_way.append(f"“乡镇”一列写的“{names}”不在区划表里，请改正或删去这些行")
        return None
    texts = (*(t for t in said.titles if not _REMARK.match(folded(t))), *said.sheets)
    named_by_text = [*(divisions.townships_named_in(text) for text in texts), *of_column]
    named = {found[0].code: found[0] for found in named_by_text if len(found) == 1}
    if len(named) > 1:
        names = "、".join(d.name for d in list(named.values())[:5])
        in_the_way.append(f"里面写了不止一个乡镇（{names}），请按乡镇分成几个文件")
        return None
    by_file = divisions.townships_named_in(said.file)
    if not named and len(by_file) == 1:
        named = {by_file[0].code: by_file[0]}
    if named:
        (place,) = named.values()
        if len(by_file) == 1 and by_file[0] != place:
            in_the_way.append(
                f"文件名写的是{divisions.path(by_file[0].code)}，花名册里写的是{divisions.path(place.code)}，请改成一致"
            )
            return None
        if given is not None and given != place:
            in_the_way.append(
                f"命令里写的是{divisions.path(given.code)}，花名册里写的是{divisions.path(place.code)}，请改成一致"
            )
            return None
        return place
    if given is None:
        in_the_way.append(_question(divisions, said, [d for found in named_by_text for d in found]))
    return given


def _question(divisions: Divisions, said: Said, candidates: list[Division]) -> str:
    if candidates:
        names = "、".join(dict.fromkeys(divisions.path(d.code) for d in candidates[:5]))
        return f"看不出是哪一个乡镇（{names}），{_HOW_TO_SAY}"
    if outside := _foreign_township(said.titles):
        return f"标题里的“{outside}”不在区划表里，{_HOW_TO_SAY}"
    if found := _suggested_township(divisions, said.everything):
        return (
            f"看不出是哪个乡镇。看村名像是{divisions.path(found.code)}，"
            f"是的话请在命令后加 --township {found.code}"
        )
    return f"看不出是哪个乡镇，{_HOW_TO_SAY}"


def _foreign_township(texts: Iterable[str]) -> str | None:
    """A township-like name that the divisions do not have, for the question that asks about it."""
    for text in texts:
        if (found := _TOWNSHIP_WORD.search(folded(text))) is not None:
            return found.group(1)
    return None


def _suggested_township(divisions: Divisions, values: Iterable[object]) -> Division | None:
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
