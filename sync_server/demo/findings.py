"""What the invented visits found out beside themselves: steps of needs, confirmations, cards, opinions.

All of it follows from visits and needs that are there, so the city's people and visits stay what they
were. Opinions about workers are left out: they are sealed with a key that only a real server has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from app.domain.campaign import Campaign
from app.domain.codes import Assistance, CardState, ConfirmationResult, NeedOutcome, NeedState, OpinionTarget
from app.domain.facts import (
    Activity,
    CardStep,
    Confirmation,
    ExemplarySubject,
    FileStep,
    NeedStep,
    Opinion,
)
from app.domain.groups import KEY_CATEGORIES
from app.domain.ids import new_id
from app.domain.models import Need, Person, RecordModel, Visit
from sync_server.demo.chance import Weighted
from sync_server.demo.visits import SHANGHAI

Said = tuple[datetime, str, RecordModel]  # when, by whom, what

_S = NeedState
_WAY = (_S.VERIFIED, _S.REPORTED, _S.ACCEPTED, _S.IN_PROGRESS, _S.CLOSED, _S.FOLLOWED_UP)
_TOWNS = frozenset({_S.ACCEPTED, _S.IN_PROGRESS, _S.CLOSED})
_OUTCOMES = Weighted(
    {NeedOutcome.SOLVED: 55.0, NeedOutcome.PARTLY: 20, NeedOutcome.EXPLAINED: 15, NeedOutcome.REFERRED: 10}
)
_AID = Weighted(
    {
        Assistance.TEMPORARY_AID: 24.0,
        Assistance.HARDSHIP_AID: 20,
        Assistance.CARE_FUND: 10,
        Assistance.POLICY_ANSWER: 18,
        Assistance.MEDICAL_AID: 10,
        Assistance.JOB_REFERRAL: 8,
        Assistance.HOUSE_REPAIR: 6,
        Assistance.REFERRAL: 4,
    }
)
_PAID = {Assistance.TEMPORARY_AID, Assistance.HARDSHIP_AID, Assistance.CARE_FUND, Assistance.HOUSE_REPAIR}
_RESULTS = Weighted(
    {ConfirmationResult.NORMAL: 90.0, ConfirmationResult.CHANGED: 8, ConfirmationResult.PUT_OFF: 2}
)
_CARDS = Weighted({CardState.APPLIED: 60.0, CardState.ISSUED: 40})
_TARGETS = Weighted({OpinionTarget.WORK: 45.0, OpinionTarget.POLICY: 40, OpinionTarget.OTHER: 15})
_OPINIONS = {
    OpinionTarget.WORK: ("希望多组织体检", "座谈会可以多开几次", "希望办事少跑一趟"),
    OpinionTarget.POLICY: ("优待证能多用几个地方就好", "想了解医疗补助的规定", "希望就业培训办到乡里"),
    OpinionTarget.OTHER: ("村口的路灯坏了", "希望村里有活动的地方"),
}
_DEEDS = ("退役后带领村民种茶致富", "多年义务照料孤老", "抗洪抢险冲在前面", "坚持义务讲党史")


def found_out(
    rng: Random,
    people: Sequence[Person],
    visits: Sequence[Visit],
    needs: Sequence[Need],
    *,
    campaign: Campaign,
    until: date,
) -> Iterator[Said]:
    """What visits and needs brought about, before the day `until`."""
    end = datetime.combine(until, time(), SHANGHAI) - timedelta(minutes=1)
    by_id = {person.id: person for person in people}
    for visit in visits:
        if visit.result in ("MET_SELF", "MET_FAMILY"):
            yield from _of_visit(rng, visit, by_id, year=campaign.year)
    performers = {visit.id: visit.performer for visit in visits}
    for need in needs:
        yield from _steps(rng, need, performers[need.visit or ""], end)


def as_found(need: Need) -> Need:
    """The need as it was found: what it has come to is told by its steps."""
    return need.model_copy(update={"state": NeedState.FOUND.value})


def meetings(
    rng: Random, organisation: str, performer: str, campaign: Campaign, until: date
) -> Iterator[Said]:
    """A symposium of the station, and in every third a talk on exemplary deeds."""
    for kind in ("SYMPOSIUM", *(["DEEDS_TALK"] if rng.random() < 0.35 else [])):
        days = max(1, (until - campaign.starts_on).days)
        day = campaign.starts_on + timedelta(days=rng.randrange(days))
        at = datetime.combine(day, time(rng.choice((9, 14)), 30), SHANGHAI)
        held = Activity(
            id=new_id(_ms(at), rng.randbytes),
            campaign=campaign.code,
            organisation=organisation,
            performer=performer,
            kind=kind,
            at=at,
            place=rng.choice(("会议室", "文化礼堂", "党群服务中心")),
            attendance={
                "VETERAN": rng.randint(8, 30),
                "FAMILY": rng.randint(0, 8),
                "WORKER": rng.randint(2, 5),
            },
        )
        yield at, performer, held


def _of_visit(rng: Random, visit: Visit, people: Mapping[str, Person], *, year: int) -> Iterator[Said]:
    """The records behind the items that were ticked."""
    at, ticked = visit.saved_at, set(visit.checklist)

    def common() -> dict[str, Any]:
        made = {"id": new_id(_ms(at), rng.randbytes), "campaign": visit.campaign, "person": visit.person}
        return {
            **made,
            "visit": visit.id,
            "organisation": visit.organisation,
            "performer": visit.performer,
            "at": at,
        }

    said: list[RecordModel] = []
    is_key = not KEY_CATEGORIES.isdisjoint(people[visit.person].categories)
    if "ANNUAL_CONFIRMATION" in ticked and is_key:
        method = {"HOME": "HOME", "PHONE": "PHONE", "VIDEO": "VIDEO"}.get(visit.method, "APPOINTMENT")
        said.append(Confirmation(**common(), year=year, method=method, result=_RESULTS.draw(rng).value))
    if "PREFERENTIAL_CARD" in ticked:
        said.append(CardStep(**common(), state=_CARDS.draw(rng).value))
    if "FILE_REGISTRATION" in ticked:
        said.append(FileStep(**common(), state="FILED"))
    if "EXEMPLARY" in ticked:
        said.append(
            ExemplarySubject(**common(), kind="VETERAN", deeds=rng.choice(_DEEDS), consent="本人口头同意")
        )
    if "OPINIONS_SOUGHT" in ticked and rng.random() < 0.4:
        target = _TARGETS.draw(rng)
        named = {name: value for name, value in common().items() if name not in ("performer", "at")}
        said.append(Opinion(**named, target=target.value, day=at.date(), words=rng.choice(_OPINIONS[target])))
    yield from ((at + timedelta(milliseconds=2), visit.performer, record) for record in said)


def _steps(rng: Random, need: Need, performer: str, end: datetime) -> Iterator[Said]:
    """The steps that lead to the state that the need was invented with, as far as there was time."""
    if need.state == NeedState.FOUND:
        return
    state = NeedState[need.state]
    way = (state,) if state not in _WAY else _WAY[: _WAY.index(state) + 1]
    at = need.found_at
    for to in way:
        at += timedelta(hours=rng.uniform(2, 30))
        if at >= end:
            return
        given: dict[str, Any] = {}
        if to == NeedState.CLOSED:
            aid = _AID.draw(rng)
            money = rng.choice((50_000, 100_000, 200_000, 300_000)) if aid in _PAID else 0
            given = {"outcome": _OUTCOMES.draw(rng).value, "assistance": (aid.value,), "money_fen": money}
        if to == NeedState.FOLLOWED_UP:
            given = {"satisfied": rng.random() < 0.9}
        is_towns = to in _TOWNS and need.organisation.isdigit()
        step = NeedStep(
            id=new_id(_ms(at), rng.randbytes),
            campaign=need.campaign,
            need=need.id,
            person=need.person,
            organisation=need.organisation[:9] if is_towns else need.organisation,
            performer=performer,
            state=to.value,
            at=at,
            **given,
        )
        yield at, performer, step


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
