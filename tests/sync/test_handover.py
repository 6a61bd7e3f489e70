"""Two phones without a network: the roster and the open work go over by a sealed file, and count once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from app.device.envelope import fresh_code, open_file, seal_file
from app.domain.errors import BadInput, FileUnreadable, TooManyAttempts, Unavailable
from app.domain.relay import Handover, RelayBatch, decode_handover, encode_handover
from app.store import handover, outbox
from app.store.handover import Relayed, Unpacked
from app.store.index import people_index
from app.store.newcomers import add_person
from app.store.outbox import RecordState
from app.store.people import edit_person, person_view
from app.store.visits import record_visit, undo_visit, visits_of
from app.sync.client import SyncClient
from app.sync.relay import relay_waiting
from sync_server.db.engine import reading, writing
from sync_server.db.tables import changes
from sync_server.records.accounts import revoke_device
from tests.fakes import FakeClock, visit_to
from tests.regressions.phones import Phone as RealPhone
from tests.server.phones import Phone as Clerk
from tests.sync.test_real_server import Phone

VILLAGE = "331121209200"


@pytest.fixture
def old(tmp_path: Path, app: FastAPI, clock: FakeClock) -> Phone:
    """The phone that hands over: it has fetched one person, visited him and entered another."""
    clerk = Clerk.sign_in(app, clock, "village")
    clerk.sync(clerk.add_person("p-1", name="李四", hamlet="上坞", house="1"))
    made = Phone(tmp_path / "old.db", app, clock, "village", 11)
    made.sync()
    record_visit(made.store, visit_to("p-1", note="门关着", result="NOT_MET"))
    person = add_person(made.store, "闻一禾", VILLAGE, hamlet="下坞")
    record_visit(made.store, visit_to(person))
    edit_person(made.store, "p-1", {"house": "2"})
    return made


@pytest.fixture
def new(tmp_path: Path, app: FastAPI, clock: FakeClock) -> Phone:
    """The other phone: its worker has signed in and fetched nothing."""
    return Phone(tmp_path / "new.db", app, clock, "colleague", 12)


def carried(old: Phone) -> Handover:
    """What the old phone hands over, after the way through the file."""
    return decode_handover(encode_handover(handover.pack(old.store)))


def logged(app: FastAPI) -> list[tuple[str, int]]:
    with reading(app.state.server.engine) as connection:
        query = select(changes.c.device, changes.c.seq).order_by(changes.c.device, changes.c.seq)
        return [(row.device, row.seq) for row in connection.execute(query)]


def test_the_other_phone_sees_the_roster_and_the_open_work_at_once(old: Phone, new: Phone) -> None:
    found = handover.unpack(new.store, carried(old))
    assert found == Unpacked(people=2, facts=2, changes=4, known=0, outside=0)
    index = people_index(new.store)
    assert [index.row(one).name for one in index.search()] == ["李四", "闻一禾"]
    (visit,) = visits_of(new.store, "p-1")
    # Nobody says that the city has it before it has.
    assert (visit.state, visit.is_mine) == (RecordState.SAVED, False)
    assert outbox.waiting(new.store).changes == 0
    assert handover.unpack(new.store, carried(old)) == Unpacked(2, 2, 0, known=1, outside=0)


def test_relayed_work_keeps_its_numbers_and_its_own_phone_gets_the_same_receipts(
    old: Phone, new: Phone, app: FastAPI
) -> None:
    handover.unpack(new.store, carried(old))
    new.sync()
    assert handover.relayed(new.store) == Relayed(waiting=0, taken=4, refused=0)
    log = logged(app)
    new.sync()
    assert [view.state for view in visits_of(new.store, "p-1")] == [RecordState.RECEIVED]
    assert person_view(new.store, "p-1").person.house == "2"
    old.sync()
    assert outbox.waiting(old.store).changes == 0
    new.sync()
    assert logged(app) == log


def test_what_the_old_phone_sent_itself_meanwhile_is_not_taken_twice(
    old: Phone, new: Phone, app: FastAPI
) -> None:
    handed = carried(old)
    old.sync()
    log = logged(app)
    handover.unpack(new.store, handed)
    new.sync()
    assert handover.relayed(new.store).taken == 4
    assert logged(app) == log


def test_work_done_after_the_handover_is_added_to_what_was_relayed(
    old: Phone, new: Phone, app: FastAPI
) -> None:
    handover.unpack(new.store, carried(old))
    (visit,) = visits_of(old.store, "p-1")
    undo_visit(old.store, visit.visit.id)
    new.sync()
    old.sync()
    new.sync()
    assert visits_of(new.store, "p-1") == []
    assert outbox.waiting(old.store).changes == 0


def test_a_batch_that_was_changed_on_the_way_is_refused_and_occupies_no_number(
    old: Phone, new: Phone, app: FastAPI
) -> None:
    handed = carried(old)
    (batch,) = handed.batches
    forged = replace(batch, body=batch.body.replace("门关着".encode(), "没人在".encode()))
    before = logged(app)
    handover.unpack(new.store, replace(handed, batches=[forged]))
    new.sync()
    assert handover.relayed(new.store) == Relayed(waiting=0, taken=0, refused=4)
    assert logged(app) == before
    old.sync()
    assert outbox.waiting(old.store).changes == 0
    assert outbox.refused_records(old.store) == frozenset()
    # What only the forged file said is let go once a whole pull has not brought it.
    new.sync()
    new.sync()
    assert [view.visit.note for view in visits_of(new.store, "p-1")] == ["门关着"]


def test_work_of_a_revoked_phone_waits_for_a_reviewer_when_relayed(
    old: Phone, new: Phone, app: FastAPI
) -> None:
    handed = carried(old)
    with writing(app.state.server.engine) as connection:
        revoke_device(connection, handed.batches[0].device, now_ms=1)
    handover.unpack(new.store, handed)
    new.sync()
    with reading(app.state.server.engine) as connection:
        query = select(changes.c.status).where(changes.c.device == handed.batches[0].device)
        assert {row.status for row in connection.execute(query)} == {"quarantined"}


def test_a_file_of_other_villages_or_another_server_is_not_taken(
    old: Phone, tmp_path: Path, app: FastAPI, clock: FakeClock, new: Phone
) -> None:
    neighbour = Phone(tmp_path / "neighbour.db", app, clock, "neighbour", 13)
    with pytest.raises(BadInput, match="不归本账号管"):
        handover.unpack(neighbour.store, carried(old))
    with pytest.raises(BadInput, match="别的网址"):
        handover.unpack(new.store, replace(carried(old), server="https://elsewhere.test"))
    # A file that claims more than it holds brings nothing of the other village.
    handed = replace(carried(old), villages=("331121209202",))
    assert handover.unpack(neighbour.store, handed).outside == 4
    assert people_index(neighbour.store).search() == []


def test_the_file_opens_with_its_code_alone() -> None:
    code = fresh_code()
    content = encode_handover(Handover("https://a.test", None, ("1",), 1))

    async def body() -> None:
        sealed = await seal_file(code, content)
        assert await open_file(code.replace(" ", ""), sealed) == content
        with pytest.raises(BadInput, match="交接码不对"):
            await open_file("0000 0000 0000 0000", sealed)
        with pytest.raises(BadInput, match="交接码不对"):
            await open_file(code, sealed[:-1] + bytes([sealed[-1] ^ 1]))
        with pytest.raises(BadInput, match="16 位数字"):
            await open_file("12", sealed)
        with pytest.raises(FileUnreadable):
            await open_file(code, b"PK\x03\x04" + sealed[4:])

    asyncio.run(body())


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x1f\x8b\x08"])
def test_what_is_no_handover_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(FileUnreadable, match="不是交接文件"):
        decode_handover(content)


@pytest.mark.parametrize(
    "bad",
    [
        {"body": b"\xff\xfe"},
        {"first": 2**70},
        {"first": -5},
        {"count": 0},
        {"device": "d" * 65},
        {"device": "d\0"},
        {"proof": "bad\nproof"},
        {"proof": "é" * 64},
    ],
)
def test_a_batch_that_no_phone_has_written_makes_the_file_none(old: Phone, bad: dict[str, Any]) -> None:
    packed = handover.pack(old.store)
    spoilt = replace(packed, batches=[replace(packed.batches[0], **bad)])
    with pytest.raises(FileUnreadable, match="不是交接文件"):
        decode_handover(encode_handover(spoilt))


@pytest.mark.parametrize("row", ["null", "3", "{", '{"entity": "person"}', "[]"])
def test_a_row_that_is_none_keeps_no_other_from_being_taken(old: Phone, new: Phone, row: str) -> None:
    new.sync()
    packed = carried(old)
    huge = packed.rows[0].replace('"version":1', f'"version":{2**70}')
    assert huge != packed.rows[0]
    spoilt = replace(packed, rows=[row, huge, *packed.rows], fresh=[row, *packed.fresh])
    assert handover.unpack(new.store, spoilt) == Unpacked(people=2, facts=2, changes=4, known=0, outside=0)


def test_work_of_a_phone_restored_from_a_copy_reaches_the_city_by_another(
    new: Phone, app: FastAPI, clock: FakeClock, tmp_path: Path
) -> None:
    """Its numbers were used before, and it never sees a network again."""
    clerk = Clerk.sign_in(app, clock, "village")
    clerk.sync(clerk.add_person("p-1", name="李四", hamlet="上坞", house="1"))
    phone = RealPhone(tmp_path / "phone", app, "village", clock=clock, seed=21)
    phone.sign_in()
    phone.sync()
    restored = phone.copied_to(tmp_path / "restored", seed=22)
    record_visit(phone.store, visit_to("p-1", note="恢复以前"))
    phone.sync()
    clock.go_on(ms=60_000)
    record_visit(restored.store, visit_to("p-1", note="恢复以后"))
    handover.unpack(new.store, replace(handover.pack(restored.store), server="http://server.test"))
    new.sync()
    assert handover.relayed(new.store) == Relayed(waiting=0, taken=1, refused=0)
    new.sync()
    notes = {(view.visit.note, view.state) for view in visits_of(new.store, "p-1")}
    assert notes == {("恢复以前", RecordState.RECEIVED), ("恢复以后", RecordState.RECEIVED)}
    phone.sync()
    assert len(visits_of(phone.store, "p-1")) == 2


def test_a_batch_that_the_server_does_not_hold_whole_is_kept(old: Phone, new: Phone) -> None:
    """A server that has no stand-ins answers with the code that a phone itself would get."""
    handover.unpack(new.store, carried(old))
    answers = iter([{"receipts": 4, "refused": {"3": "seq_reused"}}, {"receipts": 4}])

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=next(answers))

    assert relay_to(answer, new) == 0
    with pytest.raises(Unavailable, match="没有说清"):
        relay_to(answer, new)
    assert handover.relayed(new.store) == Relayed(waiting=4, taken=0, refused=0)
    (batch,) = handover.waiting(new.store)
    assert "闻一禾".encode() in batch.body


def test_a_batch_that_is_refused_for_good_does_not_hold_up_the_others(old: Phone, new: Phone) -> None:
    """Two of them stand before the good one; each is kept, with the server's sentence (P6)."""
    handed = carried(old)
    (good,) = handed.batches
    dated = good.body.replace(b'"protocol":2', b'"protocol":0')
    bad = [
        RelayBatch("0000-cut", 1, 1, good.body[:-5], "0" * 64),
        RelayBatch("0000-dated", 1, 1, dated, "0" * 64),
    ]
    handover.unpack(new.store, replace(handed, batches=[*bad, good]))
    new.sync()
    assert handover.relayed(new.store) == Relayed(waiting=0, taken=4, refused=2)
    sentences = handover.reasons(new.store)
    assert [any(word in said for said in sentences) for word in ("不完整", "太旧")] == [True, True]


@pytest.mark.parametrize("status", [404, 413, 426])
def test_what_is_no_verdict_of_the_server_leaves_a_batch_waiting_and_the_next_goes(
    old: Phone, new: Phone, status: int
) -> None:
    """A proxy's refusal, and a server that is older than the phone which made the batch."""
    handed = carried(old)
    (good,) = handed.batches
    handover.unpack(new.store, replace(handed, batches=[replace(good, device="0000"), good]))
    more = {"code": "unsupported_protocol", "sentence": "旧", "supported": [1]} if status == 426 else {}
    answers = iter([(status, more), (200, {"receipts": 4, "refused": {}})])

    def answer(_: httpx.Request) -> httpx.Response:
        code, said = next(answers)
        return httpx.Response(code, json=said)

    assert relay_to(answer, new) == 4
    assert handover.relayed(new.store) == Relayed(waiting=4, taken=4, refused=0)


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_passing_fault_ends_the_round_and_everything_waits(old: Phone, new: Phone, status: int) -> None:
    handed = carried(old)
    (good,) = handed.batches
    handover.unpack(new.store, replace(handed, batches=[replace(good, device="0000"), good]))
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(status)

    with pytest.raises((TooManyAttempts, Unavailable)):
        relay_to(answer, new)
    assert asked == ["/v1/relay"]
    assert handover.relayed(new.store) == Relayed(waiting=8, taken=0, refused=0)


def relay_to(answer: Callable[[httpx.Request], httpx.Response], phone: Phone) -> int:
    """Relay what waits on `phone` to a server that answers so."""

    async def go() -> int:
        http = httpx.AsyncClient(base_url="http://server.test", transport=httpx.MockTransport(answer))
        return await relay_waiting(phone.store, SyncClient(http, "t"))

    return asyncio.run(go())
