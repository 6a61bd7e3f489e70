"""How a need goes on: steps in order, steps that do not fit, reminders in working days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.campaign import Campaign, read_campaign
from app.domain.codes import NeedState
from app.domain.facts import NeedStep
from app.domain.merge import Mark
from app.domain.models import Need
from app.domain.needs import (
    MOVES,
    Flaw,
    Level,
    Overdue,
    after_working_days,
    in_order,
    level_of,
    moves,
    overdue,
    standing,
)

FILE = Path(__file__).parents[2] / "assets" / "campaigns" / "lishui-2022.toml"
VILLAGE, TOWN, COUNTY = "331121209200", "331121209", "331121"
FRIDAY = datetime(2022, 7, 22, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def campaign() -> Campaign:
    return read_campaign(FILE.read_text(encoding="utf-8"), source=FILE.name)


def need(**more: Any) -> Need:
    said = {"campaign": "lishui-2022", "person": "p1", "organisation": VILLAGE, "type": "HOUSING"}
    return Need(id="n1", **{**said, "severity": "2", "found_at": FRIDAY, **more})


def step(name: str, state: str, organisation: str = VILLAGE, **more: Any) -> NeedStep:
    said = {"campaign": "lishui-2022", "need": "n1", "person": "p1", "performer": "a1", "at": FRIDAY}
    return NeedStep(id=name, state=state, organisation=organisation, **{**said, **more})


def test_a_need_is_where_its_latest_step_has_brought_it() -> None:
    found = standing(need(), [step("s1", "VERIFIED"), step("s2", "REPORTED")])
    assert (found.state, found.level, found.is_open, dict(found.flaws)) == (
        NeedState.REPORTED,
        Level.VILLAGE,
        True,
        {},
    )


def test_without_steps_it_is_as_it_was_found() -> None:
    found = standing(need(), [])
    assert (found.state, found.since, found.steps) == (NeedState.FOUND, FRIDAY, ())


def test_steps_count_by_stamp_then_device_then_number_of_their_making() -> None:
    one, two, three = step("one", "VERIFIED"), step("two", "REPORTED"), step("three", "ACCEPTED", TOWN)
    marked = [(Mark(1, 7, "b", 1, ""), three), (Mark(9, 7, "a", 2, ""), two), (Mark(1, 6, "z", 9, ""), one)]
    assert [s.id for s in in_order(marked)] == ["one", "two", "three"]


def test_two_steps_that_were_taken_at_once_both_stay_and_the_second_is_flagged() -> None:
    steps = [
        step("s1", "REPORTED"),
        step("s2", "RETURNED", TOWN),
        step("s3", "ACCEPTED", COUNTY),
    ]
    found = standing(need(), steps)
    assert (found.state, dict(found.flaws)) == (NeedState.ACCEPTED, {"s3": (Flaw.ORDER,)})


def test_a_step_of_another_level_is_flagged_and_counts() -> None:
    found = standing(need(), [step("s1", "VERIFIED"), step("s2", "CLOSED", outcome="SOLVED")])
    assert (found.state, dict(found.flaws), found.is_open) == (
        NeedState.CLOSED,
        {"s2": (Flaw.LEVEL,)},
        False,
    )


def test_a_closed_need_whose_person_is_not_content_can_be_opened_again() -> None:
    closed = [step("s1", "VERIFIED"), step("s2", "CLOSED", TOWN, outcome="PARTLY")]
    asked = [*closed, step("s3", "FOLLOWED_UP", satisfied=False)]
    assert standing(need(), asked).is_dissatisfied
    again = standing(need(), [*asked, step("s4", "IN_PROGRESS", TOWN)])
    assert (again.is_open, again.is_dissatisfied, dict(again.flaws)) == (True, False, {})


@pytest.mark.parametrize(
    ("state", "level", "expected"),
    [
        ("FOUND", Level.VILLAGE, ["VERIFIED", "REPORTED", "NOT_CONFIRMED"]),
        ("REPORTED", Level.VILLAGE, []),
        ("REPORTED", Level.TOWNSHIP, ["ACCEPTED", "RETURNED", "REPORTED", "NOT_CONFIRMED"]),
        ("ACCEPTED", Level.COUNTY, ["ASSIGNED", "IN_PROGRESS", "REPORTED", "CLOSED"]),
        ("ACCEPTED", Level.VILLAGE, []),
        ("CLOSED", Level.VILLAGE, ["FOLLOWED_UP"]),
        ("IN_PROGRESS", Level.UNIT, ["CLOSED", "REPORTED"]),
    ],
)
def test_each_level_is_offered_its_own_steps(state: str, level: Level, expected: list[str]) -> None:
    assert list(moves(state, level)) == expected


def test_from_every_state_somebody_can_go_on() -> None:
    assert set(MOVES) == set(NeedState)
    assert all(MOVES.values())


@pytest.mark.parametrize(
    ("code", "level"),
    [(VILLAGE, "VILLAGE"), (TOWN, "TOWNSHIP"), (COUNTY, "COUNTY"), ("3311", "CITY"), ("3311U01", "UNIT")],
)
def test_a_stations_code_tells_its_level(code: str, level: str) -> None:
    assert level_of(code) == level


def test_working_days_pass_over_weekends_and_holidays_and_count_worked_weekends(campaign: Campaign) -> None:
    friday = date(2022, 7, 22)
    assert after_working_days(friday, 1, campaign) == date(2022, 7, 25)
    shifted = campaign.model_copy(
        update={"holidays": (date(2022, 7, 25),), "extra_workdays": (date(2022, 7, 24),)}
    )
    assert [after_working_days(friday, n, shifted) for n in (1, 2)] == [date(2022, 7, 24), date(2022, 7, 26)]


def test_what_is_overdue_is_told_one_level_up(campaign: Campaign) -> None:
    found = standing(need(), [])
    assert overdue(found, campaign, date(2022, 7, 25)) is None
    assert overdue(found, campaign, date(2022, 7, 27)) == Overdue(
        date(2022, 7, 25), 2, Level.VILLAGE, Level.TOWNSHIP
    )


def test_the_clock_depends_on_who_took_the_last_step(campaign: Campaign) -> None:
    by_village = standing(need(), [step("s1", "REPORTED")])
    by_town = standing(need(), [step("s1", "REPORTED"), step("s2", "REPORTED", TOWN)])
    late = date(2022, 7, 29)
    assert overdue(by_village, campaign, late) == Overdue(date(2022, 7, 27), 2, Level.TOWNSHIP, Level.COUNTY)
    assert overdue(by_town, campaign, late) == Overdue(date(2022, 7, 26), 3, Level.COUNTY, Level.CITY)


def test_what_is_urgent_goes_by_days_of_the_calendar(campaign: Campaign) -> None:
    found = standing(need(severity="4"), [])
    assert overdue(found, campaign, date(2022, 7, 22)) is None
    assert overdue(found, campaign, date(2022, 7, 23)) == Overdue(
        date(2022, 7, 22), 1, Level.VILLAGE, Level.TOWNSHIP
    )


def test_a_campaign_without_clocks_reminds_of_nothing(campaign: Campaign) -> None:
    silent = campaign.model_copy(update={"clocks": ()})
    assert overdue(standing(need(), []), silent, date(2030, 1, 1)) is None
