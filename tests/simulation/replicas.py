"""Each phone shows what was saved on it, and holds what the server holds of its scope (P5, P6, P10, P11)."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row

from app.store.account import enrolled, sending_account
from app.store.outbox import waiting
from app.store.taken_off import to_be_told
from sync_server.records.accounts import device_by_id
from tests.simulation.found import Found
from tests.simulation.oracle import Oracle
from tests.simulation.phone import Phone
from tests.simulation.server import Server
from tests.simulation.tally import Broken


def check_at_rest(phone: Phone) -> None:
    """Raise Broken where the phone at rest still waits, or has forgotten something."""
    if waiting(phone.store).changes:
        raise Broken(f"P5 {phone.name} still waits for receipts")
    missing = phone.visits - phone.kept_visits()
    if missing:
        raise Broken(f"P10 {phone.name} no longer knows what it saved: {sorted(missing)}")


def check_phone(found: Found, phone: Phone, oracle: Oracle, server: Server) -> None:
    """Raise Broken where the phone at rest, in the hands of one of its workers, differs from the server."""
    if to_be_told(phone.store):
        raise Broken(f"P11 {phone.name} has not told the server whom it took off")
    _check_records(found, phone, server)
    _check_answers(found, phone, oracle)


def _check_records(found: Found, phone: Phone, server: Server) -> None:
    sending = sending_account(phone.store)
    assert sending is not None
    with server.looking() as connection:
        device = device_by_id(connection, sending.device, county="", path="")
    # Of a worker who is here under another device id the server speaks to that one alone.
    others = {
        one.account.organisation for one in enrolled(phone.store) if one.account.device != sending.device
    }
    rows = phone.store.db.execute(
        "SELECT record, head, shown IS NOT NULL FROM records WHERE head IS NOT NULL AND is_gone = 0"
    ).fetchall()
    texts = phone.store.codec.open([row[1] for row in rows])
    here = {row[0]: json.loads(text) for row, text in zip(rows, texts, strict=True)}
    every = found.held | found.outcomes
    scope = {record: row for record, row in every.items() if device.scope.holds(row.path)}
    for record, row in scope.items():
        if record not in here:
            raise Broken(f"P7 {phone.name} never got {row.entity} {record}")
        if here[record] != json.loads(row.row):
            raise Broken(f"P5 {phone.name} holds {row.entity} {record} otherwise than the server")
    surplus = {
        record
        for record in here.keys() - scope.keys()
        if record not in every or not others & {*every[record].path.split("/")}
    }
    if surplus and phone.protocol > 1:  # before it nobody was told what has gone
        raise Broken(f"P11 {phone.name} still holds {sorted(surplus)}, which it may no longer read")
    ahead = {record for record, _, is_ahead in rows if is_ahead} & scope.keys()
    if ahead:
        raise Broken(f"P5 {phone.name} shows of {sorted(ahead)} what the server does not hold")


def _check_answers(found: Found, phone: Phone, oracle: Oracle) -> None:
    """What the phone says of each of its Changes is what the server made of it."""
    logged = {(row.device, row.seq): row for row in found.log}
    rows = phone.store.db.execute(
        "SELECT device, seq, state, is_replaced, is_cleared, ref FROM outbox"
    ).fetchall()
    for device, seq, state, is_replaced, is_cleared, ref in rows:
        row = logged.get((device, seq))
        if row is None:
            if is_cleared:
                raise Broken(f"P10 {phone.name} has cleared {device} {seq}, which is not in the log")
            if "server restored" not in oracle.events:
                raise Broken(f"P3 {phone.name} has a receipt for {device} {seq}, and it is not in the log")
            continue
        if ref != row.ref:
            raise Broken(f"P3 {phone.name} has the receipt {ref} for {device} {seq}, and it is {row.ref}")
        is_taken = state == "received"
        if is_taken != found.is_taken(row):
            raise Broken(f"P6 {phone.name} says {state} of {device} {seq}, which is {_fate(found, row)}")
        if _fate(found, row) == "replaced" and not is_replaced:
            raise Broken(f"P6 {phone.name} asks to mend {device} {seq}, which was mended")


def _fate(found: Found, row: Row[Any]) -> str:
    entry = found.refused.get((row.device, row.seq))
    return entry.status if entry is not None else row.status
