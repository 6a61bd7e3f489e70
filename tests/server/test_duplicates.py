"""A person entered twice: found, joined with every visit kept, and taken apart again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.domain.errors import BadInput, NotAllowed
from app.domain.metrics import count_cells as recount
from app.domain.models import Need, Person, Visit
from sync_server.db.engine import reading
from sync_server.records.accounts import Account, authenticate
from sync_server.records.campaigns import campaign
from sync_server.records.duplicates import Duplicates, duplicates_in, merge, take_apart, tell_apart
from sync_server.summary.cells import count_cells
from tests.fakes import NOON
from tests.server.phones import Phone, need_fields
from tests.server.test_digest import assert_right

SignIn = Callable[[str], Phone]
VILLAGE = "331121209200"
NUMBER = "11010519491231002X"


def account_of(engine: Engine, who: Phone) -> Account:
    account = authenticate(engine, who.token, now_ms=NOON).account
    assert account is not None
    return account


def found(engine: Engine, who: Phone, after: str = "") -> Duplicates:
    with reading(engine) as connection:
        return duplicates_in(connection, account_of(engine, who), after=after)


def pairs(engine: Engine, who: Phone) -> list[tuple[str, str, bool]]:
    return [(p.first.record, p.second.record, p.is_same_number) for p in found(engine, who).pairs]


def counted(engine: Engine, app: FastAPI, clerk: Phone) -> dict[str, object]:
    """The village's cells, which must be what a plain recount of the phone's rows gives."""
    with reading(engine) as connection:
        config = campaign(connection, "lishui-2022")
        cells = count_cells(connection, config, VILLAGE).total.cells
    rows = Phone.sign_in(app, clerk.clock, "village").sync().rows
    people = [Person.read(r.record, r.values) for r in rows if r.entity == "person"]
    visits = [Visit.read(r.record, r.values) for r in rows if r.entity == "visit"]
    needs = [Need.read(r.record, r.values) for r in rows if r.entity == "need"]
    assert cells == recount(config, people, visits, needs, within=lambda p: p.village == VILLAGE)
    return {name: cells[name] for name in ("A2", "C1", "C3", "F1")}


def test_the_same_number_or_village_name_and_birth_is_a_likely_duplicate(
    engine: Engine, phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(
        phone.add_person("a", name="张三", born="1949-12-31"),
        phone.add_person("b", name="张三", born="1949"),
        phone.add_person("c", name="张三", born="1950-01-01"),
        phone.add_person("d", name="王五", id_number=NUMBER),
        phone.add_person("e", name="王伍", id_number=NUMBER.lower()),
        phone.add_person("f", name="赵六"),
        phone.add_person("g", name="赵六", duplicate_of="f"),
    )
    neighbour = sign_in("neighbour")
    neighbour.sync(neighbour.add_person("x", name="张三", born="1949-12-31"))
    assert pairs(engine, sign_in("town")) == [("a", "b", False), ("d", "e", True)]
    assert pairs(engine, sign_in("other-county")) == []
    first = found(engine, sign_in("town")).pairs[0].first
    assert (first.name, first.village, first.born, first.visits) == ("张**", "巨浦村村委会", "1949-12-31", 0)


def test_merged_he_counts_once_with_every_visit_and_apart_again_twice(
    engine: Engine, app: FastAPI, phone: Phone, sign_in: SignIn
) -> None:
    colleague, town = sign_in("colleague"), sign_in("town")
    phone.sync(phone.add_person("a"), phone.add_visit("va", "a"))
    colleague.sync(
        colleague.add_person("b"),
        colleague.add_visit("vb", "b"),
        colleague.change("need", "nb", need_fields(colleague, "b", "vb")),
    )
    reviewer = account_of(engine, town)
    assert counted(engine, app, phone) == {"A2": 2, "C1": 2, "C3": 2, "F1": 1}

    merge(engine, reviewer, "b", "a", version=1, now_ms=NOON)
    assert counted(engine, app, phone) == {"A2": 1, "C1": 1, "C3": 2, "F1": 1}
    (joined,) = found(engine, town).merged
    assert ([one.record for one in joined], pairs(engine, town)) == (["b", "a"], [])
    (head,) = [row for row in colleague.sync().rows if row.record == "b"]
    assert (head.version, head.values["merged_into"]) == (2, "a")

    colleague.sync(colleague.add_visit("vc", "b"))  # a phone that has not heard of it
    assert counted(engine, app, phone) == {"A2": 1, "C1": 1, "C3": 3, "F1": 1}

    take_apart(engine, reviewer, "b", version=2, now_ms=NOON)
    assert counted(engine, app, phone) == {"A2": 2, "C1": 2, "C3": 3, "F1": 1}
    assert (pairs(engine, town), found(engine, town).merged) == ([("a", "b", False)], [])
    merge(engine, reviewer, "b", "a", version=3, now_ms=NOON)  # the desk's numbers go on
    assert counted(engine, app, phone)["A2"] == 1
    assert_right(engine)


def test_nobody_is_joined_to_somebody_outside_the_reviewers_part(
    engine: Engine, phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(phone.add_person("a"))
    stranger = sign_in("stranger")
    stranger.sync(stranger.add_person("s"))
    town = account_of(engine, sign_in("town"))
    for record, into in (("a", "s"), ("s", "a"), ("a", "a"), ("a", "nobody")):
        with pytest.raises(BadInput):
            merge(engine, town, record, into, version=1, now_ms=NOON)
    with pytest.raises(NotAllowed):
        merge(engine, account_of(engine, phone), "a", "a", version=1, now_ms=NOON)
    assert phone.sync().rows == []


def test_two_who_are_not_one_leave_the_list_until_that_is_taken_back(
    engine: Engine, phone: Phone, sign_in: SignIn
) -> None:
    phone.sync(*(phone.add_person(record, id_number=NUMBER) for record in ("a", "b", "c")))
    town = account_of(engine, sign_in("town"))
    tell_apart(engine, town, "a", "b", version=1, now_ms=NOON)
    page = found(engine, sign_in("county"))  # for every reviewer
    assert [(p.first.record, p.second.record) for p in page.pairs] == [("a", "c"), ("b", "c")]
    assert [(one.record, other.record) for one, other in page.distinct] == [("a", "b")]
    (head,) = phone.sync().rows
    assert (head.record, head.values["distinct/b"]) == ("a", True)
    tell_apart(engine, town, "a", "b", version=2, now_ms=NOON, is_so=False)
    page = found(engine, sign_in("town"))
    assert (len(page.pairs), page.distinct) == (3, [])
    for other in ("a", "nobody"):
        with pytest.raises(BadInput):
            tell_apart(engine, town, "a", other, version=3, now_ms=NOON)
    assert_right(engine)


@pytest.mark.parametrize("version", [0, 2, 2**60])
def test_a_version_that_there_is_not_joins_nobody(
    engine: Engine, phone: Phone, sign_in: SignIn, version: int
) -> None:
    phone.sync(phone.add_person("a"), phone.add_person("b"))
    town = account_of(engine, sign_in("town"))
    for say in (
        lambda: merge(engine, town, "b", "a", version=version, now_ms=NOON),
        lambda: take_apart(engine, town, "b", version=version, now_ms=NOON),
    ):
        with pytest.raises(BadInput) as told:
            say()
        assert told.value.field == "version"
    assert phone.sync().rows == []


@pytest.mark.parametrize(
    ("into", "code"),
    [("a", "bad_field"), ("v", "unknown_person"), ("s", "outside_scope"), ("?", "unknown_person")],
)
def test_a_phone_cannot_say_it_of_people_whom_it_does_not_hold(
    phone: Phone, sign_in: SignIn, into: str, code: str
) -> None:
    stranger = sign_in("stranger")
    stranger.sync(stranger.add_person("s"))
    phone.sync(phone.add_person("a"), phone.add_visit("v", "a"))
    change = phone.change("person", "a", {"merged_into": into}, kind="patch", base=1)
    (receipt,) = phone.sync(change).receipts
    assert (receipt.code, receipt.field) == (code, "merged_into")


def test_many_likely_duplicates_come_by_pages(engine: Engine, phone: Phone, sign_in: SignIn) -> None:
    phone.sync(*(phone.add_person(f"{n:03}", name=f"张{n // 2}") for n in range(100)))
    town, after, sizes = sign_in("town"), "", []
    seen: list[str] = []
    while True:
        page = found(engine, town, after)
        sizes.append(len(page.pairs))
        seen += [pair.first.record for pair in page.pairs]
        if page.cursor is None:
            break
        after = page.cursor
    assert (sizes, seen) == ([20, 20, 10], [f"{n:03}" for n in range(0, 100, 2)])


def test_no_name_stands_among_the_facts(engine: Engine, phone: Phone) -> None:
    phone.sync(phone.add_person("a", name="张三"))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM person_facts").fetchall()
    assert "张" not in repr(rows)
