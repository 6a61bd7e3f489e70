"""Days that are only half known, as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from app.state.partial_date import begins_after, read_partial_date

TODAY = date(2022, 7, 28)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("1940", "1940"),
        ("1940年3月", "1940-03"),
        ("1940.3.1", "1940-03-01"),
        ("19400301", "1940-03-01"),
        (" 1940-2-29 ", "1940-02-29"),
        ("1941-2-29", None),
        ("40年", None),
        ("3-1", None),
        ("昨天", None),
        ("前几年", None),
    ],
)
def test_a_birth_is_read_as_far_as_it_is_known(written: str, meant: str | None) -> None:
    assert read_partial_date(written) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("昨天", "2022-07-27"),
        ("上个月", "2022-06"),
        ("去年", "2021"),
        ("7-20", "2022-07-20"),
        ("12月31日", "2022-12-31"),
        ("13-40", None),
        ("2021-5", "2021-05"),
    ],
)
def test_a_late_day_may_be_said_from_today(written: str, meant: str | None) -> None:
    assert read_partial_date(written, TODAY) == meant


def test_last_month_of_january_is_december() -> None:
    assert read_partial_date("上个月", date(2022, 1, 5)) == "2021-12"


def test_a_part_of_a_date_begins_after_today_only_when_all_of_it_does() -> None:
    assert [begins_after(one, TODAY) for one in ("2022", "2022-07", "2022-07-29", "2023")] == [
        False,
        False,
        True,
        True,
    ]
