"""Refused work before a reviewer: what waits in his part of the tree, and what he decides (P6, P11).

Both the API and the page come here; the scope is the account's own (scope.py), and what lies outside
it is answered like what does not exist.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, func, select

from app.domain.errors import AlreadyDecided, BadInput, OutsideScope, UnknownCode
from app.domain.facts import Opinion
from app.domain.names import mask_name
from app.domain.unsigned import day_began_ms
from sync_server.db.engine import among, written
from sync_server.db.tables import accounts, heads, organisations, quarantine
from sync_server.records import intake
from sync_server.records.accounts import Account
from sync_server.records.campaigns import all_campaigns
from sync_server.records.judge import is_plain
from sync_server.records.quarantine import (
    RELEASED,
    REPLACED,
    SELECT_REFUSED,
    SET_ASIDE,
    WAITING,
    Decision,
    Entry,
    Refused,
    named,
    refused_of,
)
from sync_server.records.review_words import DECIDABLE, Names, said, way_on, what, why
from sync_server.records.scope import Scope, demand_reviewer

PAGE = 50
LONGEST_REASON = 200
RELEASE = "release"
_BEYOND = "这里不能收下：人或单位不在您的管理范围内，或内容还有别的问题。请县里（市里）收下，或写明理由不收。"
_STILL_AT_FAULT = "服务器处理这一条时又出错了，内容已原样保留，还在这里。请告诉管理员，不用让填写人重填。"
_UNSIGNED = "不记名"
_logger = logging.getLogger(__name__)
_OF_ACTION = {RELEASE: RELEASED, SET_ASIDE: SET_ASIDE}


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One refused Change as a reviewer sees it, named by (device, seq).

    `about` is the person's masked name, None where he is not in the reviewer's own scope; `by` who said
    it, `received_at` Unix ms; `said` the fields in plain words. `hint` says what happens by itself.
    """

    device: str
    seq: int
    ref: str
    code: str
    what: str
    why: str
    hint: str
    can_release: bool
    about: str | None
    by: str
    organisation: str
    received_at: int
    said: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """`items` in the order in which they arrived; `cursor` is where the next page begins, None at the end."""

    items: list[ReviewItem]
    cursor: int | None
    waiting: int


def waiting_in(connection: Connection, account: Account, *, after: int = 0, limit: int = PAGE) -> ReviewPage:
    """What waits in the account's scope behind `after`, the longest waiting first; raises NotAllowed."""
    demand_reviewer(account.role)
    scope = account.scope
    inside = (quarantine.c.status == WAITING) & scope.condition(quarantine.c.path, quarantine.c.path)
    query = (
        SELECT_REFUSED.where(inside, quarantine.c.arrived_no > after)
        .order_by(quarantine.c.arrived_no)
        .limit(limit + 1)
    )
    rows = connection.execute(query).all()
    found = [(refused_of(row), row.received_at, row.ref) for row in rows[:limit]]
    waiting = connection.execute(select(func.count()).select_from(quarantine).where(inside)).scalar_one()
    items = _items(connection, scope, found)
    cursor = found[-1][0].entry.arrived_no if len(rows) > limit else None
    return ReviewPage(items, cursor, int(waiting))


def decide(
    engine: Engine, account: Account, device: str, seq: int, *, action: str, reason: str, now_ms: int
) -> Entry:
    """Let the refused Change (device, seq) count (`release`) or not (`set_aside`); what became of it.

    One write transaction of its own; the same decision again changes nothing. Raises NotAllowed,
    UnknownCode for what is not in the account's scope, AlreadyDecided, and BadInput for an unknown
    action, a missing or too long reason, or a Change that cannot be merged as it is; OutsideScope for a
    release that would say something of people, or in the name of a unit, beyond the account's scope.
    """
    demand_reviewer(account.role)
    if action not in _OF_ACTION:
        raise BadInput("处理办法只有 release（收下）和 set_aside（不收）。请改后再试。", field="action")
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        raise BadInput(f"理由最多 {LONGEST_REASON} 个字，不分段。请改短再交。", field="reason")
    if action == SET_ASIDE and not reason:
        raise BadInput("不收要写明理由，填写人会看到。请写上再交。", field="reason")
    decision = Decision(account.id, account.name, reason)

    def settle(connection: Connection) -> Entry:
        refused = _demand(connection, account.scope, device, seq)
        if refused.entry.status == _OF_ACTION[action]:
            return refused.entry
        if refused.entry.status in (RELEASED, REPLACED):
            raise AlreadyDecided("这一条已经处理过了，没有再改。请刷新页面。")
        if action == SET_ASIDE:
            intake.set_aside(connection, refused, decision, now_ms=now_ms)
        else:
            refusal = intake.release(connection, refused, decision, account.scope, now_ms=now_ms)
            if refusal is not None and refusal.code == "outside_scope":
                subject = "这个单位" if refusal.field == "organisation" else "这个人"
                raise OutsideScope(
                    f"{subject}不在您的管理范围内。请县里（市里）收下，或写明理由不收。", field="action"
                )
            if refusal is not None and refusal.code == "server_fault":
                raise BadInput(_STILL_AT_FAULT, field="action")
            if refusal is not None:
                told = why(refusal.code, refusal.field, refusal.message)
                raise BadInput(f"这一条不能直接收下：{told}。请让填写人改好再传，或不收。", field="action")
        return named(connection, device, [seq])[0].entry

    return written(engine, settle)


def _demand(connection: Connection, scope: Scope, device: str, seq: int) -> Refused:
    found = named(connection, device, [seq])
    if not found or not scope.holds(found[0].entry.path):
        raise UnknownCode("您的管理范围内没有这一条待看的记录。请刷新页面。")
    return found[0]


def _items(
    connection: Connection, scope: Scope, found: Sequence[tuple[Refused, int, str]]
) -> list[ReviewItem]:
    people = {_person_of(refused) for refused, _, _ in found} - {""}
    inside = scope.condition(heads.c.path, heads.c.unit_path)
    query = select(heads.c.record, heads.c.row).where(
        among(heads.c.record, people), heads.c.entity == "person", inside
    )
    masked = {
        record: mask_name(str(from_json(row)["values"].get("name") or ""))
        for record, row in connection.execute(query)
    }
    actors = {refused.change.actor for refused, _, _ in found if refused.change is not None}
    by = _texts(connection, accounts.c.id, accounts.c.name, actors)
    codes = {refused.entry.path.rpartition("/")[2] for refused, _, _ in found} | _codes_said(found)
    names = Names(
        all_campaigns(connection), _texts(connection, organisations.c.code, organisations.c.name, codes)
    )
    return [
        ReviewItem(
            device=refused.entry.device,
            seq=refused.entry.seq,
            ref=ref,
            code=refused.entry.code,
            what=what(refused.change),
            why=why(refused.entry.code, refused.entry.field, refused.entry.message),
            hint=_BEYOND if refused.entry.code in DECIDABLE and not can else way_on(refused.entry.code),
            can_release=can,
            about=masked.get(_person_of(refused)),
            by=_UNSIGNED
            if _is_anonymous(refused)
            else by.get(refused.change.actor if refused.change is not None else "", "服务器"),
            organisation=names.organisations.get(refused.entry.path.rpartition("/")[2], ""),
            received_at=day_began_ms(received_at) if _is_anonymous(refused) else received_at,
            said=tuple(said(refused.change, names)),
        )
        for refused, received_at, ref in found
        for can in [_can_release(connection, refused, scope)]
    ]


def _can_release(connection: Connection, refused: Refused, scope: Scope) -> bool:
    """Whether the reviewer is to be offered it: no button that answers with a refusal."""
    if refused.entry.code not in DECIDABLE:
        return False
    try:
        return intake.can_release(connection, refused, scope, now_ms=0)
    except Exception as fault:  # noqa: BLE001 - one that cannot be judged must not hide all the others
        _logger.error("%s seq %s: %s", refused.entry.device, refused.entry.seq, type(fault).__name__)
        return False


def _is_anonymous(refused: Refused) -> bool:
    """One that was given without a name: who wrote it down, and when that day, would tell whose it is."""
    said_in = refused.change
    return said_in is not None and said_in.entity == Opinion.entity and bool(said_in.fields.get("anonymous"))


def _person_of(refused: Refused) -> str:
    if refused.change is None:
        return ""
    named_in = refused.change.fields.get("person")
    person = refused.change.record if refused.change.entity == "person" else named_in
    return person if isinstance(person, str) and is_plain(person) else ""


def _codes_said(found: Sequence[tuple[Refused, int, str]]) -> set[str]:
    said_in = [refused.change.fields for refused, _, _ in found if refused.change is not None]
    named_in = [f.get(name) for f in said_in for name in ("village", "unit", "organisation")]
    return {code for code in named_in if isinstance(code, str) and is_plain(code)}


def _texts(connection: Connection, key: Any, text: Any, wanted: set[str]) -> dict[str, str]:
    """What each of `wanted` is called."""
    query = select(key, text).where(among(key, wanted))
    return {row[0]: row[1] for row in connection.execute(query)}
