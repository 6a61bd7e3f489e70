"""A worker's days over a network that loses, cuts and repeats, each drawn from one seed.

The oracle knows only what the worker saved and took back. When the faults stop, the server must
hold exactly that, every record here must be received, and the numbers of each device id must be
without holes.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx
import pytest

from app.domain.errors import ZoufangError
from app.store.account import keep_sign_in, signed_in_account
from app.store.inbox import feed_state
from app.store.records import recent, totals
from app.store.store import Store, open_store
from app.store.visits import NewNeed, record_visit, undo_visit, visits_of
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from tests.fakes import FakeClock, FakeServer, head_of, person, seeded_entropy, sign_in_answer, visit_to

PEOPLE = 40
ROUNDS_UNTIL_QUIET = 2


@dataclass
class Worker:
    """What was saved and what was taken back: all that the oracle knows."""

    saved: list[str] = field(default_factory=list)
    undone: set[str] = field(default_factory=set)


class BadNetwork:
    """Does one of several wrongs to a request or its answer, or none."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self.is_bad = False

    def before(self, _: httpx.Request) -> httpx.Response | None:
        wrong = self._random.choice(["none", "none", "none", "no route", "503"]) if self.is_bad else "none"
        if wrong == "no route":
            raise httpx.ConnectError("no route")
        return httpx.Response(503) if wrong == "503" else None

    def after(self, response: httpx.Response) -> httpx.Response | None:
        wrong = self._random.choice(["none", "none", "lost", "cut", "hotel"]) if self.is_bad else "none"
        if wrong == "lost":
            raise httpx.ReadTimeout("lost")
        if wrong == "cut":
            plain = response.content
            return httpx.Response(200, content=plain[: self._random.randrange(len(plain))])
        return httpx.Response(200, text="<html>welcome</html>") if wrong == "hotel" else None


@dataclass
class Life:
    """A phone, its worker and the world around them, for as long as a test lasts."""

    folder: Path
    random: Random
    clock: FakeClock
    server: FakeServer
    store: Store
    worker: Worker = field(default_factory=Worker)

    def go_on(self) -> None:
        """One of the things that happen on a day."""
        self.clock.go_on(ms=self.random.randrange(60_000))
        what = self.random.choice(["save", "save", "undo", "sync", "sync", "sync", "restart", "sign in"])
        if what == "save":
            needs = (NewNeed("LIVING", "2"),) * self.random.randrange(3)
            visit = visit_to(f"p{self.random.randrange(PEOPLE)}", needs=needs)
            self.worker.saved.append(record_visit(self.store, visit))
        elif what == "undo" and self.worker.saved:
            undone = self.random.choice(self.worker.saved)
            undo_visit(self.store, undone)
            self.worker.undone.add(undone)
        elif what == "sync":
            self.sync()
        elif what == "restart":
            self.store.close()
            self.store = reopened(self.folder, self.clock)
        elif what == "sign in":
            answer = sign_in_answer(device=f"phone-{self.clock.now}")
            keep_sign_in(self.store, answer, "https://server.test")

    def sync(self) -> None:
        """A sync that may fail; the loop would wait then and try again."""
        client = SyncClient(self.server.client(), signed_in_account(self.store).token)
        with suppress(ZoufangError):
            asyncio.run(sync_once(self.store, client, now_ms=self.clock))


def reopened(folder: Path, clock: FakeClock) -> Store:
    return open_store(folder / "phone.db", now_ms=clock, entropy=seeded_entropy(clock.now))


@pytest.mark.parametrize("seed", range(25))
def test_whatever_the_network_does_everything_arrives_once(seed: int, tmp_path: Path) -> None:
    random, clock = Random(seed), FakeClock()
    network = BadNetwork(random)
    server = FakeServer(
        feed=[head_of(person(f"p{n}")) for n in range(PEOPLE)],
        page_rows=9,
        clock=clock,
        before_take=network.before,
        before_answer=network.after,
    )
    life = Life(tmp_path, random, clock, server, reopened(tmp_path, clock))
    keep_sign_in(life.store, sign_in_answer(), "https://server.test")
    life.sync()
    network.is_bad = True
    for _ in range(40):
        life.go_on()
    network.is_bad = False
    for _ in range(ROUNDS_UNTIL_QUIET):
        life.sync()

    store, worker = life.store, life.worker
    assert totals(store).received == len(worker.saved), f"seed={seed}"
    assert {view.visit.id for view in recent(store, limit=999)} == set(worker.saved)
    shown = {view.visit.id for n in range(PEOPLE) for view in visits_of(store, f"p{n}")}
    assert shown == set(worker.saved) - worker.undone
    assert held_by(server) == (set(worker.saved), worker.undone)
    assert feed_state(store).cursor == str(PEOPLE)
    for device in {device for device, _ in server.taken}:
        seqs = sorted(seq for owner, seq in server.taken if owner == device)
        assert seqs == list(range(1, len(seqs) + 1)), f"seed={seed} {device}"


def held_by(server: FakeServer) -> tuple[set[str], set[str]]:
    """Visits that the server was told of, and those it was told to void."""
    changes = [change for batch in server.batches for change in batch.changes if change.entity == "visit"]
    created = {change.record for change in changes if change.kind == "create"}
    return created, {change.record for change in changes if change.kind == "void"}
