"""What a roster leaves open is neither guessed nor dropped: deaths, villages, sections, cards, numbers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.domain.divisions import Divisions
from app.domain.errors import FileUnreadable, RosterUnclear
from sync_server.roster import read_roster
from sync_server.roster.fields import person_fields
from tests.roster.conftest import Read
from tests.roster.sheets import write_workbook

A, B, C, D = "332522197808234359", "332522195309026556", "332522192905294799", "331121199411066879"
E = "332522195502161530"
JUPU, HUYUN = "331121209200", "331121209202"
TITLE = ["青田县巨浦乡花名册"]
TITLES = ["姓名", "身份证号", "村", "类别", "备注"]


@pytest.mark.parametrize("kind", ["三属(病故)", "三属（病故军人）", "三属病故", "病故军人家属"])
@pytest.mark.parametrize("remark", [None, "2020年走失"])
def test_a_survivor_of_a_soldier_who_died_lives(read: Read, kind: str, remark: str | None) -> None:
    roster = read([TITLE, TITLES, ["徐岭平", A, "巨浦村", kind, remark]])
    assert [[c.value for c in row.categories] for row in roster.rows] == [["ILLNESS_DEATH_SURVIVOR"]]
    assert (roster.deceased, roster.questions) == ((), ())


def test_a_death_of_illness_under_category_is_asked_about(read: Read) -> None:
    roster = read([TITLE, TITLES, ["徐岭平", A, "巨浦村", "病故", None]])
    assert roster.deceased == ()
    assert roster.questions == ("第 3 行的身份类别“病故”看不出是哪一类，请写明。",)


def test_a_death_of_illness_beside_a_survivor_may_be_the_soldiers(read: Read) -> None:
    roster = read(
        [
            TITLE,
            TITLES,
            ["徐岭平", A, "巨浦村", "三属(病故)", "2001年病故"],
            ["章星", B, "巨浦村", "烈属", "2021年去世"],
            ["孙松正", C, "巨浦村", "退役军人", "2021年病故"],
        ]
    )
    assert [(one.row, one.died) for one in roster.deceased] == [(4, "2021"), (5, "2021")]
    assert roster.questions == ("第 3 行提到有人去世，看不出是不是本人，请写明。",)


@pytest.mark.parametrize("word", ["/", "-", "无", "不详", "暂无", "未知", "？", "待定", "#REF!", "#N/A"])
def test_a_word_for_no_village_is_not_the_village_above(read: Read, word: str) -> None:
    roster = read(
        [
            TITLE,
            TITLES,
            ["徐岭平", A, "巨浦村", "参战", None],
            ["章星", B, word, "参战", None],
            ["孙松正", C, "-", "参战", None],
            ["叶宁", D, "〃", "参战", None],
            ["吴岭", E, "湖云", "参战", None],
        ]
    )
    assert [row.village for row in roster.rows] == [JUPU, None, None, None, HUYUN]
    assert roster.questions == ("第 4、5、6 行没有写是哪个村，请补上。",)


@pytest.mark.parametrize("name", ["叶村乡", "叶村乡人民政府", "松阳县叶村乡政府"])
def test_the_townships_own_name_is_not_the_village_of_that_name(read: Read, name: str) -> None:
    roster = read(
        [
            ["松阳县叶村乡花名册"],
            TITLES,
            ["徐岭平", A, name, "参战", None],
            ["章星", B, "叶村", "参战", None],
            ["孙松正", C, "叶村乡叶村", "参战", None],
        ]
    )
    assert [row.village for row in roster.rows] == [None, "331124201206", "331124201206"]
    assert roster.questions == (f"第 3 行的村名“{name}”在叶村乡里对不上唯一的村或社区，请改正。",)


def test_a_villages_code_names_it_and_a_foreign_one_is_asked_about(read: Read) -> None:
    rows = [["徐岭平", A, JUPU, "参战", None], ["章星", B, 331124205206, "参战", None]]
    roster = read([TITLE, ["姓名", "身份证号", "所在村", "类别", "备注"], *rows])
    assert [row.village for row in roster.rows] == [JUPU, None]
    assert roster.questions == ("第 4 行的村名“331124205206”在巨浦乡里对不上唯一的村或社区，请改正。",)


def test_formulas_that_nobody_computed_are_said_and_not_read_as_blanks(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["序号", "姓名", "身份证号", "村"],
            ["=ROW()-2", "徐岭平", A, "巨浦村"],
            ["=ROW()-2", "章星", B, "=D3"],
        ]
    )
    assert [(row.name, row.village) for row in roster.rows] == [("徐岭平", JUPU), ("章星", None)]
    assert roster.questions == (
        "第 4 行没有写是哪个村，请补上。",
        "有 1 格公式没有算出结果，没有读入，请用 WPS 或 Excel 打开、保存后再试。",
    )


@pytest.mark.parametrize(
    ("title", "words", "away"),
    [
        ("是否在外", "时在时不在", None),
        ("是否在外", "不常在家", None),
        ("是否在外", "不详", None),
        ("是否在外", "常年不在家", True),
        ("是否在外", "义乌", True),
        ("是否在家", "时在时不在", None),
        ("现居住地", "不常在家", None),
        ("现居住地", "不详", None),
        ("现居住地", "无", False),
        ("现居住地", "不在本村", True),
    ],
)
def test_only_plain_words_settle_who_is_away(read: Read, title: str, words: str, away: bool | None) -> None:
    roster = read([TITLE, ["姓名", "身份证号", "村", title], ["徐岭平", A, "巨浦村", words]])
    assert [row.away for row in roster.rows] == [away]
    assert roster.questions == (() if away is not None else ("第 3 行看不出是在家还是在外，请写明。",))


def test_a_line_that_names_a_kind_says_it_of_those_below(read: Read) -> None:
    roster = read(
        [
            ["巨浦乡服务对象名册"],
            ["序号", "姓名", "身份证号", "住址"],
            ["一、退役军人（2人）"],
            [1, "徐岭平", A, "巨浦村12号"],
            ["湖云村"],
            ["第1页（共2页）"],
            ["2022年7月1日"],
            ["（续）"],
            [2, "章星", B, "湖云村3号"],
            ["二、烈属", None, "1人"],
            [1, "孙松正", C, "巨浦村"],
            ["三、其他人员（1人）"],
            [1, "叶宁", D, "巨浦村"],
            ["四、军属"],
            ["序号", "姓名", "身份证号", "住址"],
            [1, "吴岭", E, "巨浦村"],
        ]
    )
    assert [[c.value for c in row.categories] for row in roster.rows] == [
        ["VETERAN"],
        ["VETERAN"],
        ["MARTYR_SURVIVOR"],
        [],
        ["ACTIVE_FAMILY"],
    ]
    assert roster.questions == ("第 13 行的身份类别“三、其他人员（1人）”看不出是哪一类，请写明。",)


def test_a_rows_own_kind_goes_before_the_line_above_it(read: Read) -> None:
    roster = read(
        [
            TITLE,
            TITLES,
            ["一、烈属"],
            ["徐岭平", A, "巨浦村", "参战", None],
            ["章星", B, "巨浦村", None, None],
        ]
    )
    assert [[c.value for c in row.categories] for row in roster.rows] == [
        ["VETERAN", "COMBAT_VETERAN"],
        ["MARTYR_SURVIVOR"],
    ]


@pytest.mark.parametrize("township", [None, "巨浦乡"])
def test_cards_below_one_another_are_refused(read: Read, township: str | None) -> None:
    cards = []
    for name, number in (("徐岭平", A), ("章星", B), ("孙松正", C)):
        cards += [
            ["退役军人登记表"],
            ["姓名", name, "性别", "男"],
            ["身份证号码", number, "电话", "13900000000"],
        ]
        cards += [["住址", "巨浦乡巨浦村", "类别", "退役军人"], []]
    says = "第 3、4、8、9、13、14 行的姓名写的是“身份证号码”、“住址”这样的标题，像登记卡"
    with pytest.raises(RosterUnclear, match=says if township else "看不出是哪个乡镇"):
        read(cards, township=township)


def test_a_grade_of_disability_makes_a_disabled_soldier_or_is_asked_about(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村", "类别", "残疾等级", "退役时间"],
            ["徐岭平", A, "巨浦村", "参战", "因战八级", None],
            ["章星", B, "巨浦村", None, "七级", "1985.11"],
            ["孙松正", C, "巨浦村", "伤残人民警察", "六级", None],
            ["叶宁", D, "巨浦村", "军属", "二级", None],
            ["吴岭", E, "巨浦村", "军属", "肢体二级", None],
        ]
    )
    assert [[c.value for c in row.categories] for row in roster.rows] == [
        ["VETERAN", "DISABLED_MILITARY", "COMBAT_VETERAN"],
        ["VETERAN", "DISABLED_MILITARY"],
        ["DISABLED_POLICE"],
        ["ACTIVE_FAMILY"],
        ["ACTIVE_FAMILY"],
    ]
    assert roster.questions == ("第 6 行的残疾等级“二级”看不出是不是残疾军人，请在身份类别里写明。",)
    fields = person_fields(roster.rows[0], township="331121209", is_deceased=False)
    assert fields["note"] == "残疾等级：因战八级"


def test_a_households_number_reaches_its_people_within_their_village(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["户号", "姓名", "身份证号", "村"],
            ["001", "徐岭平", A, "巨浦村"],
            [None, "章星", B, None],
            ["001", "孙松正", C, "湖云村"],
            [2, "叶宁", D, "湖云村"],
            ["无", "吴岭", E, "湖云村"],
        ],
        merges=[(2, 0, 3, 0)],
    )
    fields = [person_fields(row, township="331121209", is_deceased=False) for row in roster.rows]
    assert [f.get("household") for f in fields] == [
        f"{JUPU}-001",
        f"{JUPU}-001",
        f"{HUYUN}-001",
        f"{HUYUN}-2",
        None,
    ]
    assert roster.questions == ()


def test_the_present_number_goes_before_the_former_one(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "村", "原身份证号", "现身份证号"],
            ["徐岭平", "巨浦村", C, A],
            ["章星", "巨浦村", "332522530902655", None],
            ["孙松正", "巨浦村", None, D],
        ]
    )
    assert [(row.id, row.problem) for row in roster.rows] == [(A, None), (B, None), (D, None)]
    assert roster.questions == ()


def test_a_birth_that_is_to_come_or_that_the_number_contradicts_is_asked_about(
    tmp_path: Path, divisions: Divisions
) -> None:
    rows = [
        TITLE,
        ["姓名", "身份证号", "村", "出生年月"],
        ["徐岭平", A, "巨浦村", "1978年8月"],
        ["章星", B, "巨浦村", "1953年7月"],  # by the old calendar
        ["孙松正", C, "巨浦村", "1960.5"],
        ["叶宁", D, "巨浦村", "1994"],
    ]
    path = write_workbook(tmp_path / "roster.xlsx", {"Sheet1": rows})
    roster = read_roster(path, divisions, today=date(1990, 1, 1))
    assert [row.born for row in roster.rows] == ["1978-08-23", "1953-09-02", "1929-05-29", None]
    assert roster.questions == (
        "第 5 行的号码和出生年月对不上，先按号码，请核对。",
        "第 6 行的号码里的出生日期还没有到，请核对号码。",
    )


def test_two_names_in_a_cell_and_cells_that_are_no_name_are_asked_about(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村"],
            ["徐岭\n平", A, "巨浦村"],
            ["章星\n孙松", B, "巨浦村"],
            ["叶宁、吴岭", C, "巨浦村"],
            [12345, D, "巨浦村"],
            [True, E, "巨浦村"],
        ]
    )
    assert [row.name for row in roster.rows] == ["徐岭平", "章星、孙松", "叶宁、吴岭", "", ""]
    assert roster.questions == (
        "第 4、5 行的姓名一格里像是不止一个人，请一人一行写开。",
        "第 6、7 行没有姓名，请补上。",
    )


def test_two_numbers_in_a_cell_are_nobodys_until_a_person_says_which(read: Read) -> None:
    roster = read([TITLE, ["姓名", "身份证号", "村"], ["徐岭平", f"{A}/{B}", "巨浦村"]])
    assert [(row.id, row.problem, row.born) for row in roster.rows] == [(None, "missing_id", None)]
    fields = person_fields(roster.rows[0], township="331121209", is_deceased=False)
    assert fields["note"] == f"名册写的号码：{A}/{B}"
    assert roster.questions == ("第 3 行一格里不止一个号码，没有读入，请只留这个人现在的号码。",)


def test_a_column_of_numbers_or_births_says_when_who_has_no_number_was_born(read: Read) -> None:
    titles = ["姓名", "证件号码/出生年月", "村"]
    roster = read([TITLE, titles, ["徐岭平", A, "巨浦村"], ["章星", "1954年4月", "巨浦村"]])
    assert [(row.born, row.problem) for row in roster.rows] == [
        ("1978-08-23", None),
        ("1954-04", "missing_id"),
    ]


def test_a_person_over_two_lines_is_refused_for_what_it_is(read: Read) -> None:
    rows: list[Any] = [
        TITLE,
        ["序号", "姓名", "证件号码", "村名", "类别"],
        ["", "联系电话", "家庭住址", "", "备注"],
    ]
    for n, (name, number) in enumerate((("徐岭平", A), ("章星", B), ("孙松正", C)), start=1):
        rows += [[n, name, number, "巨浦", "参战"], ["", f"1390000010{n}", "巨浦村1号", "", "无"]]
    with pytest.raises(RosterUnclear, match="有“姓名”这个标题，但看不出哪一列是姓名，像是一人占了几行"):
        read(rows)


def test_a_folder_is_named_as_one(tmp_path: Path, divisions: Divisions) -> None:
    with pytest.raises(FileUnreadable) as caught:
        read_roster(tmp_path, divisions)
    assert (
        caught.value.sentence
        == f"“{tmp_path.name}”是一个文件夹，不是花名册。请写明是哪个 .xlsx 或 .xls 文件。"
    )


def test_kinds_within_a_village_end_with_it_and_villages_within_a_kind_do_not(read: Read) -> None:
    titles = ["姓名", "身份证号"]
    within = read(
        [
            TITLE,
            titles,
            ["一、巨浦村（1人）"],
            ["1.烈属"],
            ["徐岭平", A],
            ["二、湖云村（1人）"],
            ["章星", B],
            ["三、巨浦村军属（1人）"],
            ["孙松正", C],
        ]
    )
    assert [(r.village, [c.value for c in r.categories]) for r in within.rows] == [
        (JUPU, ["MARTYR_SURVIVOR"]),
        (HUYUN, []),
        (JUPU, ["ACTIVE_FAMILY"]),
    ]
    around = read(
        [
            TITLE,
            titles,
            ["一、60周岁以上农村籍退役士兵（2人）"],
            ["巨浦村"],
            ["徐岭平", A],
            ["湖云村"],
            ["章星", B],
        ]
    )
    assert [(r.village, [c.value for c in r.categories]) for r in around.rows] == [
        (JUPU, ["VETERAN", "RURAL_SOLDIER_60"]),
        (HUYUN, ["VETERAN", "RURAL_SOLDIER_60"]),
    ]


def test_the_villages_codes_name_the_township(read: Read) -> None:
    rows = [["村代码", "姓名", "身份证号"], [JUPU, "徐岭平", A], [HUYUN, "章星", B]]
    roster = read(rows)
    assert (roster.township, [row.village for row in roster.rows]) == ("331121209", [JUPU, HUYUN])
