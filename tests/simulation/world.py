"""One world: a few phones, a server, and days on which everything goes wrong that can."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from app.store.retention import RETENTION_MS
from tests.fakes import DAY_MS
from tests.simulation.chance import seeded
from tests.simulation.checks import check_world
from tests.simulation.clearing import check_cleared
from tests.simulation.databases import Workshop
from tests.simulation.disasters import Disaster
from tests.simulation.disk import Died, Disk
from tests.simulation.found import Found
from tests.simulation.hands import Hands, crews
from tests.simulation.network import Air
from tests.simulation.office import Office
from tests.simulation.oracle import Oracle
from tests.simulation.phone import Phone
from tests.simulation.photos import photos_on
from tests.simulation.proving import check_files, check_photos
from tests.simulation.replicas import check_at_rest, check_phone
from tests.simulation.server import FOUNDED_MS, SEATS, Server
from tests.simulation.tally import Broken, Tally
from tests.simulation.worker import Deed, Worker, attempt

# What may befall a world besides what the network and the disks do, and how often of a thousand steps.
FEATURES = {
    "deed": 610,
    "sync": 290,
    "app restarted": 15,
    "app updated": 5,
    "late request": 20,
    "server restarted": 10,
    "roster": 10,
    "device revoked": 5,
    "account moved": 6,
    "review": 45,
    "session ended": 3,
    "handed over": 30,
    "signed out": 5,
    "taken off": 8,
    "entries joined": 15,
}
ROUNDS_UNTIL_QUIET = 5  # of a sync of every phone, once the faults have stopped
LONG_WORLDS = 0.3  # the share of those in which the retention days pass (P10)
_A_PAUSE_MS = 5 * DAY_MS  # the longest in a long world during which nobody works
_STEPS_A_DAY = 8  # of each phone: deeds, syncs, accidents
_CLOCKS_MS = (0, 0, 0, 7 * 60_000, -7 * 60_000, 365 * DAY_MS, -365 * DAY_MS, 1500 * DAY_MS)


@dataclass(frozen=True)
class Lived:
    """What became of the world of `seed`. `broken` is the promise that was, or None.

    `fingerprint` sums up everything that the server holds at the end: a replay gives the same.
    """

    seed: int
    tally: Tally
    broken: str | None
    fingerprint: str


def live(place: Workshop, days: int, seed: int) -> Lived:
    """Live through the world of `seed`, `days` long, and judge it."""
    tally, broken = Tally(), None
    with tempfile.TemporaryDirectory(prefix=f"{seed}-", dir=place.folder) as home:
        world = World(seed, days=days, folder=Path(home), tally=tally)
        try:
            asyncio.run(world.live(place))
        except Broken as fault:
            broken = str(fault)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the seed has to be told
            broken = f"{type(fault).__name__}: {fault}"
    return Lived(seed, tally, broken, world.fingerprint)


class World:
    """What there is, and the true time."""

    def __init__(self, seed: int, *, days: int, folder: Path, tally: Tally) -> None:
        self.random = Random(seed)
        self.days, self.folder, self.tally = days, folder, tally
        self.now_ms = FOUNDED_MS
        self.is_long = self.random.random() < LONG_WORLDS
        self.oracle = Oracle()
        self.disks: dict[str, Disk] = {}
        self.phones: list[Phone] = []
        self.worker = Worker(self.random, self.oracle, tally)
        self._half_done: dict[str, Deed] = {}
        self.is_calm = False
        self.store_badness = 0.0  # of the server's photos: the chance that it fails
        self.fingerprint = ""

    async def live(self, place: Workshop) -> None:
        """From the founding to the last check."""
        note: Callable[[str], None] = lambda fault: self.tally.faults.update([f"server {fault}"])  # noqa: E731
        disk = place.disk(self.folder, note)
        with (
            seeded(self.random, self.disks),
            photos_on(lambda: disk, self.random, lambda: self.store_badness, note),
        ):
            self.server = Server(self.folder, disk, self.true_ms)
            self.air = Air(self.server, self.random, self.tally)
            self.office = Office(self)
            self.hands = Hands(self)
            try:
                await self._found()
                self.disaster = Disaster(self)
                for _ in range(self.days):
                    await self._day()
                await self._come_to_rest()
                found = Found.of(self.server)
                self.fingerprint = found.fingerprint()
                check_world(found, self.server, self.oracle, self.tally)
                check_photos(found, self.server, self.phones, self.oracle, self.tally)
                await self._look_at_phones(found)
            finally:
                for phone in self.phones:
                    await phone.close()
                self.server.stop()

    def true_ms(self) -> int:
        """The time, which nobody but the server knows."""
        return self.now_ms

    def add_phone(self, name: str, crew: tuple[str, ...], *, copy: Path | None = None) -> Phone:
        """Another phone of these workers, new or with the files of `copy`."""
        phone = Phone(
            name,
            crew,
            folder=self.folder,
            air=self.air,
            oracle=self.oracle,
            disks=self.disks,
            true_ms=self.true_ms,
            random=self.random,
            protocol=self.random.choice((1, 2, 2)),
            meanwhile=self._meanwhile,
            copy=copy,
        )
        self.phones.append(phone)
        return phone

    async def sync(self, phone: Phone) -> None:
        """What a worker with a signal does: sign in where it is asked for, and let the phone try."""
        if not self.is_calm and self.random.random() < 0.12:
            self._arm(phone, longest=120)
        try:
            if await self.hands.sign_in_where_asked(phone):
                await phone.sync()
        except Died:
            await self.revive(phone)
        finally:
            phone.disk.disarm()
        check_cleared(phone, self.oracle, self.tally, now_ms=self.now_ms)
        check_files(phone, self.oracle, self.tally, now_ms=self.now_ms)

    async def revive(self, phone: Phone) -> None:
        """Start a dead phone again; the worker looks whether what he was doing is there."""
        await phone.come_back()
        deed = self._half_done.pop(phone.name, None)
        if deed is not None and deed.is_there():
            deed.tell()
        missing = phone.visits - phone.kept_visits()
        if missing:
            raise Broken(f"P1 {phone.name} died and lost {sorted(missing)}")

    async def do(self, phone: Phone) -> None:
        """One deed of a worker, at which the phone may die or find no room."""
        deed = self.worker.draw(phone)
        if deed is None:
            return
        self._half_done[phone.name] = deed
        await self.endangered(phone, lambda: attempt(deed, self.tally), longest=25)
        self._half_done.pop(phone.name, None)

    async def endangered(self, phone: Phone, act: Callable[[], None], *, longest: int) -> None:
        """Something done on a phone, which may die or be full at one of the `longest` next statements."""
        if not self.is_calm and self.random.random() < 0.2:
            self._arm(phone, longest=longest)
        try:
            act()
        except Died:
            if phone.is_syncing:
                raise  # the app is dead as a whole, and whoever waits for its sync starts it again
            await self.revive(phone)
        finally:
            phone.disk.disarm()

    async def _found(self) -> None:
        self.office.take_in_roster()
        workers = [login for login in SEATS if login != "town"]
        seats = [*workers[: self.random.randint(2, len(workers))], "town"]
        for login, crew in zip(seats, crews(self.random, seats), strict=True):
            phone = self.add_phone(login, crew)
            await self.sync(phone)
            while phone.must_sign_in:
                await self.sync(phone)

    def _move_clock(self, phone: Phone, *, chance: float) -> None:
        if self.random.random() < chance:
            phone.clock.off_ms = self.random.choice(_CLOCKS_MS)
            self.oracle.events.add("wrong clock")
            self.tally.faults["clock moved"] += 1

    async def _day(self) -> None:
        random = self.random
        self.air.server_danger = random.choice((0.0, 0.02, 0.1))
        self.store_badness = random.choice((0.0, 0.0, 0.2))
        for phone in self.phones:
            phone.has_signal = random.random() < 0.8
            phone.danger = random.choice((0.0, 0.0, 0.05))
            self._move_clock(phone, chance=0.06)
        self.air.badness = random.choice((0.05, 0.2, 0.6))
        turns = [phone for phone in self.phones for _ in range(_STEPS_A_DAY)]
        random.shuffle(turns)
        morning_ms = self.now_ms
        for phone in turns:
            self.now_ms += random.randrange(1, 2 * 10 * 3600_000 // len(turns))
            if self.is_long and random.random() < 0.08:
                self.now_ms += random.randrange(_A_PAUSE_MS)
                self._move_clock(phone, chance=0.3)
            await self._step(phone)
            await self.disaster.come_nearer()
        self.tally.worker_days += len(self.phones)
        self.now_ms = max(self.now_ms, morning_ms + DAY_MS) + random.randrange(3600_000)

    async def _step(self, phone: Phone) -> None:
        (act,) = self.random.choices([*FEATURES], weights=[*FEATURES.values()])
        match act:
            case "deed":
                await self.do(phone)
            case "sync":
                phone.has_signal = phone.has_signal or self.random.random() < 0.3
                await self.sync(phone)
            case "app restarted":
                await phone.close()
                phone.open()
            case "app updated":
                await phone.update()
            case "late request":
                await self.air.deliver_late()
            case "server restarted":
                self.server.start_again()
                self.server.end_old_uploads()
            case "roster":
                self.office.take_in_roster()
            case "device revoked":
                self.office.revoke(phone)
            case "account moved":
                self.office.move_account(phone)
            case "session ended":
                self.office.end_session(phone)
            case "handed over":
                await self.hands.hand_over(phone)
            case "signed out":
                await self.hands.sign_out(phone)
            case "taken off":
                await self.hands.take_off(phone)
            case "review":
                await self.office.review()
            case "entries joined":
                self.office.join_or_part()

    async def _meanwhile(self, phone: Phone) -> None:
        """While a request is under way the worker goes on, and so does everybody else."""
        self.now_ms += self.random.randrange(50, 3000)
        if self.is_long and not self.is_calm and phone.sends_photos:
            self._move_clock(phone, chance=0.02)
        draw = 1.0 if self.is_calm else self.random.random()
        if draw < 0.1:
            await self.do(phone)
        elif draw < 0.15:
            await self.air.deliver_late()
        elif draw < 0.2 and not any(p.is_syncing for p in self.phones if p is not phone):
            other = self.random.choice(self.phones)
            if other is not phone:
                await self.sync(other)

    async def _come_to_rest(self) -> None:
        """The faults stop. After so many rounds nothing waits any more, and everybody has heard all."""
        self.air.badness = self.air.server_danger = self.store_badness = 0.0
        for phone in self.phones:
            phone.danger, phone.has_signal = 0.0, True
        self.is_calm = True
        for _ in range(ROUNDS_UNTIL_QUIET):
            for phone in self.phones:
                self.now_ms += 60_000
                await self.sync(phone)
        if self.is_long:
            await self._let_days_pass()
        restless = [phone.name for phone in self.phones if not phone.is_quiet]
        if restless:
            raise Broken(f"P5 after {ROUNDS_UNTIL_QUIET} rounds without faults {restless} still wait")

    async def _let_days_pass(self) -> None:
        """A reviewer comes only now; what is proven is cleared once the retention days are over."""
        for _ in range(2):
            self.now_ms += RETENTION_MS + DAY_MS
            for _ in range(3):
                await self.office.review()
            for phone in self.phones:
                await self.sync(phone)

    async def _look_at_phones(self, found: Found) -> None:
        for phone in self.phones:
            check_at_rest(phone)
            look = partial(check_phone, found, phone, self.oracle, self.server)
            await self.hands.each_in_turn(phone, look)

    def _arm(self, phone: Phone, *, longest: int) -> None:
        fault = self.random.choice(("die before", "die after", "full"))
        at_commit = self.random.random() < 0.4
        steps = 1 if at_commit else self.random.randint(1, longest)
        phone.disk.arm(fault, steps=steps, at_commit=at_commit)
