"""Titles that few stations use, headers without merges, and columns of a station's own that are ticked."""

from __future__ import annotations

import pytest

from sync_server.roster import Roster
from sync_server.roster.fields import person_fields
from tests.roster.conftest import Read

A, B, C = "332522197808234359", "332522195309026556", "332522192905294799"
JUPU, HUYUN = "331121209200", "331121209202"
TITLE = ["青田县巨浦乡花名册"]


def categories(roster: Roster) -> list[list[str]]:
    return [[c.value for c in row.categories] for row in roster.rows]


@pytest.mark.parametrize("merges", [[(1, 3, 1, 5)], []], ids=["group merged across", "nothing merged"])
@pytest.mark.parametrize("tick", ["√", "○", "1", "是", "V", "●"])
@pytest.mark.parametrize("name", ["roster.xlsx", "roster.xls"])
def test_ticked_columns_under_a_group_are_read_without_vertical_merges(
    read: Read, merges: list[tuple[int, int, int, int]], tick: str, name: str
) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村名", "人员类别", None, None, "外出务工地"],
            [None, None, None, "参战", "残疾军人", "带病回乡"],
            ["徐岭平", A, "巨浦村", tick, None, None, "杭州"],
            ["章星", B, "巨浦村", None, tick, tick, None],
        ],
        merges=merges,
        name=name,
    )
    assert categories(roster) == [
        ["VETERAN", "COMBAT_VETERAN"],
        ["VETERAN", "DISABLED_MILITARY", "ILL_RETURNED"],
    ]
    assert [(row.row, row.village, row.away) for row in roster.rows] == [(4, JUPU, True), (5, JUPU, False)]
    assert roster.questions == ()


def test_group_titles_without_merges_keep_the_contact_apart_from_the_person(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["序号", "本人情况", None, None, "联系人", None, None, "户籍地", None],
            [None, "姓名", "性别", "身份证号", "姓名", "关系", "电话", "村", "小组"],
            [1, "徐岭平", "男", A, "徐二", "儿子", "15444789655", "巨浦", "3组"],
        ]
    )
    [row] = roster.rows
    assert (row.name, row.id, row.village, row.hamlet) == ("徐岭平", A, JUPU, "3组")
    assert [(p.number, p.relation) for p in row.phones] == [("15444789655", "联系人")]


@pytest.mark.parametrize(
    "titles",
    [
        ["xm", "sfzh", "szc"],
        ["对象", "证件", "村组"],
        ["服务对象", "身份证号", "村"],
        ["who", "which", "where"],
        ["姓\n名", "公民身份\n号　码", "所属村\n（社区）"],
    ],
)
def test_a_line_of_titles_is_nobody_and_the_columns_are_known_by_their_values(
    read: Read, titles: list[str]
) -> None:
    roster = read([TITLE, titles, ["徐岭平", A, "巨浦村"], ["章星", B, "湖云村"]])
    assert [(row.row, row.name, row.id, row.village) for row in roster.rows] == [
        (3, "徐岭平", A, JUPU),
        (4, "章星", B, HUYUN),
    ]
    assert roster.questions == ()


def test_a_stations_own_ticked_columns_say_what_their_titles_say(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村", "低保", "独居老人", "二等功", "模范退役军人", "残疾军人"],
            ["徐岭平", A, "巨浦村", "√", None, "是", None, "七级"],
            ["章星", B, "湖云村", None, "是", None, "√", "否"],
        ]
    )
    kept = ("living/DIBAO", "living/LIVING_ALONE", "merit", "honours/MODEL_VETERAN", "note")
    said = [person_fields(row, township="331121209", is_deceased=False) for row in roster.rows]
    assert [{k: fields[k] for k in kept if k in fields} for fields in said] == [
        {"living/DIBAO": True, "merit": "SECOND", "note": "残疾军人：七级"},
        {"living/LIVING_ALONE": True, "honours/MODEL_VETERAN": True},
    ]
    assert categories(roster) == [["DISABLED_MILITARY"], []]
    assert roster.questions == ()


def test_marks_that_may_mean_either_and_columns_nobody_knows_are_asked_about(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["姓名", "身份证号", "村", "参战", "烈属", "老党员"],
            ["徐岭平", A, "巨浦村", "√", "√", "√"],
            ["章星", B, "湖云村", "待核", None, None],
            ["孙松正", C, "湖云村", "○", None, None],
        ]
    )
    assert categories(roster) == [["VETERAN", "MARTYR_SURVIVOR", "COMBAT_VETERAN"], [], []]
    assert roster.questions == (
        "第 4 行的 D 列“参战”写的“待核”看不出是不是，没有读入，请改成√或空着。",
        "第 5 行的 D 列“参战”写的“○”看不出是不是，没有读入，请改成√或空着。",
        "F 列“老党员”（1 格）不知道是什么，没有读入。要用请改成认得的标题，不用请删去。",
    )


def test_a_line_that_numbers_the_columns_is_nobody(read: Read) -> None:
    roster = read(
        [
            ["青田县巨浦乡退役军人花名册"],
            ["说明：1.姓名须与身份证一致；2.村名写全称。"],
            ["填报单位：巨浦乡退役军人服务站", None, None, "填报日期：2022年7月"],
            ["序号", "姓 名", "身份证号", "村", "是否\n外出"],
            ["甲", "乙", "1", "2", "3"],
            [1, "徐岭平", A, "巨浦", "√"],
            [2, "章星", B, "〃", None],
        ]
    )
    assert [(row.row, row.name, row.village, row.away) for row in roster.rows] == [
        (6, "徐岭平", JUPU, True),
        (7, "章星", JUPU, False),
    ]
    assert roster.questions == ()


def test_columns_that_nobody_needs_are_not_asked_about(read: Read) -> None:
    titles = ["姓名", "身份证号", "村", "优待证号", "入党时间", "户口性质", "邮编", "银行卡号", "曾用名"]
    roster = read(
        [TITLE, titles, ["徐岭平", A, "巨浦村", "3300", "1990.1", "农业", "323900", "62220", "徐平"]]
    )
    assert (roster.rows[0].note, roster.rows[0].card, roster.questions) == ("", "", ())


def test_two_columns_of_remarks_are_both_kept(read: Read) -> None:
    roster = read(
        [TITLE, ["姓名", "身份证号", "村", "备注", "说明"], ["徐岭平", A, "巨浦村", "腿脚不便", "独自居住"]]
    )
    assert [row.note for row in roster.rows] == ["腿脚不便；独自居住"]
