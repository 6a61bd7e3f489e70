"""The verdict on a Change when it arrives, and again when what it lacked has come or a person decides.

A refused Change that a person, or a record come late, lets in is merged on the slate as any other is.
"""

from __future__ import annotations

import logging

from app.domain.change import Change
from app.domain.wire import Unreadable
from sync_server.records import log
from sync_server.records.bench import Bench, Cleared, decided_by_a_person
from sync_server.records.judge import LONGEST_FIELDS_BYTES, judge
from sync_server.records.past import as_at
from sync_server.records.quarantine import RELEASED, SET_ASIDE, Decision, Refused, owner_of
from sync_server.records.refusals import Refusal, refusal
from sync_server.records.scope import Scope
from sync_server.records.slate import Slate

_logger = logging.getLogger(__name__)


def verdict_on(
    bench: Bench,
    change: Change | Unreadable,
    content: log.Content,
    *,
    effective: int,
    is_faulty: bool = False,
) -> Cleared | Refusal:
    """Whether `change` may be merged, or why not. `is_faulty`: it could not be written before (P6)."""
    if isinstance(change, Unreadable):
        return refusal("unreadable", field=change.reason)
    if bench.device.is_revoked:
        return refusal("revoked")
    if is_faulty:
        return refusal("server_fault")
    if len(content.fields) * 4 > LONGEST_FIELDS_BYTES < len(content.fields.encode()):
        return refusal("too_large")
    try:
        return judge(bench, change, effective=effective, is_plain=content.is_plain)
    except Exception as fault:  # noqa: BLE001 - whatever one Change brings about, the others go on (P6)
        _logger.error("device %s seq %s: %s", bench.device.id, change.seq, type(fault).__name__)
        return refusal("server_fault")


def judge_waiting(slate: Slate) -> None:
    """Release whatever waited for a record that the push in hand has brought."""

    def decide(refused: Refused, change: Change) -> int | Refusal:
        verdict = verdict_on(
            _bench_of(slate, refused), change, log.content_of(change), effective=refused.effective
        )
        return verdict if isinstance(verdict, Refusal) else _released(slate, refused, change, verdict)

    if slate.changed:
        slate.desk.judge_again(slate.records, decide)


def release(
    slate: Slate, refused: Refused, decision: Decision, scope: Scope, *, now_ms: int, releases: bool = True
) -> Refusal | None:
    """Merge a refused Change because a person decided so; gives the reason if it cannot be merged.

    What waited for its record is judged again if `releases`. What it may amount to, and where it belongs
    within his `scope`, is the person's to decide; what it says must still be something that a record can
    hold.
    """
    change = refused.change
    if change is None:
        return refusal("unreadable")
    slate.load([change])
    slate.begin(now_ms)
    verdict = _decided(slate, refused, change, scope)
    if isinstance(verdict, Refusal):
        return verdict
    version = _released(slate, refused, change, verdict)
    slate.desk.settle(refused, RELEASED, version=version, decision=decision)
    if releases:
        judge_waiting(slate)
    slate.end()
    slate.write()
    return None


def why_not(slate: Slate, refused: Refused, scope: Scope, *, now_ms: int) -> Refusal | None:
    """Why a person with this scope could not release a refused Change now; None if he could. For a slate
    that `is_trial`."""
    if refused.change is None:
        return refusal("unreadable")
    slate.load([refused.change])
    slate.begin(now_ms)
    verdict = _decided(slate, refused, refused.change, scope)
    return verdict if isinstance(verdict, Refusal) else None


def _decided(slate: Slate, refused: Refused, change: Change, scope: Scope) -> Cleared | Refusal:
    decided = decided_by_a_person(_bench_of(slate, refused), change, scope)
    is_plain = log.content_of(change).is_plain
    return judge(decided, change, effective=refused.effective, is_plain=is_plain)


def set_aside(slate: Slate, refused: Refused, decision: Decision, *, now_ms: int) -> None:
    """A person decided that a refused Change shall not count."""
    slate.begin(now_ms)
    slate.desk.settle(refused, SET_ASIDE, decision=decision)
    slate.end()
    slate.write()


def _released(slate: Slate, refused: Refused, change: Change, verdict: Cleared) -> int:
    """The version that a refused Change makes, merged now. The desk, which settles it next, takes the number
    of its record (NUMBERS_EACH)."""
    kept = slate.merge(change, verdict, effective=refused.effective, number=slate.numbers.needed)
    return kept.head.version


def _bench_of(slate: Slate, refused: Refused) -> Bench:
    """For a Change that another device, or the same one earlier, has sent."""
    entry = refused.entry
    (device,) = as_at(slate.connection, [(owner_of(slate.connection, entry), entry.cursor)])
    return slate.bench(device, offset_ms=entry.offset_ms, cursor=entry.cursor)
