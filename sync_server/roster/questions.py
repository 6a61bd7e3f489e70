"""What stays open after reading a roster, as sentences for the clerk. They name rows, never people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.domain.divisions import Division
from sync_server.roster.doubts import Doubts
from sync_server.roster.model import RosterRow, RowRef, SheetLayout
from sync_server.roster.titles import Field

_MOST_ROWS_NAMED = 8


def questions_of(
    place: Division, layout: Sequence[SheetLayout], doubts: Mapping[str, Doubts], hidden: Iterable[str]
) -> Iterator[str]:
    """One sentence a kind of doubt and sheet, in the order of the sheets."""
    read = [sheet for sheet in layout if sheet.role != "skipped"]
    for sheet in read:
        at = f"表“{sheet.sheet}”" if len(read) > 1 else ""
        if sheet.role == "unclear":
            yield f"表“{sheet.sheet}”看不出是不是服务对象的花名册（像减员名单或通讯录），没有读入，请写明。"
            continue
        if sheet.role == "people" and Field.ID.value not in dict(sheet.columns):
            yield f"{at}没有找到“身份证号”列，同名的人将分不开，请补上。"
        if sheet.role == "people":
            yield from _row_doubts(at, place, doubts[sheet.sheet])
    yield from (f"表“{name}”是隐藏的，里面的人也读了进来，请确认是否应当算入。" for name in hidden)


def other_names(rows: Sequence[RosterRow]) -> Iterator[str]:
    """Rows that have an earlier one's number and somebody else's name: one of the two is wrong."""
    names = {row.ref: row.name for row in rows}
    for row in rows:
        if row.of is not None and row.name and names[row.of] and row.name != names[row.of]:
            yield f"{_at(row.of)}和{_at(row.ref)}号码相同、姓名不同，请核对是哪一行写错了。"


def questions_of_import(
    renamed: Sequence[RowRef], by_order: Sequence[RowRef], alike: Sequence[RowRef]
) -> Iterator[str]:
    """What an import leaves open: numbers with another name than before, people nothing tells apart,
    and new ones who look like somebody whom this roster leaves out."""
    for ref in renamed:
        yield f"{_at(ref)}的号码原来登记的是另一个姓名，已照这次的改了，请核对是不是同一个人。"
    for ref in by_order:
        yield f"{_at(ref)}没有号码，和同村同名的人分不开，按先后次序对应，请补上号码。"
    for ref in alike:
        yield f"{_at(ref)}按新的人登记了，同村同名的一位这次没有列出，请核对是不是同一个人、号码有没有写错。"


def titles_for_names(sheet: str, doubts: Doubts) -> Iterator[str]:
    """What to change in a sheet where titles stand among the names: it was not understood."""
    if doubts.titles:
        words = "、".join(f"“{title}”" for title in list(doubts.titles)[:5])
        rows = sorted((row for each in doubts.titles.values() for row in each), key=_number_of)
        yield (
            f"表“{sheet}”{_rows(rows)}的姓名写的是{words}这样的标题，像登记卡，"
            "请改成一人一行、标题在最上面的花名册"
        )


def _at(ref: RowRef) -> str:
    column = f" {ref.column} 列" if ref.column else ""
    return f"表“{ref.sheet}”第 {ref.row} 行{column}"


def _row_doubts(at: str, place: Division, doubts: Doubts) -> Iterator[str]:
    for written, rows in doubts.villages.items():
        yield f"{at}{_rows(rows)}的村名“{written}”在{place.name}里对不上唯一的村或社区，请改正。"
    if doubts.no_village:
        yield f"{at}{_rows(doubts.no_village)}没有写是哪个村，请补上。"
    for written, rows in doubts.categories.items():
        yield f"{at}{_rows(rows)}的身份类别“{written}”看不出是哪一类，请写明。"
    for written, rows in doubts.disabilities.items():
        yield f"{at}{_rows(rows)}的残疾等级“{written}”看不出是不是残疾军人，请在身份类别里写明。"
    for (column, written), rows in doubts.ticks.items():
        yield f"{at}{_rows(rows)}的 {column}写的“{written}”看不出是不是，没有读入，请改成√或空着。"
    if doubts.other_village:
        yield f"{at}{_rows(doubts.other_village)}的地址写的是别的村，先按上面写的村，请核对。"
    if doubts.born:
        yield f"{at}{_rows(doubts.born)}的号码和出生年月对不上，先按号码，请核对。"
    if doubts.unborn:
        yield f"{at}{_rows(doubts.unborn)}的号码里的出生日期还没有到，请核对号码。"
    if doubts.several_numbers:
        yield f"{at}{_rows(doubts.several_numbers)}一格里不止一个号码，没有读入，请只留这个人现在的号码。"
    if doubts.several_names:
        yield f"{at}{_rows(doubts.several_names)}的姓名一格里像是不止一个人，请一人一行写开。"
    if doubts.away:
        yield f"{at}{_rows(doubts.away)}看不出是在家还是在外，请写明。"
    if doubts.deaths:
        yield f"{at}{_rows(doubts.deaths)}提到有人去世，看不出是不是本人，请写明。"
    if doubts.unread:
        yield f"{at}{_rows(doubts.unread)}有内容，但看不出是哪个人，没有读入，请核对。"
    if doubts.nameless:
        yield f"{at}{_rows(doubts.nameless)}没有姓名，请补上。"
    if doubts.uncomputed:
        yield f"{at}有 {doubts.uncomputed} 格公式没有算出结果，没有读入，请用 WPS 或 Excel 打开、保存后再试。"
    if doubts.unused:
        columns = "、".join(f"{column}（{filled} 格）" for column, filled in doubts.unused.items())
        yield f"{at}{columns}不知道是什么，没有读入。要用请改成认得的标题，不用请删去。"


def _number_of(row: str) -> int:
    return int(row.partition("（")[0])


def _rows(rows: list[str]) -> str:
    each = list(dict.fromkeys(rows))
    named = "、".join(each[:_MOST_ROWS_NAMED])
    return f"第 {named} 行".replace("） 行", "）行") + (
        f"等 {len(each)} 行" if len(each) > _MOST_ROWS_NAMED else ""
    )
