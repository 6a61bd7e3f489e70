"""Other townships' layouts: titles, orders, header lines, sheets; each reads as its clerk means it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sync_server.roster import RosterRow
from sync_server.roster.fields import person_fields
from tests.roster.conftest import Read

A, B, C, D = "332522197808234359", "332522195309026556", "332522192905294799", "331121199411066879"
JUPU, HUYUN, CHENGMEN = "331121209200", "331121209202", "331121209204"


def brief(row: RosterRow) -> tuple[Any, ...]:
    return row.row, row.name, row.id, row.village, [c.value for c in row.categories], row.away, row.problem


def fields_of(row: RosterRow) -> dict[str, Any]:
    return dict(person_fields(row, township="331121209", is_deceased=False))


def test_other_titles_in_another_order(read: Read) -> None:
    roster = read(
        [
            ["巨浦乡优抚对象登记表"],
            ["村（社区）", "证件号", "手机号", "优抚类别", "姓 名", "是否在外", "备注", "出生日期"],
            ["湖云村", A, 15444789655, "参战、烈属", "徐岭平", "√", None, "1978/8/23"],
            [None, B, None, "退役军人", "章星", None, None, None],
            ["城门", None, None, "伤残军人", "孙松正", "否", None, "1929.05"],
        ]
    )
    assert [brief(row) for row in roster.rows] == [
        (3, "徐岭平", A, HUYUN, ["VETERAN", "MARTYR_SURVIVOR", "COMBAT_VETERAN"], True, None),
        (4, "章星", B, HUYUN, ["VETERAN"], False, None),
        (5, "孙松正", None, CHENGMEN, ["DISABLED_MILITARY"], False, "missing_id"),
    ]
    assert [row.born for row in roster.rows] == ["1978-08-23", "1953-09-02", "1929-05"]


def test_one_sheet_a_village_without_a_column_for_it(read: Read) -> None:
    roster = read(
        {
            "巨浦村": [["姓名", "公民身份号码", "人员类别"], ["徐岭平", A, "退役士兵"]],
            "2.湖云（1人）": [
                ["公民身份号码", "姓名", "人员类别"],
                [B, "章星", "军属"],
                [A, "徐岭平", "退役士兵"],
            ],
        },
        name="青田县巨浦乡.xlsx",
    )
    assert [brief(row)[:4] for row in roster.rows] == [
        (2, "徐岭平", A, JUPU),
        (2, "章星", B, HUYUN),
        (3, "徐岭平", A, HUYUN),
    ]
    second = roster.rows[2].of
    assert second is not None and (second.sheet, second.row) == ("巨浦村", 2)
    assert roster.questions == ()


def test_an_xls_with_merged_villages_and_ruined_numbers(read: Read) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["序号", "所属村", "姓名", "身份证号码", "身份类别", "现居住地址", "退伍年月"],
            [1, "巨浦村", "徐岭平", A, "退役士兵", "本村", "2006.11"],
            [2, None, "章星", float(B), "残疾军人", "上海市浦东新区", date(1975, 1, 1)],
            [3, None, "王星", 332522780301315, "残疾军人", None, None],
        ],
        merges=[(0, 0, 0, 6), (2, 1, 4, 1)],
        name="roster.xls",
    )
    assert [brief(row) for row in roster.rows] == [
        (3, "徐岭平", A, JUPU, ["VETERAN"], False, None),
        (4, "章星", None, JUPU, ["VETERAN", "DISABLED_MILITARY"], True, "digits_lost"),
        (5, "王星", "332522197803013151", JUPU, ["DISABLED_MILITARY"], None, None),
    ]


def test_no_titles_at_all_are_made_up_for_by_the_values(read: Read) -> None:
    roster = read([["巨浦乡"], [1, "徐岭平", A, "巨浦村", "退役士兵"], [2, "章星", B, "湖云村", "军属"]])
    assert [brief(row)[1:5] for row in roster.rows] == [
        ("徐岭平", A, JUPU, ["VETERAN"]),
        ("章星", B, HUYUN, ["ACTIVE_FAMILY"]),
    ]


def test_a_contacts_name_and_number_are_not_the_persons(read: Read) -> None:
    roster = read(
        [
            ["巨浦乡花名册"],
            ["序号", "本人情况", None, None, "联系人", None, None, "户籍地", None],
            [None, "姓名", "性别", "身份证号", "姓名", "关系", "电话", "村", "小组"],
            [1, "徐岭平", "男", A, "徐二", "儿子", "15444789655", "巨浦", "3组"],
        ],
        merges=[(1, 0, 2, 0), (1, 1, 1, 3), (1, 4, 1, 6), (1, 7, 1, 8)],
    )
    row = roster.rows[0]
    assert (row.name, row.id, row.hamlet) == ("徐岭平", A, "3组")
    assert [(p.number, p.relation) for p in row.phones] == [("15444789655", "联系人")]


def test_a_roster_of_families_lists_the_family_member_not_the_soldier(read: Read) -> None:
    roster = read(
        [
            ["巨浦乡"],
            ["现役军人家属姓名", "军人姓名", "与军人关系", "家属身份证号", "村"],
            ["徐岭平", "徐小", "父亲", A, "巨浦村"],
        ]
    )
    assert [(row.name, row.id) for row in roster.rows] == [("徐岭平", A)]


def test_lines_between_the_people_name_the_village_and_subtotals_and_signatures_are_nobody(
    read: Read,
) -> None:
    roster = read(
        [
            ["巨浦乡退役军人花名册"],
            ["序号", "姓名", "身份证号码", "电话"],
            ["一、巨浦村（2人）"],
            [1, "徐岭平", A, "15444789655"],
            ["小计", "1人"],
            ["二、湖云村"],
            [2, "孙松正", None, None],
            ["合计", "2人"],
            ["填表人：", "张某某", "审核人：", "李某某"],
        ]
    )
    assert [brief(row)[:5] for row in roster.rows] == [
        (4, "徐岭平", A, JUPU, ["VETERAN"]),
        (7, "孙松正", None, HUYUN, ["VETERAN"]),
    ]
    assert roster.questions == ()


def test_ticked_columns_are_categories(read: Read) -> None:
    roster = read(
        [
            ["巨浦乡花名册"],
            ["姓名", "身份证号码", "村名", "人员类别", None, None, "外出务工地"],
            [None, None, None, "参战", "残疾军人", "带病回乡"],
            ["徐岭平", A, "巨浦村", "√", None, None, "杭州"],
            ["章星", B, "巨浦村", None, "√", "√", None],
        ],
        merges=[(1, 3, 1, 5), (1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 2, 2), (1, 6, 2, 6)],
    )
    assert [
        (row.name, [c.value for c in row.categories], row.away, row.away_place) for row in roster.rows
    ] == [
        ("徐岭平", ["VETERAN", "COMBAT_VETERAN"], True, "杭州"),
        ("章星", ["VETERAN", "DISABLED_MILITARY", "ILL_RETURNED"], False, ""),
    ]


def test_the_village_is_found_in_an_address_and_in_a_title(read: Read) -> None:
    by_address = read(
        [
            ["巨浦乡花名册"],
            ["姓名", "身份证号码", "家庭住址"],
            ["徐岭平", A, "青田县巨浦乡巨浦村上庄12号"],
            ["章星", B, "湖云村5号"],
        ]
    )
    assert [(row.village, row.hamlet) for row in by_address.rows] == [(JUPU, "上庄12号"), (HUYUN, "5号")]
    by_title = read([["青田县巨浦乡巨浦村退役军人花名册"], ["姓名", "身份证号码"], ["徐岭平", A]])
    assert [(r.village, [c.value for c in r.categories]) for r in by_title.rows] == [(JUPU, ["VETERAN"])]


def test_the_deceased_may_stand_below_the_living_or_be_marked(read: Read) -> None:
    roster = read(
        [
            ["巨浦乡花名册"],
            ["姓名", "身份证号码", "村"],
            ["徐岭平", A, "巨浦村"],
            ["章星", B, "湖云村"],
            ["叶宁（已故）", D, "湖云村"],
            [],
            ["去世人员名单"],
            ["姓名", "身份证号码", "去世时间"],
            ["章星", B, "2022.5"],
        ]
    )
    assert [(row.name, row.problem) for row in roster.rows] == [
        ("徐岭平", None),
        ("章星", None),
        ("叶宁", None),
    ]
    assert [(one.row, one.name, one.died, one.of and one.of.row) for one in roster.deceased] == [
        (9, "章星", "2022-05", 4),
        (5, "叶宁", None, 5),
    ]


def test_what_rows_leave_open_is_asked_and_never_guessed(read: Read) -> None:
    roster = read(
        {
            "名册": [
                ["巨浦乡花名册"],
                ["姓名", "身份证号码", "村", "类别"],
                [None, A, "巨浦村", "军烈属"],
                ["章星", B, "鹤城街道", "退役军人"],
                ["孙松正", C, None, "退役军人"],
            ],
            "通讯录": [["姓名", "职务", "联系电话"], ["张站长", "站长", "16101847598"]],
            "减员": [["姓名", "身份证号码"], ["王星", D]],
        }
    )
    assert [brief(row)[1:5] for row in roster.rows] == [
        ("", A, JUPU, []),
        ("章星", B, None, ["VETERAN"]),
        ("孙松正", C, None, ["VETERAN"]),
    ]
    assert roster.questions == (
        "表“名册”第 4、5 行的村名“鹤城街道”在巨浦乡里对不上唯一的村或社区，请改正。",
        "表“名册”第 3 行的身份类别“军烈属”看不出是哪一类，请写明。",
        "表“名册”第 3 行没有姓名，请补上。",
        "表“通讯录”看不出是不是服务对象的花名册（像减员名单或通讯录），没有读入，请写明。",
        "表“减员”看不出是不是服务对象的花名册（像减员名单或通讯录），没有读入，请写明。",
    )


def test_the_caller_may_say_which_township(read: Read) -> None:
    rows = [["姓名", "身份证号", "村"], ["徐岭平", A, "巨浦村"]]
    assert {read(rows, township=t).township for t in ("331121209", "巨浦乡", "青田县巨浦乡")} == {"331121209"}


def test_a_wrong_number_listed_twice_keeps_what_is_wrong_with_it(read: Read) -> None:
    wrong = A[:17] + "8"
    roster = read(
        [["巨浦乡"], ["姓名", "身份证号", "村"], ["徐岭平", wrong, "巨浦村"], ["徐岭平", wrong, "湖云村"]]
    )
    assert [(row.id, row.id_problem, row.problem) for row in roster.rows] == [
        (wrong, "checksum", "checksum"),
        (wrong, "checksum", "duplicate_of"),
    ]


def test_ticked_columns_may_be_crossed_answered_and_counted(read: Read) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["姓名", "身份证号", "村", "退役军人", "烈属"],
            ["徐岭平", A, "巨浦村", "√", "×"],
            ["章星", B, "巨浦村", "否", "是"],
            ["小计", None, None, 1, 1],
        ]
    )
    assert [[c.value for c in row.categories] for row in roster.rows] == [["VETERAN"], ["MARTYR_SURVIVOR"]]
    assert roster.questions == ()


def test_a_phone_that_is_no_number_is_kept_in_the_note(read: Read) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["姓名", "身份证号", "村", "联系电话", "类别"],
            ["徐岭平", A, "巨浦村", "1990000003a", "退役军人"],
            ["章星", B, "巨浦村", 15444789655, "退役军人"],
        ]
    )
    fields = [fields_of(row) for row in roster.rows]
    assert [f.get("note", "") for f in fields] == ["名册写的电话：1990000003a", ""]
    assert [f.get("phones/15444789655") for f in fields] == [None, "本人"]


def test_a_person_with_a_number_and_no_name_can_be_stored(read: Read) -> None:
    roster = read(
        [
            ["青田县巨浦乡花名册"],
            ["姓名", "身份证号", "村", "类别"],
            [None, A, "巨浦村", "退役军人"],
            ["章星", B, "巨浦村", "退役军人"],
        ]
    )
    assert [fields_of(row)["name"] for row in roster.rows] == ["未写姓名", "章星"]
