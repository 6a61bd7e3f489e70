"""Writers that run side by side, on either database: nothing is lost, skipped or locked for good (P4, P7)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from threading import Barrier, Event
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from app.domain.wire import Answer, decode_answer
from sync_server.db import tables
from sync_server.db.engine import TakenBack, written, written_together
from sync_server.settings import Settings
from tests.bench.server import served
from tests.fakes import FakeClock
from tests.server.phones import PASSWORD, Phone

SignIn = Callable[[str], Phone]
ROUNDS = 12


def at_once(*pushes: Callable[[], Any]) -> list[Any]:
    """What each gives, all begun at the same moment."""
    start = Barrier(len(pushes))

    def run(push: Callable[[], Any]) -> Any:
        start.wait()
        return push()

    with ThreadPoolExecutor(len(pushes)) as pool:
        return [done.result() for done in [pool.submit(run, push) for push in pushes]]


def test_a_record_made_on_two_phones_at_once_keeps_what_both_said(sign_in: SignIn, engine: Engine) -> None:
    phones = [sign_in(login) for login in ("village", "colleague")]
    for number in range(ROUNDS):
        made = [p.add_person(f"p{number}", note=f"{i}") for i, p in enumerate(phones)]
        bodies = [p.body(change) for p, change in zip(phones, made, strict=True)]
        at_once(*(lambda p=p, b=b: p.post(b) for p, b in zip(phones, bodies, strict=True)))
    rows = {head.record: head for head in sign_in("town").sync().rows}
    assert {
        record: (head.version, sorted(c.value for c in head.candidates("note")))
        for record, head in rows.items()
    } == {f"p{number}": (2, ["0", "1"]) for number in range(ROUNDS)}
    with engine.connect() as connection:
        open_conflicts = connection.execute(select(tables.conflicts.c.record, tables.conflicts.c.field))
        assert sorted(map(tuple, open_conflicts)) == sorted((f"p{n}", "note") for n in range(ROUNDS))


def test_a_person_who_moves_while_his_visits_are_mended_takes_them_along(
    sign_in: SignIn, engine: Engine
) -> None:
    clerk, worker = sign_in("town"), sign_in("village")
    people = [f"p{n}" for n in range(4)]
    worker.sync(*(worker.add_person(p) for p in people))
    # Ids before and after the person's, so that no order of ids alone would be safe.
    facts = [f"{side}-{p}" for p in people for side in ("a", "z")]
    worker.sync(*(worker.add_visit(v, v[2:]) for v in facts))
    villages = ("331121209202", "331121209200")
    for number in range(ROUNDS):
        moves = [
            clerk.change("person", p, {"village": villages[number % 2]}, kind="patch", base=99)
            for p in people
        ]
        mends = [worker.change("visit", v, {"note": str(number)}, kind="patch", base=99) for v in facts]
        moved, mended = clerk.body(*moves), worker.body(*mends)
        both = at_once(lambda b=moved: clerk.post(b), lambda b=mended: worker.post(b))
        assert [r.status_code for r in both] == [200, 200]
    with engine.connect() as connection:
        heads = connection.execute(select(tables.heads.c.person, tables.heads.c.path)).all()
    places = {person: {head.path for head in heads if head.person == person} for person in people}
    assert places == {person: {"3311/331121/331121209/331121209200"} for person in people}


def test_a_transaction_that_was_taken_back_is_done_again_as_a_whole(engine: Engine) -> None:
    tries: list[int] = []

    def work(connection: Any) -> str:
        row = {"name": f"try-{len(tries)}", "value": ""}
        connection.execute(tables.settings_kept.insert().values(row))
        tries.append(len(tries))
        if len(tries) < 3:
            raise TakenBack
        return "done"

    assert written(engine, work) == "done"
    with engine.connect() as connection:
        names = connection.execute(
            select(tables.settings_kept.c.name).where(tables.settings_kept.c.name.like("try-%"))
        )
        assert list(names.scalars()) == ["try-2"]


def test_a_transaction_that_is_always_taken_back_fails_after_a_few_tries(engine: Engine) -> None:
    tries: list[None] = []

    def work(_connection: Any) -> None:
        tries.append(None)
        raise TakenBack("again")

    with pytest.raises(TakenBack):
        written(engine, work)
    assert len(tries) == 4


def test_work_done_together_gives_each_its_own_result_and_fails_alone(engine: Engine) -> None:
    def work(connection: Any, numbers: list[int]) -> list[int]:
        for number in numbers:
            row = {"name": f"work-{number}", "value": ""}
            connection.execute(tables.settings_kept.insert().values(row))
            if number % 7 == 3:
                raise OSError(number)
        return numbers

    def result(number: int) -> int | str:
        try:
            return written_together(engine, work, number)
        except OSError as fault:
            return f"failed {fault}"

    found = at_once(*(partial(result, number) for number in range(30)))
    assert found == [f"failed {n}" if n % 7 == 3 else n for n in range(30)]
    with engine.connect() as connection:
        names = connection.execute(
            select(tables.settings_kept.c.name).where(tables.settings_kept.c.name.like("work-%"))
        )
        assert set(names.scalars()) == {f"work-{n}" for n in range(30) if n % 7 != 3}


class RemotePhone(Phone):
    """A phone that speaks to a server in another process."""

    http: httpx.Client

    @classmethod
    def sign_in_at(cls, http: httpx.Client, login: str) -> RemotePhone:
        said = http.post("/v1/sign-in", json={"login": login, "password": PASSWORD, "label": "测试机"}).json()
        account, organisation = said["account"]["id"], said["organisation"]["code"]
        clock = FakeClock(said["time"])
        phone = cls(None, clock, said["device"], said["token"], account, organisation, said)  # type: ignore[arg-type]
        phone.http = http
        return phone

    def push(self, *records: str) -> Answer:
        body = self.body(*(self.add_person(record) for record in records))
        headers = {**self.headers, "Content-Encoding": "gzip"}
        response = self.http.post("/v1/sync", content=gzip.compress(body), headers=headers)
        assert response.status_code == 200, response.text
        answer = decode_answer(response.content)
        self.cursor = answer.end.cursor
        return answer


@pytest.fixture
def origins(settings: Settings) -> Iterator[list[str]]:
    """Two server processes on one database."""
    with ExitStack() as running:
        yield [running.enter_context(served(settings.data, log=f"serve-{n}.log")) for n in range(2)]


def test_a_reader_of_two_server_processes_on_one_database_gets_every_record(origins: list[str]) -> None:
    done = Event()
    seen: list[str] = []
    with ExitStack() as opened:
        http = [
            opened.enter_context(httpx.Client(base_url=origin, timeout=60))
            for _ in range(3)
            for origin in origins
        ]
        logins = ("village", "colleague", "village", "colleague", "village")
        writers = [
            RemotePhone.sign_in_at(client, login) for client, login in zip(http[:5], logins, strict=True)
        ]
        reader = RemotePhone.sign_in_at(http[5], "county")

        def write(writer: RemotePhone) -> list[str]:
            records = [[f"{writer.device}-{i}-{j}" for j in range(4)] for i in range(15)]
            answers = [writer.push(*part) for part in records]
            assert {r.status for a in answers for r in a.receipts} == {"accepted"}
            return [record for part in records for record in part]

        def read() -> None:
            while not done.is_set():
                reader.http = http[5] if len(seen) % 2 else opened_other
                seen.extend(head.record for head in reader.push().rows)
            seen.extend(head.record for head in reader.push().rows)

        opened_other = opened.enter_context(httpx.Client(base_url=origins[0], timeout=60))
        with ThreadPoolExecutor(6) as pool:
            reading = pool.submit(read)
            made = [record for own in pool.map(write, writers) for record in own]
            done.set()
            reading.result()
    assert len(made) == 5 * 15 * 4
    assert sorted(seen) == sorted(made)  # each once, from whichever process it was asked
