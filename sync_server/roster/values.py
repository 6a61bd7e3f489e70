"""What single cells say: text, months, phones, whether somebody lives away."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from enum import StrEnum

from app.domain.names import fold_width, strip_blanks
from sync_server.roster.model import Phone
from sync_server.roster.workbook import Value

_DITTO = re.compile(r"同上|同前|上同|〃+|[″\"”“'’‘]+|,,+|ditto|↑|-*[〃″\"]-*", re.IGNORECASE)
_NOTHING = re.compile(r"[-—–/\\_.。、*×xX○〇]+|无|没有|空|空白")
_UNKNOWN = re.compile(
    r"暂[无缺]|不详|不明|不清楚?|不知道?|未知|未填|待[补查定填核]|[?？]+|#(?:REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|未算出)",
    re.IGNORECASE,
)
_DAY_ZERO = date(1899, 12, 30)  # day serials as Excel counts them
_CHINESE_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_CHINESE_MONTHS = {"正": "1", "十二": "12", "十一": "11", "十": "10", "腊": "12", "冬": "11"}

_MOBILE = r"(?<!\d)(?:\+?(?:00)?86[-\s]*)?(1[3-9]\d(?:[-\s]?\d){8})(?!\d)"
_LANDLINE = r"(?<!\d)\(?(0\d{2,3})[-\s)]*(\d{7,8})(?!\d)"
_LOCAL = r"(?<!\d)(\d{5,8})(?!\d)"
_PHONE = re.compile(f"{_MOBILE}|{_LANDLINE}|{_LOCAL}", re.ASCII)
_GLUED = re.compile(r"(?<!\d)(1[3-9]\d{9})(?=1[3-9]\d{9}(?!\d))", re.ASCII)
_RELATION_AFTER = re.compile(
    r"\s*[(\[【]([^)\]】]{1,10})[)\]】]|\s*([\u4e00-\u9fff]{1,4})(?=\s*(?:$|[/,;、\n]))"
)
_RELATION_BEFORE = re.compile(r"([\u4e00-\u9fff]{1,6})\s*[:(\[]?\s*$")

_HOME = re.compile(
    r"(?:在|住|居住|常住|留|居)*(?:在)?(?:本村|在家|在村|本地|家中|家里|家|村里|村内|本社区|户籍地|本组|老家)"
    r"(?:居住|常住|务农|生活|养老|内|中)*|(?:未|不)(?:外出|在外)|常住(?:人口)?|务农|同户籍(?:地|地址)?"
)
_WITHIN = re.compile(r"(?:住|居住|常住)?(?:在)?(?:本(?:行政)?村|本社区|本组)(?!人)(.{0,12})")
_ELSEWHERE = re.compile(r"[省市县区镇乡国外住、,;/和或及]|打工|务工|经商")
_TICK_WORDS = r"是|√|✓|✔|☑|✅|■|●|⚫|对|有|y|yes|true|t|v|1"
_TICK = re.compile(_TICK_WORDS, re.I)
_CIRCLE = re.compile(r"[○〇◯⭕o]", re.I)
_YES = re.compile(
    rf"{_TICK_WORDS}|(?:常年|长期|经常)?(?:在外|外出|外地)(?:务工|居住|打工|经商)?|(?:经常|常年|长期)", re.I
)
_NO = re.compile(
    r"否|不是|不|×|✗|✕|☐|□|x|n|no|false|f|0|无|未|(?:未|不)(?:在外|外出|在家|在村|在|住)(?:居住)?|-+|/", re.I
)
_MORE = re.compile(r"^[一二三四五六七八九十\d]{1,2}级|^因[公战病]|^\d{1,2}次|^[一二三]等")
_YES_AND_PLACE = re.compile(r"是[,;:、(\[]?(.+?)[)\]]?")


def text_of(value: Value) -> str:
    """The cell as a reader sees it, trimmed; whole numbers without `.0`."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    return str(value).strip()


def folded(value: Value) -> str:
    """For comparing: no blanks of any kind, usual width."""
    return fold_width(strip_blanks(text_of(value)))


class Says(StrEnum):
    """What any cell says, whatever its column."""

    BLANK = "blank"  # nothing is written
    DITTO = "ditto"  # 同上, 〃: what the cell above says
    NOTHING = "nothing"  # a dash, 无: written, to say that there is none
    UNKNOWN = "unknown"  # 不详, 待查, #REF!: there may be something, and nobody knows what
    SOMETHING = "something"


def what_it_says(value: Value) -> Says:
    """The one place that tells a blank from a ditto mark, from a word for none and one for not knowing."""
    text = folded(value)
    if not text:
        return Says.BLANK
    if _DITTO.fullmatch(text):
        return Says.DITTO
    if _NOTHING.fullmatch(text):
        return Says.NOTHING
    return Says.UNKNOWN if _UNKNOWN.fullmatch(text) else Says.SOMETHING


def is_ditto(value: Value) -> bool:
    return what_it_says(value) is Says.DITTO


def says_nothing(value: Value) -> bool:
    """True for a blank cell, and for one that says in a word that there is none or none known."""
    return what_it_says(value) in (Says.BLANK, Says.NOTHING, Says.UNKNOWN)


class Mark(StrEnum):
    """What is put into a column to be ticked. A CIRCLE is a yes to some and a no to others."""

    YES = "yes"
    NO = "no"
    CIRCLE = "circle"


def read_mark(value: Value) -> Mark | None:
    """The mark in a cell; None if it is empty or says something else."""
    text = folded(value)
    if value is True or _TICK.fullmatch(text):
        return Mark.YES
    if _CIRCLE.fullmatch(text):
        return Mark.CIRCLE
    return Mark.NO if value is False or _NO.fullmatch(text) else None


def is_mark(value: Value) -> bool:
    return read_mark(value) is not None


def tells_more(value: Value) -> bool:
    """A grade, a cause or a date where a tick is due: yes, and more."""
    is_dated = isinstance(value, str) and read_month(value) is not None
    return is_dated or _MORE.search(folded(value)) is not None


def read_month(value: Value) -> str | None:
    """YYYY-MM, or YYYY where the month is not certain; None if there is no date.

    Bare numbers are YYYYMM, YYYYMMDD, YYYY.M or a spreadsheet's day serial. As a number cell
    YYYY.1 may be October (the zero is lost), so it gives the year. Lunar dates give the year.
    """
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, datetime | date):
        return f"{value.year:04}-{value.month:02}"
    if isinstance(value, int | float):
        written = repr(value).removesuffix(".0")
        if re.fullmatch(r"\d{4}\.1", written):
            return _year(written[:4])
        return _month_in(written)
    text = _arabic(folded(value).strip("'"))
    if re.search("农历|阴历|旧历", text):
        found = re.search(r"\d{4}", text)
        return _year(found.group()) if found else None
    return _month_in(text)


def read_phones(value: Value, relation: str = "本人") -> tuple[Phone, ...]:
    """Every number in a cell, in order, once; a word beside a number says whose it is."""
    text = _GLUED.sub(r"\1/", fold_width(_keep_breaks(text_of(value))))
    phones: dict[str, Phone] = {}
    last_end = 0
    for found in _PHONE.finditer(text):
        mobile, area, landline, local = found.groups()
        number = re.sub(r"\D", "", mobile) if mobile else f"{area}-{landline}" if area else local
        after = _RELATION_AFTER.match(text, found.end())
        before = _RELATION_BEFORE.search(text, last_end, found.start())
        word = (after and (after.group(1) or after.group(2))) or (before and before.group(1)) or ""
        last_end = after.end() if after else found.end()
        word = re.sub(r"联系|手机|电话|号码|座机|固话|宅电|家庭|短号", "", word)
        phones.setdefault(number, Phone(number, word or relation))
    return tuple(phones.values())


def is_home_word(value: Value) -> bool:
    """本村, 在家 and what means the same; 本村5号 is a house in it."""
    text = folded(value)
    within = _WITHIN.fullmatch(text)
    return _HOME.fullmatch(text) is not None or (
        within is not None and not _ELSEWHERE.search(within.group(1))
    )


def read_yes_no(value: Value) -> tuple[bool | None, str]:
    """A yes/no cell and what it adds: 是（上海） is (True, 上海); other words are (None, words)."""
    text = folded(value)
    if value is True or (text and _YES.fullmatch(text)):
        return True, ""
    if value is False or not text or _NO.fullmatch(text) or is_home_word(value):
        return False, ""
    if more := _YES_AND_PLACE.fullmatch(text):
        return True, more.group(1)
    return None, text_of(value)


def _keep_breaks(text: str) -> str:
    return "".join(
        c if not c.isspace() else " " if c != "\n" else "\n" for c in text if c.isprintable() or c.isspace()
    )


def _month_in(text: str) -> str | None:
    if text.isdigit():
        return _month_in_digits(text)
    if found := re.search(r"(?<!\d)(\d{4})[年./\-,·]+(\d{1,2})(?!\d)", text):
        return _month(found.group(1), found.group(2))
    if found := re.fullmatch(r"'?(\d{2})[年./\-](\d{1,2})月?", text):
        # Two digits: only where no living person could mean the other century.
        return _month(f"19{found.group(1)}", found.group(2)) if int(found.group(1)) >= 30 else None
    if found := re.search(r"(?<!\d)(\d{4})年?(?!\d)", text):
        return _year(found.group(1))
    if found := re.search(r"(?<!\d)(\d{6}|\d{8})(?!\d)", text):
        return _month_in_digits(found.group(1))
    return None


def _month_in_digits(digits: str) -> str | None:
    if len(digits) in (6, 8):
        return _month(digits[:4], digits[4:6])
    if len(digits) == 4 and (year := _year(digits)) is not None:
        return year
    if len(digits) in (4, 5) and 3000 <= int(digits) < 60000:
        day = _DAY_ZERO + timedelta(days=int(digits))
        return f"{day.year:04}-{day.month:02}"
    return None


def _month(year: str, month: str) -> str | None:
    if (known := _year(year)) is None:
        return None
    return f"{known}-{int(month):02}" if 1 <= int(month) <= 12 else known


def _year(year: str) -> str | None:
    return year if 1850 <= int(year) <= 2100 else None


def _arabic(text: str) -> str:
    """一九六八年七月 as 1968年7月; text without a year in such digits stays."""
    if re.search(r"[〇零○一二三四五六七八九]{4}年?", text) is None:
        return text
    for chinese, month in _CHINESE_MONTHS.items():
        text = re.sub(rf"(?<=年){chinese}(?=月)", month, text)
    return text.translate(_CHINESE_DIGITS)
