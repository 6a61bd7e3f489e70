"""What a device may no longer hold is named to it, once it lies behind its cursor (P11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, update

from app.domain.change import Change
from app.domain.wire import Answer
from sync_server.db import tables
from sync_server.db.engine import upsert, writing
from tests.fakes import FakeClock
from tests.server.phones import Phone, need_fields

SignIn = Callable[[str], Phone]
HERE, THERE = "331121209200", "331121209202"


def move(phone: Phone, record: str, village: str, **more: object) -> Change:
    """A person moves; the phone has seen whatever was before."""
    return phone.change("person", record, {"village": village, **more}, kind="patch", base=99)


def brought(answer: Answer) -> tuple[list[str], list[str], bool]:
    """The rows and the removals of an answer, and whether its feed began again."""
    return [row.record for row in answer.rows], [gone.record for gone in answer.gone], answer.end.restarted


@pytest.fixture
def new(sign_in: SignIn) -> Callable[[str], Phone]:
    """A phone that speaks protocol 2 and has all that there is for it."""

    def made(login: str) -> Phone:
        phone = sign_in(login)
        phone.protocol = 2
        phone.sync()
        return phone

    return made


def test_who_moves_away_is_gone_with_all_that_is_about_him(new: SignIn) -> None:
    village, town, neighbour = new("village"), new("town"), new("neighbour")
    village.sync(
        village.add_person("p1"),
        village.add_person("p2"),
        village.add_visit("v1", "p1"),
        village.change("need", "n1", need_fields(village, "p1", "v1")),
        village.add_visit("v2", "p2"),
    )
    town.sync()
    town_said = town.sync(move(town, "p1", THERE))
    assert brought(town_said) == (["p1", "n1", "v1"], [], False)
    answer = village.sync()
    assert [(g.entity, g.record) for g in answer.gone] == [("person", "p1"), ("need", "n1"), ("visit", "v1")]
    assert (answer.rows, answer.end.rows, answer.end.more) == ([], 3, False)
    assert brought(village.sync()) == ([], [], False)
    assert brought(neighbour.sync()) == (["p1", "n1", "v1"], [], False)


def test_who_comes_back_before_the_phone_asks_has_not_gone(new: SignIn) -> None:
    village, town = new("village"), new("town")
    village.sync(village.add_person("p1"))
    town.sync(move(town, "p1", THERE), move(town, "p1", HERE))
    assert brought(village.sync()) == (["p1"], [], False)
    town.clock.go_on(ms=1000)  # no two of its Changes have one stamp
    town.sync(move(town, "p1", THERE))
    town.sync(move(town, "p1", HERE))
    assert brought(village.sync()) == (["p1"], [], False)


def test_who_comes_back_after_the_phone_has_let_go_is_brought_again(new: SignIn) -> None:
    village, town = new("village"), new("town")
    village.sync(village.add_person("p1"), village.add_visit("v1", "p1"))
    town.sync(move(town, "p1", THERE))
    assert brought(village.sync()) == ([], ["p1", "v1"], False)
    town.sync(move(town, "p1", HERE))
    assert brought(village.sync()) == (["p1", "v1"], [], False)


def test_who_passes_through_a_village_within_one_batch_is_gone_for_the_phone_that_sent_it(
    new: SignIn,
) -> None:
    village = new("village")
    answer = village.sync(village.add_person("p1"), village.add_visit("v1", "p1"), move(village, "p1", THERE))
    assert [r.status for r in answer.receipts] == ["accepted"] * 3
    assert brought(answer) == ([], ["v1", "p1"], False)  # p1's own number is its last Change's


def test_a_unit_lets_go_of_whom_it_employs_no_longer_and_his_village_does_not(new: SignIn) -> None:
    village, unit = new("village"), new("unit")
    village.sync(village.add_person("p1", unit="3311U01"), village.add_visit("v1", "p1"))
    assert brought(unit.sync()) == (["p1", "v1"], [], False)
    village.sync(move(village, "p1", HERE, unit=None))
    assert brought(unit.sync()) == ([], ["p1", "v1"], False)
    assert brought(village.sync()) == ([], [], False)


def test_a_move_that_loses_to_a_later_one_takes_nobody_away(new: SignIn, clock: FakeClock) -> None:
    """Two moves, neither seen by the other: whoever shows him holds him, in whatever order they arrive."""
    village, town, neighbour = new("village"), new("town"), new("neighbour")
    village.sync(village.add_person("p1"), village.add_visit("v1", "p1"))
    earlier = village.change("person", "p1", {"village": "331121209203"}, kind="patch", base=1)
    clock.go_on(ms=1000)
    town.sync(town.change("person", "p1", {"village": THERE}, kind="patch", base=1))
    assert brought(neighbour.sync()) == (["p1", "v1"], [], False)
    answer = village.sync(earlier)
    assert [r.status for r in answer.receipts] == ["accepted_with_conflict"]
    assert brought(answer) == ([], ["p1", "v1"], False)
    answer = neighbour.sync()
    assert [(row.record, row.values["village"]) for row in answer.rows] == [("p1", THERE)]
    assert answer.gone == []


def test_removals_and_rows_come_in_pages_in_feed_order_and_none_is_left_out(
    new: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    village, town = new("village"), new("town")
    village.sync(*(village.add_person(f"p{i}") for i in range(5)))
    town.sync()
    for i in range(5):
        town.sync(move(town, f"p{i}", THERE), town.add_person(f"q{i}", village=HERE))
    monkeypatch.setattr("sync_server.api.sync.PAGE_ROWS", 3)
    pages = [village.sync() for _ in range(4)]
    assert [brought(page)[:2] for page in pages] == [
        (["q0"], ["p0", "p1"]),
        (["q1", "q2"], ["p2"]),
        (["q3"], ["p3", "p4"]),
        (["q4"], []),
    ]
    assert [page.end.more for page in pages] == [True, True, True, False]


def test_a_phone_of_protocol_1_is_told_neither_and_all_once_it_speaks_2(new: SignIn, sign_in: SignIn) -> None:
    old, town = sign_in("village"), new("town")
    old.sync(old.add_person("p1"), old.add_person("p2"))
    town.sync(move(town, "p1", THERE))
    assert brought(old.sync()) == ([], [], False)
    assert brought(old.sync(cursor="e0.1.x")) == (["p2"], [], False)
    assert brought(old.sync(protocol=2)) == (["p2"], ["p1"], True)
    assert brought(old.sync(protocol=2)) == ([], [], False)


def test_a_cursor_of_another_epoch_or_scope_restarts_and_the_next_page_goes_on(
    new: SignIn, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = new("village")
    village.sync(*(village.add_person(f"p{i}") for i in range(3)))
    monkeypatch.setattr("sync_server.api.sync.PAGE_ROWS", 2)
    with writing(engine) as connection:
        upsert(connection, tables.settings_kept, [{"name": "epoch", "value": "restored"}])
    assert brought(village.sync()) == (["p0", "p1"], [], True)
    assert brought(village.sync()) == (["p2"], [], False)
    with writing(engine) as connection:
        here = tables.accounts.c.id == village.account
        connection.execute(update(tables.accounts).where(here).values(organisation=THERE))
    assert brought(village.sync()) == ([], [], True)
    assert brought(village.sync()) == ([], [], False)


def test_a_first_sync_restarts_nothing(new: SignIn, sign_in: SignIn) -> None:
    village = new("village")
    village.sync(village.add_person("p1"))
    assert brought(sign_in("colleague").sync(protocol=2)) == (["p1"], [], False)


def test_a_cursor_beyond_the_feed_begins_again_instead_of_waiting_there(new: SignIn) -> None:
    """A backup was put back and nobody has said so: the numbers up to the cursor are given out anew."""
    village = new("village")
    village.sync(village.add_person("p1"))
    epoch, number, *rest = (village.cursor or "").split(".")
    village.cursor = ".".join([epoch, str(int(number) + 5), *rest])
    assert brought(village.sync()) == (["p1"], [], True)
    assert brought(village.sync(village.add_person("p2"))) == (["p2"], [], False)
