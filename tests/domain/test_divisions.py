"""Divisions found by the way people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.divisions import Divisions, spoken_name
from app.domain.errors import BadConfig, UnknownCode

CSV = Path(__file__).parent.parent.parent / "assets" / "divisions" / "3311.csv"
DIVISIONS = Divisions.read(CSV.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "written", ["巨浦", "巨浦村", "巨浦村委会", "巨浦村村民委员会", "青田县巨浦乡巨浦村"]
)
def test_a_village_is_one_whatever_its_ending(written: str) -> None:
    assert DIVISIONS.match_village("331121209", written).code == "331121209200"


def test_a_community_is_not_the_village_of_the_same_name() -> None:
    assert DIVISIONS.match_village("331121209", "巨浦居委会").codes == ()
    assert [DIVISIONS.match_village("331121002", t).code for t in ("水南村", "水南社区", "水南")] == [
        "331121002200",
        "331121002002",
        None,
    ]


def test_the_tree_can_be_walked_both_ways() -> None:
    assert [d.name for d in DIVISIONS.ancestors("331121209200")] == ["巨浦乡", "青田县", "丽水市"]
    assert len(DIVISIONS.children("3311")) == 9
    assert DIVISIONS.within("331121209200", "331121")


def test_a_township_is_found_by_code_name_and_popular_name() -> None:
    found = [DIVISIONS.find_township(t) for t in ("331121209", "巨浦乡", "老竹镇", "转塘街道")]
    assert [d and d.code for d in found] == ["331121209", "331121209", "331102103", None]


def test_unknown_codes_and_broken_tables_are_refused() -> None:
    with pytest.raises(UnknownCode):
        DIVISIONS["999"]
    with pytest.raises(BadConfig):
        Divisions.read("a,b\n1,2\n")


@pytest.mark.parametrize(
    ("official", "spoken"),
    [
        ("桃源村委会", "桃源村"),
        ("巨浦村村委会", "巨浦村"),
        ("上坞村村民委员会", "上坞村"),
        ("灯塔社区居委会", "灯塔社区"),
        ("城东居民委员会", "城东社区"),
        ("市第一高级中学（演示）", "市第一高级中学（演示）"),
    ],
)
def test_a_village_is_called_on_a_screen_as_people_call_it(official: str, spoken: str) -> None:
    assert spoken_name(official) == spoken


def test_a_community_that_bears_its_towns_name_is_found() -> None:
    assert DIVISIONS.match_village("331123105", "大柘镇居民委员会").code == "331123105001"
