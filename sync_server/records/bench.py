"""The bench: what the Changes of a batch are judged against, and what a judgement gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime
from enum import StrEnum

from app.domain.campaign import Limits
from app.domain.change import Change
from app.domain.china import CHINA
from app.domain.models import RecordModel
from app.domain.stamp import ms_of
from sync_server.records.accounts import DeviceRow
from sync_server.records.apply import Kept, Place
from sync_server.records.campaigns import CampaignCodes
from sync_server.records.organisations import Organisation
from sync_server.records.refusals import Refusal, refusal
from sync_server.records.scope import Scope

LONGEST_ID = 64
MOST = 2**53  # beyond it JSON readers disagree
CLOCK_SLACK_MS = 10 * 60 * 1000
PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


@dataclass(slots=True)
class Bench:
    """What the Changes of a batch are judged against; `records` grows with each accepted one.

    `held` tells whether a person lay in a scope at the cursor that the device sent, though he has left
    it since (P11); `works_at` whether an account works, or has worked, at an organisation. `decider` is
    the scope of the reviewer by whose decision a Change is judged, if one is.
    """

    device: DeviceRow
    offset_ms: int
    organisations: Mapping[str, Organisation]
    campaigns: Mapping[str, CampaignCodes]
    records: MutableMapping[str, Kept]
    held: Callable[[Scope, str], bool]
    works_at: Callable[[str, str], bool]
    decider: Scope | None = None

    def holds(self, change: Change, path: str, unit_path: str | None = None) -> bool:
        """True if what has these paths is of those to whom `change` may say something: the actor's, and
        the deciding reviewer's. Asked one by one: united, a unit's people would count as the reviewer's."""
        scopes = [self.device.scope_of(change.actor), *([self.decider] if self.decider is not None else [])]
        return any(scope.holds(path, unit_path) for scope in scopes)

    def knows_performer(self, change: Change, performer: str, organisation: str) -> bool:
        """True if what was done for `organisation` may have been done by `performer`: the actor himself,
        another worker of this phone, or a colleague there, for whom somebody else writes it down."""
        here = performer == change.actor or performer in self.device.actors
        return here or self.decider is not None or self.works_at(performer, organisation)

    def has_held(self, change: Change, person: str) -> bool:
        """True if `person` was rightly on the actor's list when the device last asked."""
        return self.held(self.device.scope_of(change.actor), person)


@dataclass(frozen=True, slots=True)
class Cleared:
    """A Change that may be merged: where its record belongs, and the person whom a fact is about.

    `model` is the record as the Change has it.
    """

    place: Place
    owner: Kept | None
    model: RecordModel


def decided_by_a_person(bench: Bench, change: Change, decider: Scope) -> Bench:
    """`bench` without the rules that a reviewer may set aside: how much was given, who said and did it, and,
    inside his own scope `decider`, whose people they are. What cannot be in a record is refused as ever."""
    actors = bench.device.actors | {change.actor}
    device = replace(bench.device, actors=actors, is_revoked=False)
    unlimited = Limits(cash_fen=MOST, goods_fen=MOST, aid_fen=MOST)
    campaigns = {code: replace(codes, limits=unlimited) for code, codes in bench.campaigns.items()}
    return replace(bench, device=device, campaigns=campaigns, decider=decider)


def in_time(bench: Bench, claimed: datetime, name: str, effective: int) -> Refusal | None:
    """Why the time `claimed` in the field `name` cannot be, if it cannot.

    A time on the phone's clock is corrected as its stamps are, and then lies not after the Change.
    """
    corrected_ms = claimed.timestamp() * 1000 + bench.offset_ms
    if corrected_ms > ms_of(effective) + CLOCK_SLACK_MS:
        return refusal("future_time", field=name)
    return refusal("bad_field", field=name) if is_beyond_calendars(claimed) else None


def begun(bench: Bench, written: str, name: str, effective: int) -> Refusal | None:
    """Why the day, month or year `written` in the field `name` cannot be, if it cannot.

    One of the calendar that had begun in China when the Change was made, by the corrected clock.
    """
    first = beginning_of(written)
    return refusal("bad_field", field=name) if first is None else in_time(bench, first, name, effective)


def beginning_of(written: str) -> datetime | None:
    """The first moment in China of a YYYY-MM-DD, YYYY-MM or YYYY; None for what is none of the calendar."""
    if PARTIAL_DATE.fullmatch(written) is None:
        return None
    try:
        return datetime.fromisoformat(written + "-01-01"[len(written) - 4 :]).replace(tzinfo=CHINA)
    except ValueError:
        return None


def is_beyond_calendars(moment: datetime) -> bool:
    """In the first or last year that a computer knows: told in another time zone it may be in none."""
    return moment.year in (MINYEAR, MAXYEAR)


def codes_of(*enums: type[StrEnum]) -> frozenset[str]:
    """Every code of these lists."""
    return frozenset(member.value for enum in enums for member in enum)
