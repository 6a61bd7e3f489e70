"""The inbox: an answer of the server, applied whole or not at all.

Receipts, rows and the cursor move in one transaction (P13). Rows never touch a worker's unanswered
Changes: those are merged into what is shown, on the base that they were made on (P4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.change import Change
from app.domain.wire import Answer
from app.store import heads, outbox, photo_files, removal, taken_off
from app.store.levels import note_levels
from app.store.numbering import last_seq, note_have
from app.store.outbox import Settled
from app.store.outcomes import note_outcomes
from app.store.store import Store


@dataclass(frozen=True, slots=True)
class Feed:
    """Where this phone stands in the server's feed, and what it knows of the server's clock."""

    cursor: str | None
    server_epoch: str | None
    is_complete: bool
    last_contact_ms: int | None
    clock_offset_ms: int | None
    is_revoked: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """What an answer brought: receipts that were new, rows, and whether the device id is spent.

    `must_renumber`: the server knows this device's numbers with other content, or more numbers than
    were given out here: the phone was restored or cloned and needs a new id. Or work under a former id
    is to be offered again: one fresh id for all of it keeps the order in which it was done.
    """

    settled: Settled
    rows: int
    must_renumber: bool


def feed_state(store: Store) -> Feed:
    """The feed position that is committed here."""
    row = store.db.execute(
        "SELECT cursor, server_epoch, is_complete, last_contact_at, clock_offset_ms, is_revoked FROM feed"
    ).fetchone()
    return Feed(row[0], row[1], bool(row[2]), row[3], row[4], bool(row[5]))


def apply_page(
    store: Store,
    device: str,
    answer: Answer,
    *,
    sent: Sequence[Change] = (),
    clock_offset_ms: int | None = None,
) -> Applied:
    """Settle the receipts, write the rows and move the cursor, in one transaction.

    Safe to repeat. `sent` are the Changes of the request, by which `answer.own` tells rows in short.
    When the server's epoch has changed, or it holds fewer of this device's Changes than it did, it was
    restored from a backup: rows of the new epoch count from anew, and answered Changes that it no longer
    holds wait once more. When the feed began again,
    what the whole pull does not bring is gone (removal.py).
    """
    end = answer.end
    with store.transaction():
        has_gone_back = note_have(store, device, end.have)
        epoch, lost = _epoch(store, device, answer, has_gone_back=has_gone_back)
        settled = outbox.settle(store, device, answer.receipts, server_ms=end.time)
        if end.restarted:
            removal.begin_generation(store)
        rows = [*heads.merged_own(store, sent, answer.own, epoch=epoch), *answer.rows]
        heads.keep_heads(store, rows, epoch=epoch)
        note_levels(store, end.levels)
        arrived = {row.record for row in rows}
        removal.note_brought(store, arrived)
        removal.hide(store, [removed.record for removed in answer.gone])
        if not end.more and not end.is_revoked:
            removal.sweep(store, device)
        removal.delete_gone(store)
        decided = note_outcomes(store, answer.rows, server_ms=end.time)
        # Of what arrived, all but what is still shown beside it has been dealt with.
        is_open = (arrived & heads.with_shown(store)) | (settled.records - arrived)
        heads.refresh_shown(store, is_open | lost | decided)
        store.db.execute(
            """
            UPDATE feed
            SET cursor = CASE WHEN ? THEN cursor WHEN ? THEN NULL ELSE ? END,
                server_epoch = ?,
                epoch = ?,
                is_complete = ?,
                is_revoked = ?,
                last_contact_at = ?,
                clock_offset_ms = COALESCE(?, clock_offset_ms)
            """,
            (
                end.is_revoked,
                has_gone_back,  # what this answer brought may not be all that it takes back
                end.cursor,
                end.epoch,
                epoch,
                not end.more,
                end.is_revoked,
                store.now_ms(),
                clock_offset_ms,
            ),
        )
        store.touch({"feed"})
    is_reused = any(receipt.code == outbox.SEQ_REUSED for receipt in answer.receipts)
    is_spent = is_reused or end.have > last_seq(store, device)
    return Applied(settled, len(rows), is_spent or outbox.waits_elsewhere(store, device))


def _epoch(store: Store, device: str, answer: Answer, *, has_gone_back: bool) -> tuple[int, frozenset[str]]:
    """The number of the server's present life, and the records of which it has lost something."""
    known, epoch = store.db.execute("SELECT server_epoch, epoch FROM feed").fetchone()
    if known is None or (known == answer.end.epoch and not has_gone_back):
        return int(epoch), frozenset()
    taken_off.tell_again(store)
    lost = outbox.offer_again(store, device, after=answer.end.have)
    heads.forget_made_here(store, lost)
    photo_files.doubt_proofs(store)
    return int(epoch) + 1, lost
