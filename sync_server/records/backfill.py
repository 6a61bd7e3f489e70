"""What a database of an older version lacks and its log and heads tell: filled in once, when it is opened.

A migration makes the tables and columns; it knows no records. What stands in them follows from what was
kept before, by the rules of this program, and is worked out here.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, func, literal, select

from sync_server.db.engine import insert_missing, take_feed_numbers, upsert
from sync_server.db.engine import kept as kept_setting
from sync_server.db.tables import accounts, changes, devices, heads, organisations, quarantine, settings_kept
from sync_server.records import digests
from sync_server.records.log import change_of
from sync_server.records.quarantine import Entry, awaited
from sync_server.records.refusals import Refusal
from sync_server.summary.facts import ProjectedHead, project

_CHUNK = 2000
_IMPORTER = "roster:"
_DONE, _VERSION = "filled", "1"


def fill_once(connection: Connection) -> None:
    """`fill_all`, if this database has not had it; inside the caller's write transaction."""
    take_feed_numbers(connection, 0)  # its lock: nobody else writes, or fills, beside
    done = select(settings_kept.c.value).where(settings_kept.c.name == _DONE)
    if connection.execute(done).scalar() != _VERSION:
        fill_all(connection)
        upsert(connection, settings_kept, [{"name": _DONE, "value": _VERSION}])


def fill_all(connection: Connection) -> None:
    """Sums of what every place holds, the quarantine of what was refused, and people's name keys.

    Repeating it changes nothing.
    """
    digests.add_up_anew(connection)
    fill_quarantine(connection)
    fill_name_keys(connection)


def fill_quarantine(connection: Connection) -> None:
    """Let each refused Change of the log wait, at the organisation of its device."""
    owner = func.coalesce(accounts.c.organisation, func.replace(changes.c.device, _IMPORTER, literal("")))
    query = (
        select(changes, organisations.c.path)
        .select_from(changes)
        .join(devices, devices.c.id == changes.c.device, isouter=True)
        .join(accounts, accounts.c.id == devices.c.account, isouter=True)
        .join(organisations, organisations.c.code == owner, isouter=True)
        .where(changes.c.status == "quarantined")
    )
    root = connection.execute(
        select(organisations.c.path).where(organisations.c.parent.is_(None))
    ).scalar_one()
    rows = connection.execute(query).all()
    here = set(connection.execute(select(heads.c.record)).scalars()) if rows else set()
    insert_missing(connection, quarantine, [asdict(_entry(row, row.path or root, here)) for row in rows])


def fill_name_keys(connection: Connection) -> None:
    """Write the facts of every person anew."""
    key = kept_setting(connection, "identity_key")
    query = select(heads).where(heads.c.entity == "person").order_by(heads.c.county, heads.c.record)
    rows = connection.execute(query).all()
    for start in range(0, len(rows), _CHUNK):
        part = [_projected(row) for row in rows[start : start + _CHUNK]]
        project(connection, part, identity_key=key)


def _entry(row: Any, path: str, here: set[str]) -> Entry:
    why = Refusal(row.code, row.message, row.field)
    change = change_of(row)
    return Entry(
        county=row.county,
        device=row.device,
        seq=row.seq,
        path=path,
        code=why.code,
        message=why.message,
        field=why.field,
        awaits=awaited(change, why, here) if change is not None else None,
        offset_ms=0,  # was not kept; its effective stamp holds it
        cursor=0,
        arrived_no=row.feed_no,
    )


def _projected(row: Any) -> ProjectedHead:
    values = from_json(row.row)["values"]
    return ProjectedHead(
        county=row.county,
        entity=row.entity,
        record=row.record,
        path=row.path,
        unit_path=row.unit_path,
        feed_no=row.feed_no,
        values=values,
        voided=bool(values.get("voided")),
    )
