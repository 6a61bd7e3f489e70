"""Where the invented people live and work: the city's real divisions, invented hamlets and units.

Hamlets (自然村) are combined from the words that name them here; units that report by themselves say
in their names that they are a demonstration, since real units of the city must not be confused
with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from app.domain.codes import OrgKind
from app.domain.divisions import Division, Divisions
from sync_server.demo.people import Place

_HEADS = ("上", "下", "里", "外", "前", "后", "大", "石", "岭", "溪", "水", "樟", "竹", "坳")
_TAILS = ("坞", "源", "坑", "垟", "塘", "屋", "湾", "坪", "岙", "头", "山", "田")
_BLOCKS = ("东片", "西片", "南片", "北片")


@dataclass(frozen=True, slots=True)
class Unit:
    """A 市直 or 部省属 unit; `share` is its part of all people in units."""

    code: str
    kind: OrgKind
    name: str
    share: float


UNITS = (
    Unit("3311U01", OrgKind.CITY_UNIT, "市第一高级中学（演示）", 13),
    Unit("3311U02", OrgKind.CITY_UNIT, "市供水公司（演示）", 17),
    Unit("3311U03", OrgKind.CITY_UNIT, "市图书馆（演示）", 3),
    Unit("3311U04", OrgKind.CITY_UNIT, "市公交公司（演示）", 29),
    Unit("3311U05", OrgKind.CITY_UNIT, "市园林中心（演示）", 8),
    Unit("3311U51", OrgKind.PROV_UNIT, "某电力公司（演示）", 24),
    Unit("3311U52", OrgKind.PROV_UNIT, "某气象站（演示）", 4),
    Unit("3311U53", OrgKind.PROV_UNIT, "某铁路工务段（演示）", 12),
)
SHOWCASE_VILLAGE = "331127102209"  # 景宁畲族自治县东坑镇桃源村
SHOWCASE_HAMLETS = ("上坞", "下坞", "里屋", "溪头")


def village_place(rng: Random, divisions: Divisions, village: Division) -> Place:
    """The village with two to four hamlets, or the community with its blocks."""
    county = village.code[:6]
    if village.code == SHOWCASE_VILLAGE:
        return Place(county, village.code, hamlets=SHOWCASE_HAMLETS)
    if "社区" in village.name or "居委" in village.name:
        return Place(county, village.code, hamlets=_BLOCKS[: rng.randint(2, 4)], is_community=True)
    hamlets = {rng.choice(_HEADS) + rng.choice(_TAILS) for _ in range(rng.randint(2, 4))}
    return Place(county, village.code, hamlets=tuple(sorted(hamlets)))


def unit_place(unit: Unit) -> Place:
    """The unit; its people are registered in the city's seat."""
    return Place("331102", unit=unit.code)
