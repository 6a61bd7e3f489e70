"""One sync: what waits goes up, receipts and the feed come down, until neither end has more to say."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.domain.collector import collector_paused
from app.domain.digest import differing
from app.domain.errors import NotSignedIn, Unreachable, UnsupportedProtocol, WireError, ZoufangError
from app.domain.wire import Answer, DigestQuestion, SyncHeader, head_from_json
from app.store import healing, inbox, outbox
from app.store.account import SignedIn, keep_new_device, signed_in_account
from app.store.inbox import Applied
from app.store.outbox import Batch
from app.store.store import Store
from app.sync.client import SyncClient

APP_VERSION = "0.1.0"
log = logging.getLogger(__name__)
_LARGE = 2000  # Changes; more than a phone sends in a month

Progress = Callable[[int, int], None]


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
    store: Store, client: SyncClient, *, now_ms: Callable[[], int], on_progress: Progress = lambda *_: None
) -> SyncOutcome:
    """Send everything that waits and pull everything that is new.

    Each round is one request and one transaction; what a finished round brought stays whatever
    befalls the next (P13). `on_progress(answered, all)` is called with numbers of Changes. A
    device id that is spent (a restored or cloned phone) is changed for a fresh one at once. Raises
    what SyncClient.exchange raises, StorageFull, and NotSignedIn when the fresh id is spent as well.
    """
    answered = rows = requests = 0
    is_fresh = False
    while True:
        account = signed_in_account(store)
        waiting = outbox.waiting(store).changes
        on_progress(answered, answered + waiting)
        with collector_paused(waiting > _LARGE):
            batch = outbox.next_batch(store, account.device)
            answer, offset_ms = await _exchange(store, client, account, batch, now_ms)
            applied, has_moved = _apply(store, batch, answer, offset_ms)
        answered, rows, requests = answered + applied.settled, rows + applied.rows, requests + 1
        if applied.must_renumber and not is_fresh:
            is_fresh = await _take_new_device(store, client)
            if is_fresh:
                continue
        _check_answer(batch, answer, applied, has_moved)
        if not answer.end.more and not outbox.is_waiting(store, account.device):
            healed = await _compare(store, client, account, answer)
            return SyncOutcome(answered, rows, requests, offset_ms, healed, answer.end.is_revoked)


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
    """
    if answer.end.digest is None or healing.digest_here(store) == answer.end.digest:
        return 0
    question = DigestQuestion(device=account.device, cursor=answer.end.cursor)
    try:
        found = await client.digest(question)
        want = differing(healing.buckets_here(store), found.parts)
        if not want:
            return 0
        found = await client.digest(question.model_copy(update={"want": want}))
        return healing.heal(store, want, [head_from_json(row) for row in found.rows])
    except (ZoufangError, KeyError, TypeError, ValueError) as fault:
        log.warning("the digests differ and could not be compared: %s", type(fault).__name__)
        return 0


def _check_answer(batch: Batch, answer: Answer, applied: Applied, has_moved: bool) -> None:
    """Stop where going on would go on for ever."""
    if applied.must_renumber:
        raise NotSignedIn("这部手机的数据像是从备份恢复的，要重新登录一次才能传。记录都在本机。")
    if batch.changes and not applied.settled:
        raise WireError("服务器没有给回执，稍后会再试。记录都在本机。")
    if answer.end.more and not has_moved:
        raise WireError("服务器的回答没有往下走，稍后会再试。记录都在本机。")
