"""Whole sheets as stations keep them, in both file formats: each reads as its clerk means it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sync_server.roster import Roster
from sync_server.roster.fields import person_fields
from tests.roster.conftest import Read

A, B, C, D = "332522197808234359", "332522195309026556", "332522192905294799", "331121199411066879"
JUPU, HUYUN = "331121209200", "331121209202"
ENDINGS = pytest.mark.parametrize("name", ["roster.xlsx", "roster.xls"])


def people(roster: Roster) -> list[tuple[Any, ...]]:
    return [(row.name, row.id, row.village, [c.value for c in row.categories]) for row in roster.rows]


def said(roster: Roster, *names: str) -> list[dict[str, Any]]:
    each = [person_fields(row, township=roster.township, is_deceased=False) for row in roster.rows]
    return [{k: v for k, v in fields.items() if k.partition("/")[0] in names} for fields in each]


@ENDINGS
def test_groups_of_ticks_for_living_and_merit_and_two_phones(read: Read, name: str) -> None:
    roster = read(
        [
            ["青田县巨浦乡退役军人信息采集表"],
            [
                "序号",
                "姓名",
                "身份证号码",
                "户籍所在村",
                "生活状况",
                None,
                None,
                "立功受奖",
                None,
                "联系电话",
            ],
            [None, None, None, None, "低保", "特困", "独居", "二等功", "三等功", "本人", "家属"],
            [1, "徐岭平", A, "巨浦村", "√", None, "√", None, "√", "15444789655", "15444789656"],
            [2, "章星", B, None, None, None, None, "√", None, None, "15444789657"],
        ],
        merges=[(0, 0, 0, 10), (1, 4, 1, 6), (1, 7, 1, 8), (1, 9, 1, 10)],
        name=name,
    )
    assert [row.village for row in roster.rows] == [JUPU, JUPU]
    assert said(roster, "living", "merit", "phones") == [
        {
            "living/DIBAO": True,
            "living/LIVING_ALONE": True,
            "merit": "THIRD",
            "phones/15444789655": "本人",
            "phones/15444789656": "家属",
        },
        {"merit": "SECOND", "phones/15444789657": "家属"},
    ]
    assert roster.questions == ()


@ENDINGS
def test_two_people_a_line_under_village_lines_across_the_sheet(read: Read, name: str) -> None:
    titles = ["序号", "姓名", "身份证号", "备注"]
    roster = read(
        [
            ["巨浦乡退役军人名册"],
            [*titles, *titles],
            ["一、巨浦村"],
            [1, "徐岭平", A, "已故", 2, "章星", B, "低保"],
            ["第1页 共2页"],
            [*titles, *titles],
            ["二、湖云村"],
            [3, "孙松正", C, None, 4, "叶宁", D, "2022年3月病故"],
            ["合计：4人"],
        ],
        merges=[(0, 0, 0, 7), (2, 0, 2, 7), (6, 0, 6, 7)],
        name=name,
    )
    assert people(roster) == [
        ("徐岭平", A, JUPU, ["VETERAN"]),
        ("章星", B, JUPU, ["VETERAN"]),
        ("孙松正", C, HUYUN, ["VETERAN"]),
        ("叶宁", D, HUYUN, ["VETERAN"]),
    ]
    assert [(one.name, one.died, str(one.of)) for one in roster.deceased] == [
        ("徐岭平", None, "Sheet1!row4B"),
        ("叶宁", "2022-03", "Sheet1!row8F"),
    ]
    assert roster.questions == ()


@ENDINGS
def test_villages_as_sheets_behind_a_cover(read: Read, name: str) -> None:
    titles = ["序号", "姓名", "身份证号", "电话"]
    roster = read(
        {
            "封面": [["青田县巨浦乡参战退役人员名册"], ["2022年7月"]],
            "巨浦": [titles, [1, "徐岭平", A, "15444789655"]],
            "湖云村1": [titles, [1, "章星", B]],
            "湖云村2": [titles, [1, "孙松正", C]],
        },
        name=name,
    )
    assert [row[:3] for row in people(roster)] == [
        ("徐岭平", A, JUPU),
        ("章星", B, HUYUN),
        ("孙松正", C, HUYUN),
    ]
    assert roster.questions == ()


@ENDINGS
def test_several_villages_on_one_sheet_each_with_title_and_header(read: Read, name: str) -> None:
    titles = ["姓名", "身份证号", "类别"]
    roster = read(
        {
            "片区一": [
                ["巨浦乡巨浦村退役军人花名册"],
                titles,
                ["徐岭平", A, "参战"],
                [],
                ["湖云村"],
                titles,
                ["章星", B, "烈属"],
                ["孙松正", C, "退役军人"],
            ]
        },
        name=name,
    )
    assert people(roster) == [
        ("徐岭平", A, JUPU, ["VETERAN", "COMBAT_VETERAN"]),
        ("章星", B, HUYUN, ["MARTYR_SURVIVOR"]),
        ("孙松正", C, HUYUN, ["VETERAN"]),
    ]
    assert roster.questions == ()


@ENDINGS
def test_service_dates_under_a_group_and_a_yes_or_no_for_hardship(read: Read, name: str) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["序号", "姓名", "身份证号", "村", "服役情况", None, "是否低保户"],
            [None, None, None, None, "入伍时间", "退役时间"],
            [1, "徐岭平", A, "巨浦村", "1995.12", "2006.11", "是"],
            [2, "章星", B, None, date(1970, 1, 1), date(1975, 3, 1), "否"],
        ],
        name=name,
    )
    assert [(row.village, row.enlisted, row.discharged) for row in roster.rows] == [
        (JUPU, "1995-12", "2006-11"),
        (JUPU, "1970-01", "1975-03"),
    ]
    assert said(roster, "living") == [{"living/DIBAO": True}, {}]
    assert roster.questions == ()


@ENDINGS
def test_titles_with_line_breaks_old_numbers_and_notes_above(read: Read, name: str) -> None:
    roster = read(
        [
            ["青田县巨浦乡优抚对象名册（2022年）"],
            ["注：优抚类别按证件填写，自然村可不填。"],
            [None, None, None, None, "单位：人"],
            ["编号", "姓  名", "身份证\n号码", "优抚\n类别", "自然村", "村"],
            ["1", "徐岭平（组长）", 332522780823435, "参战", "上庄", "巨浦"],
            ["2", "章 星", float(B), "残疾军人(因战七级)", None, "湖云"],
        ],
        name=name,
    )
    assert [row.problem for row in roster.rows] == [None, "digits_lost"]
    assert people(roster) == [
        ("徐岭平", "332522197808234359", JUPU, ["VETERAN", "COMBAT_VETERAN"]),
        ("章星", None, HUYUN, ["DISABLED_MILITARY"]),
    ]
    assert (roster.rows[0].hamlet, roster.rows[0].name_note, roster.questions) == ("上庄", "组长", ())


@ENDINGS
def test_ticks_for_at_home_and_away_and_a_circle_among_ticks(read: Read, name: str) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["姓名", "身份证号", "村", "居住情况", None],
            [None, None, None, "在家", "外出"],
            ["徐岭平", A, "巨浦村", "√", None],
            ["章星", B, "巨浦村", None, "√"],
            ["孙松正", C, "湖云村", None, "○"],
        ],
        merges=[(1, 3, 1, 4)],
        name=name,
    )
    assert [row.away for row in roster.rows] == [False, True, None]
    assert roster.questions == ("第 6 行看不出是在家还是在外，请写明。",)


@ENDINGS
def test_circles_alone_are_ticks(read: Read, name: str) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["姓名", "身份证号", "村", "是否外出", "残疾军人"],
            ["徐岭平", A, "巨浦村", "○", None],
            ["章星", B, "巨浦村", None, "○"],
        ],
        name=name,
    )
    assert [row.away for row in roster.rows] == [True, False]
    assert [row[3] for row in people(roster)] == [[], ["DISABLED_MILITARY"]]
    assert roster.questions == ()


@ENDINGS
def test_an_own_column_that_repeats_its_title_and_one_for_who_still_lives(read: Read, name: str) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["姓名", "身份证号", "村", "低保", "是否健在", "紧急联系人"],
            ["徐岭平", A, "巨浦村", "低保", "是", "徐二"],
            ["章星", B, "湖云村", "否", "否", None],
            ["孙松正", C, "湖云村", "低保边缘", None, None],
        ],
        name=name,
    )
    assert said(roster, "living") == [{"living/DIBAO": True}, {}, {"living/DIBAO_MARGINAL": True}]
    assert [one.name for one in roster.deceased] == ["章星"]
    assert roster.questions == ()


@ENDINGS
def test_families_listed_with_their_soldiers_and_old_codes_for_kinds(read: Read, name: str) -> None:
    families = read(
        [
            ["青田县巨浦乡现役军人家属花名册"],
            ["序号", "家属姓名", "家属身份证号", "与军人关系", "军人姓名", "所在村"],
            [1, "徐岭平", A, "父亲", "徐小", "巨浦村"],
        ],
        name=name,
    )
    assert people(families) == [("徐岭平", A, JUPU, ["ACTIVE_FAMILY"])]
    coded = read(
        [
            ["青田县巨浦乡花名册"],
            ["姓名", "证件号码", "优抚类别代码", "村"],
            ["徐岭平", A, "41", "巨浦村"],
            ["章星", B, 51, "湖云村"],
        ],
        name=name,
    )
    assert people(coded) == [
        ("徐岭平", A, JUPU, ["VETERAN", "RURAL_DEMOBILIZED"]),
        ("章星", B, HUYUN, ["VETERAN", "COMBAT_VETERAN"]),
    ]
    assert (families.questions, coded.questions) == ((), ())
