"""What a device rightly held at an earlier feed number: people, and its own stations.

A worker without a signal records a visit to somebody who has meanwhile moved out of his scope, is himself
moved to another station, or writes down what a colleague did who has left; the work was right when it was
done, so it is accepted (P11).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, union_all

from app.domain.change import Fields
from sync_server.db.engine import among
from sync_server.db.tables import accounts, former_stations, quarantine
from sync_server.db.tables import changes as log
from sync_server.records.accounts import DeviceRow
from sync_server.records.apply import place_of_person
from sync_server.records.organisations import Organisation, organisations_by_code
from sync_server.records.scope import Scope, scope_of, united

_ACCEPTED = ("accepted", "accepted_with_conflict")
_ITS_OWN = and_(
    quarantine.c.county == log.c.county,
    quarantine.c.device == log.c.device,
    quarantine.c.seq == log.c.seq,
    quarantine.c.status == "released",
)
_COUNTS = or_(log.c.status.in_(_ACCEPTED), quarantine.c.settled_no.is_not(None))
_COUNTS_FROM = func.coalesce(quarantine.c.settled_no, log.c.feed_no)  # a refused Change: from its release


def as_at(connection: Connection, seen: Sequence[tuple[DeviceRow, int]]) -> list[DeviceRow]:
    """Each device with, beside its present scope, that of each station which one of its accounts left only
    behind the feed number given with it, up to which it has seen the feed (0: nothing of it)."""
    cursors = [cursor for _, cursor in seen if cursor]
    if not cursors:
        return [device for device, _ in seen]
    actors = {actor for device, cursor in seen if cursor for actor in device.actors}
    wanted = {"actors": list(actors), "cursor": min(cursors)}
    left = connection.execute(_LEFT_BEHIND, wanted).all()
    stations = organisations_by_code(connection, [row.organisation for row in left])
    return [_with_stations(device, cursor, left, stations) if cursor else device for device, cursor in seen]


def _with_stations(
    device: DeviceRow, cursor: int, left: Sequence[Row[str, str, int]], stations: Mapping[str, Organisation]
) -> DeviceRow:
    behind = [row for row in left if row.account in device.actors and row.left_no > cursor]
    if not behind:
        return device
    had: dict[str, list[Scope]] = {actor: [device.scope_of(actor)] for actor in device.actors}
    for row in behind:
        had[row.account].append(scope_of(stations[row.organisation]))
    return replace(device, scopes={actor: united(scopes) for actor, scopes in had.items()})


_LEFT_BEHIND = (
    select(former_stations.c.account, former_stations.c.organisation, former_stations.c.left_no)
    .where(among(former_stations.c.account, "actors"), former_stations.c.left_no > bindparam("cursor"))
    .order_by(former_stations.c.left_no)
)


def has_worked_at(connection: Connection, account: str, organisation: str) -> bool:
    """True if the station of `account` is `organisation`, or was before it moved."""
    wanted = {"account": account, "organisation": organisation}
    return connection.execute(_STATIONED, wanted).first() is not None


_STATIONED = union_all(
    *(
        select(who).where(who == bindparam("account"), where == bindparam("organisation"))
        for who, where in (
            (accounts.c.id, accounts.c.organisation),
            (former_stations.c.account, former_stations.c.organisation),
        )
    )
)


def held_at(connection: Connection, scope: Scope, person: str, feed_no: int) -> bool:
    """True if `person` lay inside `scope` at `feed_no`, by the last village and unit written until then."""
    query = (
        select(log.c.fields)
        .join(quarantine, _ITS_OWN, isouter=True)
        .where(log.c.record == person, _COUNTS, feed_no >= _COUNTS_FROM)
        .order_by(_COUNTS_FROM)
    )
    values: Fields = {}
    for written in connection.execute(query).scalars():
        fields: Fields = json.loads(written)
        values.update((name, fields[name]) for name in ("village", "unit") if name in fields)
    codes = [code for code in values.values() if isinstance(code, str)]
    place = place_of_person(values, organisations_by_code(connection, codes))
    return place is not None and scope.holds(place.path, place.unit_path)
