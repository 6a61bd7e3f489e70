"""What an invented city has found out beside its visits, with every oddity that counting must bear."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from app.domain.campaign import Campaign
from app.domain.codes import (
    ActivityKind,
    Assistance,
    AttendeeKind,
    CardState,
    ConfirmationResult,
    ExemplaryKind,
    FileState,
    NeedState,
    OpinionTarget,
    PhotoKind,
)
from app.domain.facts import (
    Activity,
    CardStep,
    Confirmation,
    ExemplarySubject,
    FileStep,
    NeedStep,
    Opinion,
    Photo,
)
from app.domain.models import RecordModel

if TYPE_CHECKING:
    from tests.summary.city import City

_AT = datetime(2022, 7, 21, tzinfo=UTC)


def invent_facts(rng: random.Random, city: City, config: Campaign) -> Iterator[RecordModel]:
    """A few of each entity, some of another campaign, some voided, some about nobody who is here."""
    stations = list(city.paths)
    for i, need in enumerate(rng.choices(city.needs, k=2 * len(city.needs)) if city.needs else ()):
        given = tuple(str(a) for a in rng.sample(list(Assistance), rng.randrange(3)))
        yield NeedStep(
            id=f"step-{i}",
            need=need.id,
            person=need.person,
            state=_one(rng, NeedState),
            outcome="SOLVED",
            assistance=given,
            money_fen=rng.choice([0, 0, 12_345]),
            **_common(rng, config, stations),
        )
    for i in range(len(city.people) // 2):
        person = rng.choice(city.people).id
        about: dict[str, Any] = {"person": person, **_common(rng, config, stations)}
        yield Confirmation(
            id=f"confirmation-{i}", year=2022, method="HOME", result=_one(rng, ConfirmationResult), **about
        )
        yield CardStep(id=f"card-{i}", state=_one(rng, CardState), **about)
        yield FileStep(id=f"file-{i}", state=_one(rng, FileState), **about)
        if i % 4 == 0:
            yield ExemplarySubject(id=f"fine-{i}", kind=_one(rng, ExemplaryKind), deeds="修桥", **about)
    for i in range(len(city.people) // 3):
        yield _opinion(rng, i, city, _common(rng, config, stations))
        yield _photo(rng, i, city, _common(rng, config, stations))
        common = _common(rng, config, stations)
        yield Activity(
            id=f"activity-{i}",
            kind=_one(rng, ActivityKind),
            attendance={str(kind): rng.randrange(30) for kind in rng.sample(list(AttendeeKind), 2)},
            **common,
        )


def _opinion(rng: random.Random, i: int, city: City, common: dict[str, Any]) -> Opinion:
    about = rng.choice([None, rng.choice(city.people).id, "person-unknown"])
    said = {name: common[name] for name in ("campaign", "organisation", "voided")}
    return Opinion(id=f"opinion-{i}", target=_one(rng, OpinionTarget), day=_AT.date(), person=about, **said)


def _photo(rng: random.Random, i: int, city: City, common: dict[str, Any]) -> Photo:
    about = {"activity": "a"} if rng.random() < 0.3 else {"visit": "v", "person": rng.choice(city.people).id}
    said = {name: value for name, value in common.items() if name != "at"}
    return Photo(
        id=f"photo-{i}",
        kind=_one(rng, PhotoKind),
        sha256="0" * 64,
        size_bytes=1,
        mime="image/jpeg",
        taken_at=_AT,
        **about,
        **said,
    )


def _common(rng: random.Random, config: Campaign, stations: list[str]) -> dict[str, Any]:
    return {
        "campaign": config.code if rng.random() < 0.9 else "lishui-2021",
        "organisation": rng.choice(stations),
        "performer": "worker-1",
        "at": _AT,
        "voided": rng.random() < 0.1,
    }


def _one(rng: random.Random, codes: Iterable[StrEnum]) -> str:
    return rng.choice([code.value for code in codes])
