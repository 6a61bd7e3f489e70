"""Pictures of what a visit finds out: needs and their steps, entries, confirmation, card, opinion, death."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.domain.facts import CardStep, Confirmation, ExemplarySubject, NeedStep
from app.domain.merge import Candidate, Head, Mark
from app.domain.models import Need, Person
from app.state.typed import CHINA
from app.store.inbox import apply_page
from app.store.store import Store
from app.store.visits import record_visit
from tests.fakes import NOON, VILLAGE, FakeClock, answer_of, campaign, head_of, person, visit_to

_HLC = (NOON + 3_600_000) << 16
_AT = datetime(2022, 7, 20, 9, tzinfo=CHINA)
_TOWN, _COUNTY = "331121209", "331121"


def fill_findings(store: Store, clock: FakeClock) -> None:
    """A few people with long names to whom much has happened."""
    people = [
        person(
            "f-1", name="阿卜杜拉·麦合木提江·买买提", hamlet="枫树岭后湾自然村", house="71号", sex="M",
            born="1941-03-02", living=("LIVING_ALONE", "SERIOUSLY_ILL"), merit="SECOND",
            phones={"13900000071": "本人", "13900000072": "女儿"}, note="白天在家",
            away="OUT_OF_CITY", away_place="温州市鹿城区", employment="FARMING",
        ),
        person("f-2", name="欧阳𠅤𬱖", hamlet="上坞", house="12号", sex="F", born="1958"),
    ]  # fmt: skip
    facts: list[Any] = [
        _need("n-1", "f-1", "HOUSING", "3", "屋顶漏雨，连着下了三天，床都湿了，想请人来修"),
        _step("n-1", "f-1", "VERIFIED", VILLAGE, words="去看过，属实"),
        _step("n-1", "f-1", "REPORTED", VILLAGE),
        _step("n-1", "f-1", "RETURNED", _TOWN, words="缺房屋照片和低保证明，请补上再报"),
        _need("n-2", "f-1", "MEDICAL", "2", ""),
        _step("n-2", "f-1", "IN_PROGRESS", _COUNTY, words="已联系县医院"),
        _need("n-3", "f-2", "LIVING", "4", "断粮两天"),
        _need("n-4", "f-2", "EMPLOYMENT", "1", "想找个离家近的活"),
        _step(
            "n-4", "f-2", "CLOSED", _COUNTY, outcome="PARTLY", assistance=("JOB_REFERRAL", "TRAINING"),
            money_fen=50000, words="介绍到茶厂",
        ),
        Confirmation(
            id="c-1", campaign=campaign().code, person="f-1", organisation=VILLAGE, performer="w", year=2021,
            method="HOME", result="NORMAL", at=_AT.replace(year=2021),
        ),
        CardStep(
            id="k-1", campaign=campaign().code, person="f-1", organisation=_TOWN, performer="w",
            state="IN_REVIEW", at=_AT,
        ),
        ExemplarySubject(
            id="e-1", campaign=campaign().code, person="f-1", organisation=VILLAGE, performer="w",
            kind="VETERAN", deeds="三十年义务守护烈士墓，村里人都知道", level="COUNTY", year=2021, at=_AT,
        ),
    ]  # fmt: skip
    rows = [head_of(one) for one in people]
    rows += [head_of(one, mark=Mark(1, at, "phone-9", at, "clerk")) for at, one in enumerate(facts, 1)]
    apply_page(store, "phone-1", answer_of(rows=rows))
    record_visit(store, visit_to("f-1", at=_AT))
    apply_page(store, "phone-1", answer_of(rows=[_changed(people[0])], cursor="c2"))


def _changed(before: Person) -> Head:
    """The county has written two entries since, and in one of them not what the roster says."""
    row = head_of(before, version=2)
    county = Mark(2, _HLC, "phone-9", 9, "clerk")
    marks = {
        "house": (Candidate(county, "73号"), Candidate(row.first, "71号")),
        "employment": (Candidate(county, "SEEKING"),),
    }
    values = {**row.values, "house": "73号", "employment": "SEEKING"}
    return Head(row.entity, row.record, 2, values, row.first, marks)


def _need(record: str, who: str, kind: str, severity: str, words: str) -> Need:
    return Need(
        id=record, campaign=campaign().code, person=who, organisation=VILLAGE, type=kind, severity=severity,
        cause="SUDDEN", words=words, found_at=_AT,
    )  # fmt: skip


def _step(need: str, who: str, state: str, organisation: str, **more: Any) -> NeedStep:
    return NeedStep(
        id=f"{need}-{state}", campaign=campaign().code, need=need, person=who, at=_AT,
        organisation=organisation, performer="w", state=state, **more,
    )  # fmt: skip
