"""The invented roster: who lives in the three villages, and what a second roster says differently."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import select

from app.domain.categories import BenefitCategory
from app.domain.codes import Sex
from sync_server.db.tables import heads
from sync_server.roster.model import Roster, RosterRow
from sync_server.roster.store import import_roster
from tests.simulation.oracle import Edit, Oracle
from tests.simulation.server import TOWN, VILLAGES, Server

PEOPLE = 18
ROSTER_FIELD = "house"  # which later rosters say otherwise
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CATEGORIES = (
    (BenefitCategory.VETERAN,),
    (BenefitCategory.ACTIVE_FAMILY,),
    (BenefitCategory.VETERAN, BenefitCategory.ACTIVE_FAMILY),
)


def take_in_roster(
    server: Server,
    oracle: Oracle,
    house: Callable[[int], str],
    *,
    now_ms: int,
    entropy: Callable[[int], bytes],
) -> None:
    """Import the town's roster and tell the oracle what it says; `house(n)` is the n-th person's house."""
    import_roster(server.engine, _roster(house), now_ms, entropy=entropy)
    with server.looking() as connection:
        rows = connection.execute(select(heads.c.record, heads.c.row).where(heads.c.entity == "person")).all()
    by_number = {json.loads(row.row)["values"].get("id_number"): row.record for row in rows}
    for number in range(PEOPLE):
        record, value = by_number[_id_number(number)], house(number)
        before = oracle.roster_says.get(record)
        if before is None:
            oracle.first_values[record, ROSTER_FIELD] = value
        elif before != value:
            oracle.edits.append(Edit(record, ROSTER_FIELD, value, frozenset({before}), by="roster"))
        oracle.roster_says[record] = value


def _roster(house: Callable[[int], str]) -> Roster:
    rows = tuple(
        RosterRow(
            sheet="名册",
            row=number + 2,
            name=f"单{number:02}",
            id=_id_number(number),
            id_as_written=_id_number(number),
            village=VILLAGES[number % len(VILLAGES)],
            village_as_written="村",
            house=house(number),
            born=f"{1930 + number}-01-01",
            sex=Sex.MALE,
            categories=_CATEGORIES[number % len(_CATEGORIES)],
        )
        for number in range(PEOPLE)
    )
    return Roster(township=TOWN, county=TOWN[:6], rows=rows)


def _id_number(number: int) -> str:
    digits = f"331121{1930 + number}0101{2 * number + 1:03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]
