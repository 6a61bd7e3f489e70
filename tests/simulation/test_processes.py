"""A real server and a real phone, killed by SIGKILL at random moments, hundreds of times; then a recount."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import httpx
from sqlalchemy import select

from app.store import outbox
from app.store.account import keep_sign_in, signed_in_account
from app.store.people import person_view
from app.store.store import Store, open_store
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from sync_server.asgi import create_app
from sync_server.db.tables import changes, heads
from sync_server.settings import Settings
from tests.fakes import FakeClock
from tests.postgres import on_sqlite
from tests.server.conftest import city_url, clock, settings
from tests.server.phones import Phone as Clerk
from tests.simulation.nursery import PERSON

__all__ = ["city_url", "clock", "settings"]  # the real server's fixtures
ROOT = Path(__file__).parents[2]
KILLS = 240
BOUND_S = 40  # on a machine that is too busy for as many
FEWEST_KILLS = 60


@on_sqlite
def test_what_was_told_saved_outlives_hundreds_of_kills_and_takes_effect_once(
    settings: Settings, clock: FakeClock, tmp_path: Path
) -> None:
    _found(settings, clock)
    kills, told = _killed_again_and_again(tmp_path, Random(31))
    saved, undone = told["saved"], told["undone"]
    assert (kills >= FEWEST_KILLS, told.keys()) == (True, {"saved", "undone", "noted"})

    app = create_app(settings, now_ms=clock, site=tmp_path / "web")
    store = open_store(tmp_path / "phone.db", now_ms=clock)
    client = SyncClient(
        httpx.AsyncClient(base_url="http://server.test", transport=httpx.ASGITransport(app)),
        signed_in_account(store).token,
    )
    asyncio.run(sync_once(store, client, now_ms=clock))
    engine = app.state.server.engine
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        log = connection.execute(select(changes).where(changes.c.device == signed_in_account(store).device))
        logged = [(row.seq, row.entity, row.kind, row.record, row.status) for row in log]
        held = set(connection.execute(select(heads.c.record).where(heads.c.entity == "visit")).scalars())
    engine.dispose()

    assert store.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    here = store.db.execute("SELECT seq, entity, kind, record FROM outbox ORDER BY seq").fetchall()
    assert outbox.waiting(store).changes == 0
    assert sorted(entry[:4] for entry in logged) == here  # each number once, with the same words
    assert [entry[0] for entry in here] == list(range(1, len(here) + 1))
    assert {entry[4] for entry in logged} == {"accepted"}
    made = Counter(entry[3] for entry in logged if entry[1:3] == ("visit", "create"))
    assert (set(made.values()), made.keys()) == ({1}, held)
    assert set(saved) <= held
    assert set(undone) <= {
        record for _, entity, kind, record, _ in logged if (entity, kind) == ("visit", "void")
    }
    said = _notes(store)
    assert said[-1] == person_view(store, PERSON).person.note
    assert set(told["noted"]) <= set(said)
    store.close()


def _found(settings: Settings, clock: FakeClock) -> None:
    """A person on the roster, and a phone that has signed in and pulled him."""
    app = create_app(settings, now_ms=clock, site=settings.data / "web")
    county = Clerk.sign_in(app, clock, "county")
    county.sync(county.add_person(PERSON, village="331121209200"))
    worker = Clerk.sign_in(app, clock, "village")
    store = open_store(settings.data / "phone.db", now_ms=clock)
    keep_sign_in(store, worker.answer, "http://server.test")
    transport = httpx.ASGITransport(app)
    client = SyncClient(httpx.AsyncClient(base_url="http://server.test", transport=transport), worker.token)
    asyncio.run(sync_once(store, client, now_ms=clock))
    store.close()
    app.state.server.engine.dispose()


def _killed_again_and_again(data: Path, random: Random) -> tuple[int, dict[str, list[str]]]:
    """How many kills there were, and what the phone told in all its lives: word -> what of."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening, (data / "told").open("w") as out:
        handle = listening.fileno()
        nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.simulation.nursery", str(data), str(handle)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=out,
            pass_fds=[handle],
        )
        try:
            assert nursery.stdin is not None
            _wait_for_words(data / "told", nursery, more=1)
            kills, end = 0, time.monotonic() + BOUND_S
            while kills < KILLS and time.monotonic() < end:
                _wait_for_words(data / "told", nursery, more=random.choice((0, 0, 1, 2, 4, 9)))
                time.sleep(random.uniform(0, 0.02))
                nursery.stdin.write(random.choice((b"server\n", b"phone\n", b"phone\n")))
                nursery.stdin.flush()
                kills += 1
            nursery.stdin.close()
            assert nursery.wait(timeout=60) == 0
        finally:
            nursery.kill()
            nursery.wait()
    told: dict[str, list[str]] = {}
    for line in (data / "told").read_text().splitlines():
        word, _, of = line.partition(" ")
        told.setdefault(word, []).append(of)
    return kills, told


def _wait_for_words(told: Path, nursery: subprocess.Popen[bytes], *, more: int) -> None:
    """Until the phone has told `more` things, so that a kill finds it and the server at work."""
    wanted = told.read_bytes().count(b"\n") + more
    for _ in range(3000):
        if told.read_bytes().count(b"\n") >= wanted:
            return
        assert nursery.poll() is None, "the processes did not start"
        time.sleep(0.01)
    raise AssertionError("the phone does not go on with its work")


def _notes(store: Store) -> list[str]:
    """The note that every edit in the outbox writes, in order of seq."""
    rows = store.db.execute("SELECT change FROM outbox WHERE entity = 'person' ORDER BY seq").fetchall()
    texts = store.codec.open([blob for (blob,) in rows])
    return [json.loads(text)["fields"]["note"] for text in texts]
