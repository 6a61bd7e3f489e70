"""What is found out beside visits: taken in, kept where it belongs, sent on to whom it concerns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from app.domain.change import Change
from app.domain.digest import Digest, bucket_of
from app.domain.merge import Candidate, Mark
from app.domain.stamp import hlc_of
from app.domain.unsigned import day_began_ms
from app.domain.wire import Answer, head_from_json
from sync_server.db import tables
from sync_server.db.engine import reading
from sync_server.records.campaigns import campaign
from sync_server.records.digests import digest_of_scope, rows_in_buckets
from sync_server.records.scope import Scope
from sync_server.summary.csv_files import write_csv_files
from sync_server.summary.places import place
from tests.fakes import NOON
from tests.server.fact_fields import (
    AT,
    activity_fields,
    confirmation_fields,
    made_by,
    opinion_fields,
    photo_fields,
    step_fields,
)
from tests.server.phones import Phone, need_fields, visit_fields
from tests.summary.test_csv_files import lines_of

SignIn = Callable[[str], Phone]
VILLAGE = "3311/331121/331121209/331121209200"
THERE = "3311/331121/331121209/331121209202"
COUNTY = "3311/331121"


def everything_of(phone: Phone) -> list[Change]:
    """A visit with all that it can find out, and a symposium with a photo and an opinion."""
    about = {"person": "p1", "visit": "v1"}
    return [
        phone.add_person("p1"),
        phone.add_visit("v1", "p1"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
        phone.change("need_step", "s1", step_fields(phone, "p1", "n1", "REPORTED")),
        phone.change("opinion", "o1", opinion_fields(phone, words="多开座谈会", **about)),
        phone.change("confirmation", "c1", confirmation_fields(phone, "p1", visit="v1")),
        phone.change("card_step", "k1", {**made_by(phone), **about, "state": "APPLIED"}),
        phone.change("file_step", "f1", {**made_by(phone), **about, "state": "FILED"}),
        phone.change(
            "exemplary",
            "x1",
            {**made_by(phone), **about, "kind": "VETERAN", "deeds": "修桥", "level": "CITY"},
        ),
        phone.change("photo", "h1", photo_fields(phone, **about)),
        phone.change("activity", "a1", activity_fields(phone, **{"people/p1": True})),
        phone.change("photo", "h2", photo_fields(phone, activity="a1")),
        phone.change("opinion", "o2", opinion_fields(phone, anonymous=True, words="多走访")),
    ]


def places(engine: Engine) -> dict[str, tuple[str, str]]:
    """Record -> its place and whom it is about."""
    with engine.connect() as connection:
        found = connection.execute(select(tables.heads.c.record, tables.heads.c.path, tables.heads.c.person))
        return {row.record: (row.path, row.person) for row in found}


def records(answer: Answer) -> set[str]:
    return {row.record for row in answer.rows}


ABOUT_HIM = {"v1", "n1", "s1", "o1", "c1", "k1", "f1", "x1", "h1"}
OF_THE_STATION = {"a1", "h2", "o2"}


def test_all_that_a_visit_finds_out_lies_where_its_person_does_and_the_rest_at_the_station(
    phone: Phone, engine: Engine
) -> None:
    answer = phone.sync(*everything_of(phone))
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 1)] * 13
    expected = dict.fromkeys({"p1"} | ABOUT_HIM, (VILLAGE, "p1")) | dict.fromkeys(
        OF_THE_STATION, (VILLAGE, "")
    )
    assert places(engine) == expected


def test_every_fact_is_fed_to_the_scopes_that_hold_it_and_is_in_their_digest(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(*everything_of(phone))
    fed = {login: records(sign_in(login).sync()) for login in ("colleague", "town", "county", "neighbour")}
    whole = {"p1"} | ABOUT_HIM | OF_THE_STATION
    assert fed == {"colleague": whole, "town": whole, "county": whole, "neighbour": set()}
    with reading(engine) as connection:
        here: Digest = digest_of_scope(connection, Scope((VILLAGE,)))
    assert {entity: total[0] for entity, total in here.items()} == {
        "person": 1, "visit": 1, "need": 1, "need_step": 1, "opinion": 2, "confirmation": 1, "card_step": 1,
        "file_step": 1, "exemplary": 1, "photo": 2, "activity": 1,
    }  # fmt: skip


def test_who_moves_takes_all_that_is_about_him_along_and_leaves_what_is_the_stations(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(*everything_of(phone))
    town = sign_in("town")
    moved = town.change("person", "p1", {"village": "331121209202"}, kind="patch", base=1)
    town.sync(moved)
    expected = dict.fromkeys({"p1"} | ABOUT_HIM, (THERE, "p1")) | dict.fromkeys(OF_THE_STATION, (VILLAGE, ""))
    assert places(engine) == expected
    assert records(sign_in("neighbour").sync()) == {"p1"} | ABOUT_HIM


def test_a_fact_is_amended_and_taken_back_like_a_visit(phone: Phone) -> None:
    phone.sync(*everything_of(phone))
    answer = phone.sync(
        phone.change("activity", "a1", {"attendance/FAMILY": 3}, kind="patch", base=1),
        phone.change("need_step", "s1", {"words": "已报乡站"}, kind="patch", base=1),
        phone.change("photo", "h2", {}, kind="void", base=1),
    )
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 2)] * 3


def test_what_names_a_need_or_an_activity_waits_until_that_has_come(phone: Phone, engine: Engine) -> None:
    phone.sync(phone.add_person("p1"))
    answer = phone.sync(
        phone.change("need_step", "s1", step_fields(phone, "p1", "n1", "REPORTED")),
        phone.change("photo", "h2", photo_fields(phone, activity="a1")),
    )
    assert [(r.status, r.code) for r in answer.receipts] == [
        ("quarantined", "unknown_need"),
        ("quarantined", "unknown_activity"),
    ]
    phone.sync(
        phone.change("need", "n1", need_fields(phone, "p1")),
        phone.change("activity", "a1", activity_fields(phone)),
    )
    assert {"s1", "h2"} <= places(engine).keys()


def test_steps_that_two_stations_took_without_knowing_of_each_other_both_stay(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"), phone.change("need", "n1", need_fields(phone, "p1")))
    town = sign_in("town")
    [first] = phone.sync(
        phone.change("need_step", "s1", step_fields(phone, "p1", "n1", "CLOSED", outcome="SOLVED"))
    ).receipts
    [second] = town.sync(town.change("need_step", "s2", step_fields(town, "p1", "n1", "RETURNED"))).receipts
    assert [(r.status, r.code) for r in (first, second)] == [("accepted", None)] * 2
    assert places(engine).keys() == {"p1", "n1", "s1", "s2"}


def test_an_anonymous_opinion_goes_out_without_its_writer_number_or_hour_and_is_taken_back(
    phone: Phone, sign_in: SignIn, engine: Engine, tmp_path: Path
) -> None:
    phone.sync(
        phone.add_person("p1"),
        phone.add_visit("v1", "p1"),
        phone.change("opinion", "o1", opinion_fields(phone, anonymous=True, words="多走访")),
        phone.add_visit("v2", "p1"),
    )
    colleague = sign_in("colleague")
    rows = colleague.sync().rows
    untold = Mark(1, hlc_of(day_began_ms(NOON)), "", 0, "")
    assert [row.record for row in rows] == ["p1", "v1", "v2", "o1"]
    assert rows[-1].first == untold
    with engine.connect() as connection:
        bucket = {"opinion": [bucket_of("o1")]}
        [text] = rows_in_buckets(connection, Scope((VILLAGE,)), bucket)
        assert head_from_json(json.loads(text)) == rows[-1]
        out = tmp_path / "out"
        write_csv_files(
            connection, campaign(connection, "lishui-2022"), place(connection, VILLAGE[-12:]), out
        )
    [finding] = [one for one in lines_of(out / "findings.csv") if one["record"] == "o1"]
    *others, said = lines_of(out / "changes.csv")
    assert (finding["person"], finding["feed_no"], finding["day"]) == ("", "", "2022-07-28")
    hidden = ("feed_no", "device", "seq", "hlc", "effective", "actor", "ref")
    assert ({one["record"] for one in others}, said["record"]) == ({"p1", "v1", "v2"}, "o1")
    assert ([said[name] for name in hidden], said["received_at"]) == ([""] * 7, "2022-07-28")

    named = phone.change("opinion", "o1", {"anonymous": False}, kind="patch", base=1)
    answer = phone.sync(named, phone.change("opinion", "o1", {}, kind="void", base=1))
    assert [(r.status, r.field) for r in answer.receipts] == [
        ("quarantined", "anonymous"),
        ("accepted", None),
    ]
    [row] = colleague.sync().rows
    assert (row.is_voided, row.first) == (True, untold)
    assert row.marks == {"voided": (Candidate(untold._replace(version=2), True),)}


SEALED = {"sealed": "c2VhbGVk", "anonymous": True}


def test_an_opinion_about_a_worker_is_the_countys_and_no_stations(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    said = phone.change("opinion", "o1", opinion_fields(phone, "WORKER", **SEALED))
    answer = phone.sync(said)
    assert [(r.status, r.version) for r in answer.receipts] == [("accepted", 1)]
    assert places(engine) == {"o1": (COUNTY, "")}
    fed = {login: records(sign_in(login).sync()) for login in ("village", "colleague", "town", "county")}
    assert fed == {"village": set(), "colleague": set(), "town": set(), "county": {"o1"}}


def test_one_that_names_its_person_stays_with_the_county_when_he_moves(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(
        phone.add_person("p1"),
        phone.change("opinion", "o1", opinion_fields(phone, "WORKER", sealed="c2VhbGVk", person="p1")),
    )
    town = sign_in("town")
    town.sync(town.change("person", "p1", {"village": "331121209202"}, kind="patch", base=1))
    assert places(engine) == {"p1": (THERE, "p1"), "o1": (COUNTY, "")}


def test_its_author_takes_it_back_and_a_colleague_does_not(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.change("opinion", "o1", opinion_fields(phone, "WORKER", **SEALED)))
    colleague = sign_in("colleague")
    [refused] = colleague.sync(colleague.change("opinion", "o1", {}, kind="void", base=1)).receipts
    [taken] = phone.sync(phone.change("opinion", "o1", {}, kind="void", base=1)).receipts
    assert [(r.status, r.code) for r in (refused, taken)] == [
        ("quarantined", "outside_scope"),
        ("accepted", None),
    ]


@pytest.mark.parametrize(("was", "becomes"), [("WORK", "WORKER"), ("WORKER", "WORK")])
def test_an_opinion_does_not_change_between_the_county_and_the_station(
    phone: Phone, was: str, becomes: str
) -> None:
    phone.sync(phone.change("opinion", "o1", opinion_fields(phone, was)))
    [receipt] = phone.sync(phone.change("opinion", "o1", {"target": becomes}, kind="patch", base=1)).receipts
    assert (receipt.status, receipt.code, receipt.field) == ("quarantined", "bad_field", "target")


def test_words_about_a_worker_that_were_not_sealed_lie_with_the_county_and_before_no_reviewer(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    answer = phone.sync(
        phone.change("opinion", "o1", opinion_fields(phone, "WORKER", words="从不上门")),
        phone.change("opinion", "o2", opinion_fields(phone, "WORKER", words="从不上门", campaign="x")),
    )
    assert [r.status for r in answer.receipts] == ["accepted", "quarantined"]
    assert places(engine) == {"o1": (COUNTY, "")}
    with engine.connect() as connection:
        assert connection.execute(select(tables.quarantine.c.path)).scalars().all() == [COUNTY]


def test_a_units_opinion_about_a_worker_is_the_citys(sign_in: SignIn, engine: Engine) -> None:
    unit = sign_in("unit")
    unit.sync(unit.change("opinion", "o1", opinion_fields(unit, "WORKER", **SEALED)))
    assert places(engine) == {"o1": ("3311", "")}


def test_a_strangers_activity_cannot_be_amended(phone: Phone, sign_in: SignIn) -> None:
    phone.sync(phone.change("activity", "a1", activity_fields(phone)))
    stranger = sign_in("stranger")
    patch = {"organisation": stranger.organisation, "minutes": "无"}
    [receipt] = stranger.sync(stranger.change("activity", "a1", patch, kind="patch", base=1)).receipts
    assert (receipt.code, receipt.field) == ("outside_scope", "organisation")


AT_MIDNIGHT = {"at": AT.replace("28T12", "29T12")}
REFUSED = {
    "a step to nowhere": ("need_step", {"state": "LOST"}, "bad_field", "state"),
    "a closing without an outcome": ("need_step", {"state": "CLOSED"}, "bad_field", "outcome"),
    "an outcome that is not": ("need_step", {"state": "CLOSED", "outcome": "X"}, "bad_field", "outcome"),
    "aid that is not": ("need_step", {"assistance/GOLD": True}, "bad_field", "assistance"),
    "more aid than anybody gets": ("need_step", {"money_fen": 20_000_001}, "over_limit", "money_fen"),
    "a step of tomorrow": ("need_step", AT_MIDNIGHT, "future_time", "at"),
    "a step by nobody": ("need_step", {"performer": ""}, "bad_field", "performer"),
    "a step of another's need": ("need_step", {"need": "n2"}, "bad_field", "need"),
    "a step of a visit": ("need_step", {"need": "v1"}, "unknown_need", "need"),
    "an opinion of tomorrow": ("opinion", {"day": "2022-07-29"}, "future_time", "day"),
    "an opinion of nobody's time": ("opinion", {"day": "1999-12-31"}, "bad_field", "day"),
    "a first day of all": ("opinion", {"day": "0001-01-01"}, "bad_field", "day"),
    "deeds of next year": ("exemplary", {"year": 2023}, "future_time", "year"),
    "a death of tomorrow": ("visit", {"died_on": "2022-07-29"}, "future_time", "died_on"),
    "a death on no day": ("visit", {"died_on": "2022-02-30"}, "bad_field", "died_on"),
    "a death at some time": ("visit", {"died_on": "去年"}, "bad_field", "died_on"),
    "a target that is not": ("opinion", {"target": "WEATHER"}, "bad_field", "target"),
    "a name under what has none": ("opinion", {"anonymous": True, "person": "p1"}, "bad_field", "anonymous"),
    "a secret that is none": ("opinion", {"sealed": "c2VhbGVk"}, "bad_field", "sealed"),
    "a meeting that is not": ("activity", {"kind": "DANCE"}, "bad_field", "kind"),
    "guests that are not": ("activity", {"attendance/GHOST": 1}, "bad_field", "attendance"),
    "fewer guests than none": ("activity", {"attendance/FAMILY": -1}, "bad_field", "attendance"),
    "a confirmation by dream": ("confirmation", {"method": "DREAM"}, "bad_field", "method"),
    "a confirmation for another year": ("confirmation", {"year": 2023}, "bad_field", "year"),
    "a confirmation of nothing": ("confirmation", {"result": "MAYBE"}, "bad_field", "result"),
    "a photo of no place": ("photo", {"visit": None, "person": None}, "bad_field", "visit"),
    "a photo of a visit to nobody": ("photo", {"person": None}, "bad_field", "person"),
    "a photo of another's visit": ("photo", {"person": "p2"}, "bad_field", "visit"),
    "a photo without a name": ("photo", {"sha256": "AB" * 32}, "bad_field", "sha256"),
    "a photo of no format": ("photo", {"mime": ""}, "bad_field", "mime"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_set_aside_with_its_reason(phone: Phone, case: str) -> None:
    entity, fields, code, field = REFUSED[case]
    phone.sync(
        phone.add_person("p1"),
        phone.add_person("p2"),
        phone.add_visit("v1", "p1"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
        phone.change("need", "n2", need_fields(phone, "p2")),
    )
    usual = {
        "need_step": step_fields(phone, "p1", "n1", "REPORTED"),
        "opinion": opinion_fields(phone),
        "activity": activity_fields(phone),
        "confirmation": confirmation_fields(phone, "p1"),
        "photo": photo_fields(phone, visit="v1", person="p1"),
        "exemplary": {**made_by(phone), "person": "p1", "kind": "VETERAN", "deeds": "抗洪"},
        "visit": visit_fields(phone, "p1"),
    }
    [receipt] = phone.sync(phone.change(entity, "new", {**usual[entity], **fields})).receipts
    assert (receipt.status, receipt.code, receipt.field) == ("quarantined", code, field)
