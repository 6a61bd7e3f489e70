"""Photos up to the server by tus 1.0: after the records, small first, from the byte where it broke off.

A photo is proven when the server has hashed what lies on its own disk and says so in a signed receipt
(P9). Nothing here ever holds up a record: `PhotoSender.run` is a task of its own, which the loop stops
when records are to go.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from random import Random
from typing import Protocol

from app.domain.errors import BadInput, NotAllowed, StoreFault, WireError, ZoufangError
from app.store import photo_files
from app.store.photo_files import Upload
from app.store.prefs import pref
from app.store.store import Store
from app.sync.client import ChunkRefused, SyncClient
from app.sync.status import PhotoStatus

WIFI_ONLY = "photos_wifi_only"  # the preference; on unless the worker says otherwise
# One chunk is what a break costs at the most. On a slow link it is smaller, so that stopping for a
# record, or losing the link, costs seconds and not a minute.
SMALLEST_CHUNK, FIRST_CHUNK, LARGEST_CHUNK = 16 * 1024, 64 * 1024, 256 * 1024
_FAST_MS, _SLOW_MS = 2000, 8000
FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 300.0
_PROOFS_AT_ONCE = 500
_HELD_AT_ONCE = 100  # the server looks into its store for each of these
ASKED_EVERY_MS = 24 * 3600 * 1000

log = logging.getLogger(__name__)


class BlobFiles(Protocol):
    """The part of app.device's BlobFiles that is read from and cleared here."""

    async def read(self, sha256: str, start: int, size: int) -> bytes: ...
    async def delete(self, sha256: str) -> None: ...


class PhotoSender:
    """Sends the photos that wait, one after the other.

    `network_kind()` is "wifi", "cellular" or "unknown"; `tell` hears how it stands. `random`, `now_ms`
    and `sleep` (seconds) are injected.
    """

    def __init__(
        self,
        store: Store,
        blobs: BlobFiles,
        network_kind: Callable[[], str],
        *,
        random: Random,
        now_ms: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]],
        tell: Callable[[PhotoStatus], None],
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._network_kind = network_kind
        self._random = random
        self._now_ms = now_ms
        self._sleep = sleep
        self._tell = tell
        self._chunk, self._most = FIRST_CHUNK, LARGEST_CHUNK
        self._failures = 0
        self._server_ms = 0  # at the sync before
        self._asked_ms: int | None = None  # when the server was last asked of all that is held here
        self._by_hand: set[str] = set()  # what goes over any network

    def send_now(self) -> None:
        """现在就传: what waits at this moment goes over any network, and nothing that is taken later."""
        self._by_hand = photo_files.waiting(self._store)

    async def run(self, client: SyncClient, *, server_ms: int) -> None:
        """Send until nothing waits or nothing may go now; raises nothing but cancellation.

        What fails is tried again after a growing wait. Photos that may leave this phone are cleared
        first, so that one which always fails holds up no room: `server_ms` is the server's time at the
        sync before, since the phone's own clock may jump while photos go.
        """
        self._server_ms = server_ms
        while True:
            try:
                await self._prove_again(client)
                await self._ask_of_all(client)
                await self._clear(client)
                is_done = await self._send_all(client)
            except NotAllowed as fault:
                # The records' own sync finds out why, and says so.
                self._tell(PhotoStatus("failed", error=fault.sentence))
                return
            except ZoufangError as fault:
                # A link that breaks within a chunk would break within the same chunk for ever.
                self._chunk = self._most = max(SMALLEST_CHUNK, self._chunk // 2)
                self._tell(PhotoStatus("failed", error=fault.sentence))
                await self._sleep(self._backoff_s())
                continue
            except Exception as fault:  # noqa: BLE001
                log.error("photos failed: %s", type(fault).__name__)
                self._tell(PhotoStatus("failed", error="照片这次没传成，过一会自动再试。照片都在本机。"))
                await self._sleep(self._backoff_s())
                continue
            self._failures, self._most = 0, LARGEST_CHUNK
            if is_done:
                self._by_hand.clear()
                self._tell(PhotoStatus("idle"))
            else:
                self._tell(PhotoStatus("held", is_kind_known=self._network_kind() != "unknown"))
            return

    def _allowed(self) -> set[str] | None:
        """The hashes that may go over the network of the moment; None: all of them.

        A network of which the device cannot tell the kind may be one that costs.
        """
        is_free = self._network_kind() == "wifi" or not pref(self._store, WIFI_ONLY, True)
        return None if is_free else self._by_hand

    def _may_send(self, sha256: str) -> bool:
        allowed = self._allowed()
        return allowed is None or sha256 in allowed

    async def _send_all(self, client: SyncClient) -> bool:
        """Whether everything that waited went; False where the network of the moment is not to be used.

        What goes wrong with one photo alone holds up no other: it is raised when the others have gone.
        """
        put_off: dict[str, WireError] = {}
        sent_bytes, is_missing = 0, await self._missing(client)
        while (
            upload := photo_files.next_upload(self._store, put_off=put_off, among=self._allowed())
        ) is not None:
            try:
                is_whole = await self._send(
                    client, upload, sent_before=sent_bytes, is_missing=upload.sha256 in is_missing
                )
            except BadInput as fault:
                photo_files.mark_refused(self._store, upload.sha256, fault.sentence)
                continue
            except WireError as fault:
                put_off[upload.sha256] = fault
                continue
            if not is_whole:
                return False
            sent_bytes += upload.size_bytes - upload.sent_bytes
        if put_off:
            raise next(iter(put_off.values()))
        return photo_files.next_upload(self._store) is None

    async def _missing(self, client: SyncClient) -> set[str]:
        """Ask of what is not begun yet whether the server has it; what it has not is sent at once.

        One question for many photos: each then takes a request less, and nothing is sent in vain.
        """
        asked = photo_files.not_begun(self._store, limit=_PROOFS_AT_ONCE, among=self._allowed())
        if not asked:
            return set()
        proofs, missing = await client.proofs(asked)
        for sha256 in proofs.keys() & set(asked):
            with suppress(WireError):  # a receipt that cannot be right proves nothing; it is looked at again
                self._prove(sha256, None, proofs[sha256])
        return missing

    async def _send(self, client: SyncClient, upload: Upload, *, sent_before: int, is_missing: bool) -> bool:
        """One photo to its proof; False where it has to stop because of the network's kind.

        `is_missing`: the server has just said that it has no such bytes.
        """
        self._show(sent_before)
        path, offset, receipt = await self._begin(client, upload, is_missing=is_missing)
        while receipt is None:
            if not self._may_send(upload.sha256):
                return False
            if offset >= upload.size_bytes:
                receipt = await self._lost_receipt(client, upload)
                continue
            content = await self._content(upload, offset)
            self._show(sent_before + offset - upload.sent_bytes)
            started_ms = self._now_ms()
            try:
                offset, receipt = await client.send_chunk(path, offset, content)
            except ChunkRefused:
                offset = await self._after_refusal(client, upload, path, tried=offset)
            else:
                self._pace(self._now_ms() - started_ms, len(content))
                photo_files.advance(self._store, upload.sha256, sent_bytes=offset, path=path)
        self._prove(upload.sha256, upload.size_bytes, receipt)
        return True

    async def _begin(
        self, client: SyncClient, upload: Upload, *, is_missing: bool
    ) -> tuple[str, int, str | None]:
        """Where the upload is, what the server has of it, and the receipt where it has all of it."""
        if upload.path is not None:
            found = await client.upload_offset(upload.path)
            if found is not None:
                return upload.path, *found
        content = await self._content(upload, 0) if is_missing else b""
        started_ms = self._now_ms()
        try:
            path, offset, receipt = await client.create_upload(
                upload.sha256, upload.size_bytes, upload.mime, content
            )
        except ChunkRefused:
            await self._demand_whole(upload)
            raise
        if content:
            self._pace(self._now_ms() - started_ms, len(content))
        photo_files.advance(self._store, upload.sha256, sent_bytes=offset, path=path)
        return path, offset, receipt

    async def _content(self, upload: Upload, offset: int) -> bytes:
        wanted = min(self._chunk, upload.size_bytes - offset)
        try:
            content = await self._blobs.read(upload.sha256, offset, wanted)
        except StoreFault as fault:
            raise BadInput(fault.sentence) from fault
        if len(content) != wanted:
            raise BadInput("这张照片的文件在本机不完整，传不了。")
        return content

    async def _after_refusal(self, client: SyncClient, upload: Upload, path: str, *, tried: int) -> int:
        """Where to go on after the server has not taken the chunk at `tried`.

        Raises where that is the same place, and where the server has dropped the upload.
        """
        found = await client.upload_offset(path)
        if found is not None and found[0] < upload.size_bytes:
            if found[0] == tried:
                raise WireError("照片这次没传成，过一会自动再试。照片都在本机。")
            return found[0]
        # All of it had arrived, and was not what its hash says.
        photo_files.advance(self._store, upload.sha256, sent_bytes=0, path=None)
        await self._demand_whole(upload)
        raise WireError("照片在路上传坏了，过一会自动重传。照片在本机。")

    async def _demand_whole(self, upload: Upload) -> None:
        """Raise BadInput where the file was damaged before it left."""
        content = await self._blobs.read(upload.sha256, 0, upload.size_bytes)
        if hashlib.sha256(content).hexdigest() != upload.sha256:
            raise BadInput("这张照片的文件在本机坏了，市里没有收。")

    async def _lost_receipt(self, client: SyncClient, upload: Upload) -> str:
        """The receipt of an upload that is whole, but whose answer never came."""
        proofs, _ = await client.proofs([upload.sha256])
        receipt = proofs.get(upload.sha256)
        if receipt is None:
            photo_files.advance(self._store, upload.sha256, sent_bytes=0, path=None)
            raise WireError("照片还没有收齐，过一会自动重传。照片在本机。")
        return receipt

    async def _prove_again(self, client: SyncClient) -> None:
        """Ask of what is doubted: a server restored from a backup, or bytes that came back to this phone."""
        while asked := photo_files.doubted(self._store, limit=_HELD_AT_ONCE):
            for sha256, receipt in (await self._ask(client, asked)).items():
                self._prove(sha256, None, receipt)

    async def _ask_of_all(self, client: SyncClient) -> None:
        """Once a day of the server's time, and after a start: what it has lost since waits to be sent."""
        if self._asked_ms is not None and 0 <= self._server_ms - self._asked_ms < ASKED_EVERY_MS:
            return
        after = ""
        while asked := photo_files.held(self._store, after=after, limit=_HELD_AT_ONCE):
            await self._ask(client, asked)
            after = asked[-1]
        self._asked_ms = self._server_ms

    async def _clear(self, client: SyncClient) -> None:
        """Clear what may go, and of what is proven only what the server has proven anew a moment ago."""
        await self._delete(())
        while asked := photo_files.due(self._store, server_ms=self._server_ms, limit=_HELD_AT_ONCE):
            await self._delete(await self._ask(client, asked))

    async def _delete(self, proved: Collection[str]) -> None:
        for sha256 in photo_files.purge(self._store, server_ms=self._server_ms, proved=proved):
            await self._blobs.delete(sha256)

    async def _ask(self, client: SyncClient, asked: list[str]) -> dict[str, str]:
        """The receipts of those that the server has now; what it has no more waits from here on.

        Raises WireError where it says neither of any.
        """
        proofs, missing = await client.proofs(asked)
        lost = missing & set(asked)
        if lost:
            photo_files.mark_lost(self._store, lost)
        held = {}
        for sha256 in proofs.keys() & set(asked) - lost:
            with suppress(WireError):  # a receipt that cannot be right proves nothing; it is asked again
                _demand_right(sha256, None, proofs[sha256])
                held[sha256] = proofs[sha256]
        if not held and not lost:
            raise WireError("服务器对照片的回答读不懂，稍后会再试。")
        return held

    def _prove(self, sha256: str, size_bytes: int | None, receipt: str) -> None:
        at_ms = _demand_right(sha256, size_bytes, receipt)
        # A receipt may be older than the bytes that lie there: they came again after a loss.
        photo_files.mark_proven(self._store, sha256, receipt, server_ms=max(at_ms, self._server_ms))
        self._by_hand.discard(sha256)

    def _show(self, sent_bytes: int) -> None:
        left = photo_files.photo_totals(self._store).waiting_bytes
        self._tell(PhotoStatus("sending", sent_bytes=sent_bytes, all_bytes=sent_bytes + left))

    def _pace(self, took_ms: int, size: int) -> None:
        self._failures = 0
        if took_ms > _SLOW_MS:
            self._chunk = max(SMALLEST_CHUNK, self._chunk // 2)
        elif took_ms < _FAST_MS and size == self._chunk:
            self._chunk = min(self._most, self._chunk * 2)

    def _backoff_s(self) -> float:
        longest = min(LONGEST_RETRY_S, FIRST_RETRY_S * 2 ** min(self._failures, 10))
        self._failures += 1
        return longest * self._random.uniform(0.5, 1.0)


def _demand_right(sha256: str, size_bytes: int | None, receipt: str) -> int:
    """When it was proven, by the server's clock; raises WireError for a receipt of something else."""
    said = read_receipt(receipt)
    if said.get("sha256") != sha256 or size_bytes not in (None, said.get("size")):
        raise WireError("服务器给的照片凭证对不上，稍后会再试。照片在本机。")
    at_ms = said.get("at")
    if not isinstance(at_ms, int):
        raise WireError("服务器给的照片凭证读不懂，稍后会再试。照片在本机。")
    return at_ms


def read_receipt(receipt: str) -> dict[str, object]:
    """What a receipt says ({sha256, size, org, at, kid}); raises WireError for one that is none.

    The signature is for whoever disputes it later; to the phone the connection vouches for the server.
    """
    try:
        body, _, signature = receipt.partition(".")
        said = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except ValueError as fault:
        raise WireError("服务器给的照片凭证读不懂，稍后会再试。照片在本机。") from fault
    if not isinstance(said, dict) or not signature:
        raise WireError("服务器给的照片凭证读不懂，稍后会再试。照片在本机。")
    return said
