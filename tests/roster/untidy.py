# ruff: noqa: E501, PLR0917 - tables of forms read best unbroken; a writer of layouts takes them all
"""Random rosters as stations keep them, written from a truth that is known.

The truth comes first and knows nothing of the reader: people with numbers made here by GB 11643's
own rule. Then a layout is drawn (titles, order, header lines, how villages are named, page breaks,
subtotals, sheets) and each value is written in one of its usual forms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from app.domain.divisions import Division, Divisions

SURNAMES = "王李张刘陈杨黄赵吴周徐孙单仇解曾蓝雷钟柳"
GIVEN = ["岭平", "𫖯星", "松正", "𠅤喆", "堃𬱖", "溪", "和", "建国", "小芳", "阿龙", "峰"]
TITLES: dict[str, list[str]] = {
    "name": ["姓名", "姓 名", "对象姓名", "姓\n名", "服务对象姓名"],
    "id": [
        "身份证号",
        "身份证号码",
        "公民身份号码",
        "证件号",
        "居民身份证号码",
        "身份证",
        "证件号码（18位）",
    ],
    "village": [
        "村",
        "村(社区)",
        "所属村",
        "行政村",
        "户籍所在村（社区）",
        "所在村",
        "村名",
        "村社区",
        "户籍村",
    ],
    "category": ["身份类别", "人员类别", "优抚类别", "类别", "人员身份", "优抚对象类别", "对象类别"],
    "phone": ["联系电话", "手机号", "联系方式", "手机号码", "电话", "电话号码"],
    "residence": ["现居住地", "居住地址", "现住址", "现居住地址", "常住地址"],
    "away_place": ["外出务工地", "外出地点", "务工地"],
    "away_flag": ["是否在外", "是否外出", "是否常年在外"],
    "born": ["出生年月", "出生日期", "出生时间"],
    "sex": ["性别"],
    "discharged": ["退役时间", "退伍年月", "退役日期"],
    "note": ["备注"],
    "nation": ["民族"],
    "card": ["优待证"],
}
GROUPS = {
    "name": "基本情况",
    "id": "基本情况",
    "sex": "基本情况",
    "born": "基本情况",
    "discharged": "服役情况",
}
CATEGORIES: list[tuple[str, frozenset[str], bool]] = [  # text, meaning, needs a discharge date
    ("退役军人", frozenset({"VETERAN"}), True),
    ("退役士兵", frozenset({"VETERAN"}), True),
    ("参战", frozenset({"VETERAN", "COMBAT_VETERAN"}), True),
    ("参战退役人员、残疾军人(七级)", frozenset({"VETERAN", "COMBAT_VETERAN", "DISABLED_MILITARY"}), True),
    ("残疾军人/因公/九级", frozenset({"VETERAN", "DISABLED_MILITARY"}), True),
    ("残疾军人", frozenset({"DISABLED_MILITARY"}), False),
    ("参试(8023)", frozenset({"VETERAN", "NUCLEAR_TEST_VETERAN"}), True),
    ("60周岁以上农村籍退役士兵", frozenset({"VETERAN", "RURAL_SOLDIER_60"}), True),
    ("烈属", frozenset({"MARTYR_SURVIVOR"}), False),
    ("三属(病故军人遗属)", frozenset({"ILLNESS_DEATH_SURVIVOR"}), False),
    ("因公牺牲军人遗属", frozenset({"DUTY_DEATH_SURVIVOR"}), False),
    ("部分烈士子女（60周岁以上）", frozenset({"MARTYR_CHILD_60"}), False),
    ("军属", frozenset({"ACTIVE_FAMILY"}), False),
    ("退役军人；烈士遗属", frozenset({"VETERAN", "MARTYR_SURVIVOR"}), True),
    ("带病回乡退伍军人\n军属", frozenset({"VETERAN", "ILL_RETURNED", "ACTIVE_FAMILY"}), True),
]


@dataclass
class Truth:
    """What a careful clerk would say of one row; `cells` is how the row writes it, by column key."""

    name: str
    village: Division
    expect: dict[str, Any]
    cells: dict[str, Any] = field(default_factory=dict)


@dataclass
class UntidyRoster:
    """Sheets to write, and the expected rows as (sheet, row number, fields)."""

    sheets: dict[str, list[list[Any]]]
    merges: dict[str, list[tuple[int, int, int, int]]]
    expected: list[tuple[str, int, dict[str, Any]]]
    township: Division
    deceased: int


def make_number(random: Random) -> str:
    """A sound 18-character number of somebody born 1925-1999."""
    born = date(1925, 1, 1) + timedelta(days=random.randrange(27000))
    first17 = f"{random.choice(['332522', '331121', '332526'])}{born:%Y%m%d}{random.randrange(100, 995)}"
    total = sum(int(d) * 2 ** (17 - i) for i, d in enumerate(first17))
    return first17 + "10X98765432"[total % 11]


def make_roster(random: Random, divisions: Divisions, *, xls: bool) -> UntidyRoster:
    """Draw truth and layout together; the same `random` gives the same roster."""
    townships = [d for d in divisions.at_level("township") if len(_plain_villages(divisions, d)) >= 2]
    township = random.choice(townships)
    villages = random.sample(_plain_villages(divisions, township), 2)
    layout = _Layout(random, xls=xls)
    used: set[str] = set()
    people: list[Truth] = []
    for village in villages:
        for _ in range(random.randrange(1, 6)):
            people.append(_person(random, layout, village, people, used))
    return _write(random, layout, divisions, township, villages, people)


class _Layout:
    def __init__(self, random: Random, *, xls: bool) -> None:
        self.villages_by = random.choice(["column", "block", "ditto", "merge", "banner", "sheet"])
        self.away_by = random.choice(["residence", "away_place", "away_flag", None])
        keys = ["name", "id", "category", "phone"]
        keys += [k for k in ("born", "sex", "discharged", "note", "nation", "card") if random.random() < 0.7]
        keys += [self.away_by] if self.away_by else []
        if self.villages_by not in ("banner", "sheet"):
            keys.append("village")
        random.shuffle(keys)
        self.keys = ["seq", *keys] if random.random() < 0.8 else keys
        self.titles = {k: random.choice(TITLES[k]) for k in keys} | {"seq": random.choice(["序号", "编号"])}
        self.has_groups = random.random() < 0.4
        self.page_breaks = random.random() < 0.4
        self.subtotals = random.random() < 0.5
        self.blank_lines = random.random() < 0.3
        self.xls = xls


def _plain_villages(divisions: Divisions, township: Division) -> list[Division]:
    """Villages whose bare name no other village or community of the township shares."""
    return [
        v
        for v in divisions.children(township.code)
        if len(divisions.match_village(township.code, _stem(v)).codes) == 1
    ]


def _stem(village: Division) -> str:
    name = village.name
    for ending in (
        "村村民委员会",
        "村村委会",
        "村委会",
        "社区居委会",
        "社区",
        "居委会",
        "村民委员会",
        "居民委员会",
    ):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def _village_form(random: Random, village: Division) -> str:
    stem = _stem(village)
    is_community = any(word in village.name for word in ("社区", "居委会", "居民委员会"))
    forms = (
        [f"{stem}社区", village.name]
        if is_community
        else [f"{stem}村", f"{stem}村委会", f"{stem}村村民委员会", village.name]
    )
    return random.choice([*forms, stem, " ".join(stem) + ("社区" if is_community else "村")])


def _person(random: Random, layout: _Layout, village: Division, others: list[Truth], used: set[str]) -> Truth:
    name = random.choice(SURNAMES) + random.choice(GIVEN)
    text, categories, needs_discharge = random.choice(CATEGORIES)
    discharged = needs_discharge and "discharged" in layout.keys
    if text.startswith("残疾军人") and not discharged:
        categories = categories - {"VETERAN"}
    truth = Truth(name, village, {"name": name, "village": village.code, "categories": sorted(categories)})
    truth.cells = {
        "name": _name_form(random, name),
        "category": text,
        "discharged": random.choice(["1985.11", 198511, "1985年11月", date(1985, 11, 1)])
        if discharged
        else None,
        "phone": random.choice(
            [None, 16101847598, "16101847598/0578-1305686", "１６１０１８４７５９８", "161 0184 7598（儿子）"]
        ),
        "nation": random.choice(["汉", "畲族"]),
        "card": random.choice(["已发放", "未申领", None]),
        "note": random.choice([None, None, "低保", "合计领取补助3次，家属代领"]),
    }
    _write_number(random, layout, truth, others, used)
    _write_away(random, layout, truth)
    return truth


def _name_form(random: Random, name: str) -> str:
    spaced = random.choice([name, name, f"{name[0]} {name[1:]}", f"{name[0]}\u3000{name[1:]}", f" {name}\n"])
    return random.choice([spaced, spaced, f"{spaced}（户主）", f"{spaced}(党员)"])


def _write_number(random: Random, layout: _Layout, truth: Truth, others: list[Truth], used: set[str]) -> None:
    kind = random.choices(["sound", "old", "lost", "wrong", "missing", "again"], [8, 2, 1, 1, 1, 1])[0]
    number = make_number(random)
    while number in used or number[6:8] != "19" or number.endswith("000"):
        number = make_number(random)
    used.add(number)
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    truth.cells["sex"] = "男" if int(number[16]) % 2 else "女"
    truth.cells["born"], month = _born_form(random, number)
    first = next((o for o in others if o.expect["problem"] is None), None)
    if kind == "again" and first is not None:
        number, born = first.expect["id"], first.expect["born"]
        truth.cells["id"] = random.choice(_number_forms(number))
        truth.expect |= {"id": number, "born": born, "problem": "duplicate_of", "of": first}
    elif kind == "old":
        old = number[:6] + number[8:17]
        truth.cells["id"] = random.choice([old, int(old), f" {old} "])
        truth.expect |= {"id": number, "born": born, "problem": None}
    elif kind == "lost":
        truth.cells["id"] = random.choice(
            [float(number[:17].ljust(18, "0")), "3.32522E+17", number[:15] + "***"]
        )
        truth.expect |= {"id": None, "born": None, "problem": "digits_lost"}
    elif kind == "wrong":
        wrong = number[:17] + ("1" if number[17] != "1" else "2")
        truth.cells["id"] = wrong
        truth.expect |= {"id": wrong, "born": None, "problem": "checksum"}
    elif kind == "missing":
        truth.cells["id"] = random.choice([None, "无", "待补", "/", "—", "暂无"])
        has_born = "born" in layout.keys
        truth.expect |= {"id": None, "born": month if has_born else None, "problem": "missing_id"}
    else:
        truth.cells["id"] = random.choice(_number_forms(number))
        truth.expect |= {"id": number, "born": born, "problem": None}


def _number_forms(number: str) -> list[str]:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    forms = [
        number,
        number,
        f" {number[:6]} {number[6:14]} {number[14:]}",
        wide,
        f"\u200b{number}\u00a0\n",
        f"'{number}",
    ]
    return forms + ([number[:17] + x for x in "x×Ｘ"] if number.endswith("X") else [])


def _born_form(random: Random, number: str) -> tuple[Any, str]:
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    serial = (date(year, month, day) - date(1899, 12, 30)).days
    forms: list[Any] = [
        f"{year}.{month}",
        f"{year}-{month:02}",
        f"{year}年{month}月",
        year * 100 + month,
        serial,
    ]
    forms += [date(year, month, 1), f"{year}/{month}/{day}", f"{year}{month:02}"]
    return random.choice(forms), f"{year}-{month:02}"


def _write_away(random: Random, layout: _Layout, truth: Truth) -> None:
    is_away = random.random() < 0.3
    is_second = truth.expect["problem"] == "duplicate_of"
    if layout.away_by == "residence":
        blank = is_second and random.random() < 0.5
        truth.cells["residence"] = (
            None if blank else random.choice(["上海", "宁波务工", "意大利"] if is_away else ["本村", "在家"])
        )
        truth.expect["away"] = None if blank else is_away
    elif layout.away_by == "away_place":
        truth.cells["away_place"] = random.choice(["杭州", "广东深圳"]) if is_away else None
        truth.expect["away"] = is_away
    elif layout.away_by == "away_flag":
        truth.cells["away_flag"] = random.choice(["是", "√"] if is_away else ["否", None])
        truth.expect["away"] = is_away
    else:
        truth.expect["away"] = None


def _write(
    random: Random,
    layout: _Layout,
    divisions: Divisions,
    township: Division,
    villages: list[Division],
    people: list[Truth],
) -> UntidyRoster:
    names = (
        [f"{_stem(v)}村" if "村" in v.name else v.name for v in villages]
        if layout.villages_by == "sheet"
        else ["花名册"]
    )
    roster = UntidyRoster({}, {}, [], township, 0)
    places: dict[int, tuple[str, int]] = {}
    county = divisions[township.parent].name
    for name in names:
        here = [
            p for p in people if layout.villages_by != "sheet" or p.village is villages[names.index(name)]
        ]
        rows: list[list[Any]] = [
            [f"{county}{township.name}退役军人及其他优抚对象花名册"],
            ["填报单位：", None, "2022年7月"],
        ]
        merges: list[tuple[int, int, int, int]] = [(0, 0, 0, len(layout.keys) - 1)]
        _header(layout, rows, merges)
        previous: Division | None = None
        block_start = 0
        for n, truth in enumerate(here):
            starts_block = truth.village is not previous
            if starts_block and n and layout.subtotals:
                rows.append(_line(layout, {"name": "小计", "id": f"{n}人"}))
            if starts_block and layout.villages_by == "banner":
                rows.append(
                    [
                        f"{'一二'[villages.index(truth.village)]}、{_village_form(random, truth.village).replace(' ', '')}"
                    ]
                )
            if layout.page_breaks and n == 3:
                rows.append([f"第{n}页 共3页"])
                _header(layout, rows, merges)
            cells = dict(truth.cells) | {"seq": n + 1}
            if layout.villages_by == "column" or starts_block:
                cells["village"] = _village_form(random, truth.village)
            elif layout.villages_by == "ditto":
                cells["village"] = random.choice(["同上", "〃"])
            rows.append(_line(layout, cells))
            places[id(truth)] = (name, len(rows))
            if layout.villages_by == "merge":
                if starts_block:
                    block_start = len(rows) - 1
                ends = n + 1 == len(here) or here[n + 1].village is not truth.village
                column = layout.keys.index("village")
                if ends and len(rows) - 1 > block_start and not (layout.page_breaks and n >= 3):
                    merges.append((block_start, column, len(rows) - 1, column))
            if layout.blank_lines and random.random() < 0.2:
                rows.append([])
            previous = truth.village
        rows += [
            _line(layout, {"name": "合计", "id": f"{len(here)}人"}),
            [],
            ["填表人：测试员   审核人：测试主任"],
        ]
        roster.sheets[name], roster.merges[name] = rows, merges
        for truth in here:
            expect = dict(truth.expect)
            if expect.get("of") is not None:
                first_sheet, first_row = places[id(expect["of"])]
                expect["of"] = f"row{first_row}" if first_sheet == name else f"{first_sheet}!row{first_row}"
            roster.expected.append((*places[id(truth)], expect))
    if random.random() < 0.4:
        dead = [p for p in people if p.expect["problem"] is None][:2]
        lines = [[p.name, p.expect["id"], "2022年5月"] for p in dead]
        roster.sheets["去世人员"] = [["姓名", "身份证号", "去世时间"], *lines]
        roster.deceased = len(dead)
    return roster


def _header(layout: _Layout, rows: list[list[Any]], merges: list[tuple[int, int, int, int]]) -> None:
    titles = [layout.titles[k] for k in layout.keys]
    if not layout.has_groups:
        rows.append(titles)
        return
    top, groups = len(rows), [GROUPS.get(k) for k in layout.keys]
    upper: list[Any] = []
    lower: list[Any] = []
    for n, (group, title) in enumerate(zip(groups, titles, strict=True)):
        upper.append((group if n == 0 or groups[n - 1] != group else None) if group else title)
        lower.append(title if group else None)
        if group is None:
            merges.append((top, n, top + 1, n))
    rows += [upper, lower]
    for n, group in enumerate(groups):
        if group and (n == 0 or groups[n - 1] != group):
            last = n
            while last + 1 < len(groups) and groups[last + 1] == group:
                last += 1
            if last > n:
                merges.append((top, n, top, last))


def _line(layout: _Layout, cells: dict[str, Any]) -> list[Any]:
    return [cells.get(k) for k in layout.keys]
