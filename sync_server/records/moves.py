"""Moves: an account works at another station from now on, and what it is owed follows it there."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select, update

from sync_server.db.engine import insert_new, take_feed_numbers
from sync_server.db.tables import accounts, devices, former_stations, quarantine
from sync_server.records import heads
from sync_server.records.accounts import Account, account_of, station_for
from sync_server.records.apply import Place
from sync_server.records.departures import note_departures
from sync_server.records.quarantine import outcome_id


def move_account(connection: Connection, login: str, organisation_code: str) -> Account:
    """The account works at another station from now on; raises UnknownCode, or BadInput if the role does
    not fit there. Moving it to where it is changes nothing.

    Its devices get the new scope with their next sync; what they did before, at the station it has left,
    is accepted (past.py). What became of its refused Changes, at the station it has left, it hears too.
    """
    account = account_of(connection, login)
    owner = station_for(connection, organisation_code, account.role)
    if owner == account.organisation:
        return account
    here = accounts.c.id == account.id
    connection.execute(update(accounts).where(here).values(organisation=owner.code))
    # A number of its own: a cursor below it was given before the move, one above it after. From here on
    # nobody else commits, so that no outcome is told at the old station behind the next line.
    left_no = take_feed_numbers(connection, 1)
    left = {"account": account.id, "organisation": account.organisation.code, "left_no": left_no}
    insert_new(connection, former_stations, [left])
    _take_outcomes_along(connection, account, Place(owner.path))
    return replace(account, organisation=owner)


def _take_outcomes_along(connection: Connection, account: Account, there: Place) -> None:
    """Put what became of the refused Changes of the account's devices where these look for it now."""
    its_devices = select(devices.c.id).where(devices.c.account == account.id)
    query = select(quarantine.c.device, quarantine.c.seq).where(
        quarantine.c.device.in_(its_devices), quarantine.c.settled_no.is_not(None)
    )
    told = [outcome_id((device, seq)) for device, seq in connection.execute(query)]
    before = {r: kept for r, kept in heads.lock(connection, told).items() if kept.place != there}
    if not before:
        return
    first = take_feed_numbers(connection, len(before))
    numbers = {record: first + index for index, record in enumerate(before)}
    after = {record: replace(kept, place=there) for record, kept in before.items()}
    heads.write(connection, before, after, numbers)
    note_departures(connection, before.values(), numbers)
