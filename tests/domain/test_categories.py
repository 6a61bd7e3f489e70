"""Free text of rosters as benefit categories, by the clerk's rules."""

from __future__ import annotations

import pytest

from app.domain.categories import read_categories


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("退役士兵", ["VETERAN"]),
        ("参战退役人员、残疾军人(七级)", ["VETERAN", "DISABLED_MILITARY", "COMBAT_VETERAN"]),
        ("残疾军人/因公/九级", ["DISABLED_MILITARY"]),
        ("三属(病故军人遗属)", ["ILLNESS_DEATH_SURVIVOR"]),
        ("部分烈士子女（含建国前错杀后被平反人员的子女）", ["MARTYR_CHILD_60"]),
        ("退役军人；烈士遗属", ["VETERAN", "MARTYR_SURVIVOR"]),
        ("41", ["VETERAN", "RURAL_DEMOBILIZED"]),
        ("伤残人民警察", ["DISABLED_POLICE"]),
        ("军属", ["ACTIVE_FAMILY"]),
    ],
)
def test_every_category_that_a_text_names_is_found(text: str, codes: list[str]) -> None:
    assert [c.value for c in read_categories(text).categories] == codes


def test_a_discharge_date_makes_a_disabled_soldier_a_veteran() -> None:
    read = read_categories("残疾军人", discharged=True)
    assert [c.value for c in read.categories] == ["VETERAN", "DISABLED_MILITARY"]


@pytest.mark.parametrize("text", ["三属", "军烈属", "两参人员", "村民"])
def test_a_text_that_names_two_kinds_or_none_is_unclear(text: str) -> None:
    assert (read_categories(text).categories, read_categories(text).unclear) == ((), True)


@pytest.mark.parametrize(
    "text",
    [
        "不是退役军人",
        "非退役军人",
        "未参战",
        "参战退役人员遗孀",
        "退役军人（家属）",
        "老复员军人的配偶",
        "残疾军人子女",
    ],
)
def test_who_is_said_not_to_be_one_or_is_only_related_to_one_is_none(text: str) -> None:
    assert (read_categories(text).categories, read_categories(text).unclear) == ((), True)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("退役军人，未参战", ["VETERAN"]),
        ("无业退役军人", ["VETERAN"]),
        ("未就业退役士兵", ["VETERAN"]),
        ("参战退役人员(家属代领)", ["VETERAN", "COMBAT_VETERAN"]),
        ("退役军人、烈士家属", ["VETERAN", "MARTYR_SURVIVOR"]),
        ("因公牺牲军人遗属", ["DUTY_DEATH_SURVIVOR"]),
        ("义务兵家属", ["ACTIVE_FAMILY"]),
    ],
)
def test_a_denial_and_a_relation_take_only_what_they_stand_beside(text: str, codes: list[str]) -> None:
    assert [c.value for c in read_categories(text).categories] == codes
    assert not read_categories(text).unclear


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("三属(病故)", ["ILLNESS_DEATH_SURVIVOR"]),
        ("三属病故", ["ILLNESS_DEATH_SURVIVOR"]),
        ("三属（病故军人）", ["ILLNESS_DEATH_SURVIVOR"]),
        ("三属：病故军人家属", ["ILLNESS_DEATH_SURVIVOR"]),
        ("三属（烈士）", ["MARTYR_SURVIVOR"]),
        ("三属(烈属)", ["MARTYR_SURVIVOR"]),
        ("三属（因公）", ["DUTY_DEATH_SURVIVOR"]),
        ("三属-牺牲军人遗属", ["DUTY_DEATH_SURVIVOR"]),
        ("三属(病故军人遗属、烈士遗属)", ["MARTYR_SURVIVOR", "ILLNESS_DEATH_SURVIVOR"]),
        ("参战、三属(病故)", ["VETERAN", "ILLNESS_DEATH_SURVIVOR", "COMBAT_VETERAN"]),
    ],
)
def test_of_the_three_kinds_of_survivors_the_one_named_counts(text: str, codes: list[str]) -> None:
    read = read_categories(text)
    assert ([c.value for c in read.categories], read.unclear) == (codes, False)


@pytest.mark.parametrize(("text", "codes"), [("病故", []), ("退役军人（病故）", ["VETERAN"])])
def test_a_bare_death_of_illness_is_asked_about(text: str, codes: list[str]) -> None:
    read = read_categories(text)
    assert ([c.value for c in read.categories], read.unclear) == (codes, True)
