"""Invented people on a roster (服务对象): who they are, how they live and how they are reached.

Ages, categories and hardship hang together as in a real roster (those who served before 1954 are
old, 60周岁以上 categories begin at 60, the young are away for work); nothing here is anybody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from app.domain.categories import BenefitCategory as C
from app.domain.codes import AwayStatus, Employment, Honour, LivingTag, Merit, Sex
from app.domain.ids import new_id
from app.domain.models import Person
from sync_server.demo.chance import Weighted, shuffled
from sync_server.demo.identity import IdNumbers, invent_mobile, spoil_check_digit
from sync_server.demo.names import invent_given_name, invent_surname

_YEAR = timedelta(days=365.2425)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a group of people is registered: a village, or a unit that reports by itself."""

    county: str  # six digits; where ID numbers come from
    village: str = ""
    unit: str | None = None
    hamlets: tuple[str, ...] = ()
    is_community: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """A sort of person: categories, age span, and whether he or she served."""

    categories: tuple[C, ...]
    youngest: int
    oldest: int
    served: bool = True
    male_share: float = 0.96


_VILLAGERS = Weighted(
    {
        _Kind((C.VETERAN,), 21, 59): 48.0,
        _Kind((C.VETERAN, C.RURAL_SOLDIER_60), 60, 84): 20,
        _Kind((C.VETERAN, C.COMBAT_VETERAN), 57, 76): 5,
        _Kind((C.VETERAN, C.NUCLEAR_TEST_VETERAN), 58, 84): 0.8,
        _Kind((C.VETERAN, C.RURAL_DEMOBILIZED), 86, 96): 1.8,
        _Kind((C.VETERAN, C.ILL_RETURNED), 50, 85): 3,
        _Kind((C.VETERAN, C.DISABLED_MILITARY), 30, 82): 3.5,
        _Kind((C.VETERAN,), 60, 90): 4,
        _Kind((C.ACTIVE_FAMILY,), 22, 58, served=False, male_share=0.42): 6.5,
        _Kind((C.MARTYR_SURVIVOR,), 58, 93, served=False, male_share=0.3): 1.1,
        _Kind((C.DUTY_DEATH_SURVIVOR,), 45, 86, served=False, male_share=0.3): 0.6,
        _Kind((C.ILLNESS_DEATH_SURVIVOR,), 45, 88, served=False, male_share=0.2): 1.0,
        _Kind((C.MARTYR_CHILD_60,), 66, 88, served=False, male_share=0.5): 2.2,
        _Kind((C.DISABLED_MILITIA,), 55, 82, served=False): 0.3,
    }
)
_STAFF = Weighted(
    {
        _Kind((C.VETERAN,), 23, 59): 82.0,
        _Kind((C.VETERAN, C.DISABLED_MILITARY), 30, 59): 5,
        _Kind((C.ACTIVE_FAMILY,), 24, 55, served=False, male_share=0.4): 13,
    }
)

_MERITS: Weighted[Merit | None] = Weighted(
    {None: 80.0, Merit.COMMENDATION: 11, Merit.THIRD: 7.6, Merit.SECOND: 0.9, Merit.FIRST: 0.15}
)
_WORKING: Weighted[Employment] = Weighted(
    {
        Employment.EMPLOYED: 34.0,
        Employment.FLEXIBLE: 24,
        Employment.BUSINESS: 12,
        Employment.FARMING: 18,
        Employment.UNEMPLOYED: 3.5,
        Employment.LAID_OFF: 3.5,
        Employment.SEEKING: 2.5,
        Employment.UNABLE: 1.5,
    }
)
_DESTINATIONS: Weighted[tuple[AwayStatus, str]] = Weighted(
    {
        (AwayStatus.OUT_OF_COUNTY, "莲都区"): 3.0,
        (AwayStatus.OUT_OF_CITY, "杭州市"): 7,
        (AwayStatus.OUT_OF_CITY, "温州市"): 6,
        (AwayStatus.OUT_OF_CITY, "宁波市"): 4,
        (AwayStatus.OUT_OF_CITY, "金华市"): 3,
        (AwayStatus.OUT_OF_PROVINCE, "上海市"): 4,
        (AwayStatus.OUT_OF_PROVINCE, "江苏省苏州市"): 2,
        (AwayStatus.OUT_OF_PROVINCE, "广东省深圳市"): 2,
        (AwayStatus.AWAY, ""): 1,
    }
)
_ABROAD = (AwayStatus.ABROAD, "西班牙"), (AwayStatus.ABROAD, "意大利")
_CARDS = Weighted({"已发放": 74.0, "制卡中": 8, "已受理": 7, "未申领": 9, "自愿不领": 2})
_NOTES = (
    "听力不好，说话大声些",
    "只会讲本地话",
    "上午在家，下午去田里",
    "门口有狗",
    "住在儿子家",
    "说普通话不大方便",
)


def invent_people(
    rng: Random, ids: IdNumbers, place: Place, *, count: int, reference: date, made_ms: int
) -> Iterator[Person]:
    """`count` people of `place`, neighbours next to each other; ages hold on `reference`.

    Record ids carry the time `made_ms` and rise; their chance bits come from `rng`.
    """
    she_share = 0.24 if place.county == "331127" else 0.05
    neighbour: Person | None = None
    houses = shuffled(rng, range(1, 3 * count + 6))
    for number in range(count):
        kind = (_STAFF if place.unit else _VILLAGERS).draw(rng)
        shares_home = neighbour is not None and place.village != "" and rng.random() < 0.16
        surname = invent_surname(rng, she_share=she_share)
        if shares_home and neighbour is not None and rng.random() < 0.7:
            surname = _surname_of(neighbour.name)
        record = new_id(made_ms + number, rng.randbytes)
        person = _invent(rng, ids, place, kind=kind, surname=surname, record=record, reference=reference)
        if shares_home and neighbour is not None:
            home = {"hamlet": neighbour.hamlet, "house": neighbour.house, "household": neighbour.household}
        else:
            home = _home(rng, place, record=record, number=houses[number])
        person = neighbour = person.model_copy(update=home)
        yield person


def _invent(
    rng: Random, ids: IdNumbers, place: Place, *, kind: _Kind, surname: str, record: str, reference: date
) -> Person:
    male = rng.random() < kind.male_share
    age = _age(rng, kind)
    born = reference - _YEAR * age - timedelta(days=rng.randrange(1, 365))
    values: dict[str, Any] = {
        "id": record,
        "name": surname + invent_given_name(rng, male=male, born_year=born.year),
        "village": place.village,
        "unit": place.unit,
        "sex": (Sex.MALE if male else Sex.FEMALE).value,
        "categories": tuple(c.value for c in kind.categories),
        "card_state": _CARDS.draw(rng) if kind.served or age >= 45 else None,
        **_identity(rng, ids, county=place.county, born=born, male=male),
        **_life(rng, place, kind=kind, age=age),
        **_reach(rng, age=age),
    }
    return Person.model_validate(values)


def _age(rng: Random, kind: _Kind) -> int:
    """An age in the kind's span; past sixty the younger ones are more."""
    if kind.youngest >= 57:
        return int(rng.triangular(kind.youngest, kind.oldest, kind.youngest + 4))
    return rng.randint(kind.youngest, kind.oldest)


def _identity(rng: Random, ids: IdNumbers, *, county: str, born: date, male: bool) -> dict[str, Any]:
    """ID number and birth date, now and then as incomplete as a roster's."""
    number = ids.invent(rng, county=county, born=born, male=male)
    draw = rng.random()
    if draw < 0.006:
        return {"id_problem": "missing_id", "born": f"{born:%Y-%m}"}
    if draw < 0.009:
        return {"id_problem": "digits_lost"}
    if draw < 0.013:
        return {
            "id_problem": "checksum",
            "id_number": spoil_check_digit(rng, number),
            "born": f"{born:%Y-%m-%d}",
        }
    return {"id_number": number, "born": f"{born:%Y-%m-%d}"}


def _life(rng: Random, place: Place, *, kind: _Kind, age: int) -> dict[str, Any]:
    """Merit, honours, work, hardship, whether away, whether gone."""
    values: dict[str, Any] = {}
    if kind.served:
        merit = _MERITS.draw(rng)
        values["merit"] = merit.value if merit else None
        if rng.random() < 0.004:
            values["honours"] = (rng.choice(list(Honour)).value,)
    if place.unit:
        return values | {"employment": Employment.EMPLOYED.value}
    values["employment"] = _work(rng, age=age).value
    values["living"] = tuple(tag.value for tag in _hardship(rng, age=age, employment=values["employment"]))
    if rng.random() < (0.31 if age < 50 else 0.14 if age < 65 else 0.03):
        goes_abroad = place.county == "331121" and rng.random() < 0.55
        status, where = rng.choice(_ABROAD) if goes_abroad else _DESTINATIONS.draw(rng)
        values |= {"away": status.value, "away_place": where}
    else:
        values["away"] = AwayStatus.HOME.value
    values["deceased"] = rng.random() < (0.012 if age >= 75 else 0.001)
    if age >= 72 and rng.random() < 0.2:
        values["note"] = rng.choice(_NOTES)
    return values


def _work(rng: Random, *, age: int) -> Employment:
    if age >= 60:
        return Employment.FARMING if rng.random() < 0.4 else Employment.RETIRED
    return _WORKING.draw(rng)


def _hardship(rng: Random, *, age: int, employment: str) -> list[LivingTag]:
    tags: list[LivingTag] = []
    out_of_work = employment in (Employment.UNEMPLOYED, Employment.LAID_OFF, Employment.UNABLE)
    if rng.random() < (0.15 if out_of_work or age >= 75 else 0.035):
        tags.append(rng.choice((LivingTag.DIBAO, LivingTag.DIBAO, LivingTag.DIBAO_MARGINAL, LivingTag.TEKUN)))
    if rng.random() < (0.06 if age >= 65 else 0.012):
        tags.append(LivingTag.SERIOUSLY_ILL)
    if age >= 70 and rng.random() < 0.22:
        tags.append(
            rng.choice(
                (LivingTag.LIVING_ALONE, LivingTag.EMPTY_NEST, LivingTag.WIDOWED, LivingTag.LONE_ELDER)
            )
        )
    if age >= 80 and rng.random() < 0.14:
        tags.append(LivingTag.DISABLED_CARE)
    if rng.random() < 0.002:
        tags.append(LivingTag.DISASTER_HIT)
    return tags


def _reach(rng: Random, *, age: int) -> dict[str, Any]:
    """Phones and whose they are, and wishes about calls and pictures."""
    phones: dict[str, str] = {}
    if rng.random() < (0.72 if age >= 80 else 0.95):
        phones[invent_mobile(rng)] = "本人"
    if age >= 68 and rng.random() < 0.45:
        phones[invent_mobile(rng)] = rng.choice(("儿子", "女儿", "儿媳", "侄子"))
    if not phones and rng.random() < 0.5:
        phones[invent_mobile(rng)] = "村干部"
    return {"phones": phones, "no_call": rng.random() < 0.008, "no_photo": rng.random() < 0.03}


def _home(rng: Random, place: Place, *, record: str, number: int) -> dict[str, Any]:
    """A house of their own; the household is named after the record that was first in it."""
    if place.unit:
        return {"household": record}
    house = f"{1 + number % 9}幢{1 + number % 6}0{1 + number % 4}室" if place.is_community else f"{number}号"
    return {"hamlet": rng.choice(place.hamlets), "house": house, "household": record}


def _surname_of(name: str) -> str:
    return name[:2] if name[:2] in ("欧阳", "上官", "诸葛", "司徒", "尉迟", "令狐") else name[0]
