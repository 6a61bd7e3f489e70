"""One sync: what waits goes up, receipts and the feed come down, until neither end has more to say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.collector import collector_paused
from app.domain.digest import differing, portions
from app.domain.errors import (
    NotSignedIn,
    StoreFault,
    Unreachable,
    UnsupportedProtocol,
    WireError,
    ZoufangError,
)
from app.domain.wire import PAGE_ROWS, Answer, DigestQuestion, SyncHeader, head_from_json
from app.store import healing, inbox, outbox, taken_off
from app.store.account import SignedIn, keep_new_device, sending_account
from app.store.inbox import Applied
from app.store.outbox import Batch
from app.store.retention import clear_proven
from app.store.store import Store
from app.sync.client import SyncClient
from app.sync.relay import relay_waiting
from app.sync.status import Progress

APP_VERSION = "0.1.0"
log = logging.getLogger(__name__)
_LARGE = 2000  # Changes; more than a phone sends in a month

OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class SyncOutcome:
    """What a sync that came to its end has done: Changes answered, rows taken, requests made."""

    answered: int
    rows: int
    requests: int
    clock_offset_ms: int
    healed: int = 0
    is_revoked: bool = False


async def sync_once(
    store: Store, client: SyncClient, *, now_ms: Callable[[], int], on_progress: OnProgress = lambda _: None
) -> SyncOutcome:
    """Send everything that waits and pull everything that is new.

    Each round is one request and one transaction; what a finished round brought stays whatever
    befalls the next (P13). `on_progress` is told before each request and after the last answer. A
    device id that is spent (a restored or cloned phone) is changed for a fresh one at once. Raises
    what SyncClient.exchange raises, StorageFull, and NotSignedIn when the fresh id is spent as well.
    """
    progress, requests, is_fresh = Progress(), 0, False
    received_bytes = client.received_bytes
    await _tell_taken_off(store, client)
    while True:
        account = _sender(store)
        on_progress(_with_waiting(store, account, progress))
        with collector_paused(outbox.waiting(store).changes > _LARGE):
            batch = outbox.next_batch(store, account.device)
            answer, offset_ms = await _exchange(store, client, account, batch, now_ms)
            applied, has_moved = _apply(store, batch, answer, offset_ms)
        progress, requests = _further(progress, applied), requests + 1
        progress = replace(progress, rows_bytes=client.received_bytes - received_bytes)
        on_progress(_with_waiting(store, account, progress))
        if applied.must_renumber and not is_fresh:
            is_fresh = await _take_new_device(store, client)
            if is_fresh:
                continue
        _check_answer(batch, answer, applied, has_moved)
        if not answer.end.more and not outbox.is_waiting(store, account.device):
            healed = await _compare(store, client, account, answer)
            await _relay(store, client)
            return SyncOutcome(
                progress.answered, progress.rows, requests, offset_ms, healed, answer.end.is_revoked
            )


def _with_waiting(store: Store, account: SignedIn, progress: Progress) -> Progress:
    count, size_bytes = outbox.waiting_size(store, account.device)
    return replace(
        progress,
        changes=progress.answered + count,
        changes_bytes=progress.answered_bytes + size_bytes,
    )


def _further(progress: Progress, applied: Applied) -> Progress:
    settled = applied.settled
    return replace(
        progress,
        answered=progress.answered + settled.count,
        answered_bytes=progress.answered_bytes + settled.size_bytes,
        rows=progress.rows + applied.rows,
        visits=progress.visits + len(settled.visits),
        refused=progress.refused + len(settled.refused),
        needs=progress.needs + settled.needs,
        others=progress.others + settled.others,
    )


def _sender(store: Store) -> SignedIn:
    account = sending_account(store)
    if account is None:
        raise NotSignedIn("登录过期了，要重新登录才能传。记录都在本机。")
    return account


async def _exchange(
    store: Store, client: SyncClient, account: SignedIn, batch: Batch, now_ms: Callable[[], int]
) -> tuple[Answer, int]:
    header = SyncHeader(
        protocol=client.protocol,
        device=account.device,
        cursor=inbox.feed_state(store).cursor,
        first=batch.first,
        count=len(batch.changes),
        sent_at=now_ms(),
        app=APP_VERSION,
        merges_own=True,
    )
    outbox.mark_sent(store, batch)
    try:
        answer = await client.exchange(header, batch.changes)
    except Unreachable:
        outbox.mark_not_sent(store, batch)
        raise
    except UnsupportedProtocol as fault:
        if not client.speak_older(fault.supported):
            raise
        return await _exchange(store, client, account, batch, now_ms)
    # The server looked at its clock somewhere between; half the way is the best guess.
    return answer, answer.end.time - (header.sent_at + now_ms()) // 2


def _apply(store: Store, batch: Batch, answer: Answer, offset_ms: int) -> tuple[Applied, bool]:
    before = inbox.feed_state(store).cursor
    applied = inbox.apply_page(store, batch.device, answer, sent=batch.changes, clock_offset_ms=offset_ms)
    return applied, before != answer.end.cursor


async def _take_new_device(store: Store, client: SyncClient) -> bool:
    """Go on under a fresh device id; False where the server gives none (an older one)."""
    try:
        device, token = await client.new_device()
    except WireError:
        return False
    keep_new_device(store, device, token)
    client.use_token(token)
    return True


async def _compare(store: Store, client: SyncClient, account: SignedIn, answer: Answer) -> int:
    """Prove that both ends hold the same, and heal what differs; returns how many records differed.

    What came with this sync stands whatever becomes of the comparison, which the next sync repeats.
    Where both hold the same, what the server has had long enough is cleared here (P10).
    """
    if answer.end.digest is None:
        return 0
    if healing.digest_here(store, account.device) == answer.end.digest:
        _clear(store, account, answer)
        return 0
    question = DigestQuestion(device=account.device, cursor=answer.end.cursor)
    healed = 0
    try:
        parts = (await client.digest(question)).parts
        want = differing(healing.buckets_here(store, account.device), parts)
        # Part by part: a phone that has lost everything holds no more in memory than a page of a pull.
        for part in portions(want, parts, at_most=PAGE_ROWS):
            found = await client.digest(question.model_copy(update={"want": part}))
            rows = [head_from_json(row) for row in found.rows]
            healed += healing.heal(store, account.device, part, rows, levels=found.levels)
    except (ZoufangError, KeyError, TypeError, ValueError) as fault:
        log.warning("the digests differ and could not be compared: %s", type(fault).__name__)
    return healed


async def _tell_taken_off(store: Store, client: SyncClient) -> None:
    """Tell the server who is off this phone, so that this very pull brings what is left; the next sync
    repeats what could not be told."""
    sending = _sender(store)
    for one in taken_off.to_be_told(store):
        if one.server_url != sending.server_url:
            continue  # for whoever of the others speaks to that server
        token = sending.token if one.device == sending.device else one.token
        try:
            await client.sign_out(one.account_id, token, since_ms=one.since_ms)
        except Unreachable:
            raise
        except NotSignedIn:
            if one.device == sending.device:
                raise
            # Nobody is taken for a worker of that device any more, he no more than others.
        except ZoufangError as fault:
            log.warning("who was taken off this phone could not be told: %s", fault.code)
            continue
        taken_off.note_told(store, one)


async def _relay(store: Store, client: SyncClient) -> None:
    """What was handed over here goes after one's own; the next sync repeats what did not."""
    try:
        await relay_waiting(store, client)
    except ZoufangError as fault:
        log.warning("what was handed over could not be relayed: %s", fault.code)


def _clear(store: Store, account: SignedIn, answer: Answer) -> None:
    try:
        clear_proven(store, account.device, server_ms=answer.end.time, have=answer.end.have)
    except StoreFault as fault:
        # The sync itself has come to its end; the next one clears.
        log.warning("nothing could be cleared: %s", fault.code)


def _check_answer(batch: Batch, answer: Answer, applied: Applied, has_moved: bool) -> None:
    """Stop where going on would go on for ever."""
    if applied.must_renumber:
        raise NotSignedIn("这部手机的数据像是从备份恢复的，要重新登录一次才能传。记录都在本机。")
    if batch.changes and not applied.settled.count:
        raise WireError("服务器没有给回执，稍后会再试。记录都在本机。")
    if answer.end.more and not has_moved:
        raise WireError("服务器的回答没有往下走，稍后会再试。记录都在本机。")
