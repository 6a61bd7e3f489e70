"""What a roster leaves open is neither guessed nor dropped: deaths, villages, sections, cards, numbers."""

from __future__ import annotations

import pytest

from tests.roster.conftest import Read

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
    assert [row.village for row in roster.rows] == [None, "331124205206", "331124205206"]
    assert roster.questions == (f"第 3 行的村名“{name}”在叶村乡里对不上唯一的村或社区，请改正。",)


def test_a_villages_code_names_it_and_a_foreign_one_is_asked_about(read: Read) -> None:
    rows = [["徐岭平", A, JUPU, "参战", None], ["章星", B, 331124205206, "参战", None]]
    roster = read([TITLE, ["姓名", "身份证号", "村代码", "类别", "备注"], *rows])
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
