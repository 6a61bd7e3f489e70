"""Needs, opinions and meetings as the pages show them, and the steps that staff take there.

All of it is limited by the viewer's scope and by the organisation looked at: what is about a worker lies
at the county's path, and so no look at a village or town brings it up.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, Engine, select

from app.domain.campaign import Campaign
from app.domain.change import Change
from app.domain.codes import Assistance, NeedOutcome, NeedState, OpinionTarget, Role
from app.domain.errors import BadInput, NotAllowed, UnknownCode
from app.domain.facts import Activity, NeedStep, Opinion
from app.domain.ids import new_id
from app.domain.merge import Head, Mark
from app.domain.models import Need
from app.domain.names import mask_name
from app.domain.needs import Overdue, Standing, in_order, level_of, moves, overdue, standing
from app.domain.stamp import hlc_of
from app.domain.wire import head_from_json
from sync_server.db.engine import among, written
from sync_server.db.tables import accounts, heads, organisations
from sync_server.records.accounts import Account, desk_of, have_of
from sync_server.records.intake import accept_changes
from sync_server.records.judge import is_plain
from sync_server.records.scope import REVIEWERS, Scope
from sync_server.records.sealed import opened
from sync_server.summary.facts import CHINA

SHOWN = 200  # of one state, one target: a page, not an archive
STEPPERS = frozenset({Role.REVIEWER, Role.COUNTY_CLERK})
_GONE = "没有这件困难，或不在您的管理范围内。请返回列表。"
_LONGEST_WORDS = 500
_FEN_OF_MOST = 10**10


@dataclass(frozen=True, slots=True)
class Case:
    """A need as a page shows it; `name` is masked. `reminder` where its clock has run out."""

    standing: Standing
    name: str
    place: str
    reminder: Overdue | None


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One step with the names of who took it, and what does not fit in it."""

    step: NeedStep
    organisation: str
    performer: str
    flaws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One need with its steps, the last one last, and the states to which the viewer may bring it."""

    case: Case
    steps: tuple[StepTaken, ...]
    moves: tuple[NeedState, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """An opinion; `words` are None where only the county it is sealed to can open them."""

    opinion: Opinion
    place: str
    name: str
    words: str | None


@dataclass(frozen=True, slots=True)
class NewStep:
    """What a form says of a step; `money` in yuan, as typed."""

    state: str
    words: str = ""
    outcome: str = ""
    assistance: str = ""
    money: str = ""


def cases_at(connection: Connection, here: Scope, campaign: Campaign, today: date) -> list[Case]:
    """The needs of the campaign in `here`: open ones first, of these the overdue, the most serious, the
    oldest."""
    found = _read(connection, Need, _in(here))
    needs = [(head, need, where) for head, need, where in found if need.campaign == campaign.code]
    cases = _cases(connection, needs, _in(here), campaign, today)
    return sorted(cases, key=_urgency)


def case_file(
    connection: Connection, account: Account, need: str, campaign: Campaign, today: date
) -> CaseFile:
    """One need of the account's scope; raises UnknownCode for any other."""
    scope = account.scope
    here = (heads.c.record == need[:64]) & _in(scope)
    found = _read(connection, Need, here)
    if not found:
        raise UnknownCode(_GONE, field="need")
    (case,) = _cases(connection, found, heads.c.person == found[0][1].person, campaign, today)
    steps = case.standing.steps
    names = _names(connection, {step.performer for step in steps})
    stations = _stations(connection, {step.organisation for step in steps})
    taken = tuple(
        StepTaken(
            step,
            stations.get(step.organisation, step.organisation),
            names.get(step.performer, ""),
            tuple(flaw.label for flaw in case.standing.flaws.get(step.id, ())),
        )
        for step in steps
    )
    may = moves(case.standing.state, level_of(account.organisation.code))
    return CaseFile(case, taken, may if account.role in STEPPERS else ())


def take_step(engine: Engine, account: Account, need: str, new: NewStep, *, now_ms: int) -> str:
    """Add a step of the account's station to a need of its scope; the step's id.

    One write transaction of its own. Raises NotAllowed for whoever does not handle needs, UnknownCode,
    BadInput for a step that this station may not take now, a closing without an outcome, or an amount
    that is none.
    """
    if account.role not in REVIEWERS:
        raise NotAllowed(f"办理困难由乡镇审核员和县级经办在这里记，{account.role.label}请在手机上记。")
    if account.role not in STEPPERS:
        raise NotAllowed("市里只看办理情况，不在这里办理。请交给县里。")
    words = new.words.strip()
    if len(words) > _LONGEST_WORDS or not is_plain(words):
        raise BadInput(f"说明最多 {_LONGEST_WORDS} 个字。请改短再存。", field="words")
    fields: dict[str, Any] = {"money_fen": _fen(new.money)}
    if new.assistance:
        if new.assistance not in set(Assistance):
            raise BadInput("帮扶措施认不出来。请重新选。", field="assistance")
        fields[f"assistance/{new.assistance}"] = True
    if new.state == NeedState.CLOSED:
        if new.outcome not in set(NeedOutcome):
            raise BadInput("办结要选办成了什么样。请选了再存。", field="outcome")
        fields["outcome"] = new.outcome

    def take(connection: Connection) -> str:
        desk = desk_of(connection, account, now_ms=now_ms)
        here = (heads.c.record == need[:64]) & _in(account.scope)
        found = _read(connection, Need, here)
        if not found:
            raise UnknownCode(_GONE, field="need")
        _, kept, _ = found[0]
        marked = _marked_steps(connection, heads.c.person == kept.person).get(kept.id, [])
        state = standing(kept, in_order(marked)).state
        seen = max((mark.hlc for mark, _ in marked), default=0)
        if new.state not in moves(state, level_of(account.organisation.code)):
            raise BadInput(
                f"这件困难现在是“{state.label}”，不能这样办。请看过最新的情况再办。", field="state"
            )
        change = Change(
            device=desk.id,
            seq=have_of(connection, desk.id) + 1,
            hlc=max(hlc_of(now_ms), seen + 1),  # it follows what was seen, within the same millisecond too
            actor=account.id,
            entity=NeedStep.entity,
            record=new_id(now_ms, os.urandom),
            fields={
                "campaign": kept.campaign,
                "need": kept.id,
                "person": kept.person,
                "organisation": account.organisation.code,
                "performer": account.id,
                "state": new.state,
                "at": datetime.fromtimestamp(now_ms / 1000, UTC).isoformat(),
                "words": words,
                **fields,
            },
        )
        (receipt,) = accept_changes(connection, desk, [change], now_ms=now_ms)
        if receipt.status == "quarantined":
            raise BadInput(receipt.message or _GONE, field=receipt.field)
        return change.record

    return written(engine, take)


def opinions_at(connection: Connection, account: Account, here: Scope, campaign: Campaign) -> list[Heard]:
    """The opinions of the campaign in `here`, the latest first; sealed ones opened for the county
    that they are sealed to."""
    found = _read(connection, Opinion, _in(here))
    mine = [(head, said, where) for head, said, where in found if said.campaign == campaign.code]
    people = _people(connection, {said.person for _, said, _ in mine if said.person})
    heard = [
        Heard(said, where, people.get(said.person or "", ""), _words(connection, account, said))
        for _, said, where in mine
    ]
    return sorted(heard, key=lambda one: (one.opinion.day, one.opinion.id), reverse=True)


def activities_at(connection: Connection, here: Scope, campaign: Campaign) -> list[tuple[Activity, str]]:
    """The meetings of the campaign in `here` with the station's name, the latest first."""
    found = _read(connection, Activity, _in(here))
    mine = [(held, where) for _, held, where in found if held.campaign == campaign.code]
    return sorted(mine, key=lambda one: (one[0].at, one[0].id), reverse=True)


def _in(scope: Scope) -> ColumnElement[bool]:
    return scope.condition(heads.c.path, heads.c.unit_path)


def _words(connection: Connection, account: Account, said: Opinion) -> str | None:
    if said.target != OpinionTarget.WORKER or not said.sealed:
        return said.words
    if account.role not in {Role.COUNTY_CLERK, Role.CITY_ANALYST}:
        return None
    try:
        return opened(connection, account.organisation.county, said.sealed)
    except BadInput:
        return None


def _urgency(case: Case) -> tuple[bool, bool, int, datetime]:
    found = case.standing
    return (not found.is_open, case.reminder is None, -int(found.need.severity), found.need.found_at)


def _cases(
    connection: Connection,
    needs: Iterable[tuple[Head, Need, str]],
    about: ColumnElement[bool],
    campaign: Campaign,
    today: date,
) -> list[Case]:
    wanted = list(needs)
    steps = {need: in_order(marked) for need, marked in _marked_steps(connection, about).items()}
    people = _people(connection, {need.person for _, need, _ in wanted})
    cases = []
    for _, need, where in wanted:
        found = standing(need, steps.get(need.id, []))
        cases.append(Case(found, people.get(need.person, ""), where, overdue(found, campaign, today)))
    return cases


def _marked_steps(
    connection: Connection, about: ColumnElement[bool]
) -> dict[str, list[tuple[Mark, NeedStep]]]:
    marked = defaultdict(list)
    for head, step, _ in _read(connection, NeedStep, about):
        marked[step.need].append((head.first, step))
    return marked


def _read(connection: Connection, model: Any, condition: ColumnElement[bool]) -> list[tuple[Head, Any, str]]:
    """The records of `model` that stand, each with the name of the place where it lies."""
    query = (
        select(heads.c.row, organisations.c.name)
        .join(organisations, organisations.c.path == heads.c.path)
        .where(heads.c.entity == model.entity, condition)
    )
    found = []
    for row, name in connection.execute(query):
        head = head_from_json(from_json(row))
        if head.is_voided:
            continue
        try:
            found.append((head, model.read(head.record, head.values), name))
        except ValidationError:  # merged of two amendments that each were sound
            continue
    return found


def _people(connection: Connection, records: Iterable[str]) -> dict[str, str]:
    query = select(heads.c.record, heads.c.row).where(among(heads.c.record, list(records)))
    rows = connection.execute(query).all()
    return {
        record: mask_name(str(head_from_json(from_json(row)).values.get("name", ""))) for record, row in rows
    }


def _names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    query = select(accounts.c.id, accounts.c.name).where(among(accounts.c.id, list(ids)))
    return {row.id: row.name for row in connection.execute(query)}


def _stations(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    query = select(organisations.c.code, organisations.c.name)
    query = query.where(among(organisations.c.code, list(codes)))
    return {row.code: row.name for row in connection.execute(query)}


def _fen(yuan: str) -> int:
    amount = yuan.strip()
    if not amount:
        return 0
    whole, _, part = amount.partition(".")
    is_amount = whole.isascii() and whole.isdigit() and len(part) <= 2 and (not part or part.isdigit())
    fen = int(whole) * 100 + int(part.ljust(2, "0") or 0) if is_amount and len(whole) < 10 else _FEN_OF_MOST
    if not is_amount or fen >= _FEN_OF_MOST:
        raise BadInput("帮扶资金要写数字，单位元，如 500 或 500.50。请改后再存。", field="money")
    return fen


def today_of(now_ms: int) -> date:
    """The day in China."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(CHINA).date()
