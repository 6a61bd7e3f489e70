"""Invented visits (走访慰问) and the hardships found on them, as a campaign's first two weeks leave them.

People who come first are mostly seen first; those away are called; who was not met is tried again.
Days fill up towards the present, as they do in the field (domain.md 6).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Any

from app.domain.campaign import Campaign
from app.domain.codes import NeedSeverity, NeedState, NeedType
from app.domain.ids import new_id
from app.domain.models import Need, Person, Visit
from sync_server.demo.chance import Weighted, shuffled

SHANGHAI = timezone(timedelta(hours=8))
_FACE = frozenset({"HOME", "TALK"})
_SENDS = frozenset({"WECHAT", "SMS"})

_AT_HOME = Weighted({"HOME": 74.0, "TALK": 8, "PHONE": 12, "WECHAT": 4, "SMS": 2})
_AWAY = Weighted({"PHONE": 58.0, "VIDEO": 21, "WECHAT": 15, "SMS": 6})
_AT_WORK = Weighted({"TALK": 68.0, "HOME": 12, "PHONE": 16, "WECHAT": 4})
_MET_FACE = Weighted({"MET_SELF": 80.0, "MET_FAMILY": 20})
_MET_FAR = Weighted({"MET_SELF": 88.0, "MET_FAMILY": 12})
_MISSED_FACE = Weighted({"NOT_MET": 93.0, "REFUSED": 4, "LOST": 2, "DECEASED": 1})
_MISSED_FAR = Weighted({"NOT_MET": 70.0, "WRONG_NUMBER": 22, "REFUSED": 5, "LOST": 3})
_NEED_TYPES = Weighted(
    {
        NeedType.LIVING: 22.0,
        NeedType.MEDICAL: 26,
        NeedType.HOUSING: 12,
        NeedType.EMPLOYMENT: 14,
        NeedType.ELDER_CARE: 10,
        NeedType.SOCIAL_INSURANCE: 7,
        NeedType.CARD_FILE: 5,
        NeedType.EDUCATION: 3,
        NeedType.LEGAL: 1,
    }
)
_NEED_WORDS = {
    NeedType.LIVING: ("收入少，日子紧", "家里就靠一份低保"),
    NeedType.MEDICAL: ("长期吃药，自付部分多", "要去市里做手术"),
    NeedType.HOUSING: ("房屋漏雨", "后墙有裂缝"),
    NeedType.EMPLOYMENT: ("想在县里找工作", "想学一门手艺"),
    NeedType.ELDER_CARE: ("白天没人照看", "想申请助餐"),
    NeedType.SOCIAL_INSURANCE: ("社保断了两年，想接上",),
    NeedType.CARD_FILE: ("优待证还没拿到", "档案里入伍时间不对"),
    NeedType.EDUCATION: ("孩子上学路远",),
    NeedType.LEGAL: ("土地边界有争议，想问律师",),
}
_SEVERITIES = Weighted(
    {NeedSeverity.MINOR: 55.0, NeedSeverity.MODERATE: 32, NeedSeverity.SERIOUS: 12, NeedSeverity.URGENT: 1}
)
_STATES = Weighted(
    {
        NeedState.FOUND: 26.0,
        NeedState.VERIFIED: 12,
        NeedState.REPORTED: 16,
        NeedState.ACCEPTED: 8,
        NeedState.IN_PROGRESS: 18,
        NeedState.CLOSED: 16,
        NeedState.FOLLOWED_UP: 3,
        NeedState.NOT_CONFIRMED: 1,
    }
)
_GOODS = ("米、油", "棉被", "牛奶", "急救包", "慰问礼包")
_CHECKS = {
    "POLICY_BRIEFING": 0.62,
    "LAW_DELIVERY": 0.5,
    "HEARD_CONCERNS": 0.55,
    "STATUS_SURVEY": 0.45,
    "ANNUAL_CONFIRMATION": 0.3,
    "GREETINGS": 0.7,
    "OPINIONS_SOUGHT": 0.18,
    "PREFERENTIAL_CARD": 0.08,
    "FILE_REGISTRATION": 0.06,
    "ENTITLEMENT_AGENCY": 0.05,
    "EXEMPLARY": 0.006,
}


@dataclass(frozen=True, slots=True)
class Worker:
    """Who visits: the account's id and the organisation that counts the visit."""

    id: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """Visits and the needs found on them, each in order of time."""

    visits: list[Visit]
    needs: list[Need]


def invent_visits(
    rng: Random, people: Sequence[Person], *, count: int, worker: Worker, campaign: Campaign, today: date
) -> Contacts:
    """`count` visits to some of `people`, from the campaign's first day to the day before `today`.

    A visit to everybody never happens: between half and nearly all are reached, priority people
    before the others. The dead are not visited; nobody alive means no visit.
    """
    alive = [p for p in people if not p.deceased]
    if not alive or count <= 0:
        return Contacts([], [])
    reached = _order_of_visits(rng, alive)[: max(1, round(len(alive) * rng.uniform(0.55, 0.97)))]
    whom = (reached + [rng.choice(reached) for _ in range(count)])[:count]
    times = sorted(_moment(rng, campaign.starts_on, today) for _ in whom)
    visits: list[Visit] = []
    needs: list[Need] = []
    for person, at in zip(whom, times, strict=True):
        visit = _visit(rng, person, at=at, worker=worker, campaign=campaign)
        visits.append(visit)
        if visit.result in ("MET_SELF", "MET_FAMILY") and rng.random() < (0.22 if person.living else 0.015):
            needs.append(_need(rng, visit))
    return Contacts(visits, needs)


def _order_of_visits(rng: Random, people: Sequence[Person]) -> list[Person]:
    """Those in hardship, old or honoured first in most villages; chance within and between."""
    return sorted(
        shuffled(rng, people), key=lambda p: rng.random() + 0.45 * bool(not p.living and not p.honours)
    )


def _moment(rng: Random, first: date, today: date) -> datetime:
    """A minute of working time; later days are likelier."""
    days = (today - first).days
    day = first + timedelta(days=min(days - 1, int(days * rng.random() ** 0.55)))
    minutes = 8 * 60 + int(rng.triangular(0, 11 * 60, 2 * 60))
    return datetime.combine(day, time(minutes // 60, minutes % 60, rng.randrange(60)), SHANGHAI)


def _visit(rng: Random, person: Person, *, at: datetime, worker: Worker, campaign: Campaign) -> Visit:
    method = _method(rng, person)
    result = _result(rng, method)
    # Most are written down on the spot, some in the evening: 补录 shows the difference.
    delay = (
        timedelta(minutes=rng.randint(1, 9)) if rng.random() < 0.85 else timedelta(hours=rng.uniform(1, 5))
    )
    values: dict[str, Any] = {
        "id": new_id(_ms(at), rng.randbytes),
        "campaign": campaign.code,
        "person": person.id,
        "organisation": worker.organisation,
        "performer": worker.id,
        "method": method,
        "result": result,
        "at": at,
        "saved_at": at + delay,
    }
    if result in ("MET_SELF", "MET_FAMILY"):
        values["checklist"] = tuple(code for code, share in _CHECKS.items() if rng.random() < share)
        if rng.random() < 0.25:
            values["note"] = rng.choice(campaign.phrases)
        if method in _FACE:
            values |= _gifts(rng, person, has_law="LAW_DELIVERY" in values["checklist"])
    elif result == "SENT":
        values["checklist"] = ("GREETINGS",)
    return Visit.model_validate(values)


def _method(rng: Random, person: Person) -> str:
    if person.unit:
        return _AT_WORK.draw(rng)
    can_be_called = bool(person.phones) and not person.no_call
    if not can_be_called:
        return "HOME"
    is_away = person.away not in (None, "HOME")
    return (_AWAY if is_away else _AT_HOME).draw(rng)


def _result(rng: Random, method: str) -> str:
    if method in _SENDS:
        return "SENT" if rng.random() < 0.8 else "MET_SELF"
    is_met = rng.random() < (0.86 if method in _FACE else 0.78)
    if method in _FACE:
        return (_MET_FACE if is_met else _MISSED_FACE).draw(rng)
    return (_MET_FAR if is_met else _MISSED_FAR).draw(rng)


def _gifts(rng: Random, person: Person, *, has_law: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    comes_first = bool(person.living or person.honours or person.merit in ("FIRST", "SECOND"))
    if rng.random() < (0.4 if comes_first else 0.03):
        values["cash_fen"] = rng.choice((20000, 30000, 50000, 50000, 80000, 100000))
    if rng.random() < (0.45 if comes_first else 0.08):
        pieces = rng.randint(1, 3)
        values |= {
            "goods": rng.choice(_GOODS),
            "goods_pieces": pieces,
            "goods_fen": pieces * rng.randint(40, 180) * 100,
        }
    if rng.random() < 0.3:
        values["letters"] = 1
    if has_law:
        values["booklets"] = 1
    return values


def _need(rng: Random, visit: Visit) -> Need:
    kind = _NEED_TYPES.draw(rng)
    return Need(
        id=new_id(_ms(visit.saved_at), rng.randbytes),
        campaign=visit.campaign,
        person=visit.person,
        visit=visit.id,
        organisation=visit.organisation,
        type=kind.value,
        severity=_SEVERITIES.draw(rng).value,
        state=_STATES.draw(rng).value,
        words=rng.choice(_NEED_WORDS[kind]),
        found_at=visit.saved_at,
    )


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
