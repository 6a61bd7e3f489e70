"""Where a person belonged at an earlier feed number, read from the log.

A worker without a signal records a visit to somebody who has meanwhile moved out of his scope; the
work was right when it was done, so it is accepted (P11).
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, and_, func, or_, select

from app.domain.change import Fields
from sync_server.db.tables import changes as log
from sync_server.db.tables import quarantine
from sync_server.records.apply import place_of_person
from sync_server.records.organisations import organisations_by_code
from sync_server.records.scope import Scope

_ACCEPTED = ("accepted", "accepted_with_conflict")


def held_at(connection: Connection, scope: Scope, person: str, feed_no: int) -> bool:
    """True if `person` lay inside `scope` at `feed_no`, by the last village and unit written until then."""
    is_its_own = and_(
        quarantine.c.county == log.c.county,
        quarantine.c.device == log.c.device,
        quarantine.c.seq == log.c.seq,
        quarantine.c.status == "released",
    )
    counts = or_(log.c.status.in_(_ACCEPTED), quarantine.c.settled_no.is_not(None))
    number = func.coalesce(quarantine.c.settled_no, log.c.feed_no)  # a refused Change counts from its release
    query = (
        select(log.c.fields)
        .join(quarantine, is_its_own, isouter=True)
        .where(log.c.record == person, counts, number <= feed_no)
        .order_by(number)
    )
    values: Fields = {}
    for written in connection.execute(query).scalars():
        fields: Fields = json.loads(written)
        values.update((name, fields[name]) for name in ("village", "unit") if name in fields)
    codes = [code for code in values.values() if isinstance(code, str)]
    place = place_of_person(values, organisations_by_code(connection, codes))
    return place is not None and scope.holds(place.path, place.unit_path)
