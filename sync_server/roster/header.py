"""Where the titles of a sheet's tables stand, and what they say of each column.

A header may have several lines. Merged ranges join them, or nothing does: then a group's title is
taken to reach over the blank cells to its right, as far as the line below has titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sync_server.roster.grid import Grid
from sync_server.roster.place import says_village
from sync_server.roster.terms import meaning_of_title
from sync_server.roster.titles import (
    Field,
    field_of_title,
    is_about_families,
    is_someone_else,
    own_title,
    title_key,
    whose,
)
from sync_server.roster.values import folded, is_mark, says_nothing, text_of
from sync_server.roster.workbook import Value

_MOST_HEADER_ROWS = 4
_LONGEST_SUBTITLE = 12
_PERSONAL = (
    Field.NAME,
    Field.ID,
    Field.FORMER_ID,
    Field.SEX,
    Field.BORN,
    Field.ADDRESS,
    Field.HUKOU,
    Field.EMPLOYMENT,
)
_GROUP_WORDS = ("情况", "信息", "类别", "类型", "状况", "住址", "地址", "身份", "服役", "基本")
_OF_A_LIST = re.compile("花?名册|名单|台账|[记览总]表")
_OTHER_PERSON = re.compile("(?:紧急联系人|联系人|家属|配偶|监护人|亲属|代领人|包联干部|联络员)(?:情况|信息)?")

Path = tuple[str, ...]


def header_ranges(grid: Grid) -> Iterator[range]:
    """The rows of every header of the sheet, repeated ones too, from top to bottom."""
    row = 0
    while row < grid.height:
        if not _is_header_row(grid, row):
            row += 1
            continue
        end = row + 1
        limit = min(grid.height, row + _MOST_HEADER_ROWS)
        while end < limit and _continues(grid, range(row, end), end):
            end += 1
        start = row - 1 if row > 0 and _is_group_row(grid, row - 1) else row
        found = set(proposals(paths_of(grid, range(start, end)))) - {None, Field.OTHER, Field.SEQ}
        if Field.NAME in found or len(found) >= 3:
            yield range(start, end)
        row = end


def unknown_header(grid: Grid) -> range:
    """The line of titles over the people of a sheet whose titles nobody knows; empty, in its place, if none.

    It is one if it stands above the first number and the number's own column has a word there that
    is no value such a column may have. Without it the people begin with the lines of several cells.
    """
    for row in range(1, grid.height):
        columns = [c for c, v in grid.filled(row) if _digits(v) >= 15]
        if not columns:
            continue
        above = grid.filled(row - 1)
        title = grid.raw(row - 1, columns[0])
        is_title = isinstance(title, str) and not says_nothing(title) and not title.startswith(("待", "未"))
        if len(above) >= 2 and is_title and all(isinstance(v, str) and _digits(v) == 0 for _, v in above):
            return range(row - 1, row)
        first = row
        while first > 0 and len(grid.filled(first - 1)) >= 2:
            first -= 1
        return range(first, first)
    return range(0)


def paths_of(grid: Grid, header: range) -> tuple[Path, ...]:
    """For each column its titles from group to leaf."""
    lines = [[text_of(grid.shown(row, c)) for c in range(grid.width)] for row in header]
    for n, line in enumerate(lines[:-1]):
        _spread(grid, header[n], line, [any(below[c] for below in lines[n + 1 :]) for c in range(grid.width)])
    return tuple(tuple(dict.fromkeys(line[c] for line in lines if line[c])) for c in range(grid.width))


def proposals(paths: Sequence[Path]) -> list[Field | None]:
    """What each column's titles say: the leaf first, then all read together, then the group."""
    families = is_about_families(tuple(path[-1] for path in paths if path))
    found = [_proposal(tuple(own_title(t) for t in p) if families else p) for p in paths]
    if Field.NAME not in found:  # a roster that knows its people only as 家属姓名, 联系人姓名
        leaves = [field_of_title(_own_word(path[-1])) if path else None for path in paths]
        found = [
            leaf if leaf in (Field.NAME, Field.ID) and f is Field.OTHER else f
            for f, leaf in zip(found, leaves, strict=True)
        ]
    return found


def _spread(grid: Grid, row: int, line: list[str], is_titled_below: Sequence[bool]) -> None:
    group = ""
    for c, text in enumerate(line):
        if text or not is_titled_below[c]:
            group = text if text and is_titled_below[c] and grid.merge_at(row, c) is None else ""
        else:
            line[c] = group


def _is_header_row(grid: Grid, row: int) -> bool:
    """Mostly known titles, two different ones at least, and nothing that looks like a number of digits."""
    cells = grid.filled(row)
    if not cells or any(_digits(v) >= 7 for _, v in cells):
        return False
    known = [field_of_title(text_of(v)) for _, v in cells]
    hits = {f for f in known if f is not None}
    if hits == {Field.NAME}:
        return len(cells) == 1
    return len(hits) >= 2 and sum(f is not None for f in known) * 2 >= len(cells)


def _continues(grid: Grid, header: range, row: int) -> bool:
    return _is_header_row(grid, row) or _is_joined(grid, row - 1, row) or _is_subtitle_row(grid, header, row)


def _is_joined(grid: Grid, above: int, row: int) -> bool:
    """True if a merged range joins the two rows, as in a header of several lines."""
    return any(
        merge.top <= above and merge.bottom - merge.top < _MOST_HEADER_ROWS
        for c in range(grid.width)
        if (merge := grid.merge_at(row, c)) is not None
    )


def _is_subtitle_row(grid: Grid, header: range, row: int) -> bool:
    """A line of titles that only divides groups of the line above: 参战 | 残疾军人 under 人员类别.

    Its cells stand where the header has no title yet, or where such a stretch begins.
    """
    cells = grid.filled(row)
    titled = [
        any(grid.shown(r, c) is not None and not grid.is_right_part(r, c) for r in header)
        for c in range(grid.width)
    ]
    open_columns = {c for c in range(grid.width) if not titled[c]}
    starts = {c for c in range(grid.width) if titled[c] and c + 1 in open_columns}
    if not any(c in open_columns for c, _ in cells) or any(c not in open_columns | starts for c, _ in cells):
        return False
    if not all(_may_be_title(v) for _, v in cells):
        return False
    return len(cells) >= 2 or meaning_of_title(text_of(cells[0][1])) is not None


def _may_be_title(value: Value) -> bool:
    if not isinstance(value, str) or is_mark(value) or says_village(value) or _digits(value):
        return False
    return 2 <= len(folded(value)) <= _LONGEST_SUBTITLE


def _is_group_row(grid: Grid, row: int) -> bool:
    """A line of group titles (基本情况, 服役情况) above the titles proper."""
    cells = grid.filled(row)
    if not all(isinstance(v, str) and len(folded(v)) <= 12 and _digits(v) < 7 for _, v in cells):
        return False
    groups = [title_key(text_of(v)) for _, v in cells]
    if any(_OF_A_LIST.search(group) for group in groups):
        return False  # 退役军人花名册 | 去世人员名单 over two lists side by side
    spans = [merge for c, _ in cells if (merge := grid.merge_at(row, c)) is not None]
    if len(cells) >= 2 and (_is_joined(grid, row, row + 1) or any(m.right > m.left for m in spans)):
        return True
    others = sum(_OTHER_PERSON.fullmatch(g) is not None for g in groups)
    return (
        not spans
        and all(grid.raw(row + 1, c) is not None for c, _ in cells)
        # One such line may just as well be the roster's title; only another person's is sure to be none.
        and (others == len(cells) == 1 or (len(cells) >= 2 and all(map(_is_group_title, groups))))
    )


def _is_group_title(key: str) -> bool:
    return _OTHER_PERSON.fullmatch(key) is not None or key.endswith(_GROUP_WORDS)


def _digits(value: Value) -> int:
    return sum(ch.isdigit() for ch in text_of(value))


def _proposal(path: Path) -> Field | None:
    if not path:
        return None
    if len(path) == 1 and is_someone_else(path[0]):
        return Field.OTHER
    readings = (path[-1], "".join(path), path[0])
    found = next((f for text in readings if (f := field_of_title(text)) is not None), None)
    return Field.OTHER if found in _PERSONAL and whose(path) != "本人" else found


def _own_word(title: str) -> str:
    """The last two words' worth of a title: 家属姓名 -> 姓名, 家属身份证号 -> 身份证号."""
    key = title_key(title)
    return next((key[key.index(w) :] for w in ("姓名", "身份证", "公民身份") if w in key), key)
