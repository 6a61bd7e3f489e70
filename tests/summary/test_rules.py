"""The rules of domain.md section 4, one at a time, on records written out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.metrics import Number
from app.domain.models import Need, Person, RecordModel, Visit
from sync_server.db.engine import reading, writing
from sync_server.summary.cells import Table, count_cells
from tests.postgres import Database
from tests.summary.city import City, campaign, store, tree

V1, V2, OTHER_TOWN, OTHER_COUNTY = "331121201201", "331121201202", "331121202201", "331122201201"
TOWN, COUNTY, CITY = "331121201", "331121", "3311"
NUMBER = "11010519491231002X"
NOON = datetime(2022, 7, 28, 4, tzinfo=UTC)


def person(record: str, village: str = V1, **fields: Any) -> Person:
    return Person(id=record, name="张三", village=village, **fields)


def visit(record: str, of: str, **fields: Any) -> Visit:
    said = {"method": "HOME", "result": "MET_SELF", "performer": "worker-1", **fields}
    return Visit(
        id=record, campaign="lishui-2022", person=of, organisation=TOWN, at=NOON, saved_at=NOON, **said
    )


def need(record: str, of: str, state: str) -> Need:
    return Need(
        id=record,
        campaign="lishui-2022",
        person=of,
        organisation=TOWN,
        type="HOUSING",
        severity="2",
        state=state,
        found_at=NOON,
    )


@pytest.fixture
def counted(tmp_path: Path, database: Database) -> Callable[..., Table]:
    """Store records, count an organisation; a second call writes over what the first one stored."""
    city = City(tree())
    engine = city.stored(database.fresh(tmp_path))

    def count(org: str, *records: RecordModel) -> Table:
        with writing(engine) as connection:
            store(connection, city, records)
        with reading(engine) as connection:
            return count_cells(connection, campaign(), org)

    return count


Counted = Callable[..., Table]


def total(table: Table, *columns: str) -> tuple[Number, ...]:
    return tuple(table.total.cells[c] for c in columns)


def test_a_person_seen_by_employer_and_village_counts_once_for_the_city(counted: Counted) -> None:
    table = counted(
        CITY,
        person("a", id_number=NUMBER, unit="3311U01"),
        visit("v1", "a", performer="liaison"),
        visit("v2", "a", performer="village"),
    )
    lines = {row.org: (row.cells["A2"], row.cells["C1"], row.cells["C3"]) for row in table.rows}
    assert lines == {
        "331121": (1, 1, 2),
        "331122": (0, 0, 0),
        "3311U01": (1, 1, 2),
        "3311U02": (0, 0, 0),
        "3311": (1, 1, 2),
    }
    assert (table.adjustment["A2"], table.adjustment["C1"]) == (1, 1)


def test_a_person_listed_by_two_townships_counts_in_each_and_once_in_the_county(counted: Counted) -> None:
    table = counted(
        COUNTY,
        person("a", V1, id_number=NUMBER),
        person("b", OTHER_TOWN, id_number=NUMBER),
        visit("v", "b"),
    )
    assert [(row.cells["A2"], row.cells["C1"]) for row in table.rows] == [(1, 0), (1, 1), (1, 1)]
    assert (table.adjustment["A2"], table.adjustment["C1"]) == (1, 0)


def test_visits_to_a_second_listing_count_for_the_first_in_its_place(counted: Counted) -> None:
    table = counted(TOWN, person("a", V1), person("b", V2, duplicate_of="a"), visit("v", "b"))
    assert [(row.cells["A2"], row.cells["C1"], row.cells["C3"]) for row in table.rows] == [
        (1, 1, 1),
        (0, 0, 0),
        (1, 1, 1),
    ]


def test_a_second_listing_elsewhere_still_brings_its_visits_home(counted: Counted) -> None:
    table = counted(V1, person("a", V1), person("b", OTHER_COUNTY, duplicate_of="a"), visit("v", "b"))
    assert total(table, "A2", "C1", "C3") == (1, 1, 1)


def test_a_voided_person_counts_neither_as_person_nor_as_visited(counted: Counted) -> None:
    assert total(counted(TOWN, person("a", voided=True), visit("v", "a")), "A2", "C1", "C3", "E1") == (
        0,
        0,
        0,
        0,
    )


def test_taking_a_visit_back_takes_the_death_back_that_it_found(counted: Counted) -> None:
    found = visit("v", "a", result="DECEASED")
    aged = person("a", born="1930-01-01", living=("ORPHAN",))
    assert total(counted(TOWN, aged, found), "A2", "D4a", "D3a", "C1") == (0, 0, 0, 0)
    undone = found.model_copy(update={"voided": True})
    assert total(counted(TOWN, undone), "A2", "D4a", "D3a", "C1") == (1, 1, 1, 0)


def test_one_who_died_after_a_visit_stays_visited_and_leaves_the_roster(counted: Counted) -> None:
    table = counted(TOWN, person("a", born="1930-01-01", deceased=True), visit("v", "a"), person("b"))
    assert total(table, "A2", "C1", "C2", "C3", "D4a", "D4b") == (1, 1, 100.0, 1, 0, 0)


def test_coverage_of_nobody_has_no_answer(counted: Counted) -> None:
    assert total(counted(TOWN), "A2", "C1", "C2", "E1") == (0, 0, None, 0)


def test_a_message_only_sent_counts_in_its_own_column(counted: Counted) -> None:
    sent = visit("v", "a", method="WECHAT", result="SENT", checklist=("GREETINGS", "POLICY_BRIEFING"))
    table = counted(TOWN, person("a", away="OUT_OF_CITY"), sent)
    assert total(table, "C1", "C3", "C9", "C10", "C11", "G1") == (0, 0, 1, 0, 0, 0)


def test_an_answered_message_counts_as_contact_too(counted: Counted) -> None:
    reached = visit("v", "a", method="SMS", result="MET_FAMILY")
    table = counted(TOWN, person("a", away="ABROAD"), reached)
    assert total(table, "C1", "C3", "C10", "C11") == (1, 1, 1, 1)


def test_nobody_met_is_no_contact_but_what_was_left_there_counts(counted: Counted) -> None:
    left = visit(
        "v", "a", result="NOT_MET", letters=1, booklets=2, cash_fen=10001, checklist=("LAW_DELIVERY",)
    )
    table = counted(TOWN, person("a"), left)
    assert total(table, "C1", "C3", "C5", "E1", "E3", "G2a", "G2b", "K1") == (0, 0, 0, 100.01, 1, 0, 2, 1)


def test_households_count_once_however_many_live_there(counted: Counted) -> None:
    table = counted(
        TOWN,
        person("a", household="h"),
        person("b", V2, household="h"),
        person("c", V2),
        *(visit(f"v-{p}", p, checklist=("LAW_DELIVERY",)) for p in "abc"),
        visit("again", "a"),
    )
    assert total(table, "C4", "C5", "G2a") == (2, 4, 2)
    assert table.adjustment["C4"] == 1


def test_priority_groups_overlap_and_their_union_does_not(counted: Counted) -> None:
    poor = person("a", born="1930-01-01", living=("DIBAO",), employment="LAID_OFF", merit="SECOND")
    table = counted(TOWN, poor, person("b", honours=("MODEL_VETERAN",)), visit("v", "a"))
    assert total(table, "D1a", "D2a", "D4a", "D5a", "D5b", "D6a", "D6b", "D8b") == (1, 1, 1, 1, 1, 1, 0, 1)


def test_needs_stand_by_state_and_the_untrue_ones_not_at_all(counted: Counted) -> None:
    states = ("FOUND", "RETURNED", "IN_PROGRESS", "CLOSED", "FOLLOWED_UP", "NOT_CONFIRMED")
    table = counted(TOWN, person("a"), *(need(f"n-{s}", "a", s) for s in states))
    assert total(table, "F1", "F2", "F3") == (5, 2, 3)


def test_classes_add_up_to_all_the_living(counted: Counted) -> None:
    table = counted(
        TOWN,
        person("a", categories=("VETERAN", "MARTYR_SURVIVOR")),
        person("b", categories=("MARTYR_SURVIVOR",)),
        person("c", categories=("ACTIVE_FAMILY",)),
        person("d"),
        person("e", V2, id_number=NUMBER, categories=("ACTIVE_FAMILY",)),
        person("f", id_number=NUMBER, categories=("VETERAN",)),
    )
    assert total(table, "A2", "A3", "A4", "A5", "A6") == (5, 2, 1, 1, 1)


def test_money_is_exact_to_the_fen(counted: Counted) -> None:
    table = counted(TOWN, person("a"), *(visit(f"v{i}", "a", cash_fen=10) for i in range(3)))
    assert total(table, "E1") == (0.3,)


def test_projecting_again_changes_nothing_and_a_move_takes_the_visits_along(counted: Counted) -> None:
    both = (person("a", V1), visit("v", "a"))
    first = counted(TOWN, *both)
    assert counted(TOWN, *both).rows == first.rows
    moved = counted(TOWN, person("a", V2))
    assert [row.cells["C3"] for row in moved.rows] == [0, 1, 1]
