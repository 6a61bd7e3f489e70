"""Puts the invented city into a database, and keeps every other database safe from it.

A database that holds a demo says so in `settings_kept`, with the size, seed and day it was made
from. Only such a one, or an empty one, is ever written to. A demo that was interrupted or made by
another version of this code is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.schema import CreateTable

from app.domain.campaign import Campaign, read_campaign
from app.domain.errors import BadConfig, BadInput
from sync_server.assets import campaign_texts, divisions
from sync_server.db.engine import open_engine, upsert, writing
from sync_server.db.tables import accounts, changes, metadata, settings_kept
from sync_server.demo.accounts import keep_accounts
from sync_server.demo.city import SIZES, Part, moved_campaign, parts_of, roster_ms
from sync_server.demo.places import UNITS
from sync_server.demo.visits import SHANGHAI
from sync_server.records.accounts import importer
from sync_server.records.campaigns import hold_campaign
from sync_server.records.intake import accept_changes
from sync_server.records.organisations import Unit, organisation, seed_organisations

CAMPAIGN = "lishui-2022"
EDITION = 3  # raise it when the same size, seed and day give another city
_MARK = "demo"


@dataclass(frozen=True, slots=True)
class DemoMark:
    """What a demo database says of itself. `schema` tells its tables from those of another version."""

    size: str
    seed: int
    today: str
    edition: int
    schema: str
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Planted:
    """The open database, the day the city was made for, and whether it was there already."""

    engine: Engine
    today: date
    is_reused: bool


def plant(
    url: str,
    *,
    size: str,
    seed: int,
    today: date | None,
    on_part: Callable[[Part], None] = lambda _: None,
) -> Planted:
    """Make the city of `size` and `seed` in the database at `url`, or find it there.

    `today` None means whatever day a city that is there was made for, else the present day in China.
    `on_part` hears of each part once it is committed. Raises BadInput, and changes nothing, for a
    size that is not known or a database that holds anything but a demo.
    """
    if size not in SIZES:
        raise BadInput(f"没有叫“{size}”的规模。请用 {' 或 '.join(SIZES)}。", field="size")
    wanted = DemoMark(size, seed, (today or _today()).isoformat(), EDITION, _schema(), is_complete=True)
    held = _mark_at(url)
    if held is not None and (held == wanted or (today is None and held == replace(wanted, today=held.today))):
        return Planted(open_engine(url), date.fromisoformat(held.today), is_reused=True)
    _clear(url)
    engine = open_engine(url)
    day = date.fromisoformat(wanted.today)
    filed = _campaign()
    moved = moved_campaign(filed, day)
    with writing(engine) as connection:
        _keep_mark(connection, replace(wanted, is_complete=False))
        seed_organisations(connection, divisions(), [Unit(u.code, u.name, u.kind) for u in UNITS])
        hold_campaign(connection, moved, in_place_of=filed)
        keep_accounts(connection, seed=seed, made_ms=roster_ms(moved))
    now_ms = int(datetime.combine(day, time(), SHANGHAI).timestamp() * 1000)
    for part in parts_of(SIZES[size], seed=seed, divisions=divisions(), campaign=moved, today=day):
        with writing(engine) as connection:
            _send(connection, part, now_ms=now_ms)
        on_part(part)
    with writing(engine) as connection:
        _keep_mark(connection, wanted)
    return Planted(engine, day, is_reused=False)


def _send(connection: Connection, part: Part, *, now_ms: int) -> None:
    """Let the server take in a part as it takes in everybody's; it must find nothing to refuse."""
    owner = organisation(connection, part.organisation)
    device = importer(connection, part.device, owner, now_ms=now_ms)
    device = replace(device, actors=frozenset(c.actor for c in part.changes))
    receipts = accept_changes(connection, device, part.changes, now_ms=now_ms)
    refused = [r for r in receipts if r.status != "accepted"]
    assert not refused, f"the demo made what the server does not take: {refused[0]}"


def _mark_at(url: str) -> DemoMark | None:
    """The mark of the demo at `url`; None if nothing is there yet. Raises BadInput for anything else."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if not inspect(connection).get_table_names():
                return None
            if not inspect(connection).has_table(settings_kept.name):
                raise _foreign()
            query = select(settings_kept.c.value).where(settings_kept.c.name == _MARK)
            text = connection.execute(query).scalar()
            if text is not None:
                return _read(text)
            used = any(
                connection.execute(select(func.count()).select_from(table)).scalar()
                for table in (accounts, changes)
            )
            if used:
                raise _foreign()
            return None
    except DatabaseError as fault:
        raise _foreign() from fault
    finally:
        engine.dispose()


def _foreign() -> BadInput:
    return BadInput(
        "数据文件夹里已有数据库，而且不是演示用的，没有动它。请用 --data 换一个文件夹。", field="data"
    )


def _read(text: str) -> DemoMark | None:
    try:
        return DemoMark(**json.loads(text))
    except TypeError:  # written by a version that kept other particulars: a demo all the same
        return None


def _clear(url: str) -> None:
    engine = create_engine(url)
    metadata.drop_all(engine)
    engine.dispose()


def _keep_mark(connection: Connection, mark: DemoMark) -> None:
    text = json.dumps(asdict(mark), ensure_ascii=False)
    upsert(connection, settings_kept, [{"name": _MARK, "value": text}])


def _campaign() -> Campaign:
    found = (read_campaign(text, source=name) for name, text in campaign_texts().items())
    campaign = next((c for c in found if c.code == CAMPAIGN), None)
    if campaign is None:
        raise BadConfig(f"assets/campaigns 里没有活动 {CAMPAIGN}。演示要用它，请放回原处。")
    return campaign


def _schema() -> str:
    text = "\n".join(str(CreateTable(table)) for table in metadata.sorted_tables)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _today() -> date:
    return datetime.now(SHANGHAI).date()
