"""The village that a newcomer opens on the phone: a cast in which every word of the screens occurs.

Chance fills the other villages; here chance could leave out the very thing somebody wants to see (a
person away, one not met, one with rare characters), so sixteen of its people and the first visits
to them are written down. They are as invented as the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from app.domain.campaign import Campaign
from app.domain.categories import BenefitCategory as C
from app.domain.ids import new_id
from app.domain.models import Need, Person, Visit
from sync_server.demo.identity import IdNumbers, invent_mobile
from sync_server.demo.people import Place
from sync_server.demo.visits import SHANGHAI, Contacts, Worker


@dataclass(frozen=True, slots=True)
class _Role:
    """One of the cast. `phone` says whose number there is; "" for none."""

    name: str
    age: int
    hamlet: str
    house: str
    categories: tuple[C, ...] = (C.VETERAN,)
    male: bool = True
    phone: str = "本人"
    more: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class _Scene:
    """A visit to the one of the cast called `name`, `days_ago` at `hour`."""

    name: str
    days_ago: int
    hour: int
    method: str
    result: str
    more: tuple[tuple[str, Any], ...] = ()
    need: tuple[str, str, str] | None = None  # type, severity, words


_SOLDIER_60 = (C.VETERAN, C.RURAL_SOLDIER_60)
_CAST = (
    _Role("蓝土根", 92, "上坞", "3号", (C.VETERAN, C.RURAL_DEMOBILIZED), phone="女儿", more=(
        ("living", ("LIVING_ALONE",)), ("employment", "RETIRED"), ("note", "听力不好，说话大声些"))),
    _Role("雷秀英", 84, "上坞", "5号", (C.MARTYR_SURVIVOR,), male=False, phone="儿子", more=(
        ("living", ("EMPTY_NEST",)),)),
    _Role("周建国", 47, "上坞", "8号", more=(
        ("merit", "SECOND"), ("away", "OUT_OF_CITY"), ("away_place", "杭州市"), ("employment", "BUSINESS"))),
    _Role("钟𬱖", 33, "上坞", "12号", more=(
        ("away", "OUT_OF_PROVINCE"), ("away_place", "上海市"), ("employment", "EMPLOYED"))),
    _Role("欧阳海峰", 41, "上坞", "16号", more=(("employment", "LAID_OFF"),)),
    _Role("徐福贵", 77, "下坞", "1号", (C.VETERAN, C.COMBAT_VETERAN), more=(
        ("living", ("DIBAO", "SERIOUSLY_ILL")), ("merit", "THIRD"), ("employment", "FARMING"))),
    _Role("陈志明", 58, "下坞", "4号", (C.VETERAN, C.DISABLED_MILITARY), more=(("employment", "FARMING"),)),
    _Role("单永福", 74, "下坞", "6号", _SOLDIER_60, more=(("employment", "FARMING"),)),
    _Role("林昌宝", 81, "下坞", "9号", _SOLDIER_60, phone="女儿", more=(("living", ("DISABLED_CARE",)),)),
    _Role("林桂香", 79, "下坞", "9号", (C.MARTYR_CHILD_60,), male=False, phone="女儿"),
    _Role("叶丽芳", 52, "里屋", "2号", (C.ACTIVE_FAMILY,), male=False, more=(("employment", "FLEXIBLE"),)),
    _Role("吴堃", 36, "里屋", "7号", more=(("employment", "SEEKING"),)),
    _Role("潘柏松", 88, "里屋", "11号", (C.VETERAN, C.ILL_RETURNED), phone="", more=(("deceased", True),)),
    _Role("蓝新华", 55, "溪头", "2号", phone="", more=(
        ("living", ("DIBAO_MARGINAL",)), ("employment", "UNABLE"))),
    _Role("毛𫖯", 29, "溪头", "10号", more=(("honours", ("MOST_BEAUTIFUL",)), ("employment", "EMPLOYED"))),
    _Role("王水根", 69, "溪头", "15号", _SOLDIER_60, more=(("no_call", True), ("no_photo", True))),
)  # fmt: skip

CAST_SIZE = len(_CAST)
_TALKED = ("checklist", ("POLICY_BRIEFING", "LAW_DELIVERY", "HEARD_CONCERNS", "GREETINGS"))
_SCENES = (
    _Scene("徐福贵", 9, 9, "HOME", "MET_SELF", (
        _TALKED, ("cash_fen", 50000), ("goods", "米、油"), ("goods_pieces", 2), ("goods_fen", 16000),
        ("letters", 1), ("booklets", 1), ("note", "反映房屋漏雨")),
        need=("HOUSING", "3", "房屋漏雨，后墙有裂缝")),
    _Scene("雷秀英", 8, 10, "HOME", "MET_FAMILY", (_TALKED, ("letters", 1), ("booklets", 1))),
    _Scene("单永福", 6, 15, "HOME", "MET_SELF", (_TALKED, ("booklets", 1), ("note", "身体还好"))),
    _Scene("叶丽芳", 5, 16, "PHONE", "MET_SELF", (("checklist", ("GREETINGS", "STATUS_SURVEY")),)),
    _Scene("欧阳海峰", 4, 9, "HOME", "NOT_MET"),
    _Scene("毛𫖯", 3, 11, "TALK", "MET_SELF", (("checklist", ("HEARD_CONCERNS", "EXEMPLARY")),)),
    _Scene("吴堃", 2, 14, "WECHAT", "SENT", (("checklist", ("GREETINGS",)),)),
    _Scene("陈志明", 1, 10, "HOME", "NOT_MET", (("note", "下次再来"),)),
)  # fmt: skip


def showcase_people(
    rng: Random, ids: IdNumbers, place: Place, *, reference: date, made_ms: int
) -> list[Person]:
    """The cast, in the order of hamlets and houses; record ids carry `made_ms` and rise."""
    people: list[Person] = []
    for number, role in enumerate(_CAST):
        record = new_id(made_ms + number, rng.randbytes)
        born = date(reference.year - role.age, rng.randint(1, reference.month), rng.randint(1, 28))
        if born.replace(year=reference.year) > reference:
            born = born.replace(day=1)
        neighbours = (p.household for p in people if (p.hamlet, p.house) == (role.hamlet, role.house))
        values: dict[str, Any] = {
            "id": record,
            "name": role.name,
            "village": place.village,
            "id_number": ids.invent(rng, county=place.county, born=born, male=role.male),
            "sex": "M" if role.male else "F",
            "born": born.isoformat(),
            "hamlet": role.hamlet,
            "house": role.house,
            "household": next(neighbours, record),
            "categories": tuple(c.value for c in role.categories),
            "phones": {invent_mobile(rng): role.phone} if role.phone else {},
            "away": "HOME",
            "card_state": "已发放",
        }
        people.append(Person.model_validate(values | dict(role.more)))
    return people


def showcase_visits(
    rng: Random, people: Sequence[Person], *, worker: Worker, campaign: Campaign, today: date
) -> Contacts:
    """The first visits to the cast, in order of time; who is left is for the newcomer."""
    by_name = {p.name: p for p in people}
    visits: list[Visit] = []
    needs: list[Need] = []
    for scene in _SCENES:
        at = datetime.combine(
            today - timedelta(days=scene.days_ago), time(scene.hour, rng.randrange(60)), SHANGHAI
        )
        saved_at = at + timedelta(minutes=3)
        visit = Visit.model_validate(
            {
                "id": new_id(int(at.timestamp() * 1000), rng.randbytes),
                "campaign": campaign.code,
                "person": by_name[scene.name].id,
                "organisation": worker.organisation,
                "performer": worker.id,
                "method": scene.method,
                "result": scene.result,
                "at": at,
                "saved_at": saved_at,
                **dict(scene.more),
            }
        )
        visits.append(visit)
        if scene.need:
            kind, severity, words = scene.need
            needs.append(
                Need(
                    id=new_id(int(saved_at.timestamp() * 1000), rng.randbytes),
                    campaign=campaign.code,
                    person=visit.person,
                    visit=visit.id,
                    organisation=worker.organisation,
                    type=kind,
                    severity=severity,
                    words=words,
                    found_at=saved_at,
                )
            )
    return Contacts(visits, needs)
