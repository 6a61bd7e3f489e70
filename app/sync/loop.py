"""When to sync: after a save, when a network appears, on coming back, by hand, and from time to time.

One task, so never two at once, and no save waits for it. Whatever goes wrong, the loop goes on and
recording is not touched; only the wait grows, with jitter, so that a city full of phones does not
come back in step.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from random import Random
from typing import Protocol

from app.domain.errors import NotSignedIn, StorageFull, StoreFault, UnsupportedProtocol, ZoufangError
from app.domain.wire import PROTOCOL, SUPPORTED
from app.store import inbox, outbox
from app.store.account import SignedIn, mark_session_expired, sending_account
from app.store.results import SyncResult, last_result, note_result, visits_left
from app.store.store import Store
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from app.sync.status import Phase, Progress, SyncStatus
from app.sync.uploads import BlobFiles, PhotoSender

IDLE_S = 300.0  # between syncs when nothing happens: others' visits come down
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 300.0
BLOCKED_S = 3600.0  # until a sign-in or an update; waking asks at once
OLDER_MS = 24 * 3600_000  # how long an older server's protocol is spoken before one's own is tried again

_OLD_SERVER = (
    "县里的服务器还没升级，这部手机的软件比它新，现在传不了。照常记录，升级后自动再传。记录都在本机。"
)

log = logging.getLogger(__name__)


class Network(Protocol):
    """The part of app.device's Network that the loop listens to."""

    def is_online(self) -> bool: ...
    def kind(self) -> str: ...
    def on_online(self, callback: Callable[[], None]) -> None: ...
    def on_resume(self, callback: Callable[[], None]) -> None: ...


class SyncLoop:
    """Made once, at the start; `run` is its only task.

    `make_client(account)` opens a client for the account's server; the loop closes it. `random`,
    `now_ms` and `sleep` (seconds) are injected, so that tests and the simulation own time and chance.
    `blobs` are the photos' files; without them records go alone.
    """

    def __init__(
        self,
        store: Store,
        make_client: Callable[[SignedIn], SyncClient],
        network: Network,
        *,
        random: Random,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        blobs: BlobFiles | None = None,
    ) -> None:
        self._store = store
        self._make_client = make_client
        self._network = network
        self._random = random
        self._now_ms = now_ms
        self._sleep = sleep
        self._woken = asyncio.Event()
        self._client: SyncClient | None = None
        self._client_key: tuple[str, str, str] | None = None
        self._client_since_ms = 0
        self._failures = 0
        self._is_asked_by_hand = False
        self._is_running = False
        self._progress = Progress()  # of the sync that runs, or of the last one
        self._watches: list[Callable[[SyncStatus], None]] = []
        self._sending: asyncio.Task[None] | None = None
        self._sender: PhotoSender | None = None
        if blobs is not None:
            self._sender = PhotoSender(
                store,
                blobs,
                network.kind,
                random=random,
                now_ms=now_ms,
                sleep=sleep,
                tell=lambda photos: self._set(photos=photos),
            )
        feed = inbox.feed_state(store)
        self._status = SyncStatus(
            last_contact_ms=feed.last_contact_ms,
            clock_offset_ms=feed.clock_offset_ms,
            is_revoked=feed.is_revoked,
        )
        network.on_online(lambda: self.wake("online"))
        network.on_resume(lambda: self.wake("resume"))

    @property
    def status(self) -> SyncStatus:
        """How sending stands now."""
        return self._status

    def on_status(self, watch: Callable[[SyncStatus], None]) -> Callable[[], None]:
        """Call `watch` with every new status; returns an un-watch."""
        self._watches.append(watch)
        return lambda: self._watches.remove(watch) if watch in self._watches else None

    def wake(self, reason: str) -> None:
        """Sync now, or once more when one is running. `reason`: save, online, resume, hand, photos, sign-in.

        By hand it is tried even where the device says that there is no network; the device may be wrong.
        "photos" (现在就传) is by hand too, and lets the photos that wait now go over any network.
        """
        if reason == "photos" and self._sender is not None:
            self._sender.send_now()
        self._is_asked_by_hand = self._is_asked_by_hand or reason in ("hand", "photos")
        if reason != "save":
            self._failures = 0
        self._woken.set()

    async def run(self) -> None:
        """Sync and wait, for ever; to be cancelled at the end. Closes its client then.

        A second call while one runs returns at once: there is one sync at a time.
        """
        if self._is_running:
            return
        self._is_running = True
        try:
            outbox.take_back(self._store)
        except StoreFault as fault:
            log.warning("what was under way is still called sent: %s", fault.code)
        try:
            while True:
                self._woken.clear()
                wait_s = await self._try()
                self._set(next_try_ms=self._now_ms() + int(wait_s * 1000))
                await self._wait(wait_s)
                # Records go first: whatever photo is under way goes on afterwards, at the same byte.
                await self._stop_photos()
        finally:
            self._is_running = False
            await self._stop_photos()
            await self._let_go()

    async def _try(self) -> float:
        """One attempt; returns how long to wait, in seconds. Raises nothing but cancellation."""
        by_hand, self._is_asked_by_hand = self._is_asked_by_hand, False
        self._progress = Progress()
        try:
            account = sending_account(self._store)
            if account is None:
                self._set(phase="signed_out", progress=None)
                return BLOCKED_S
            if not self._network.is_online() and not by_hand:
                self._set(phase="offline", progress=None)
                return IDLE_S
            return await self._attempt(account)
        except Exception as fault:  # noqa: BLE001
            # A loop that died would look like one that has nothing to do.
            log.error("sync failed: %s", type(fault).__name__)
            return self._failed("no_answer", "这次没传成，过一会自动再试。记录都在本机。", self._backoff_s())

    async def _attempt(self, account: SignedIn) -> float:
        try:
            await self._sync(account)
        except NotSignedIn as fault:
            mark_session_expired(self._store, account.device)
            # On a shared phone another worker's session may still carry the outbox.
            is_over = sending_account(self._store) is None
            return self._failed("signed_out", fault.sentence, BLOCKED_S if is_over else FIRST_RETRY_S)
        except UnsupportedProtocol as fault:
            if fault.supported and max(fault.supported) < min(SUPPORTED):
                # Its own sentence may tell the worker to update what is newer than the server (P14).
                return self._failed("old_server", _OLD_SERVER, BLOCKED_S)
            return self._failed("old_app", fault.sentence, BLOCKED_S)
        except StorageFull:
            # Its own sentence is about a visit that could not be saved; here all that was saved stands.
            sentence = "手机满了，新的名册和回执收不下。已存的记录都在，请删些视频或软件。"
            return self._failed("no_answer", sentence, self._backoff_s(), why="full")
        except ZoufangError as fault:
            return self._failed("no_answer", fault.sentence, self._backoff_s())
        self._failures = 0
        return IDLE_S

    async def _sync(self, account: SignedIn) -> None:
        def show(progress: Progress) -> None:
            self._progress = progress
            self._set(phase="sending", progress=progress)

        client = await self._client_for(account)
        outcome = await sync_once(self._store, client, now_ms=self._now_ms, on_progress=show)
        self._note(failure=None)
        self._set(
            phase="idle",
            progress=None,
            error=None,
            last_contact_ms=self._now_ms(),
            clock_offset_ms=outcome.clock_offset_ms,
            healed=outcome.healed,
            is_revoked=outcome.is_revoked,
        )
        if self._sender is not None:
            server_ms = self._now_ms() + outcome.clock_offset_ms
            self._sending = asyncio.ensure_future(self._sender.run(client, server_ms=server_ms))

    async def _stop_photos(self) -> None:
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.cancel()
            await asyncio.wait((sending,))

    def _failed(self, phase: Phase, sentence: str, wait_s: float, *, why: str | None = None) -> float:
        self._note(failure=why or phase)
        self._set(phase=phase, progress=None, error=sentence)
        return wait_s

    def _note(self, *, failure: str | None) -> None:
        """Keep what this sync came to, so that the worker reads the same after a restart."""
        done = self._progress
        try:
            result = SyncResult(
                at_ms=self._now_ms(),
                visits=done.visits,
                refused=done.refused,
                needs=done.needs,
                others=done.others,
                left=visits_left(self._store),
                failure=failure,
            )
            before = last_result(self._store)
            if result.says_something or before is None or before.failure:
                note_result(self._store, result)
        except StoreFault as fault:
            log.warning("the result could not be kept: %s", fault.code)

    def _backoff_s(self) -> float:
        longest = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(self._failures, 10))
        self._failures += 1
        return longest * self._random.uniform(0.5, 1.0)

    async def _client_for(self, account: SignedIn) -> SyncClient:
        key = (account.server_url, account.device, account.token)
        if self._client is None or self._client_key != key or self._speaks_older(self._client):
            await self._let_go()
            self._client, self._client_key = self._make_client(account), key
            self._client_since_ms = self._now_ms()
        return self._client

    def _speaks_older(self, client: SyncClient) -> bool:
        """Whether it has spoken an older protocol for a day: the server may have been updated since."""
        return client.protocol < PROTOCOL and self._now_ms() - self._client_since_ms >= OLDER_MS

    async def _let_go(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _wait(self, wait_s: float) -> None:
        """Until woken, or for `wait_s`."""
        timer = asyncio.ensure_future(self._sleep(wait_s))
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait((timer, woken), return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            woken.cancel()

    def _set(self, **changes: object) -> None:
        status = replace(self._status, **changes)  # type: ignore[arg-type]
        if status == self._status:
            return
        self._status = status
        for watch in tuple(self._watches):
            try:
                watch(status)
            except Exception as fault:  # noqa: BLE001
                # A screen that cannot draw it must not stop the sending.
                log.error("a status watch failed: %s", type(fault).__name__)
