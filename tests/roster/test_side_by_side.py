"""Several people in one printed line: every block of columns is read, or the roster is refused."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.errors import RosterUnclear
from sync_server.roster import Roster
from tests.roster.conftest import Read

A, B, C, D = "332522197808234359", "332522195309026556", "332522192905294799", "331121199411066879"
E = "332522195502161530"
JUPU, HUYUN, CHENGMEN = "331121209200", "331121209202", "331121209204"
TITLE = ["青田县巨浦乡花名册"]


def placed(roster: Roster) -> list[tuple[Any, ...]]:
    return [
        (row.row, row.column, row.name, row.id, row.village, [c.value for c in row.categories])
        for row in roster.rows
    ]


def test_both_people_of_a_line_are_read_each_with_its_own_columns(read: Read) -> None:
    titles = ["序号", "姓名", "身份证号", "村", "类别"]
    roster = read(
        [
            TITLE,
            [*titles, None, *titles],
            [1, "徐岭平", A, "巨浦村", "参战", None, 3, "章星", B, "湖云村", "军属"],
            [2, "孙松正", C, None, "退役士兵", None, 4, "叶宁", D, None, "烈属"],
            [None, "小计", "2人", None, None, None, 5, "吴岭", E, "城门村", "退役军人"],
            ["填表人：", "张某"],
        ],
        name="roster.xls",
    )
    assert placed(roster) == [
        (3, "B", "徐岭平", A, JUPU, ["VETERAN", "COMBAT_VETERAN"]),
        (3, "H", "章星", B, HUYUN, ["ACTIVE_FAMILY"]),
        (4, "B", "孙松正", C, JUPU, ["VETERAN"]),
        (4, "H", "叶宁", D, HUYUN, ["MARTYR_SURVIVOR"]),
        (5, "H", "吴岭", E, CHENGMEN, ["VETERAN"]),
    ]
    assert roster.questions == ()


def test_a_village_column_on_the_left_is_of_the_whole_line(read: Read) -> None:
    roster = read(
        [
            TITLE,
            ["村", "姓名", "身份证号", "姓名", "身份证号"],
            ["巨浦村", "徐岭平", A, "章星", B],
            [None, "孙松正", C],
            ["湖云村", "叶宁", D, "吴岭", E],
        ],
        merges=[(2, 0, 3, 0)],
    )
    assert [row[2:5:2] for row in placed(roster)] == [
        ("徐岭平", JUPU),
        ("章星", JUPU),
        ("孙松正", JUPU),
        ("叶宁", HUYUN),
        ("吴岭", HUYUN),
    ]


def test_each_block_may_have_its_own_village_line_and_a_line_of_its_own_is_for_all(read: Read) -> None:
    titles = ["序号", "姓名", "身份证号"]
    roster = read(
        [
            TITLE,
            [*titles, *titles],
            ["巨浦村", None, None, "湖云村"],
            [1, "徐岭平", A, 1, "章星", B],
            [2, "孙松正", C, 2, "叶宁", D],
            ["城门村"],
            [3, "吴岭", E],
        ]
    )
    assert [row[2:5:2] for row in placed(roster)] == [
        ("徐岭平", JUPU),
        ("章星", HUYUN),
        ("孙松正", JUPU),
        ("叶宁", HUYUN),
        ("吴岭", CHENGMEN),
    ]


def test_blocks_are_known_by_their_values_where_there_are_no_titles(read: Read) -> None:
    roster = read(
        [
            ["巨浦乡"],
            ["徐岭平", A, "巨浦村", "章星", B, "湖云村"],
            ["孙松正", C, "巨浦村", "叶宁", D, "湖云村"],
        ]
    )
    assert [row[1:5] for row in placed(roster)] == [
        ("A", "徐岭平", A, JUPU),
        ("D", "章星", B, HUYUN),
        ("A", "孙松正", C, JUPU),
        ("D", "叶宁", D, HUYUN),
    ]


def test_the_deceased_may_be_listed_beside_the_living(read: Read) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册", None, None, None, "去世人员名单"],
            ["姓名", "身份证号", "村", None, "姓名", "身份证号", "去世时间"],
            ["徐岭平", A, "巨浦村", None, "孙松正", C, "2022.5"],
            ["孙松正", C, "湖云村"],
        ],
        merges=[(0, 0, 0, 2), (0, 4, 0, 6)],
    )
    assert [row[2:5:2] for row in placed(roster)] == [("徐岭平", JUPU), ("孙松正", HUYUN)]
    assert [(one.name, one.died, str(one.of)) for one in roster.deceased] == [
        ("孙松正", "2022-05", "Sheet1!row4A")
    ]
    assert roster.questions == ()


def test_a_column_right_of_like_blocks_is_not_given_to_one_of_them(read: Read) -> None:
    with pytest.raises(RosterUnclear, match="E 列不知道说的是左边还是右边的人"):
        read([TITLE, ["姓名", "身份证号", "姓名", "身份证号", "类别"], ["徐岭平", A, "章星", B, "参战"]])


def test_two_columns_of_names_that_are_no_blocks_are_asked_about(read: Read) -> None:
    with pytest.raises(RosterUnclear, match="A 列“对象姓名”、C 列“军人姓名”都像姓名"):
        read([TITLE, ["对象姓名", "身份证号", "军人姓名", "村"], ["徐岭平", A, "徐松", "巨浦村"]])


def test_a_question_says_which_person_of_the_line_it_is_about(read: Read) -> None:
    titles = ["姓名", "身份证号", "村"]
    roster = read([TITLE, [*titles, *titles], ["徐岭平", A, "巨浦村", "章星", B, "老村"]])
    assert roster.questions == ("第 3（D 列）行的村名“老村”在巨浦乡里对不上唯一的村或社区，请改正。",)
