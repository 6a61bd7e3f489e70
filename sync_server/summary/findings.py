"""Reading needs with their steps, and all else that was found out, out of fact rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select, true

from app.domain.codes import ActivityKind, CardState, ConfirmationResult, FileState, OpinionTarget, PhotoKind
from app.domain.facts import (
    Activity,
    CardStep,
    Confirmation,
    ExemplarySubject,
    FileStep,
    Opinion,
    Photo,
)
from app.domain.needs import CLOSED_STATES, UNTRUE_STATE
from app.domain.recount import is_aid
from sync_server.db.tables import finding_facts, need_facts, need_step_facts, organisations
from sync_server.summary.places import at_or_below, county_path
from sync_server.summary.plan import AIDED, CARD_APPLIED, CARD_ISSUED, CONFIRMED, EXEMPLARY, FILED
from sync_server.summary.reading import Reading, about_people, driver_rows
from sync_server.summary.tally import Share

# What a person's finding marks him with: (entity, what it says) -> mark; "" stands for whatever it says.
_MARKS = {
    **{
        (Confirmation.entity, result.value): CONFIRMED
        for result in ConfirmationResult
        if result != ConfirmationResult.PUT_OFF
    },
    (FileStep.entity, FileState.FILED.value): FILED,
    (CardStep.entity, CardState.APPLIED.value): CARD_APPLIED,
    (CardStep.entity, CardState.ISSUED.value): CARD_ISSUED,
    (ExemplarySubject.entity, ""): EXEMPLARY,
}
# What is counted one by one: (entity, what it says) -> how the count is called, and that of its number.
_COUNTS = {
    **{(Opinion.entity, target.value): ("opinions_work", "") for target in OpinionTarget},
    (Opinion.entity, OpinionTarget.WORKER.value): ("opinions_worker", ""),
    (Activity.entity, ActivityKind.SYMPOSIUM.value): ("symposia", "symposia_attendance"),
    (Activity.entity, ActivityKind.DEEDS_TALK.value): ("deeds_talks", "deeds_talks_attendance"),
    (Photo.entity, PhotoKind.SCENE.value): ("pictures", ""),
    (Photo.entity, PhotoKind.PUBLICITY.value): ("pictures", ""),
    (Photo.entity, PhotoKind.VIDEO.value): ("videos", ""),
}


def states_of_needs(rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    """Need -> the state of its latest step; `rows` are (need, state, effective, device, seq)."""
    latest: dict[str, tuple[tuple[int, str, int], str]] = {}
    for need, state, *stamp in rows:
        mark = (stamp[0], stamp[1], stamp[2])
        if need not in latest or mark > latest[need][0]:
            latest[need] = (mark, state)
    return {need: state for need, (_, state) in latest.items()}


def add_needs(into: Reading) -> None:
    """Needs by the state in which their steps have left them, and what was given in those."""
    n, s = need_facts.c, need_step_facts.c
    needs = select(n.record, n.person, n.state).where(
        n.campaign == into.plan.campaign.code, n.is_voided.is_(False)
    )
    standing = select(s.need, s.state, s.effective, s.device, s.seq).where(s.is_voided.is_(False))
    given = select(s.need, s.assistance, s.money_fen).where(
        s.is_voided.is_(False), (s.assistance != " ") | (s.money_fen > 0)
    )
    state_of = states_of_needs(_rows(into, standing, s.person))
    index_of_need: dict[str, int] = {}
    for need, person, found_state in _rows(into, needs, n.person):
        index = into.index_of.get(person)
        state = state_of.get(need, found_state)
        if index is None or state == UNTRUE_STATE:
            continue
        index_of_need[need] = index
        into.listings.bits[index] |= into.plan.need_bits
        share = into.listings.shares[index]
        share.needs_found += 1
        share.needs_closed += state in CLOSED_STATES
    for need, assistance, money_fen in _rows(into, given, s.person):
        index = index_of_need.get(need)
        if index is not None and is_aid(assistance.split(), money_fen):
            into.listings.bits[index] |= AIDED
            into.listings.shares[index].aid_fen += money_fen


def add_findings(into: Reading, station_share: Callable[[str], Share]) -> None:
    """What was found out about people, who bear marks of it, and what stations did and heard."""
    f = finding_facts.c
    counts = (f.campaign == into.plan.campaign.code, f.is_voided.is_(False))
    what = (f.entity, f.says, func.count(), func.sum(f.number))
    about = select(f.person, *what).where(*counts, f.person != "").group_by(f.person, f.entity, f.says)
    for person, entity, says, times, number in _rows(into, about, f.person):
        index = into.index_of.get(person)
        if index is not None:
            mark = _MARKS.get((entity, says), 0) | _MARKS.get((entity, ""), 0)
            into.listings.bits[index] |= mark
            _count(into.listings.shares[index], entity, says, times, number)
    o = organisations.c
    own = select(o.path, *what).join(organisations, o.code == f.organisation)
    own = own.where(*counts, f.person == "", _stations(into)).group_by(o.path, f.entity, f.says)
    for path, entity, says, times, number in driver_rows(into.connection, own):
        is_countys = (entity, says) == (Opinion.entity, OpinionTarget.WORKER.value)
        at = county_path(path) if is_countys else path
        if into.here.contains(at):
            _count(station_share(at), entity, says, times, number)


def _count(share: Share, entity: str, says: str, times: int, number: Any) -> None:
    names = _COUNTS.get((entity, says))
    if names is not None:
        share.counted[names[0]] += times
        if names[1]:
            share.counted[names[1]] += int(number)  # PostgreSQL adds whole numbers up as decimals


def _stations(into: Reading) -> ColumnElement[bool]:
    return true() if into.here.is_whole else and_(at_or_below(organisations.c.path, into.here.path))


def _rows(into: Reading, query: Select[Any], person: Any) -> Iterator[tuple[Any, ...]]:
    """The rows of `query` about anybody who counts here; about whoever else there may be more of them."""
    for condition in [true()] if into.here.is_whole else about_people(into, person):
        yield from driver_rows(into.connection, query.where(condition))
