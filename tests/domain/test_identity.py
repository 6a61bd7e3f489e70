"""What makes two listings one person, and which listing stands for him."""

from __future__ import annotations

import pytest

from app.domain.identity import first_listings, identity_number, primary_class


@pytest.mark.parametrize(
    ("written", "number"),
    [
        pytest.param("11010519491231002X", "11010519491231002X", id="sound"),
        pytest.param(" １1010519491231002x ", "11010519491231002X", id="full width, blanks, small x"),
        pytest.param("110105491231002", "11010519491231002X", id="15 digits are the same person"),
        pytest.param("110105194912310021", "110105194912310021", id="wrong check character still tells"),
        pytest.param("110105194912310000", None, id="digits lost to a spreadsheet"),
        pytest.param("111111111111111111", None, id="placeholder without a birth date"),
        pytest.param("无", None, id="a word"),
        pytest.param("", None, id="empty"),
        pytest.param(None, None, id="absent"),
    ],
)
def test_only_a_number_that_proves_something_tells_persons_apart(written: str, number: str | None) -> None:
    assert identity_number(written) == number


@pytest.mark.parametrize(
    ("categories", "found"),
    [
        (("MARTYR_SURVIVOR", "VETERAN"), "VETERAN"),
        (("RURAL_DEMOBILIZED",), "VETERAN"),
        (("ACTIVE_FAMILY", "DUTY_DEATH_SURVIVOR"), "SURVIVOR"),
        (("ACTIVE_FAMILY", "DISABLED_POLICE"), "ACTIVE_FAMILY"),
        (("MARTYR_CHILD_60",), "OTHER"),
        ((), "OTHER"),
    ],
)
def test_everybody_stands_under_one_class(categories: tuple[str, ...], found: str) -> None:
    assert primary_class(categories) == found


@pytest.mark.parametrize(
    ("second", "standing", "found"),
    [
        pytest.param({"b": "a"}, {"a"}, {"b": "a"}, id="the first stands"),
        pytest.param({"c": "b", "b": "a"}, {"a"}, {"c": "a", "b": "a"}, id="through another second one"),
        pytest.param({"b": "a"}, set(), {"b": "b"}, id="the first is gone"),
        pytest.param({"c": "b", "b": "a"}, set(), {"c": "b", "b": "b"}, id="the end of the line is gone"),
        pytest.param({"b": "a", "a": "b"}, set(), {"a": "a", "b": "a"}, id="each names the other"),
        pytest.param({"a": "a"}, set(), {"a": "a"}, id="names itself"),
        pytest.param(
            {"c": "b", "b": "a", "a": "b"}, set(), {"c": "a", "b": "a", "a": "a"}, id="leads to a ring"
        ),
    ],
)
def test_nobody_disappears_when_lists_are_tidied(second: dict, standing: set, found: dict) -> None:
    assert first_listings(second, standing) == found
