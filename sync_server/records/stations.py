"""Stations: an account that works at another organisation from now on, and what goes there with it.

What became of a refused Change lies where the worker who said it is to hear of it (quarantine.py). When he
moves, it moves along: at the station that he has left his phone would never be told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection, select, update

from sync_server.db.engine import insert_new, take_feed_numbers
from sync_server.db.tables import accounts, device_accounts, former_stations, quarantine
from sync_server.records import heads
from sync_server.records.accounts import Account, account_of, station_for
from sync_server.records.apply import Kept, Place
from sync_server.records.departures import note_departures
from sync_server.records.quarantine import SELECT_REFUSED, Refused, outcome_id, path_of_outcome, refused_of


def move_account(connection: Connection, login: str, organisation_code: str) -> Account:
    """The account works at another station from now on; raises UnknownCode, or BadInput if the role does
    not fit there. Moving it to where it is changes nothing.

    Its devices get the new scope with their next sync; what they did before, at the station it has left,
    is accepted (past.py).
    """
    account = account_of(connection, login)
    owner = station_for(connection, organisation_code, account.role)
    if owner == account.organisation:
        return account
    left = {"account": account.id, "organisation": account.organisation.code}
    here = accounts.c.id == account.id
    connection.execute(update(accounts).where(here).values(organisation=owner.code))
    # A number of its own: a cursor below it was given before the move, one above it after.
    left_no = take_feed_numbers(connection, 1)
    insert_new(connection, former_stations, [left | {"left_no": left_no}])
    _take_outcomes_along(connection, account)
    return replace(account, organisation=owner)


def _take_outcomes_along(connection: Connection, account: Account) -> None:
    """Put the outcomes of its devices where they belong now; nobody else takes feed numbers meanwhile."""
    settled = {outcome_id(refused.key): refused for refused in _settled_on_devices_of(connection, account)}
    before = heads.lock(connection, settled)
    after = {
        record: replace(kept, place=Place(path_of_outcome(connection, settled[record])))
        for record, kept in before.items()
    }
    moved: dict[str, Kept] = {r: kept for r, kept in after.items() if kept.place != before[r].place}
    if not moved:
        return
    first = take_feed_numbers(connection, len(moved))
    numbers = {record: first + place for place, record in enumerate(moved)}
    heads.write(connection, before, moved, numbers)
    note_departures(connection, ((before[record], number) for record, number in numbers.items()))


def _settled_on_devices_of(connection: Connection, account: Account) -> Iterable[Refused]:
    devices = select(device_accounts.c.device).where(device_accounts.c.account == account.id)
    query = SELECT_REFUSED.where(quarantine.c.settled_no.is_not(None), quarantine.c.device.in_(devices))
    return map(refused_of, connection.execute(query))
