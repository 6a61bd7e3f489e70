"""With rows that several have written the level of each author comes along, and nothing more of him."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI

from tests.server.phones import Phone, ask

SignIn = Callable[[str], Phone]
HERE = "331121209200"


def _disputed(phone: Phone, county: Phone) -> None:
    """A person of the village whose house the village and the county wrote differently."""
    phone.sync(phone.add_person("p1"))
    county.sync(county.change("person", "p1", {"house": "12号"}, kind="patch", base=1))
    phone.sync(phone.change("person", "p1", {"house": "老屋"}, kind="patch", base=1), keep_cursor=False)


def test_the_level_of_a_countys_account_comes_with_its_value(sign_in: SignIn) -> None:
    phone, county = sign_in("village"), sign_in("county")
    phone.protocol = 2
    _disputed(phone, county)
    assert phone.sync(cursor=None).end.levels == {county.account: "COUNTY"}
    county.protocol = 2
    assert county.sync(cursor=None).end.levels == {phone.account: "VILLAGE"}


def test_of_a_record_with_one_writer_nothing_is_told(sign_in: SignIn) -> None:
    phone, county = sign_in("village"), sign_in("county")
    county.sync(county.add_person("p1", village=HERE, note='"marks":{'))
    phone.protocol = 2
    answer = phone.sync(cursor=None)
    assert ([row.record for row in answer.rows], answer.end.levels) == (["p1"], {})


def test_a_phone_of_the_older_protocol_is_told_no_level(sign_in: SignIn) -> None:
    phone, county = sign_in("village"), sign_in("county")
    _disputed(phone, county)
    assert b"levels" not in phone.post(phone.body(cursor=None, protocol=1)).content


def test_rows_that_heal_come_with_the_levels_of_their_authors(app: FastAPI, sign_in: SignIn) -> None:
    phone, county = sign_in("village"), sign_in("county")
    _disputed(phone, county)
    question = {"device": phone.device, "cursor": phone.cursor, "want": {"person": list(range(64))}}
    headers = {"Authorization": phone.headers["Authorization"]}
    answer = ask(app, "POST", "/v1/digest", json=question, headers=headers).json()
    assert answer["levels"] == {county.account: "COUNTY"}
    question["want"] = {}
    assert "levels" not in ask(app, "POST", "/v1/digest", json=question, headers=headers).json()
