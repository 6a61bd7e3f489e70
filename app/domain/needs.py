"""How a need goes on: which step may follow which, who may take it, and by when (domain.md 3).

Used by the phone to offer steps and by the server's pages to offer, to flag and to remind. It refuses
nothing: two stations that were both offline may each have taken a step, and both stay. The state of a
need is that of its latest step that stands; a step that does not fit is told to a person as a `Flaw`
(docs/adr/0027). Clocks are the campaign file's, indicative and never a score.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.domain.campaign import Campaign, NeedClock
from app.domain.china import CHINA
from app.domain.codes import LabelledCode, NeedSeverity, NeedState
from app.domain.facts import NeedStep
from app.domain.merge import Mark
from app.domain.models import Need

CLOSED_STATES = frozenset({NeedState.CLOSED, NeedState.FOLLOWED_UP})
UNTRUE_STATE = NeedState.NOT_CONFIRMED


class Level(LabelledCode):
    """Where a station stands; a unit (市直, 省部属单位) reports to the city by itself."""

    VILLAGE = "VILLAGE", "村(社区)"
    TOWNSHIP = "TOWNSHIP", "乡镇(街道)"
    COUNTY = "COUNTY", "县(市、区)"
    CITY = "CITY", "市"
    UNIT = "UNIT", "单位"


class Flaw(LabelledCode):
    """Why a step does not fit. It stays and counts; somebody should look."""

    ORDER = "ORDER", "与上一步对不上，可能两处同时办理，请核对"
    LEVEL = "LEVEL", "这一步通常不由这一级来做，请核对"


_LEVEL_OF_LENGTH = {12: Level.VILLAGE, 9: Level.TOWNSHIP, 6: Level.COUNTY, 4: Level.CITY}
_ABOVE = {
    Level.VILLAGE: Level.TOWNSHIP,
    Level.TOWNSHIP: Level.COUNTY,
    Level.COUNTY: Level.CITY,
    Level.CITY: Level.CITY,
    Level.UNIT: Level.CITY,
}
_ALL = frozenset(Level)
_STATIONS = frozenset({Level.VILLAGE, Level.TOWNSHIP, Level.UNIT})
_LOWER = frozenset({Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY, Level.UNIT})  # who has somebody above
_BETWEEN = frozenset({Level.TOWNSHIP, Level.COUNTY, Level.UNIT})  # has taken it over and may pass it on
_HANDLERS = frozenset({Level.TOWNSHIP, Level.COUNTY, Level.CITY, Level.UNIT})
_HEADS = frozenset({Level.COUNTY, Level.CITY})

# From each state: what may follow, in the order in which it is offered, and who may say so.
MOVES: Mapping[NeedState, Mapping[NeedState, frozenset[Level]]] = {
    NeedState.FOUND: {
        NeedState.VERIFIED: _ALL,
        NeedState.REPORTED: _STATIONS,  # what is urgent goes up before it is looked into
        NeedState.NOT_CONFIRMED: _ALL,
    },
    NeedState.VERIFIED: {
        NeedState.REPORTED: _STATIONS,
        NeedState.IN_PROGRESS: _HANDLERS,
        NeedState.CLOSED: _HANDLERS,
        NeedState.NOT_CONFIRMED: _ALL,
    },
    NeedState.NOT_CONFIRMED: {NeedState.VERIFIED: _ALL},
    NeedState.REPORTED: {
        NeedState.ACCEPTED: _HANDLERS,
        NeedState.RETURNED: _HANDLERS,
        NeedState.REPORTED: _BETWEEN,  # further up
        NeedState.NOT_CONFIRMED: _HANDLERS,
    },
    NeedState.RETURNED: {
        NeedState.REPORTED: _LOWER,
        NeedState.VERIFIED: _ALL,
        NeedState.CLOSED: _HANDLERS,
        NeedState.NOT_CONFIRMED: _ALL,
    },
    NeedState.ACCEPTED: {
        NeedState.ASSIGNED: _HEADS,
        NeedState.IN_PROGRESS: _HANDLERS,
        NeedState.REPORTED: _BETWEEN,  # more than this level can do
        NeedState.CLOSED: _HANDLERS,
    },
    NeedState.ASSIGNED: {
        NeedState.IN_PROGRESS: _HANDLERS,
        NeedState.RETURNED: _HANDLERS,
        NeedState.CLOSED: _HANDLERS,
    },
    NeedState.IN_PROGRESS: {
        NeedState.CLOSED: _HANDLERS,
        NeedState.REPORTED: _BETWEEN,
        NeedState.ASSIGNED: _HEADS,
    },
    NeedState.CLOSED: {NeedState.FOLLOWED_UP: _ALL, NeedState.IN_PROGRESS: _HANDLERS},
    NeedState.FOLLOWED_UP: {NeedState.IN_PROGRESS: _HANDLERS},  # opened again
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A need as its steps have left it: `steps` in the order in which they count, `flaws` by step id.

    `level` is that of the station that brought it to `state`, at `since`. `is_dissatisfied`: the person
    was asked after closing and was not content.
    """

    need: Need
    state: NeedState
    level: Level
    since: datetime
    steps: tuple[NeedStep, ...] = ()
    flaws: Mapping[str, tuple[Flaw, ...]] = field(default_factory=dict)
    is_dissatisfied: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.state not in CLOSED_STATES and self.state != UNTRUE_STATE


@dataclass(frozen=True, slots=True)
class Due:
    """The next step is looked for until `due_on`, from a station of the level `by`."""

    due_on: date
    by: Level


@dataclass(frozen=True, slots=True)
class Overdue:
    """A reminder: the step that `by` was to take was due on `due_on`, `days` ago; `told` is told of it."""

    due_on: date
    days: int
    by: Level
    told: Level


def level_of(organisation: str) -> Level:
    """The level of a station by its code: those of divisions have 4, 6, 9 or 12 digits."""
    found = _LEVEL_OF_LENGTH.get(len(organisation)) if organisation.isdigit() else None
    return found or Level.UNIT


def moves(state: str, level: Level) -> tuple[NeedState, ...]:
    """The states to which a station of `level` may bring a need that is in `state`, as they are offered."""
    return tuple(to for to, who in MOVES[NeedState[state]].items() if level in who)


def in_order(steps: Iterable[tuple[Mark, NeedStep]]) -> list[NeedStep]:
    """The steps as they count: by (effective hlc, device, seq) of their creation (`Head.first`)."""
    found = sorted(steps, key=lambda one: (one[0].hlc, one[0].device, one[0].seq))
    return [step for _, step in found]


def standing(need: Need, steps: Sequence[NeedStep]) -> Standing:
    """Where `need` stands after its `steps`, in order and none of them voided."""
    flaws: dict[str, tuple[Flaw, ...]] = {}
    state = NeedState[need.state]
    for step in steps:
        allowed = MOVES[state].get(NeedState[step.state])
        if allowed is None:
            flaws[step.id] = (Flaw.ORDER,)
        elif level_of(step.organisation) not in allowed:
            flaws[step.id] = (Flaw.LEVEL,)
        state = NeedState[step.state]
    last = steps[-1] if steps else None
    return Standing(
        need=need,
        state=state,
        level=level_of(last.organisation if last else need.organisation),
        since=last.at if last else need.found_at,
        steps=tuple(steps),
        flaws=flaws,
        is_dissatisfied=last is not None and last.satisfied is False,
    )


def due(found: Standing, campaign: Campaign) -> Due | None:
    """By when the next step is looked for, None where the campaign has no clock for it."""
    clock = _clock(campaign, found)
    if clock is None:
        return None
    began = found.since.astimezone(CHINA).date()
    if found.need.severity == NeedSeverity.URGENT and clock.urgent_days is not None:
        due_on = began + timedelta(days=clock.urgent_days)
    elif clock.working:
        due_on = after_working_days(began, clock.days, campaign)
    else:
        due_on = began + timedelta(days=clock.days)
    return Due(due_on, Level[clock.by])


def overdue(found: Standing, campaign: Campaign, today: date) -> Overdue | None:
    """The reminder that `found` gives on `today`, None where its clock has not run out or it has none."""
    next_step = due(found, campaign)
    if next_step is None or today <= next_step.due_on:
        return None
    by = next_step.by
    return Overdue(next_step.due_on, (today - next_step.due_on).days, by, _ABOVE[by])


def after_working_days(start: date, days: int, campaign: Campaign) -> date:
    """The day `days` working days after `start`; the campaign names holidays and worked weekends."""
    day = start
    left = days
    while left > 0:
        day += timedelta(days=1)
        is_weekday = day.weekday() < 5 and day not in campaign.holidays
        if is_weekday or day in campaign.extra_workdays:
            left -= 1
    return day


def _clock(campaign: Campaign, found: Standing) -> NeedClock | None:
    fitting = [c for c in campaign.clocks if c.state == found.state and c.level in (None, found.level)]
    exact = [c for c in fitting if c.level is not None]
    return next(iter((*exact, *fitting)), None)
