"""Ages on the reference date and membership in a campaign's groups."""

from __future__ import annotations

from datetime import date

import pytest

from app.domain.campaign import Group
from app.domain.groups import age_on, belongs
from app.domain.models import Person

DAY = date(2022, 8, 1)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        pytest.param("1942-08-01", DAY, 80, id="birthday on the day"),
        pytest.param("1942-08-02", DAY, 79, id="birthday a day later"),
        pytest.param("1940-02-29", date(2021, 2, 28), 80, id="leap day, last of February in a common year"),
        pytest.param("1940-02-29", date(2021, 3, 1), 81, id="leap day, first of March in a common year"),
        pytest.param("1940-02-29", date(2020, 2, 29), 80, id="leap day in a leap year"),
        pytest.param("1942", DAY, 79, id="year alone: only what is certain"),
        pytest.param("1941", DAY, 80, id="year alone, certain"),
        pytest.param("1942-07", DAY, 80, id="month before"),
        pytest.param("1942-08", DAY, 79, id="month of the day: not certain yet"),
        pytest.param("1942-08", date(2022, 8, 31), 80, id="last day of the month"),
        pytest.param("1942-02-30", DAY, None, id="no such day"),
        pytest.param("1942-13", DAY, None, id="no such month"),
        pytest.param("0000", DAY, None, id="no such year"),
        pytest.param("2023-01-01", DAY, None, id="not born yet"),
        pytest.param("八十多", DAY, None, id="words"),
        pytest.param("", DAY, None, id="empty"),
        pytest.param(None, DAY, None, id="unknown"),
    ],
)
def test_age_is_what_has_been_reached_for_certain(born: str | None, day: date, age: int | None) -> None:
    assert age_on(born, day) == age


def group(**conditions: object) -> Group:
    return Group(code="G", label="组", label_en="Group", **conditions)


def person(**fields: object) -> Person:
    return Person(id="p", name="张三", **fields)


@pytest.mark.parametrize(
    ("conditions", "fields", "is_member"),
    [
        pytest.param({"min_age": 80}, {"born": "1942-08-01"}, True, id="80 today is 80以上"),
        pytest.param({"min_age": 80}, {}, False, id="unknown age"),
        pytest.param({"living": ("DIBAO",)}, {"living": ("DIBAO", "ORPHAN")}, True, id="one of his tags"),
        pytest.param({"living": ("DIBAO",)}, {"living": ("ORPHAN",)}, False, id="another tag"),
        pytest.param({"merits": ("SECOND",)}, {"merit": "SECOND"}, True, id="merit"),
        pytest.param({"merits": ("SECOND",)}, {"merit": None}, False, id="no merit"),
        pytest.param({"employment": ("LAID_OFF",)}, {"employment": "LAID_OFF"}, True, id="laid off"),
        pytest.param({"away": True}, {"away": "OUT_OF_CITY"}, True, id="away"),
        pytest.param({"away": True}, {"away": "HOME"}, False, id="at home"),
        pytest.param({"min_age": 80, "living": ("DIBAO",)}, {"living": ("DIBAO",)}, True, id="any will do"),
        pytest.param({}, {"living": ("DIBAO",)}, False, id="no condition, no member"),
    ],
)
def test_one_condition_is_enough_to_belong(conditions: dict, fields: dict, is_member: bool) -> None:
    assert belongs(group(**conditions), person(**fields), on=DAY, has_need=False) is is_member


def test_a_noted_hardship_puts_one_in_the_group_that_asks_for_it() -> None:
    wanted = group(has_need=True)
    assert [belongs(wanted, person(), on=DAY, has_need=noted) for noted in (True, False)] == [True, False]
