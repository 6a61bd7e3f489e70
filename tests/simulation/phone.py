"""A worker's phone: the real store, client and loop, on a disk and a network that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import httpx

from app.domain.errors import StoreFault, ZoufangError
from app.domain.wire import PROTOCOL, Answer
from app.store import photo_files
from app.store.account import (
    SignedIn,
    enrolled,
    is_session_expired,
    keep_sign_in,
    sending_account,
    signed_in,
)
from app.store.enrolment import enrolling_token, sign_out, switch_to, take_off, workers_here
from app.store.inbox import feed_state
from app.store.outbox import waiting
from app.store.outcomes import ENTITY
from app.store.store import Store, open_store
from app.sync.client import SyncClient
from app.sync.loop import SyncLoop
from app.sync.uploads import read_receipt
from tests.simulation.disk import Died, Disk
from tests.simulation.network import Air, Wire
from tests.simulation.oracle import Oracle
from tests.simulation.photos import PhoneFiles, at_once
from tests.simulation.server import PASSWORD, login_called
from tests.simulation.tally import Broken

ADDRESS = "http://server.test"


class Clock:
    """A phone's clock: the true time, and by how much it is wrong."""

    def __init__(self, true_ms: Callable[[], int]) -> None:
        self._true_ms = true_ms
        self.off_ms = 0

    def __call__(self) -> int:
        return self._true_ms() + self.off_ms


class Phone:
    """One phone, which the workers of `crew` share; most have it alone. `visits`: those saved on it.

    `cleared` are the Changes, by (device, seq), of which it was seen that their words have gone. `protocol`
    is the highest that its app speaks, `meanwhile` what befalls the world while one of its requests is
    under way. `danger` is the chance that it dies at a step of a sync.
    """

    def __init__(
        self,
        name: str,
        crew: tuple[str, ...],
        *,
        folder: Path,
        air: Air,
        oracle: Oracle,
        disks: dict[str, Disk],
        true_ms: Callable[[], int],
        random: Random,
        protocol: int,
        meanwhile: Callable[[Phone], Awaitable[None]],
        copy: Path | None = None,
    ) -> None:
        self.name, self.crew, self.protocol = name, crew, protocol
        self.clock = Clock(true_ms)
        self.disk = Disk(folder, name, lambda fault: air.tally.faults.update([f"phone {fault}"]))
        if copy is not None:
            self.disk.replace(copy)
        self.air, self._oracle, self._disks, self._random = air, oracle, disks, random
        self._meanwhile = meanwhile
        self.has_signal = True
        self.danger = 0.0
        self.files = PhoneFiles(folder / f"{name}-photos", self.disk)
        self.visits: set[str] = set()
        self.cleared: set[tuple[str, int]] = set()
        self.is_syncing = False
        self._task: asyncio.Task[None] | None = None
        self._parked = asyncio.Event()
        self._photos_wait = False
        self.open()

    def open(self) -> None:
        """Start the app on what the disk holds; a start that dies or finds no room is tried again."""
        while True:
            self._disks[self.disk.path.name] = self.disk
            try:
                self.store: Store = open_store(
                    self.disk.path, now_ms=self.clock, entropy=self._fresh_random().randbytes
                )
                self.loop = SyncLoop(
                    self.store,
                    self._client,
                    self,
                    random=self._fresh_random(),
                    now_ms=self.clock,
                    sleep=self._sleep,
                    blobs=self.files,
                )
                # What the app does before its first screen (app/state/session.py).
                photo_files.forget_unused(self.store)
                for sha in photo_files.unknown_files(self.store, at_once(self.files.listed())):
                    at_once(self.files.delete(sha))
                return
            except Died:
                self.disk.revive()
            except StoreFault:
                self.disk.disarm()

    async def close(self) -> None:
        """Stop the app in order."""
        await self._let_loop_go()
        self.store.close()

    async def update(self) -> None:
        """Stop the app and start the newest version."""
        await self.close()
        self.protocol = PROTOCOL
        self.open()

    async def come_back(self) -> None:
        """Start again after a death; the dead app's task and files are left behind."""
        assert self.disk.is_dead
        await self._let_loop_go()
        self.store.close()
        self.disk.revive()
        self.open()

    async def sync(self) -> bool:
        """Let the loop try now, and wait until it rests; True if it ended well. Raises Died."""
        self._parked.clear()
        self._photos_wait = False
        self.is_syncing = True
        try:
            if self._task is None:
                self._task = asyncio.create_task(self.loop.run())
            else:
                self.loop.wake("hand")
            resting = asyncio.create_task(self._parked.wait())
            await asyncio.wait((resting, self._task), return_when=asyncio.FIRST_COMPLETED)
            resting.cancel()
            await self._photos_rest()
        finally:
            self.is_syncing = False
        if not self._task.done():
            self.air.tally.healed += self.loop.status.healed
            return self.loop.status.phase == "idle"
        task, self._task = self._task, None
        fault = task.exception()
        if isinstance(fault, Died):
            raise fault
        raise Broken(f"P12 the loop of {self.name} has ended: {fault!r}") from fault

    async def sign_in(self, login: str) -> bool:
        """A worker types his password; True if the server took it. Raises Died."""
        client = SyncClient(self._http(), enrolling_token(self.store, ADDRESS))
        self.is_syncing = True
        try:
            answer = await client.sign_in(login, PASSWORD, self.name)
            keep_sign_in(self.store, answer, ADDRESS)
        except ZoufangError:
            return False
        finally:
            self.is_syncing = False
            await client.close()
        return True

    def hand_to(self, login: str) -> bool:
        """Give the phone to another worker without a password; False where he has to type one."""
        found = [one for one in workers_here(self.store) if login_called(one.account_name) == login]
        if found:
            switch_to(self.store, found[0].account_id)
        return bool(found)

    def sign_out(self) -> None:
        """Whoever holds the phone gives it back."""
        sign_out(self.store)

    def take_off(self, account_id: str) -> None:
        """Another worker of this phone is taken off it; raises BadInput while something of his waits."""
        take_off(self.store, account_id)

    def stranded(self) -> list[str]:
        """The workers whose unsent work no session that is good carries, but their own."""
        sending = sending_account(self.store)
        waits = {
            account
            for (account,) in self.store.db.execute(
                "SELECT DISTINCT account FROM outbox WHERE state IN ('saved', 'sent')"
            ).fetchall()
        }
        return [
            login_called(one.account.account_name)
            for one in enrolled(self.store)
            if one.number in waits and (sending is None or one.account.device != sending.device)
        ]

    @property
    def account(self) -> SignedIn | None:
        """Who is signed in here."""
        return signed_in(self.store)

    @property
    def login(self) -> str | None:
        """The login of whoever holds the phone."""
        return login_called(self.account.account_name) if self.account is not None else None

    @property
    def must_sign_in(self) -> bool:
        """Whether the screen asks for the password."""
        return self.account is None or is_session_expired(self.store)

    @property
    def can_send(self) -> bool:
        """Whether some worker's session is good."""
        return sending_account(self.store) is not None

    @property
    def sends_photos(self) -> bool:
        """Whether a photo is under way."""
        return self.loop._sending is not None and not self.loop._sending.done()

    @property
    def is_revoked(self) -> bool:
        """Whether the screen says that this phone was switched off."""
        return feed_state(self.store).is_revoked

    @property
    def is_quiet(self) -> bool:
        """Nothing waits here, records or photos."""
        is_sent = waiting(self.store).changes == 0 and photo_files.photo_totals(self.store).waiting == 0
        return is_sent and not self.must_sign_in

    def kept_visits(self) -> set[str]:
        """The visits saved here, shown or no longer this phone's to show."""
        rows = self.store.db.execute("SELECT record FROM outbox WHERE entity = 'visit' AND kind = 'create'")
        return {record for (record,) in rows.fetchall()}

    def step(self) -> None:
        """A step of a sync at which the phone may die."""
        if self._random.random() < self.danger:
            self.air.tally.faults["phone died in a sync"] += 1
            self.disk.die()
        if self.disk.is_dead:
            raise Died

    # What the loop asks of a network. It is never called back: the world wakes the loop itself.

    def is_online(self) -> bool:
        return self.has_signal

    def kind(self) -> str:
        return "wifi"

    def on_online(self, callback: Callable[[], None]) -> None:
        pass

    def on_resume(self, callback: Callable[[], None]) -> None:
        pass

    def _http(self) -> httpx.AsyncClient:
        wire = Wire(
            self.air,
            meanwhile=lambda: self._meanwhile(self),
            step=self.step,
            heard=self._heard,
            heard_of_photo=self._heard_of_photo,
        )
        return httpx.AsyncClient(base_url=ADDRESS, transport=wire, trust_env=False)

    def _client(self, account: SignedIn) -> SyncClient:
        client = SyncClient(self._http(), account.token)
        client.protocol = min(client.protocol, self.protocol)
        return client

    def _heard(self, answer: Answer) -> None:
        account = sending_account(self.store)
        assert account is not None
        for receipt in answer.receipts:
            if receipt.code != "seq_reused":
                self._oracle.receipts[account.device, receipt.seq] = receipt
            if receipt.status != "quarantined":
                self._oracle.note_proven(account.device, receipt.seq, answer.end.time)
        self._oracle.note_held(account.device, answer.end.have, answer.end.time)
        for row in answer.rows:
            if row.entity == ENTITY and row.values.get("status") == "released":
                device, _, seq = row.record.rpartition(":")
                self._oracle.note_proven(device, int(seq), answer.end.time)

    def _heard_of_photo(self, receipt: str) -> None:
        said = read_receipt(receipt)
        self._oracle.photos_proven.setdefault(str(said["sha256"]), int(str(said["at"])))

    def _fresh_random(self) -> Random:
        return Random(self._random.getrandbits(64))

    async def _let_loop_go(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError, Died):
                await task

    async def _photos_rest(self) -> None:
        """Until the photos are sent, or wait for a better moment; raises Died."""
        while (sending := self.loop._sending) is not None and not self._photos_wait:
            if sending.done():
                fault = None if sending.cancelled() else sending.exception()
                if fault is not None:
                    raise fault
                return
            await asyncio.sleep(0)

    async def _sleep(self, _seconds: float) -> None:
        if asyncio.current_task() is self.loop._sending:
            self._photos_wait = True
            await asyncio.get_running_loop().create_future()
        # The loop may have been woken while it worked; then this sleep is cancelled before it begins.
        for _ in range(4):
            await asyncio.sleep(0)
        self._parked.set()
        await asyncio.get_running_loop().create_future()
