"""What stands in the cell of a person's name: a name, several, a column's title, or no name at all."""

from __future__ import annotations

import re

from app.domain.names import read_name
from sync_server.roster.titles import Field, field_of_title
from sync_server.roster.values import Says, folded, text_of, what_it_says
from sync_server.roster.workbook import Value

_BETWEEN = re.compile(r"[\n\r、,，/;；&+]+|(?<=[\u4e00-\u9fff]{2})\s{2,}(?=[\u4e00-\u9fff]{2})")
_BRACKETED = re.compile(r"[(（\[【〔].*?[)）\]】〕]", re.DOTALL)
_FULL_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,}")
# A wrapped name breaks behind one: it is not two people.
_COMPOUND_SURNAMES = re.compile(
    "欧阳|司马|上官|诸葛|皇甫|尉迟|公孙|令狐|慕容|长孙|宇文|司徒|夏侯|东方|端木|澹台|南宫|万俟|闻人|轩辕|钟离|单于"
)
_NO_LETTERS = re.compile(r"[\d\W_]*")
# Titles of what only a column can hold; 名单 or 备注 may also begin a line below the people.
_TITLES = frozenset(Field) - {Field.SEQ, Field.NAME, Field.NOTE, Field.OTHER, Field.TOWNSHIP}


def names_in(value: Value) -> tuple[str, ...]:
    """The names of a cell that holds several people, as written; empty if it holds one or none."""
    if not isinstance(value, str):
        return ()
    names = [read_name(part).name for part in _BETWEEN.split(_BRACKETED.sub("", value))]
    names = [name for name in names if name]
    several = len(names) > 1 and all(_FULL_NAME.fullmatch(n) for n in names)
    return tuple(names) if several and not _COMPOUND_SURNAMES.fullmatch(names[0]) else ()


def holds_no_name(value: Value) -> bool:
    """True for a number, TRUE, #REF!, 无: whoever stands in that line, this is not the name."""
    is_word = isinstance(value, str) and what_it_says(value) is Says.SOMETHING
    return not is_word or _NO_LETTERS.fullmatch(folded(value)) is not None


def is_title(value: Value) -> bool:
    """True for 身份证号 or 住址 where a name is due: the table is not one person a line."""
    return field_of_title(text_of(value)) in _TITLES
