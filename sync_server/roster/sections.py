"""A line between the people of a list that says of which kind those below it are: 二、烈属（1人）."""

from __future__ import annotations

import re

from app.domain.categories import BenefitCategory, read_categories
from sync_server.roster.place import heading_words
from sync_server.roster.values import folded
from sync_server.roster.workbook import Value

_BESIDE = re.compile(
    r"[|、和及与,/;()]|第?[一二三四五六七八九十\d]+(?:部分|类)[:：]?|年?满?\d{2}(?:周)?岁(?:及?以?上)?|类?人员|类别?|对象|部分|情况|本乡|本镇|本村"
)
_KIND_WORDS = re.compile("三属|两参|军烈|优抚|[军士兵役烈残伤]|遗属|家属|人员|对象")
_COUNT = re.compile(r"[(]?(?:共|计|合计)?\d+(?:人|名|户)?[)]?")
_LONGEST = 24


def kinds_of_line(text: str) -> tuple[tuple[BenefitCategory, ...], bool]:
    """The categories that a line of its own names, and whether it is a heading at all.

    It is one if it says nothing else, or is numbered or counted as headings are; a heading without
    categories speaks of people whose kind nobody knows (三、其他人员).
    """
    plain, is_marked = heading_words(text)
    if not 0 < len(plain) <= _LONGEST:
        return (), False
    read = read_categories(plain)
    if read.categories and not read.unclear and not _BESIDE.sub("", read.rest):
        return read.categories, True
    return (), is_marked


def speaks_of_kinds(text: str) -> bool:
    """True if a heading that names no category is still about one: 军烈属, 三属人员."""
    return _KIND_WORDS.search(folded(text)) is not None


def is_count(value: Value) -> bool:
    """True for the number of people beside a heading: 2, 共3人."""
    return _COUNT.fullmatch(folded(value)) is not None
