"""Pushes that share a commit: the same comes of each, and is kept, as if each had been committed alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from app.domain.change import Change
from app.domain.wire import PushBatch, SyncHeader
from sync_server.db.engine import writing
from sync_server.db.tables import metadata
from sync_server.records.accounts import authenticate, revoke_device
from sync_server.records.feed import page_after
from sync_server.records.intake import Arrival, accept_arrivals
from sync_server.records.taking import Taken
from tests.fakes import FakeClock
from tests.server.phones import Phone, need_fields

SignIn = Callable[[str], Phone]
LOGINS = ("village", "colleague", "neighbour", "town", "county", "unit")
VILLAGES = ("331121209200", "331121209202", "331102001001")
ROUNDS = 5


class Undone(Exception):
    """Takes back what a transaction has shown."""


class Crowd:
    """Phones that say, at random, what meets at the same few records."""

    def __init__(self, chance: Random, engine: Engine, clock: FakeClock, sign_in: SignIn) -> None:
        self.chance, self.engine, self.clock = chance, engine, clock
        self.phones = [sign_in(login) for login in LOGINS]
        self.phones[0].sync(*(self.phones[0].add_person(f"p{n}", note="独居") for n in range(2)))
        for phone in self.phones:
            phone.sync(protocol=2)
        self.sent: list[tuple[Phone, list[Change]]] = []
        self.round = 0

    def arrivals(self) -> list[Arrival]:
        """A handful, some of one device, some sent before, some of a phone that took up old numbers."""
        self.round += 1
        self.clock.go_on(ms=self.chance.randrange(1, 90_000))
        return [self._arrival() for _ in range(self.chance.randrange(3, 10))]

    def _arrival(self) -> Arrival:
        phone = self.chance.choice(self.phones)
        changes = [self._change(phone) for _ in range(self.chance.randrange(1, 5))]
        if self.sent and self.chance.random() < 0.2:
            phone, again = self.chance.choice(self.sent)
            changes = [*again, self._change(phone)] if again[-1].seq == phone.seq else again
            if self.chance.random() < 0.4:
                changes = [again[0].model_copy(update={"hlc": again[0].hlc + 1}), *changes[1:]]
        self.sent.append((phone, changes))
        header = SyncHeader(
            protocol=self.chance.choice((1, 2, 2)),
            device=phone.device,
            cursor=self.chance.choice((phone.cursor, phone.cursor, None)),
            first=changes[0].seq,
            sent_at=self.clock.now + self.chance.choice((0, 0, -7_000_000, 500_000)),
            merges_own=self.chance.random() < 0.7,
        )
        device = authenticate(self.engine, phone.token, now_ms=self.clock.now, takes_revoked=True)
        return Arrival(device, PushBatch(header=header, changes=[*changes]), self.clock.now)

    def _change(self, phone: Phone) -> Change:
        person, visit = self._one_of("p", 3), self._one_of("v", 3)
        say = self.chance.choice(
            (*[self._create_person] * 3, self._patch_person, *[self._visit] * 2, self._amend, self._need)
        )
        made = say(phone, person, visit)
        if made.seq > 2 and self.chance.random() < 0.15:
            mended = self.chance.randrange(max(1, made.seq - 4), made.seq)
            made = made.model_copy(update={"replaces": mended})
        return made

    def _create_person(self, phone: Phone, person: str, _: str) -> Change:
        village = self.chance.choice((VILLAGES[0], VILLAGES[0], VILLAGES[1]))
        return phone.add_person(person, village=village, note="独居")

    def _patch_person(self, phone: Phone, person: str, _: str) -> Change:
        fields: dict[str, Any] = {
            "village": {"village": self.chance.choice(VILLAGES)},
            "note": {"note": str(self.chance.random())},
            "merged": {"merged_into": self._one_of("p", 3)},
        }[self.chance.choice(("village", "village", "note", "merged"))]
        return phone.change("person", person, fields, kind="patch", base=self.chance.randrange(4))

    def _visit(self, phone: Phone, person: str, visit: str) -> Change:
        return phone.add_visit(visit, person, note=self.chance.choice(("", "谈了医保")))

    def _amend(self, phone: Phone, _: str, visit: str) -> Change:
        if self.chance.random() < 0.2:
            return phone.change("visit", visit, {}, kind="void", base=1)
        fields = {"note": str(self.chance.random())}
        return phone.change("visit", visit, fields, kind="patch", base=self.chance.randrange(3))

    def _need(self, phone: Phone, person: str, visit: str) -> Change:
        return phone.change("need", self._one_of("n", 3), need_fields(phone, person, visit))

    def _one_of(self, kind: str, many: int) -> str:
        """Of a few that this round is the first to name, and a few older ones."""
        newest = 3 * self.round
        return f"{kind}{self.chance.randrange(max(0, newest - 2), newest + many)}"


def everything(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for sums of nothing, which count as no row (digests.py)."""
    found = {
        table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
        for table in metadata.sorted_tables
    }
    return found | {"digests": [row for row in found["digests"] if row[-2:] != (0, 0)]}


def pages(connection: Connection, arrivals: Sequence[Arrival], takens: Sequence[Taken]) -> list[Any]:
    return [
        page_after(
            connection,
            arrival.batch.header.cursor,
            arrival.device.scope,
            1000,
            without=taken.left_out if taken.own else None,
        )
        for arrival, taken in zip(arrivals, takens, strict=True)
    ]


def tried(engine: Engine, arrivals: Sequence[Arrival], *, together: bool) -> tuple[Any, ...]:
    """What comes of `arrivals`, and what the database then holds; nothing of it stays."""
    with suppress(Undone), writing(engine) as connection:
        if together:
            takens = accept_arrivals(connection, arrivals)
        else:
            takens = [taken for one in arrivals for taken in accept_arrivals(connection, [one])]
        found = takens, pages(connection, arrivals, takens), everything(connection)
        raise Undone
    return found


@pytest.mark.parametrize("seed", range(12))
def test_pushes_taken_together_leave_what_they_leave_one_after_another(
    seed: int, engine: Engine, clock: FakeClock, sign_in: SignIn
) -> None:
    crowd = Crowd(Random(seed), engine, clock, sign_in)
    for number in range(ROUNDS):
        if number == ROUNDS - 1:
            with writing(engine) as connection:
                revoke_device(connection, crowd.chance.choice(crowd.phones).device, now_ms=clock.now)
        arrivals = crowd.arrivals()
        apart = tried(engine, arrivals, together=False)
        assert tried(engine, arrivals, together=True) == apart
        with writing(engine) as connection:
            accept_arrivals(connection, arrivals)
        for phone in crowd.phones:
            if crowd.chance.random() < 0.5:
                phone.sync(protocol=2)


def arrival(engine: Engine, phone: Phone, *changes: Change) -> Arrival:
    header = SyncHeader(
        protocol=2,
        device=phone.device,
        cursor=phone.cursor,
        first=changes[0].seq,
        sent_at=phone.clock.now,
        merges_own=True,
    )
    device = authenticate(engine, phone.token, now_ms=phone.clock.now)
    return Arrival(device, PushBatch(header=header, changes=[*changes]), phone.clock.now)


def test_a_visit_that_has_just_followed_its_person_is_no_row_that_a_phone_makes(
    engine: Engine, sign_in: SignIn
) -> None:
    town, worker, county = sign_in("town"), sign_in("village"), sign_in("county")
    worker.sync(worker.add_person("p1"), worker.add_visit("v1", "p1"))
    county.sync(protocol=2)
    moves = town.change("person", "p1", {"village": VILLAGES[1]}, kind="patch", base=1)
    amends = county.change("visit", "v1", {"note": "问优待证"}, kind="patch", base=1)
    together = [arrival(engine, town, moves), arrival(engine, county, amends)]
    assert tried(engine, together, together=True)[0][1].own == []
    assert tried(engine, together, together=True) == tried(engine, together, together=False)


def test_what_an_earlier_push_has_released_a_later_one_cannot_replace(
    engine: Engine, sign_in: SignIn
) -> None:
    clerk, worker = sign_in("county"), sign_in("village")
    waits = worker.add_visit("v1", "p1")
    worker.sync(waits, protocol=2)
    brings = clerk.add_person("p1", village=VILLAGES[0])
    mends = worker.add_visit("v2", "p1").model_copy(update={"replaces": waits.seq})
    together = [arrival(engine, clerk, brings), arrival(engine, worker, mends)]
    found = tried(engine, together, together=True)
    assert [row[11] for row in found[2]["quarantine"]] == ["released"]
    assert found == tried(engine, together, together=False)
