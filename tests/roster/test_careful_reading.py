"""A cell is not made to say more than it says: residence, deaths, villages, numbers, townships."""

from __future__ import annotations

import pytest

from app.domain.errors import RosterUnclear
from tests.roster.conftest import Read

A, B, C, D = "332522197808234359", "332522195309026556", "332522192905294799", "331121199411066879"
E = "332522195502161530"
JUPU, HUYUN = "331121209200", "331121209202"
TITLE = ["青田县巨浦乡花名册"]


def test_the_own_village_and_the_registered_address_are_no_place_away(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村", "自然村", "户籍地址", "现住址"],
            ["徐岭平", A, "巨浦村", None, None, "本村5号"],
            ["章星", B, "巨浦村", None, None, "青田县巨浦乡巨浦村12号"],
            ["孙松正", C, "巨浦村", "上庄", None, "上庄"],
            ["叶宁", D, "湖云村", None, "巨浦乡石下路9号", "巨浦乡石下路9号"],
            ["吴岭", E, "湖云村", None, None, "湖云12号"],
            ["吴山", None, "湖云村", None, None, "杭州市"],
        ]
    )
    assert [(row.name, row.away, row.away_place) for row in roster.rows] == [
        ("徐岭平", False, ""),
        ("章星", False, ""),
        ("孙松正", False, ""),
        ("叶宁", False, ""),
        ("吴岭", False, ""),
        ("吴山", True, "杭州市"),
    ]
    assert roster.questions == ()


@pytest.mark.parametrize(
    ("title", "words"), [("是否外出", "偶尔"), ("现住址", "本村、杭州"), ("现住址", "两地来回")]
)
def test_words_that_leave_the_whereabouts_open_are_asked_about_and_kept(
    read: Read, title: str, words: str
) -> None:
    roster = read([TITLE, ["姓名", "身份证号", "村", title], ["徐岭平", A, "巨浦村", words]])
    assert [(row.away, row.away_place, row.note) for row in roster.rows] == [(None, "", words)]
    assert roster.questions == ("第 3 行看不出是在家还是在外，请写明。",)


def test_a_blank_residence_means_home_only_where_no_sheet_writes_home(read: Read) -> None:
    titles = ["姓名", "身份证号", "现住址"]
    roster = read(
        {
            "巨浦村": [TITLE, titles, ["徐岭平", A, "本村"], ["章星", B, None]],
            "湖云村": [TITLE, titles, ["孙松正", C, "杭州"], ["叶宁", D, None]],
        }
    )
    assert [(row.name, row.away) for row in roster.rows] == [
        ("徐岭平", False),
        ("章星", None),
        ("孙松正", True),
        ("叶宁", None),
    ]


def test_a_second_listings_blank_residence_says_nothing(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村", "现住址"],
            ["徐岭平", A, "巨浦村", "杭州"],
            ["章星", B, "巨浦村", None],
            ["徐岭平", A, "湖云村", None],
        ]
    )
    assert [(row.away, row.problem) for row in roster.rows] == [
        (True, None),
        (False, None),
        (None, "duplicate_of"),
    ]


def test_a_cell_that_names_two_villages_places_nobody(read: Read) -> None:
    roster = read(
        [TITLE, ["姓名", "身份证号", "村"], ["徐岭平", A, "巨浦村、湖云村"], ["章星", B, "巨浦村上庄"]]
    )
    assert [(row.village, row.hamlet) for row in roster.rows] == [(None, ""), (JUPU, "上庄")]
    assert roster.questions == ("第 3 行的村名“巨浦村、湖云村”在巨浦乡里对不上唯一的村或社区，请改正。",)


def test_the_registered_address_places_who_is_placed_by_nothing_else(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "户籍地址", "家庭住址"],
            ["徐岭平", A, "青田县巨浦乡巨浦村上庄12号", "湖云村3号"],
            ["章星", B, None, "湖云村5号"],
            ["孙松正", C, None, None],
        ]
    )
    assert [(row.village, row.hamlet) for row in roster.rows] == [
        (JUPU, "上庄12号"),
        (HUYUN, "5号"),
        (None, ""),
    ]
    assert roster.questions == ("第 5 行没有写是哪个村，请补上。",)


def test_an_address_that_contradicts_the_village_above_is_asked_about(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村", "户籍地址"],
            ["徐岭平", A, None, "巨浦村5号"],
            ["章星", B, "湖云村", "湖云村5号"],
            ["孙松正", C, None, "巨浦村3号"],
        ]
    )
    assert [row.village for row in roster.rows] == [JUPU, HUYUN, HUYUN]
    assert roster.questions == ("第 5 行的地址写的是别的村，先按上面写的村，请核对。",)


def test_remarks_say_who_has_died_and_who_only_lost_somebody(read: Read) -> None:
    remarks = ["5月5日亡", "2021年12月去世", "父亲去世", "听说已经去世一年", "2020.5.1因病去世，家属代领"]
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村", "备注"],
            *(["徐岭平", n, "巨浦村", remark] for n, remark in zip((A, B, C, D, E), remarks, strict=True)),
        ]
    )
    assert [row.note for row in roster.rows] == remarks
    assert [(one.row, one.died) for one in roster.deceased] == [(3, None), (4, "2021-12"), (7, "2020-05")]
    assert roster.questions == ("第 6 行提到有人去世，看不出是不是本人，请写明。",)


def test_who_has_died_lives_nowhere(read: Read) -> None:
    roster = read([TITLE, ["姓名", "身份证号", "村", "现住址"], ["徐岭平", A, "巨浦村", "已故"]])
    assert [(row.away, row.away_place) for row in roster.rows] == [(None, "")]
    assert [one.row for one in roster.deceased] == [3]


def test_one_number_with_two_names_is_asked_about(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村"],
            ["徐岭平", A, "巨浦村"],
            ["章星", A, "湖云村"],
            ["徐 岭平", A, "城门村"],
        ]
    )
    assert [(row.name, row.problem) for row in roster.rows] == [
        ("徐岭平", None),
        ("章星", "duplicate_of"),
        ("徐岭平", "duplicate_of"),
    ]
    assert roster.questions == (
        "表“Sheet1”第 3 行和表“Sheet1”第 4 行号码相同、姓名不同，请核对是哪一行写错了。",
    )


def test_a_township_that_the_caller_and_the_roster_name_differently_is_refused(read: Read) -> None:
    rows = [["姓名", "身份证号", "村", "乡镇"], ["徐岭平", A, "巨浦村", "巨浦"]]
    says = "命令里写的是青田县仁庄镇，花名册里写的是青田县巨浦乡，请改成一致"
    for sheets in ([TITLE, *rows], rows, {"巨浦乡": rows}):
        with pytest.raises(RosterUnclear, match=says):
            read(sheets, township="仁庄镇")
    assert read(rows, township="331121209").township == "331121209"
    with pytest.raises(
        RosterUnclear, match="文件名写的是青田县仁庄镇，花名册里写的是青田县巨浦乡，请改成一致"
    ):
        read([TITLE, *rows], name="仁庄镇.xlsx")


@pytest.mark.parametrize("township", [None, "巨浦乡"])
def test_a_workbook_of_several_townships_is_refused_whatever_the_caller_says(
    read: Read, township: str | None
) -> None:
    titles = ["姓名", "身份证号", "村"]
    two = {"巨浦乡": [titles, ["徐岭平", A, "巨浦村"]], "仁庄镇": [titles, ["章星", B, "夏严村"]]}
    with pytest.raises(RosterUnclear, match="不止一个乡镇（巨浦乡、仁庄镇），请按乡镇分成几个文件"):
        read(two, township=township)
    elsewhere = [["徐岭平", A, "巨浦村", "巨浦乡"], ["章星", B, "某村", "西湖区转塘街道"]]
    with pytest.raises(RosterUnclear, match="“西湖区转塘街道”不在区划表里"):
        read([TITLE, [*titles, "乡镇"], *elsewhere], township=township)


def test_a_note_above_the_titles_may_speak_of_another_township(read: Read) -> None:
    rows = [TITLE, ["注：仁庄镇的人员另报"], ["姓名", "身份证号", "村"], ["徐岭平", A, "巨浦村"]]
    assert read(rows).township == "331121209"


def test_an_unknown_township_is_asked_for_as_the_command_takes_it(read: Read) -> None:
    with pytest.raises(RosterUnclear, match="请在命令后加 --township 九位区划代码"):
        read([["花名册"], ["姓名", "身份证号", "村"], ["徐岭平", A, "李家村"]])
