"""Faults of our own that the simulation has found, each as a small test (docs/PROOF.md)."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from sqlalchemy import Engine

from app.store.records import Totals, totals
from app.store.visits import record_visit
from sync_server.db.engine import writing
from sync_server.records.stations import move_account
from tests.fakes import FakeClock, visit_to
from tests.regressions.phones import Phone
from tests.regressions.test_known_failures import release_what_waits
from tests.server.test_digest import assert_right

MakePhone = Callable[..., Phone]
OTHER_STATION = "331121209203"


def test_a_worker_who_moves_station_still_hears_what_became_of_his_refused_visit(
    make_phone: MakePhone, app: FastAPI, clock: FakeClock, engine: Engine
) -> None:
    phone = make_phone()
    record_visit(phone.store, visit_to("person-1", cash_fen=999_900))
    phone.sync()
    release_what_waits(app, clock)
    with writing(engine) as connection:
        move_account(connection, "village", OTHER_STATION)

    phone.sync()
    assert totals(phone.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    assert_right(engine)


def test_a_release_after_the_retention_days_begins_them_anew(
    make_phone: MakePhone, app: FastAPI, clock: FakeClock
) -> None:
    """Until then only its bytes were on the server; a backup from before the release has it refused."""
    phone = make_phone()
    record_visit(phone.store, visit_to("person-1", cash_fen=999_900))
    phone.sync()
    clock.go_on(days=30)
    release_what_waits(app, clock)

    def cleared_after(days: float) -> int:
        clock.go_on(days=days)
        phone.sync()
        return int(phone.store.db.execute("SELECT SUM(is_cleared) FROM outbox").fetchone()[0])

    assert [cleared_after(days) for days in (0, 6.9, 0.2)] == [0, 0, 1]
