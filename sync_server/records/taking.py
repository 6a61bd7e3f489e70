"""One pass over pushes that share a commit: known, locked, judged, merged, written (docs/adr/0024).

What is known is answered from the log; what the pushes touch is loaded once for all of them (slate.py);
then each is taken in turn, as its own device, at its own time, with receipts of its own; at last everything
is written at once. To each push it is as if those before it had been committed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection

from app.domain.change import Change
from app.domain.stamp import effective as effective_stamp
from app.domain.wire import Own, Receipt, Status, Unreadable
from sync_server.records import log
from sync_server.records.accounts import DeviceRow
from sync_server.records.bench import Bench
from sync_server.records.feed import LeftOut
from sync_server.records.quarantine import refused_now
from sync_server.records.refusals import Refusal, refusal
from sync_server.records.slate import Slate
from sync_server.records.standing import DeviceStanding, lock_standings, write_standings
from sync_server.records.verdicts import judge_waiting, verdict_on


@dataclass(frozen=True, slots=True)
class Push:
    """What a device has sent: Changes rising in seq, and where it stood when it sent them.

    `offset_ms` is what its clock lacks to ours, `cursor` the feed number up to which it has seen the feed,
    `seen` that up to which it holds its whole scope; 0 for one that does not, or does not merge its own
    Changes. `is_of_former_life`: the bases are versions of an epoch that has ended.
    """

    device: DeviceRow
    changes: Sequence[Change | Unreadable]
    now_ms: int
    offset_ms: int = 0
    cursor: int = 0
    seen: int = 0
    is_of_former_life: bool = False

    def __post_init__(self) -> None:
        assert all(a.seq < b.seq for a, b in pairwise(self.changes))


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a push: a receipt for each Change, in order; the rows that the device makes itself
    (Own), and where in the feed they lie."""

    receipts: list[Receipt]
    own: list[Own] = field(default_factory=list)
    left_out: LeftOut | None = None


def take_in(
    connection: Connection, pushes: Sequence[Push], *, is_faulty: bool = False, releases: bool = True
) -> list[Taken]:
    """Take in `pushes`, each of another device, one after another, inside the caller's write transaction.

    `is_faulty`: none of the Changes can be written. `releases` False: what has waited for them goes on
    waiting. Raises TakenBack if another device made one of the records meanwhile (engine.written).
    """
    slate = Slate(connection)
    standings = lock_standings(connection, [push.device.id for push in pushes])
    takings = [
        Taking(slate, push, standings[push.device.id], is_faulty=is_faulty, releases=releases)
        for push in pushes
    ]
    fresh = [found for taking in takings for found in taking.fresh]
    slate.load([change for change, _ in fresh])
    said = log.SaidBefore(connection, [found for found in fresh if found[0].record in slate.before])
    for taking in takings:
        taking.take(said)
    if not slate.rows:
        return [Taken(taking.receipts) for taking in takings]
    first = slate.write()
    offsets = {taking.push.device.id: taking.push.offset_ms for taking in takings if taking.rows}
    write_standings(connection, standings, offsets)
    return [taking.taken(first) for taking in takings]


@dataclass(slots=True)
class Taking:
    """One push on its way onto the slate."""

    slate: Slate
    push: Push
    standing: DeviceStanding
    is_faulty: bool
    releases: bool
    contents: list[log.Content] = field(init=False)
    known: Mapping[int, log.Known] = field(init=False)
    is_reused: bool = field(init=False)  # a number was used before, for other work
    fresh: list[tuple[Change, log.Content]] = field(init=False)  # what is to be judged
    receipts: list[Receipt] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)  # of the log, in order of seq
    its_own: set[str] = field(default_factory=set)  # records that the device made under another id
    own: list[Own] = field(default_factory=list)
    own_records: set[str] = field(default_factory=set)  # which the device makes from `own`
    left_out: tuple[int, int, frozenset[str]] | None = None

    def __post_init__(self) -> None:
        push = self.push
        self.contents = [log.content_of(change) for change in push.changes]
        seqs = [change.seq for change in push.changes]
        may_know = bool(seqs) and self.standing.may_know(seqs[0])
        self.known = log.known(self.slate.connection, push.device, seqs) if may_know else {}
        self.is_reused = any(
            change.seq in self.known and self.known[change.seq].content_hash != content.content_hash
            for change, content in self._told()
        )
        self.fresh = [
            (change, content)
            for change, content in self._told()
            if isinstance(change, Change) and change.seq not in self.known and not self.is_reused
        ]

    def take(self, said: log.SaidBefore) -> None:
        """Judge and merge each Change, in order of seq; what it says is `said` to those that follow."""
        if self.is_reused:
            self.receipts = self._reused()
            return
        push, slate = self.push, self.slate
        slate.begin(push.now_ms)
        bench = slate.bench(push.device, offset_ms=push.offset_ms, cursor=push.cursor)
        clock, first = self.standing.clock, slate.numbers.needed
        for change, content in self._told():
            if change.seq in self.known:
                self.receipts.append(self.known[change.seq].receipt)
                continue
            if isinstance(change, Change):
                clock = effective_stamp(
                    change.hlc, offset_ms=push.offset_ms, arrived_ms=push.now_ms, previous=clock
                )
            row = self._decide(bench, change, content, said, effective=clock)
            self.rows.append(row)
            self.receipts.append(log.receipt_of(row))
        mended = {change.replaces for change, _ in self.fresh if change.replaces is not None}
        slate.desk.replace(push.device.id, mended)
        if self.releases:
            judge_waiting(slate)
        slate.end()
        if self.rows:
            self.standing.clock = clock
            self.standing.take(row["seq"] for row in self.rows)
            slate.rows += self.rows
            said.add(self.rows)
            but = frozenset(slate.changed.keys() - self.own_records)
            self.left_out = (first, first + len(self.rows) - 1, but)

    def taken(self, first: int) -> Taken:
        """What came of it, now that the feed number 0 has become `first`."""
        if self.left_out is None:
            return Taken(self.receipts)
        begin, last, but = self.left_out
        return Taken(self.receipts, self.own, LeftOut(first + begin, first + last, but))

    def _told(self) -> zip[tuple[Change | Unreadable, log.Content]]:
        return zip(self.push.changes, self.contents, strict=True)

    def _reused(self) -> list[Receipt]:
        """The answer to a push with a number that was used before, for other work: none of it is taken.

        Two phones go by this device id, one a copy of the other. Never the old receipt, which would lose
        the new work (sync.md, One round trip); and what bears a new number is not taken either, since it
        would pass for having seen what the other phone did before it (P4). All of it comes again under
        an id of its own.
        """
        reused = refusal("seq_reused")
        return [
            self.known[change.seq].receipt
            if change.seq in self.known and self.known[change.seq].content_hash == content.content_hash
            else Receipt(seq=change.seq, status="quarantined", code=reused.code, message=reused.message)
            for change, content in self._told()
        ]

    def _decide(
        self,
        bench: Bench,
        change: Change | Unreadable,
        content: log.Content,
        said: log.SaidBefore,
        *,
        effective: int,
    ) -> dict[str, Any]:
        """The log row of `change`; merges it into the slate if it may be."""
        push, slate = self.push, self.slate
        number = slate.numbers.take()
        common: dict[str, Any] = {"received_at": push.now_ms, "effective": effective, "feed_no": number}
        before = said.version(change, content) if isinstance(change, Change) else None
        if isinstance(change, Change) and before is not None:
            if change.kind == "create" and before == 1:
                self.its_own.add(change.record)
            return log.log_row(push.device, change, content, status="accepted", version=before, **common)
        sent, change = change, self._on_a_base_of_ours(change)
        verdict = verdict_on(bench, change, content, effective=effective, is_faulty=self.is_faulty)
        if isinstance(verdict, Refusal):
            slate.desk.refuse(
                refused_now(
                    push.device,
                    change,
                    verdict,
                    here=slate.records,
                    effective=effective,
                    offset_ms=push.offset_ms,
                    cursor=push.cursor,
                )
            )
            return log.log_row(push.device, change, content, status="quarantined", refused=verdict, **common)
        assert isinstance(change, Change)
        is_held = self._is_held(change.record) and change is sent
        if change.record in self.its_own and change.base == 0:
            change = change.model_copy(update={"base": 1})  # it has seen what it made under its former id
            is_held = False  # and would merge it otherwise
        kept = slate.merge(change, verdict, effective=effective, number=number)
        if is_held and push.device.scope.holds(kept.place.path, kept.place.unit_path):
            self.own.append(Own(change.seq, kept.head.version, effective))
            self.own_records.add(change.record)
        else:
            self.own_records.discard(change.record)
        disputed = {c.field for c in kept.head.conflicts()} if kept.head.marks else set()
        status: Status = "accepted_with_conflict" if disputed & change.writes().keys() else "accepted"
        return log.log_row(push.device, change, content, status=status, version=kept.head.version, **common)

    def _on_a_base_of_ours(self, change: Change | Unreadable) -> Change | Unreadable:
        """`change` as it is merged, now or when it is released: on a version that this database gave.

        Another one tells nothing of what its author saw. Only the first, the record's creation, is the same
        in any life of the database (P4).
        """
        if isinstance(change, Unreadable) or change.base <= 1:
            return change
        held = self.slate.records.get(change.record)
        is_ahead = held is None or change.base > held.head.version
        is_lost = self.push.is_of_former_life or is_ahead
        return change.model_copy(update={"base": 1}) if is_lost else change

    def _is_held(self, record: str) -> bool:
        """Whether the device holds `record` as it is now: by the feed, or by making it from `own`."""
        if record in self.slate.changed:
            return record in self.own_records
        found = self.slate.records.get(record)
        return self.push.seen > 0 and (found is None or 0 < found.feed_no <= self.push.seen)
