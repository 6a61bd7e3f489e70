"""Handing a station over: who takes it holds its roster and its open work with the next sync.

Nothing is copied. What a station holds follows from where its records lie, so the one who takes over is
moved there; what the one who leaves did before, sent or not, stays right (past.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from app.domain.errors import BadInput
from sync_server.db.tables import device_accounts, devices, person_facts, quarantine
from sync_server.records.accounts import account_of, revoke_device
from sync_server.records.campaigns import campaign_in_force
from sync_server.records.casework import cases_at, today_of
from sync_server.records.organisations import Organisation
from sync_server.records.quarantine import WAITING
from sync_server.records.stations import move_account


@dataclass(frozen=True, slots=True)
class Handover:
    """What was handed over: people on the roster, needs still open, refused entries that wait.

    `revoked` devices were switched off; `shared` ones carry other workers too and were left on.
    """

    station: Organisation
    people: int
    open_needs: int
    waiting: int
    revoked: tuple[str, ...]
    shared: tuple[str, ...]


def hand_over(connection: Connection, leaving: str, taking: str, *, revokes: bool, now_ms: int) -> Handover:
    """Let the account `taking` work at the station of `leaving` from now on; logins, both of one role.

    `revokes` switches off the devices that `leaving` alone has signed in on: they get no list any more,
    and what they still send waits for a reviewer. Without it they go on until that is done. Repeating it
    changes nothing. Raises UnknownCode, and BadInput for one account twice or two roles.
    """
    old, new = account_of(connection, leaving), account_of(connection, taking)
    if old.id == new.id:
        raise BadInput("交出和接手的是同一个账号。请写两个账号。", field="taking")
    if old.role != new.role:
        sentence = f"{old.login} 是{old.role.label}，{new.login} 是{new.role.label}，不能接手。请换一个账号。"
        raise BadInput(sentence, field="taking")
    station = old.organisation
    move_account(connection, taking, station.code)
    alone, shared = _devices_of(connection, old.id)
    if revokes:
        for device in alone:
            revoke_device(connection, device, now_ms=now_ms)
    today = today_of(now_ms)
    cases = cases_at(connection, old.scope, campaign_in_force(connection, today), today)
    p, q = person_facts.c, quarantine.c
    people = select(func.count()).where(
        p.is_counted, p.is_deceased.is_(False), old.scope.condition(p.path, p.unit_path)
    )
    waiting = select(func.count()).where(q.status == WAITING, old.scope.condition(q.path, q.path))
    return Handover(
        station,
        int(connection.execute(people).scalar_one()),
        sum(case.standing.is_open for case in cases),
        int(connection.execute(waiting).scalar_one()),
        alone if revokes else (),
        shared,
    )


def _devices_of(connection: Connection, account: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The devices in use that this account alone has signed in on, and those that it shares."""
    d, a = devices.c, device_accounts.c
    mine = select(a.device).where(a.account == account)
    query = select(a.device, func.count()).join(devices, d.id == a.device)
    query = query.where(a.device.in_(mine), d.revoked_at.is_(None)).group_by(a.device).order_by(a.device)
    found = connection.execute(query).all()
    return tuple(d for d, n in found if n == 1), tuple(d for d, n in found if n > 1)
