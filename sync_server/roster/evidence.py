"""What the values of a column speak for, apart from any title."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.categories import read_categories
from app.domain.citizen_id import IdProblem, read_citizen_id
from app.domain.divisions import Divisions
from app.domain.names import read_name
from sync_server.roster.terms import meaning_of_title
from sync_server.roster.titles import Field
from sync_server.roster.values import (
    folded,
    is_ditto,
    is_home_word,
    read_mark,
    read_month,
    read_phones,
    tells_more,
    text_of,
)
from sync_server.roster.workbook import Value

_BARE_COUNT = re.compile(r"\d{1,5}(?:人|户)?")
_HAN_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff\ue000-\uf8ff]{2,4}")
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范"
    "金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂"
    "章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈"
    "饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣"
    "巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强"
    "帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯"
    "隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利于呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由闾丘畲郦毋"
)


@dataclass(frozen=True, slots=True)
class ColumnEvidence:
    """Counts over the rows of a table; `filled` leaves out blanks and ditto marks."""

    filled: int
    distinct: int
    counts: dict[Field, int]
    marks: int  # ticks, crosses, yes and no, grades and dates, and the bare counts of subtotal lines

    def fit(self, wanted: Field) -> float:
        """Share of the filled cells that could be a value of `wanted`."""
        return self.counts.get(wanted, 0) / self.filled if self.filled else 0.0

    def convinces(self, wanted: Field) -> bool:
        """True if the values alone are enough to take the column for `wanted`."""
        if self.filled == 0:
            return False
        if wanted is Field.NAME:
            return self.fit(wanted) >= 0.8 and self.distinct >= 0.5 * self.filled
        return self.fit(wanted) >= 0.5

    def is_ticked_as(self, kind: Field) -> bool:
        """True for a column that is ticked, crossed, answered 是/否, or says its own title (低保) again."""
        marks = self.marks + (0 if kind is Field.CATEGORY else self.counts.get(kind, 0))
        return marks > 0 and marks >= 0.5 * self.filled


def weigh(values: Iterable[Value], divisions: Divisions, township: str | None) -> ColumnEvidence:
    """Look at a column's values once."""
    seen: set[str] = set()
    counts: dict[Field, int] = {}
    filled = marks = 0
    for value in values:
        text = folded(value)
        if not text or is_ditto(value):
            continue
        filled += 1
        seen.add(text)
        is_mark = read_mark(value) is not None or tells_more(value)
        marks += is_mark or _BARE_COUNT.fullmatch(text) is not None
        for field in _fields_of(value, text, divisions, township):
            counts[field] = counts.get(field, 0) + 1
    return ColumnEvidence(filled, len(seen), counts, marks)


def _fields_of(value: Value, text: str, divisions: Divisions, township: str | None) -> Iterable[Field]:
    number = read_citizen_id(value)
    if number.problem is not IdProblem.MISSING:
        yield Field.ID
        return
    if text in ("男", "女"):
        yield Field.SEX
    if looks_like_name(value):
        yield Field.NAME
    if read_phones(value) and sum(c.isdigit() for c in text) >= 7:
        yield Field.PHONE
    if township is not None and (found := divisions.match_village(township, text_of(value))).codes:
        yield Field.ADDRESS if found.rest else Field.VILLAGE
    if read_month(value) is not None:
        yield from (Field.BORN, Field.ENLISTED, Field.DISCHARGED, Field.DIED)
    if is_home_word(value):
        yield Field.RESIDENCE
    if read_categories(text).categories:
        yield Field.CATEGORY
    if (kind := meaning_of_title(text)) in (Field.LIVING, Field.MERIT, Field.EMPLOYMENT):
        yield kind


def looks_like_name(value: Value) -> bool:
    """Two to four Han characters that begin with a known surname, or a name with a middle dot."""
    if not isinstance(value, str):
        return False
    name = read_name(value).name
    return (_HAN_NAME.fullmatch(name) is not None and name[0] in _SURNAMES) or (
        "·" in name and len(name) >= 4
    )
