"""Devices that were revoked and accounts that were moved: their work is accepted or kept aside (P11)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, select

from app.domain.errors import BadInput, UnknownCode
from sync_server.db import tables
from sync_server.db.engine import writing
from sync_server.records.accounts import revoke_device
from sync_server.records.feed import begin_epoch
from sync_server.records.stations import move_account
from tests.fakes import NOON
from tests.server.phones import Phone
from tests.server.test_digest import assert_right
from tests.server.test_quarantine_life import outcomes
from tests.server.test_review import decided

SignIn = Callable[[str], Phone]
HERE, THERE = "331121209200", "331121209202"


def revoke(engine: Engine, phone: Phone) -> None:
    with writing(engine) as connection:
        revoke_device(connection, phone.device, now_ms=NOON)


def move(engine: Engine, login: str, organisation: str) -> None:
    with writing(engine) as connection:
        move_account(connection, login, organisation)


def fate(phone: Phone, *changes: object, **header: object) -> list[tuple[str, str | None]]:
    """What the receipts for `changes` say."""
    return [(r.status, r.code) for r in phone.sync(*changes, **header).receipts]  # type: ignore[arg-type]


def test_what_a_revoked_device_sends_waits_for_a_reviewer_for_as_long_as_it_asks(
    phone: Phone, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"), protocol=2)
    cursor = phone.cursor
    revoke(engine, phone)
    for number in (1, 2):
        answer = phone.sync(phone.add_visit(f"v{number}", "p1"), protocol=2, keep_cursor=False)
        assert [(r.status, r.code) for r in answer.receipts] == [("quarantined", "revoked")]
        assert (answer.rows, answer.gone, answer.end.cursor, answer.end.more) == ([], [], cursor, False)
        assert (answer.end.is_revoked, answer.end.restarted, answer.end.have) == (True, False, 1 + number)
    with engine.connect() as connection:
        kept = connection.execute(select(tables.changes.c.record, tables.changes.c.code))
        assert sorted(map(tuple, kept)) == [("p1", None), ("v1", "revoked"), ("v2", "revoked")]
        assert list(connection.execute(select(tables.heads.c.record)).scalars()) == ["p1"]


def test_a_revoked_device_that_lost_an_answer_gets_the_receipts_it_had(phone: Phone, engine: Engine) -> None:
    one, two = phone.add_person("p1"), phone.add_visit("v1", "p1")
    before = phone.sync(one).receipts
    revoke(engine, phone)
    answer = phone.sync(one, two)
    assert answer.receipts[0] == before[0]
    assert [(r.status, r.code) for r in answer.receipts[1:]] == [("quarantined", "revoked")]
    assert phone.sync(one, two).receipts == answer.receipts


def test_a_revoked_device_that_never_synced_gets_an_empty_cursor_and_no_rows(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    fresh = sign_in("colleague")
    revoke(engine, fresh)
    answer = fresh.sync(protocol=2)
    assert (answer.rows, answer.end.cursor, answer.end.is_revoked) == ([], "", True)


def test_a_revoked_device_on_protocol_1_hands_in_its_work_too(phone: Phone, engine: Engine) -> None:
    revoke(engine, phone)
    assert fate(phone, phone.add_person("p1")) == [("quarantined", "revoked")]


def test_work_of_the_station_that_was_left_is_accepted_until_the_device_has_seen_the_move(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"), phone.add_person("p2"), protocol=2)
    move(engine, "village", THERE)
    answer = phone.sync(
        phone.add_visit("v1", "p1"),
        phone.change("person", "p1", {"hamlet": "上坞"}, kind="patch", base=1),
        phone.add_person("p3"),
        phone.add_visit("v2", "p3"),
        phone.add_person("p4", village="331102001001"),
        protocol=2,
    )
    assert [(r.status, r.code) for r in answer.receipts] == [
        *[("accepted", None)] * 4,
        ("quarantined", "outside_scope"),
    ]
    assert (answer.rows, answer.end.restarted) == ([], True)
    assert {row.record for row in sign_in("colleague").sync().rows} == {"p1", "p2", "p3", "v1", "v2"}
    assert fate(phone, phone.add_visit("v3", "p1"), protocol=2) == [("quarantined", "outside_scope")]
    phone.organisation = THERE
    assert fate(phone, phone.add_person("p5"), phone.add_visit("v4", "p5")) == [("accepted", None)] * 2


def test_somebody_who_moved_from_the_left_station_is_followed_too(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    town = sign_in("town")
    town.sync(town.change("person", "p1", {"village": "331121209203"}, kind="patch", base=1))
    move(engine, "village", THERE)
    assert fate(phone, phone.add_visit("v1", "p1")) == [("accepted", None)]


def test_a_device_that_has_seen_nothing_of_the_left_station_has_no_claim_to_it(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    move(engine, "colleague", THERE)
    fresh = sign_in("colleague")
    fresh.organisation = HERE
    assert fate(fresh, fresh.add_visit("v1", "p1")) == [("quarantined", "outside_scope")]


def test_a_cursor_from_before_a_restored_backup_still_tells_whom_the_device_held(
    phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    phone.sync(phone.add_person("p1"))
    town = sign_in("town")
    town.sync(town.change("person", "p1", {"village": THERE}, kind="patch", base=1))
    with writing(engine) as connection:
        begun = begin_epoch(connection)
    answer = phone.sync(phone.add_visit("v1", "p1"), protocol=2)
    assert [(r.status, r.code) for r in answer.receipts] == [("accepted", None)]
    assert (answer.end.epoch, answer.end.restarted) == (begun, True)
    after = phone.cursor
    for forged in (f"{'a' * 40}.9.x.2", "never-was.9.x.2", "é.9.x.2", "x\x00.9.x.2"):
        receipts = fate(phone, phone.add_visit(f"v{len(phone.sent)}", "p1"), cursor=forged)
        assert receipts == [("quarantined", "outside_scope")]
    assert fate(phone, phone.add_visit("v9", "p1"), cursor=after) == [("quarantined", "outside_scope")]


def test_what_became_of_a_refused_change_follows_the_account_to_its_new_station(
    app: FastAPI, phone: Phone, sign_in: SignIn, engine: Engine
) -> None:
    colleague = sign_in("colleague")
    colleague.sync(protocol=2)
    phone.sync(phone.add_person("p1"), protocol=2)
    visit = phone.add_visit("v1", "p1", cash_fen=9_000_000)
    phone.sync(visit, protocol=2)
    assert decided(app, sign_in("town"), visit, "set_aside", "没有批过").status_code == 200
    colleague.sync(protocol=2)
    move(engine, "village", THERE)
    assert outcomes(phone.sync(protocol=2).rows) == {visit.seq: ("set_aside", 0)}
    assert [gone.record for gone in colleague.sync(protocol=2).gone] == [f"{phone.device}:{visit.seq}"]
    assert_right(engine)
    move(engine, "village", HERE)
    move(engine, "village", THERE)
    assert outcomes(phone.sync(protocol=2).rows) == {visit.seq: ("set_aside", 0)}


def test_moving_an_account_to_where_it_is_changes_nothing(
    phone: Phone, engine: Engine, everything: Callable[[], dict]
) -> None:
    before = everything()
    move(engine, "village", HERE)
    assert everything() == before


@pytest.mark.parametrize(
    ("login", "organisation", "fault"),
    [
        ("nobody", HERE, UnknownCode),
        ("village", "999999", UnknownCode),
        ("village", "3311", BadInput),
    ],
)
def test_a_move_that_cannot_be_is_told_and_changes_nothing(
    engine: Engine, everything: Callable[[], dict], login: str, organisation: str, fault: type[BadInput]
) -> None:
    before = everything()
    with pytest.raises(fault):
        move(engine, login, organisation)
    assert everything() == before
