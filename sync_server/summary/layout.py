"""How a summary table is laid out on paper and on a page: sections, figures in words, footnotes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from app.domain.campaign import Column
from app.domain.metrics import Number
from sync_server.summary.cells import Row, Table

NO_FIGURE = "—"
# The letters of domain.md section 4, which every column's id begins with.
_SECTIONS = {
    "A": "服务对象",
    "B": "集体活动",
    "C": "走访慰问",
    "D": "重点走访与重点关怀",
    "E": "慰问款物",
    "F": "困难帮扶",
    "G": "政策宣传与意见",
    "H": "确认、建档与优待证",
    "J": "典型与宣传",
    "K": "参与力量",
}


@dataclass(frozen=True, slots=True)
class Section:
    """Columns under one heading of the upper header line."""

    title: str
    columns: tuple[Column, ...]


def sections(columns: tuple[Column, ...]) -> list[Section]:
    """The columns in their order, those of one section together; an unknown letter stands alone."""
    grouped = groupby(columns, key=lambda c: _SECTIONS.get(c.id[:1], ""))
    return [Section(title, tuple(found)) for title, found in grouped]


def lines_of(table: Table) -> list[tuple[str, Row]]:
    """Each line with the name under which it stands: the children, the unplaced, the total at the end."""
    if not table.children:
        return [(table.total.name, table.total)]
    parts = [*table.children, *([table.unplaced] if table.unplaced else [])]
    return [*((row.name, row) for row in parts), ("合计", table.total)]


def spell(figure: Number, unit: str) -> str:
    """A figure as people read it: 2,101; 93.31%; 12,000.50."""
    if figure is None:
        return NO_FIGURE
    if unit == "%":
        return f"{figure:.2f}%"
    return f"{figure:,.2f}" if unit == "元" else f"{figure:,}"


def title(table: Table) -> str:
    return f"{table.campaign.name}情况汇总表"


def moment(table: Table) -> str:
    """When and up to which change the figures were read."""
    at = table.as_of.at
    return f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}（第 {table.as_of.feed} 号记录）"


def adjustment_words(table: Table) -> str:
    """What the lines' persons exceed the total by, said for the two columns people compare; "" if nothing."""
    parts = []
    for column in table.columns:
        overlap = table.adjustment.get(column.id, 0)
        if column.metric in ("persons", "persons_contacted") and overlap:
            more = f"多 {overlap:,}" if overlap > 0 else f"少 {-overlap:,}"
            parts.append(f"“{column.header}”各行相加比合计{more} {column.unit}")
    return "；".join(parts)


def unplaced_words(row: Row) -> str:
    """What the line of the unplaced is."""
    return f"“{row.name}”一行是名册上只写到本级的人：在合计里，不在上面任何一行里。"


def footnotes(table: Table) -> list[str]:
    """The notes under the table, in the order in which they are numbered."""
    notes = [
        "人数、户数按人、按户去重，合计重新计算，不等于各行相加：同一人在几处名册上，或由单位和村里都走访，合计只算一次。",
        "走访人数、走访人次只算见到或联系到本人或家属的；已发出的微信、短信只计入微信、短信两栏。",
        "各重点对象栏可以交叉，“重点走访合计”按人去重；服务对象总数不含已故；年龄按"
        f"{table.campaign.reference_date.year}年{table.campaign.reference_date.month}月"
        f"{table.campaign.reference_date.day}日的周岁算，只知道出生年份的，确实满岁才算。",
        "覆盖率＝走访慰问人数÷服务对象总数；慰问金、慰问品、慰问信、册数不论是否见到，已撤销的不算。",
    ]
    if words := adjustment_words(table):
        notes.insert(1, words + "。")
    if table.unplaced:
        notes.insert(1, unplaced_words(table.unplaced))
    return notes
