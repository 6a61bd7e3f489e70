"""Faults of our own that the simulation has found, each as a small test (docs/PROOF.md)."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from sqlalchemy import Engine

from app.store.account import signed_in_account
from app.store.conflicts import open_conflicts
from app.store.people import edit_person
from app.store.records import Totals, totals
from app.store.visits import record_visit
from sync_server.db.engine import writing
from sync_server.records.accounts import revoke_device
from sync_server.records.stations import move_account
from tests.fakes import FakeClock, visit_to
from tests.regressions.phones import Phone, release_what_waits
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


def test_a_release_of_an_edit_made_on_a_lost_version_overwrites_nothing(
    make_phone: MakePhone, clock: FakeClock, backed_up: Callable[[], Callable[[], FastAPI]]
) -> None:
    """After the restore version 2 is the colleague's; what was refused had seen another under this number."""
    phone, colleague = make_phone(), make_phone("colleague", seed=2)
    restore = backed_up()
    edit_person(phone.store, "person-1", {"note": "备份以后"})
    phone.sync()
    edit_person(phone.store, "person-1", {"note": "恢复以前"})  # on version 2
    edit_person(colleague.store, "person-1", {"note": "同事写的"})
    phone.app = colleague.app = restore()
    colleague.sync()
    with writing(phone.app.state.server.engine) as connection:
        revoke_device(connection, signed_in_account(phone.store).device, now_ms=clock())
    phone.sync()
    release_what_waits(phone.app, clock)
    colleague.sync()
    (conflict,) = open_conflicts(colleague.store)
    assert {candidate.value for candidate in conflict.candidates} == {"恢复以前", "同事写的"}
