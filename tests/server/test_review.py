"""A reviewer sees what was refused below him, and decides whether it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.change import Change
from app.domain.unsigned import day_began_ms
from sync_server.db.engine import reading, writing
from sync_server.records.campaigns import campaign
from sync_server.records.feed import begin_epoch
from sync_server.records.refusals import SENTENCES
from sync_server.records.review_words import WHY
from sync_server.summary.cells import count_cells
from tests.fakes import NOON
from tests.server.fact_fields import opinion_fields
from tests.server.phones import Phone, ask, need_fields
from tests.server.test_digest import assert_right
from tests.server.test_quarantine_life import mended, outcomes, versions

SignIn = Callable[[str], Phone]
Everything = Callable[[], dict[str, list[tuple]]]
VILLAGE = "331121209200"
OTHER_TOWNSHIP = "331121201201"


def listed(app: FastAPI, who: Phone, cursor: str = "0") -> dict[str, Any]:
    token = {"Authorization": f"Bearer {who.token}"}
    response = ask(app, "GET", "/v1/review", params={"cursor": cursor}, headers=token)
    assert response.status_code == 200, response.text
    return response.json()


def decided(app: FastAPI, who: Phone, change: Change, action: str, reason: str = "") -> httpx.Response:
    return ask(
        app,
        "POST",
        f"/v1/review/{change.device}/{change.seq}",
        json={"action": action, "reason": reason},
        headers={"Authorization": f"Bearer {who.token}"},
    )


def too_much(phone: Phone) -> Change:
    return phone.add_visit(
        "v1", "p1", cash_fen=9_000_000, note="家里着火，特批慰问", **{"checklist/LAW_DELIVERY": True}
    )


def contacts(engine: Engine) -> object:
    with reading(engine) as connection:
        return count_cells(connection, campaign(connection, "lishui-2022"), VILLAGE).total.cells["C3"]


def test_what_waits_is_listed_in_plain_words(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"), too_much(phone), phone.add_person("p2", born="昨天", id_number="33"))
    page = listed(app, sign_in("town"))
    assert (page["waiting"], page["cursor"]) == (2, None)
    visit, person = page["items"]
    assert {name: visit[name] for name in ("seq", "what", "why", "about", "by", "can_release", "hint")} == {
        "seq": 2,
        "what": "走访",
        "why": "“慰问金”超过活动规定的上限",
        "about": "李**",
        "by": "测试village",
        "can_release": True,
        "hint": "",
    }
    assert [tuple(pair) for pair in visit["said"]] == [
        ("活动", "2022年八一大走访活动"),
        ("单位", "巨浦村村委会"),
        ("方式", "上门"),
        ("结果", "见到本人"),
        ("走访时间", "2022-07-28 12:00"),
        ("慰问金", "90000.00 元"),
        ("备注", "家里着火，特批慰问"),
        ("走访内容", "送法入户"),
    ]
    assert dict(map(tuple, person["said"])) == {
        "姓名": "李**",
        "村": "巨浦村村委会",
        "出生": "昨天",
        "证件号": "已填，不显示",
    }
    assert (person["why"], person["can_release"]) == ("“出生”一项填得不对", False)
    assert "改好再传" in person["hint"]


def test_a_refused_anonymous_opinion_is_listed_without_its_writer_and_its_hour(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(phone.change("opinion", "o1", opinion_fields(phone, anonymous=True, campaign="x")))
    [item] = listed(app, sign_in("town"))["items"]
    assert (item["by"], item["received_at"]) == ("不记名", day_began_ms(NOON))


@pytest.mark.parametrize("target", ["WOKER", "worker", ["WORKER"], {"WORKER": True}, None])
def test_an_opinion_that_may_be_about_a_worker_is_listed_by_nobody_below_the_county(
    app: FastAPI, phone: Phone, sign_in: SignIn, target: Any
) -> None:
    phone.sync(phone.change("opinion", "o1", opinion_fields(phone, words="从不上门") | {"target": target}))
    assert listed(app, sign_in("town"))["items"] == []
    assert [(i["what"], i["code"]) for i in listed(app, sign_in("county"))["items"]] == [
        ("意见建议", "bad_field")
    ]


def test_no_number_of_anybody_is_shown_wherever_it_was_written(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(phone.add_person("p1"))
    note = "2022-07-28 来过，女儿电话13900000000或139 0000 0001、139-0000-0002，证号 11010519491231002X，3 口"
    number = "6222000000000000000"
    phone.sync(phone.add_visit("v1", "p1", note=note, goods=f"卡号{number}", cash_fen=9_000_000, bank=number))
    (item,) = listed(app, sign_in("town"))["items"]
    said = dict(map(tuple, item["said"]))
    hidden = "（号码不显示）"
    assert {label: said[label] for label in ("备注", "慰问品", "另一项", "走访时间", "慰问金")} == {
        "备注": f"2022-07-28 来过，女儿电话{hidden}或{hidden}、{hidden}，证号 {hidden}，3 口",
        "慰问品": f"卡号{hidden}",
        "另一项": hidden,
        "走访时间": "2022-07-28 12:00",
        "慰问金": "90000.00 元",
    }


def test_a_value_without_words_is_said_to_be_such_among_the_others(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    person = phone.add_person("p1")
    odd = phone.add_visit("v1", "p1", note="##", cash_fen=10**400, at="9999-12-31T23:00:00-12:00")
    phone.post(phone.body(person, odd).replace(b"##", rb"\ud800"))
    (item,) = listed(app, sign_in("town"))["items"]
    said = dict(map(tuple, item["said"]))
    assert {label: said[label] for label in ("备注", "慰问金", "走访时间", "方式")} == {
        "备注": "其中有写不出来的内容",
        "慰问金": "其中有写不出来的内容",
        "走访时间": "9999-12-31T23:00:00-12:00",
        "方式": "上门",
    }


def test_released_it_counts_and_the_phone_hears_of_it(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    visit = too_much(phone)
    need = phone.change("need", "n1", need_fields(phone, "p1", "v1"))
    receipts = phone.sync(visit, need).receipts
    assert [r.code for r in receipts] == ["over_limit", "unknown_visit"]
    town = sign_in("town")
    assert contacts(engine) == 0
    response = decided(app, town, visit, "release", "镇里批的")
    assert (response.status_code, response.json()) == (
        200,
        {"status": "released", "version": 1, "message": "镇里批的"},
    )
    assert contacts(engine) == 1
    rows = phone.sync().rows
    assert (versions(rows), outcomes(rows)) == (
        {"v1": 1, "n1": 1},
        {2: ("released", 1), 3: ("released", 1)},
    )
    assert [(r.values["message"], r.values["by"]) for r in rows if r.record.endswith(":2")] == [
        ("镇里批的", "测试town")
    ]
    assert listed(app, town)["items"] == []
    assert decided(app, town, visit, "release").json()["version"] == 1  # once more changes nothing
    assert phone.sync().rows == []
    assert phone.sync(visit, need).receipts == receipts
    assert_right(engine)


def test_what_lay_outside_the_scope_is_taken_in_by_a_persons_decision(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    neighbour = sign_in("neighbour")
    neighbour.sync(neighbour.add_person("p1"))
    visit = phone.add_visit("v1", "p1")
    assert [r.code for r in phone.sync(visit).receipts] == ["outside_scope"]
    assert decided(app, sign_in("town"), visit, "release").status_code == 200
    assert versions(neighbour.sync().rows) == {"v1": 1}
    assert outcomes(phone.sync().rows) == {1: ("released", 1)}


BEYOND = "这个人不在您的管理范围内。请县里（市里）收下，或写明理由不收。"


@pytest.mark.parametrize("above", ["county", "city"])
def test_nobody_lets_count_what_is_said_of_people_beyond_his_own_scope(
    app: FastAPI, phone: Phone, sign_in: SignIn, everything: Everything, above: str
) -> None:
    county = sign_in("county")
    county.sync(county.add_person("p1", village=OTHER_TOWNSHIP))
    note = phone.change("person", "p1", {"note": "邻镇的"}, kind="patch", base=1)
    theft = phone.change("person", "p1", {"village": phone.organisation}, kind="patch", base=1)
    assert [r.code for r in phone.sync(note, theft).receipts] == ["outside_scope"] * 2
    town, upper = sign_in("town"), sign_in(above)
    before = everything()
    assert [item["can_release"] for item in listed(app, town)["items"]] == [False, False]
    assert "不在您的管理范围内" in listed(app, town)["items"][0]["hint"]
    assert [item["can_release"] for item in listed(app, upper)["items"]] == [True, True]
    assert everything() == before
    refused = {"code": "outside_scope", "sentence": BEYOND, "field": "action"}
    for patch in (note, theft):
        answer = decided(app, town, patch, "release")
        assert (answer.status_code, answer.json()) == (403, refused)
    assert everything() == before
    assert [decided(app, upper, patch, "release").status_code for patch in (note, theft)] == [200, 200]
    assert versions(county.sync().rows)["p1"] == 3


def test_a_visit_beyond_his_scope_a_reviewer_may_only_set_aside(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    county = sign_in("county")
    county.sync(county.add_person("p1", village=OTHER_TOWNSHIP))
    visit = phone.add_visit("v1", "p1")
    assert [r.code for r in phone.sync(visit).receipts] == ["outside_scope"]
    town = sign_in("town")
    assert decided(app, town, visit, "release").json()["sentence"] == BEYOND
    assert decided(app, town, visit, "set_aside", "邻镇会去").status_code == 200


def test_a_reviewer_moves_nobody_out_of_his_own_scope(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    move = phone.change("person", "p1", {"village": OTHER_TOWNSHIP}, kind="patch", base=1, actor="unknown")
    assert [r.code for r in phone.sync(move).receipts] == ["unknown_actor"]
    assert decided(app, sign_in("town"), move, "release").json()["sentence"] == BEYOND
    assert decided(app, sign_in("county"), move, "release").status_code == 200
    assert_right(engine)


def test_whom_the_device_rightly_held_a_reviewer_may_let_count_wherever_he_lives_now(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(phone.add_person("p1"))
    phone.sync()
    county = sign_in("county")
    county.sync(county.change("person", "p1", {"village": OTHER_TOWNSHIP}, kind="patch", base=1))
    visit = too_much(phone)
    assert [r.code for r in phone.sync(visit).receipts] == ["over_limit"]
    assert decided(app, sign_in("town"), visit, "release").status_code == 200


def test_a_release_waives_no_limit_for_what_waited_for_it(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    person = phone.change("person", "p1", {"name": "李四", "village": phone.organisation}, actor="unknown")
    visit = too_much(phone)
    assert [r.code for r in phone.sync(person, visit).receipts] == ["unknown_actor", "unknown_person"]
    town = sign_in("town")
    assert decided(app, town, person, "release").status_code == 200
    assert [(i["seq"], i["code"]) for i in listed(app, town)["items"]] == [(2, "over_limit")]


def test_set_aside_it_does_not_count_and_the_reason_goes_down(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    visit = too_much(phone)
    phone.sync(visit)
    town = sign_in("town")
    assert decided(app, town, visit, "set_aside").status_code == 422
    assert decided(app, town, visit, "set_aside", "没有批过").json()["status"] == "set_aside"
    (row,) = phone.sync().rows
    assert (row.values["status"], row.values["message"], contacts(engine)) == ("set_aside", "没有批过", 0)
    assert listed(app, town)["items"] == []


def test_who_changes_his_mind_may_still_take_it_in(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"))
    visit = too_much(phone)
    phone.sync(visit)
    town = sign_in("town")
    decided(app, town, visit, "set_aside", "再查")
    phone.sync()
    assert decided(app, town, visit, "release").status_code == 200
    rows = phone.sync().rows
    assert [(r.record, r.version) for r in rows] == [("v1", 1), (f"{phone.device}:2", 2)]
    answer = decided(app, town, visit, "set_aside", "又不收")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")


def test_what_was_mended_meanwhile_is_not_decided_again(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.add_person("p1"))
    visit = too_much(phone)
    phone.sync(visit)
    phone.sync(mended(phone.add_visit("v1", "p1"), visit.seq))
    town = sign_in("town")
    assert listed(app, town)["items"] == []
    assert decided(app, town, visit, "release").status_code == 409


def test_what_no_record_can_hold_is_not_released(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    person = phone.add_person("p1", born="昨天")
    phone.sync(person)
    answer = decided(app, sign_in("town"), person, "release")
    assert (answer.status_code, answer.json()["sentence"]) == (
        422,
        "这一条不能直接收下：“出生”一项填得不对。请让填写人改好再传，或不收。",
    )
    assert phone.sync().rows == []


def test_what_the_database_still_refuses_stays_with_one_sentence_and_counts_once_it_can(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    with engine.begin() as connection:  # a rule that the code does not know of
        connection.exec_driver_sql("CREATE UNIQUE INDEX worn_out ON visit_facts (person)")
    person, first, visit = phone.add_person("p1"), phone.add_visit("v1", "p1"), phone.add_visit("v2", "p1")
    receipts = phone.sync(person, first, visit).receipts
    assert [r.code for r in receipts] == [None, None, "server_fault"]
    town = sign_in("town")
    answer = decided(app, town, visit, "release")
    said = "服务器处理这一条时又出错了，内容已原样保留，还在这里。请告诉管理员，不用让填写人重填。"
    assert (answer.status_code, answer.json()["sentence"]) == (422, said)
    assert [i["code"] for i in listed(app, town)["items"]] == ["server_fault"]
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX worn_out")
    assert decided(app, town, visit, "release").status_code == 200
    assert listed(app, town)["items"] == []


def test_a_fault_of_what_waited_for_a_record_does_not_hold_the_record_back(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE UNIQUE INDEX worn_out ON visit_facts (organisation)")
    person = phone.change("person", "p1", {"name": "李四", "village": phone.organisation}, actor="unknown")
    first, second = phone.add_visit("v1", "p1"), phone.add_visit("v2", "p1")
    phone.sync(person, first, second)
    town = sign_in("town")
    assert decided(app, town, person, "release").status_code == 200
    waiting = [(i["seq"], i["code"]) for i in listed(app, town)["items"]]
    assert waiting == [(first.seq, "unknown_person"), (second.seq, "unknown_person")]


@pytest.mark.parametrize("login", ["other-county", "stranger", "village", "unit"])
def test_nobody_decides_beside_his_own_part_of_the_tree(
    app: FastAPI, phone: Phone, sign_in: SignIn, login: str
) -> None:
    phone.sync(phone.add_person("p1"))
    visit = too_much(phone)
    phone.sync(visit)
    answer = decided(app, sign_in(login), visit, "release")
    assert answer.status_code == (404 if login == "other-county" else 403)
    assert phone.sync().rows == []


def test_a_long_list_comes_by_pages_without_a_gap(app: FastAPI, phone: Phone, sign_in: SignIn) -> None:
    phone.sync(*(phone.add_person(f"p{n}", born="?") for n in range(120)))
    town, cursor, seqs = sign_in("town"), "0", []
    while cursor is not None:
        page = listed(app, town, cursor)
        seqs.append([item["seq"] for item in page["items"]])
        cursor = page["cursor"]
    assert [len(part) for part in seqs] == [50, 50, 20]
    assert [seq for part in seqs for seq in part] == list(range(1, 121))


def test_a_line_that_is_no_change_is_listed_and_can_only_be_set_aside(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    change = phone.add_person("p1")
    phone.post(phone.body(change).replace(b'"entity":"person"', b'"entity":7'))
    town = sign_in("town")
    (item,) = listed(app, town)["items"]
    assert (item["what"], item["code"], item["said"]) == ("其他记录", "unreadable", [])
    assert decided(app, town, change, "release").status_code == 422
    assert decided(app, town, change, "set_aside", "读不懂").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/review/d/1", {"action": "delete"}, "action"),
        ("/v1/review/d/1", {}, "action"),
        ("/v1/review/d/x", {"action": "release"}, "seq"),
        ("/v1/review/d/1", {"action": "set_aside", "reason": "x" * 201}, "reason"),
    ],
)
def test_a_decision_that_is_none_is_one_sentence(
    app: FastAPI, sign_in: SignIn, path: str, body: dict[str, str], field: str
) -> None:
    answer = ask(app, "POST", path, json=body, headers={"Authorization": f"Bearer {sign_in('town').token}"})
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_every_reason_has_words_for_the_reviewer() -> None:
    assert SENTENCES.keys() - WHY.keys() == {"seq_reused"}  # which is not kept


def test_released_later_it_claims_to_have_seen_nothing_of_what_came_after_a_restore(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    colleague = sign_in("colleague")
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    phone.sync()
    epoch, _, *others = (phone.cursor or "").split(".")
    phone.cursor = ".".join((epoch, "99", *others))  # numbers and versions 2 and 3 that the backup lacks
    with writing(engine) as connection:
        begin_epoch(connection)
    amended = phone.change("visit", "v1", {"note": "旧的", "cash_fen": 9_000_000}, kind="patch", base=3)
    theirs = [
        colleague.change("visit", "v1", {"note": "新的"}, kind="patch", base=1),
        colleague.change("visit", "v1", {"booklets": 2}, kind="patch", base=2),
    ]
    assert [r.code for r in phone.sync(amended).receipts] == ["over_limit"]
    assert [r.status for r in colleague.sync(*theirs).receipts] == ["accepted"] * 2
    assert decided(app, sign_in("town"), amended, "release").json()["version"] == 4
    (head,) = [row for row in colleague.sync().rows if row.record == "v1"]
    assert {value for _, value in head.marks["note"]} == {"旧的", "新的"}


def test_released_later_it_still_supersedes_what_its_phone_had_seen(
    app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    colleague = sign_in("colleague")
    phone.sync(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    colleague.sync(colleague.change("visit", "v1", {"note": "先写的"}, kind="patch", base=1))
    phone.sync()
    amended = phone.change("visit", "v1", {"note": "看过再写的", "cash_fen": 9_000_000}, kind="patch", base=2)
    phone.sync(amended)
    decided(app, sign_in("town"), amended, "release")
    (head,) = [row for row in colleague.sync().rows if row.record == "v1"]
    assert [value for _, value in head.marks["note"]] == ["看过再写的"]
