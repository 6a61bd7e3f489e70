"""Each reason for quarantine: its code, its field, a sentence that can be shown, and the bytes kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.domain.change import Change
from sync_server.db import tables
from sync_server.records.refusals import SENTENCES, refusal
from tests.fakes import NOON
from tests.server.phones import Phone, need_fields

Make = Callable[[Phone], Change]


def _visit(**fields: Any) -> Make:
    return lambda phone: phone.add_visit("v9", "p1", **fields)


def _person(**fields: Any) -> Make:
    return lambda phone: phone.add_person("p9", **fields)


def _need(**fields: Any) -> Make:
    return lambda phone: phone.change("need", "n9", {**need_fields(phone, "p1"), **fields})


def _any(*args: Any, **more: Any) -> Make:
    return lambda phone: phone.change(*args, **more)


CASES = {
    "an entity of tomorrow": (_any("drone", "d1", {}), "unknown_entity", None),
    "a patch of nothing": (_any("visit", "v9", {"note": "x"}, kind="patch"), "unknown_record", None),
    "a void of nothing": (_any("visit", "v9", {}, kind="void"), "unknown_record", None),
    "a visit under a person's id": (lambda p: p.add_visit("p1", "p1"), "record_in_use", None),
    "another's name under it": (_any("person", "p9", {"name": "x"}, actor="someone"), "unknown_actor", None),
    "a person without a name": (_person(name=None), "bad_field", "name"),
    "a name that is a number": (_person(name=7), "bad_field", "name"),
    "a person without a village": (_person(village=""), "bad_field", "village"),
    "a village that is not": (_person(village="331121209999"), "unknown_organisation", "village"),
    "a unit that is not": (_person(unit="U404"), "unknown_organisation", "unit"),
    "a stranger's village": (_person(village="331102001001"), "outside_scope", "village"),
    "a birthday that is no day": (_person(born="1950-02-30"), "bad_field", "born"),
    "a birthday that is no month": (_person(born="1950-13"), "bad_field", "born"),
    "a birthday to come": (_person(born="2022-07-29"), "bad_field", "born"),
    "a name of blanks": (_person(name=" "), "bad_field", "name"),
    "a birthday in words": (_person(born="昨天"), "bad_field", "born"),
    "a category that is not": (_person(**{"categories/HERO": True}), "bad_field", "categories"),
    "a merit that is not": (_person(merit="TENTH"), "bad_field", "merit"),
    "the reserved field": (_person(voided=True), "bad_field", "voided"),
    "a second id": (_person(id="p1"), "bad_field", "id"),
    "a set that is not by element": (_person(categories=["VETERAN"]), "bad_field", "categories"),
    "a set by name and by element": (_person(phones="1", **{"phones/2": "本人"}), "bad_field", "phones"),
    "an element of what is no set": (_person(**{"name/first": "x"}), "bad_field", "name"),
    "NUL in a value": (_person(note="a\0b"), "bad_field", "note"),
    "an endless name of a field": (_person(**{"x" * 97: 1}), "bad_field", "x" * 64),
    "too much text": (_person(note="长" * 30_000), "too_large", None),
    "a number beyond numbers": (_visit(letters=2**60), "bad_field", "letters"),
    "half a letter": (_visit(letters=0.5), "bad_field", "letters"),
    "negative money": (_visit(cash_fen=-1), "bad_field", "cash_fen"),
    "money above the limit": (_visit(cash_fen=200_001), "over_limit", "cash_fen"),
    "goods above the limit": (_visit(goods_fen=200_001), "over_limit", "goods_fen"),
    "another year's campaign": (_visit(campaign="lishui-1949"), "unknown_campaign", "campaign"),
    "a method that is not": (_visit(method="FAX"), "unknown_method", "method"),
    "a result that is not": (_visit(result="DANCED"), "unknown_result", "result"),
    "a result of another method": (_visit(result="SENT"), "unknown_result", "result"),
    "a tick that is not": (_visit(**{"checklist/DANCING": True}), "unknown_checklist", "checklist"),
    "a time without a zone": (_visit(at="2022-07-28T12:00:00"), "bad_field", "at"),
    "a visit of tomorrow": (_visit(at="2022-07-29T12:00:00+08:00"), "future_time", "at"),
    "a person who is not": (lambda p: p.add_visit("v9", "p404"), "unknown_person", "person"),
    "a visit of a visit": (lambda p: p.add_visit("v9", "v1"), "unknown_person", "person"),
    "a stranger's organisation": (_visit(organisation="331102001001"), "outside_scope", "organisation"),
    "an organisation that is not": (_visit(organisation="x"), "unknown_organisation", "organisation"),
    "an amount in quotes": (_visit(cash_fen="100"), "bad_field", "cash_fen"),
    "an amount with a point": (_visit(cash_fen=100.0), "bad_field", "cash_fen"),
    "a tick in words": (
        _visit(**{"checklist/POLICY_BRIEFING": "yes"}),
        "bad_field",
        "checklist/POLICY_BRIEFING",
    ),
    "a death in words": (_person(deceased="true"), "bad_field", "deceased"),
    "a death by number": (_person(deceased=1), "bad_field", "deceased"),
    "a category by number": (_person(**{"categories/VETERAN": 1}), "bad_field", "categories/VETERAN"),
    "a phone number of nobody": (_person(**{"phones/13900000000": True}), "bad_field", "phones/13900000000"),
    "a time in seconds": (_visit(at=1_658_980_800), "bad_field", "at"),
    "a time in seconds as text": (_visit(at="1658980800"), "bad_field", "at"),
    "a visit saved tomorrow": (_visit(saved_at="2022-07-29T12:00:00+08:00"), "future_time", "saved_at"),
    "a stranger as performer": (_visit(performer="somebody"), "unknown_performer", "performer"),
    "nobody as performer": (_visit(performer=""), "bad_field", "performer"),
    "a visit turned to another": (
        _any("visit", "v1", {"person": "p2"}, kind="patch", base=1),
        "bad_field",
        "person",
    ),
    "a hardship that is not": (_need(type="BOREDOM"), "bad_field", "type"),
    "a severity that is not": (_need(severity="9"), "bad_field", "severity"),
    "a hardship of no visit": (_need(visit="v404"), "unknown_visit", "visit"),
}


@pytest.mark.parametrize("case", CASES)
def test_is_set_aside_with_its_reason_and_its_bytes(phone: Phone, engine: Engine, case: str) -> None:
    make, code, field = CASES[case]
    phone.sync(phone.add_person("p1"), phone.add_person("p2"), phone.add_visit("v1", "p1"))
    change = make(phone)
    [receipt] = phone.sync(change).receipts
    assert (receipt.status, receipt.code, receipt.field) == ("quarantined", code, field)
    assert receipt.message is not None and receipt.message.endswith("。")
    with engine.connect() as connection:
        query = select(tables.changes.c.fields).where(tables.changes.c.seq == change.seq)
        assert json.loads(connection.execute(query).scalar_one()) == change.fields
        heads = connection.execute(select(tables.heads.c.record, tables.heads.c.version))
        assert sorted(map(tuple, heads)) == [("p1", 1), ("p2", 1), ("v1", 1)]


def test_what_an_older_phone_may_say_and_what_is_not_known_here_is_taken_as_it_is(phone: Phone) -> None:
    said = {
        "deceased": False,
        "born": None,
        "phones/13900000000": "本人",
        "categories/VETERAN": True,
        "living/DIBAO": False,
        "shoe_size": "forty",
        "badges": [1, {"gold": True}],
    }
    answer = phone.sync(phone.add_person("p1", **said))
    assert [r.status for r in answer.receipts] == ["accepted"]
    assert answer.rows[0].values == {"name": "李四", "village": phone.organisation, **said}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"cash_fen": 500_000},
            "慰问金 5000 元超过单次上限 2000 元，已原样保留。填错了请改正；没填错，请报乡站。",
        ),
        (
            {"goods_fen": 200_050},
            "慰问品折价 2000.50 元超过单次上限 2000 元，已原样保留。填错了请改正；没填错，请报乡站。",
        ),
        ({"letters": -1}, "“慰问信”一项填得不对，已原样保留。请改正后重新保存。"),
    ],
    ids=["cash", "goods", "another field"],
)
def test_refusal_names_the_field_the_amount_and_the_limit(
    phone: Phone, fields: dict[str, object], sentence: str
) -> None:
    phone.sync(phone.add_person("p1"))
    [receipt] = phone.sync(phone.add_visit("v1", "p1", **fields)).receipts
    assert receipt.message == sentence


def test_half_a_character_is_set_aside(phone: Phone) -> None:
    lines = phone.body(phone.add_person("p1")).split(b"\n")
    lines[1] = lines[1].replace("李四".encode(), b"\\ud800")
    response = phone.post(b"\n".join(lines))
    assert (response.status_code, b'"code":"bad_field"' in response.content) == (200, True)
    assert phone.post(b"\n".join(lines)).content == response.content


def test_a_number_that_is_none_is_set_aside(phone: Phone) -> None:
    lines = phone.body(phone.add_visit("v1", "p1")).split(b"\n")
    lines[1] = lines[1].replace(b'"HOME"', b"NaN")
    assert b'"code":"bad_field"' in phone.post(b"\n".join(lines)).content


def test_a_clock_a_day_ahead_does_not_make_todays_visit_tomorrows(phone: Phone) -> None:
    phone.sync(phone.add_person("p1"))
    day = 24 * 3600 * 1000
    visit = phone.change(
        "visit",
        "v1",
        {**phone.add_visit("v1", "p1").fields, "at": "2022-07-29T12:00:00+08:00"},
        at_ms=NOON + day,
    )
    visit = visit.model_copy(update={"seq": 2})
    assert phone.sync(visit, sent_at=NOON + day).receipts[0].status == "accepted"


def test_what_depends_on_a_change_set_aside_is_set_aside_too(phone: Phone) -> None:
    answer = phone.sync(
        phone.add_person("p1", born="?"),
        phone.add_visit("v1", "p1"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
    )
    assert [r.code for r in answer.receipts] == ["bad_field", "unknown_person", "unknown_person"]


def test_every_reason_has_a_case_or_a_test_of_its_own() -> None:
    of_their_own = {"unreadable", "seq_reused", "server_fault", "revoked", "unknown_need", "unknown_activity"}
    assert {code for _, code, _ in CASES.values()} | of_their_own == set(SENTENCES)


def test_every_reason_is_named_in_the_protocols_document() -> None:
    text = (Path(__file__).parents[2] / "docs" / "SYNC.md").read_text(encoding="utf-8")
    assert [code for code in SENTENCES if f"`{code}`" not in text] == []


def test_a_sentence_shows_at_most_a_few_characters_of_what_was_sent() -> None:
    told = refusal("unknown_method", field="method", value="F\nAX" + "x" * 100)
    assert told.message == f"活动里没有走访方式“F?AX{'x' * 20}”，已原样保留。请重新选择。"
