"""What an older database lacks is filled in from its log and heads, as if it had been kept all along."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, select, update

from sync_server.db.engine import writing
from sync_server.db.tables import digests, person_facts, quarantine, settings_kept
from sync_server.records.backfill import fill_all
from sync_server.records.city import ensure_city
from tests.server.phones import Phone, need_fields

SignIn = Callable[[str], Phone]
# What an older version did not keep of a refused Change.
_LOST = {"offset_ms", "cursor"}


def everything(engine: Engine) -> list[list[dict[str, object]]]:
    with engine.connect() as connection:
        tables = [
            [
                {name: value for name, value in row._mapping.items() if name not in _LOST}
                for row in connection.execute(select(table))
            ]
            for table in (digests, quarantine, person_facts)
        ]
    return [sorted(rows, key=repr) for rows in tables]


def test_sums_quarantine_and_name_keys_are_filled_in(engine: Engine, phone: Phone, sign_in: SignIn) -> None:
    phone.sync(
        phone.add_person("p1"),
        phone.add_visit("v1", "p1", cash_fen=10**8),
        phone.add_visit("v2", "nobody"),
        phone.change("need", "n1", need_fields(phone, "p1", "v1")),
        phone.change("visit", "v9", {"note": "x"}, kind="patch"),
        phone.add_visit("v3", "p1"),
        phone.add_visit("v4", "v3"),
    )
    phone.post(phone.body(phone.add_person("p2")).replace(b'"entity":"person"', b'"entity":7'))
    town = sign_in("town")
    town.sync(town.change("person", "p1", {"voided": True}, kind="patch"))
    before = everything(engine)
    assert [len(rows) for rows in before] == [2, 7, 1]
    with writing(engine) as connection:
        connection.execute(digests.delete())
        connection.execute(quarantine.delete())
        connection.execute(update(person_facts).values(name_key=""))
        connection.execute(settings_kept.delete().where(settings_kept.c.name == "filled"))
    ensure_city(engine)  # as every start does
    assert everything(engine) == before
    with writing(engine) as connection:
        fill_all(connection)
    assert everything(engine) == before


def test_a_database_that_has_been_filled_in_is_left_alone(engine: Engine, phone: Phone) -> None:
    phone.sync(phone.add_person("p1"))
    with writing(engine) as connection:
        connection.execute(update(person_facts).values(name_key="untouched"))
    ensure_city(engine)
    assert everything(engine)[2][0]["name_key"] == "untouched"
