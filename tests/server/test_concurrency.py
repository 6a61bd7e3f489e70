"""Many at once: every push takes effect once, and a reader's cursor skips nothing (P7)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from sqlalchemy import Engine, select

from app.domain.wire import Answer
from sync_server.db import tables
from tests.server.phones import Phone

SignIn = Callable[[str], Phone]


def test_a_reader_between_many_writers_gets_every_record(sign_in: SignIn, engine: Engine) -> None:
    writers = [sign_in(login) for login in ("village", "colleague", "neighbour", "town")]
    for writer in writers:
        writer.organisation = "331121209202" if writer.organisation == "331121209202" else "331121209200"
    reader = sign_in("county")
    done = Event()
    seen: list[str] = []

    def write(writer: Phone) -> list[Answer]:
        return [
            writer.sync(*(writer.add_person(f"{writer.device}-{i}-{j}") for j in range(3))) for i in range(8)
        ]

    def read() -> None:
        while not done.is_set():
            seen.extend(head.record for head in reader.sync().rows)
        seen.extend(head.record for head in reader.sync().rows)

    with ThreadPoolExecutor(5) as pool:
        reading = pool.submit(read)
        answers = list(pool.map(write, writers))
        done.set()
        reading.result()
    assert {r.status for own in answers for a in own for r in a.receipts} == {"accepted"}
    with engine.connect() as connection:
        written = connection.execute(select(tables.heads.c.record)).scalars().all()
        numbers = connection.execute(select(tables.changes.c.feed_no)).scalars().all()
    assert len(written) == 4 * 8 * 3
    assert sorted(seen) == sorted(written)  # each once: nothing changed twice
    assert sorted(numbers) == list(range(1, 97))


def test_the_same_push_from_two_connections_at_once_takes_effect_once(phone: Phone, engine: Engine) -> None:
    body = phone.body(phone.add_person("p1"), phone.add_visit("v1", "p1"))
    with ThreadPoolExecutor(4) as pool:
        answers = {r.content for r in pool.map(lambda _: phone.post(body), range(4))}
    assert len(answers) == 1
    with engine.connect() as connection:
        assert connection.execute(select(tables.heads.c.version)).scalars().all() == [1, 1]
