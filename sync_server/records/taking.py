"""One pass over one batch of a device's Changes: known, locked, judged, merged, written.

The order is the design (docs/adr/0003, 0005): what is known is answered from the log; every record
touched is locked, sorted by id, so that two pushes cannot lock each other out; Changes are judged and
merged in memory; feed numbers are taken last, under the one lock that orders commits; then everything
is written in bulk. A refused Change that a person, or a record come late, lets in takes the same way.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from app.domain.change import Change
from app.domain.models import Person, RecordModel
from app.domain.stamp import effective as effective_stamp
from app.domain.wire import Own, Receipt, Status, Unreadable
from sync_server.db.engine import TakenBack, take_feed_numbers, writers_run_side_by_side
from sync_server.db.engine import kept as kept_setting
from sync_server.db.tables import devices
from sync_server.records import heads, log
from sync_server.records.accounts import DeviceRow, have_of
from sync_server.records.apply import Kept, apply_change
from sync_server.records.bench import Bench, Cleared, decided_by_a_person
from sync_server.records.campaigns import campaign_codes
from sync_server.records.departures import note_departures
from sync_server.records.feed import LeftOut
from sync_server.records.judge import LONGEST_FIELDS_BYTES, is_plain, judge
from sync_server.records.judge_facts import NAMED
from sync_server.records.organisations import organisations_by_code
from sync_server.records.past import as_at, held_at
from sync_server.records.quarantine import (
    NUMBERS_EACH,
    RELEASED,
    SET_ASIDE,
    Decision,
    Desk,
    Refused,
    outcome_id,
    owner_of,
    refused_now,
)
from sync_server.records.refusals import Refusal, refusal
from sync_server.records.scope import Scope
from sync_server.summary.facts import ProjectedHead, project

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a batch: a receipt for each Change, in order; the rows that the device makes itself
    (Own), and where in the feed they lie."""

    receipts: list[Receipt]
    own: list[Own] = field(default_factory=list)
    left_out: LeftOut | None = None


@dataclass(slots=True)
class Taking:
    """One pass over one batch: what it loads, and what it will write."""

    connection: Connection
    device: DeviceRow
    now_ms: int
    offset_ms: int
    cursor: int
    seen: int = 0
    releases: bool = True  # what waited for the records that come
    is_of_former_life: bool = False  # the bases are versions of an epoch that has ended
    before: dict[str, Kept] = field(default_factory=dict)
    records: dict[str, Kept] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)  # of the log, in order of seq
    models: dict[str, RecordModel] = field(default_factory=dict)  # of records made by this batch alone
    last_row: dict[str, int] = field(default_factory=dict)  # record -> which number its last Change takes
    left: list[Kept] = field(default_factory=list)  # records as they were where they are no longer
    said_before: dict[tuple[str, str], int] = field(default_factory=dict)  # log.said_before
    its_own: set[str] = field(default_factory=set)  # records that the device made under another id
    own: list[Own] = field(default_factory=list)
    own_records: set[str] = field(default_factory=set)  # which the device makes from `own`
    desk: Desk = field(init=False)

    def __post_init__(self) -> None:
        self.desk = Desk(self.connection, self.now_ms)

    def take(self, changes: Sequence[Change | Unreadable], *, is_faulty: bool = False) -> Taken:
        clock = self._lock_device()
        known = log.known(self.connection, self.device, [c.seq for c in changes])
        contents = [log.content_of(c) for c in changes]
        if any(
            c.seq in known and known[c.seq].content_hash != told.content_hash
            for c, told in zip(changes, contents, strict=True)
        ):
            return Taken(self._reused(changes, contents, known))
        fresh = [
            (c, content)
            for c, content in zip(changes, contents, strict=True)
            if isinstance(c, Change) and c.seq not in known
        ]
        bench = self._bench([c for c, _ in fresh])
        here = [(c, content) for c, content in fresh if c.record in self.before]
        self.said_before = log.said_before(self.connection, self.device, here)
        receipts: list[Receipt] = []
        for change, content in zip(changes, contents, strict=True):
            if change.seq in known:
                receipts.append(known[change.seq].receipt)
                continue
            if isinstance(change, Change):
                clock = effective_stamp(
                    change.hlc, offset_ms=self.offset_ms, arrived_ms=self.now_ms, previous=clock
                )
            row = self._decide(bench, change, content, effective=clock, is_faulty=is_faulty)
            self.rows.append(row)
            receipts.append(log.receipt_of(row))
        self.desk.replace(self.device.id, {c.replaces for c, _ in fresh if c.replaces is not None})
        self._judge_again(bench)
        if not self.rows:
            return Taken(receipts)
        first = self._write()
        self._note_device(clock)
        last = first + len(self.rows) - 1
        return Taken(receipts, self.own, LeftOut(first, last, self.last_row.keys() - self.own_records))

    def _lock_device(self) -> int:
        """The device's last effective stamp; until commit nobody else takes in Changes of it."""
        return int(self.connection.execute(_LAST_STAMP, {"device_": self.device.id}).scalar_one())

    @staticmethod
    def _reused(
        changes: Sequence[Change | Unreadable],
        contents: Sequence[log.Content],
        known: Mapping[int, log.Known],
    ) -> list[Receipt]:
        """The answer to a batch with a number that was used before, for other work: none of it is taken.

        Two phones go by this device id, one a copy of the other. Never the old receipt, which would lose
        the new work (sync.md, One round trip); and what bears a new number is not taken either, since it
        would pass for having seen what the other phone did before it (P4). All of it comes again under
        an id of its own.
        """
        reused = refusal("seq_reused")
        return [
            known[change.seq].receipt
            if change.seq in known and known[change.seq].content_hash == content.content_hash
            else Receipt(seq=change.seq, status="quarantined", code=reused.code, message=reused.message)
            for change, content in zip(changes, contents, strict=True)
        ]

    def release(self, refused: Refused, decision: Decision, scope: Scope) -> Refusal | None:
        """Merge a refused Change because a person decided so; gives the reason if it cannot be merged.

        What it may amount to, and where it belongs within his `scope`, is the person's to decide; what it
        says must still be something that a record can hold.
        """
        change = refused.change
        if change is None:
            return refusal("unreadable")
        bench = self._bench([change])
        decided = decided_by_a_person(self._bench_of(refused, bench), change, scope)
        verdict = judge(
            decided, change, effective=refused.effective, is_plain=log.content_of(change).is_plain
        )
        if isinstance(verdict, Refusal):
            return verdict
        version = self._released(refused, change, verdict)
        self.desk.settle(refused, RELEASED, version=version, decision=decision)
        self._judge_again(bench)
        self._write()
        return None

    def set_aside(self, refused: Refused, decision: Decision) -> None:
        """A person decided that a refused Change shall not count."""
        self.desk.settle(refused, SET_ASIDE, decision=decision)
        self._write()

    def _judge_again(self, bench: Bench) -> None:
        """Release whatever waited for a record that has come."""

        def decide(refused: Refused, change: Change) -> int | Refusal:
            verdict = self._verdict(
                self._bench_of(refused, bench),
                change,
                log.content_of(change),
                effective=refused.effective,
                is_faulty=False,
            )
            return verdict if isinstance(verdict, Refusal) else self._released(refused, change, verdict)

        if self.last_row and self.releases:
            self.desk.judge_again(self.records, decide)

    def _released(self, refused: Refused, change: Change, verdict: Cleared) -> int:
        """The version that a refused Change makes, merged now."""
        self.last_row[change.record] = len(self.rows) + self.desk.numbers_needed()
        return self._merge(change, verdict, effective=refused.effective).head.version

    def _bench_of(self, refused: Refused, bench: Bench) -> Bench:
        """`bench` for a Change that another device, or the same one earlier, has sent."""
        cursor = refused.entry.cursor
        device = as_at(self.connection, owner_of(self.connection, refused.entry), cursor)
        return replace(
            bench,
            device=device,
            offset_ms=refused.entry.offset_ms,
            held=lambda scope, person: held_at(self.connection, scope, person, cursor),
        )

    def _bench(self, fresh: Sequence[Change]) -> Bench:
        """Lock and load all that the fresh Changes touch, and those that wait for what these would make."""
        fresh = [*fresh, *self.desk.await_records({c.record for c in fresh if c.kind == "create"})]
        touched = {c.record for c in fresh} | _codes_in(
            (c.fields for c in fresh), "person", "merged_into", *NAMED
        )
        # A patch or void of a fact does not say whom it is about; the head does.
        silent = {c.record for c in fresh if c.entity != Person.entity and "person" not in c.fields}
        touched |= heads.people_of(self.connection, silent)
        self.records = heads.lock(self.connection, touched)
        # Nor does it say which visit or need that is of.
        named = _codes_in((self.records[r].head.values for r in silent if r in self.records), *NAMED)
        self.records |= heads.lock(self.connection, named - self.records.keys())
        self.before = dict(self.records)
        patched = [self.records[c.record].head.values for c in fresh if c.record in self.records]
        codes = _codes_in((*(c.fields for c in fresh), *patched), "village", "unit", "organisation")
        return Bench(
            device=self.device,
            offset_ms=self.offset_ms,
            organisations=organisations_by_code(self.connection, codes),
            campaigns=campaign_codes(self.connection),
            records=self.records,
            held=lambda scope, person: held_at(self.connection, scope, person, self.cursor),
        )

    def _decide(
        self,
        bench: Bench,
        change: Change | Unreadable,
        content: log.Content,
        *,
        effective: int,
        is_faulty: bool,
    ) -> dict[str, Any]:
        """The log row of `change`; merges it into `records` if it may be."""
        common: dict[str, Any] = {"received_at": self.now_ms, "effective": effective}
        if isinstance(change, Change) and (change.record, content.content_hash) in self.said_before:
            version = self.said_before[change.record, content.content_hash]
            if change.kind == "create" and version == 1:
                self.its_own.add(change.record)
            return log.log_row(self.device, change, content, status="accepted", version=version, **common)
        verdict = self._verdict(bench, change, content, effective=effective, is_faulty=is_faulty)
        if isinstance(verdict, Refusal):
            self.desk.refuse(
                refused_now(
                    self.device,
                    change,
                    verdict,
                    here=self.records,
                    effective=effective,
                    offset_ms=self.offset_ms,
                    cursor=self.cursor,
                )
            )
            return log.log_row(self.device, change, content, status="quarantined", refused=verdict, **common)
        assert isinstance(change, Change)
        is_held = self._is_held(change.record)
        held = self.records.get(change.record)
        is_ahead = held is not None and change.base > held.head.version
        if (self.is_of_former_life or is_ahead) and change.base > 1:
            # A version that this database never gave tells nothing of what its author saw. Only the first,
            # the record's creation, is the same in any life of it (P4).
            is_held = False
            change = change.model_copy(update={"base": 1})
        if change.record in self.its_own and change.base == 0:
            change = change.model_copy(update={"base": 1})  # it has seen what it made under its former id
            is_held = False  # and would merge it otherwise
        self.last_row[change.record] = len(self.rows)
        kept = self._merge(change, verdict, effective=effective)
        if is_held and self.device.scope.holds(kept.place.path, kept.place.unit_path):
            self.own.append(Own(change.seq, kept.head.version, effective))
            self.own_records.add(change.record)
        else:
            self.own_records.discard(change.record)
        disputed = {c.field for c in kept.head.conflicts()} if kept.head.marks else set()
        status: Status = "accepted_with_conflict" if disputed & change.writes().keys() else "accepted"
        return log.log_row(
            self.device,
            change,
            content,
            status=status,
            version=kept.head.version,
            **common,
        )

    def _merge(self, change: Change, verdict: Cleared, *, effective: int) -> Kept:
        kept = apply_change(
            self.records.get(change.record),
            change,
            effective=effective,
            place=verdict.place,
            owner=verdict.owner,
        )
        if change.record in self.records:
            self.models.pop(change.record, None)  # a merge may show another value than this Change's
        else:
            self.models[change.record] = verdict.model
        if (earlier := self.records.get(change.record)) is not None and earlier.place != kept.place:
            self.left.append(earlier)
        self.records[change.record] = kept
        return kept

    def _is_held(self, record: str) -> bool:
        """Whether the device holds `record` as it is now: by the feed, or by making it from `own`."""
        if record in self.last_row:
            return record in self.own_records
        before = self.records.get(record)
        return self.seen > 0 and (before is None or 0 < before.feed_no <= self.seen)

    def _verdict(
        self,
        bench: Bench,
        change: Change | Unreadable,
        content: log.Content,
        *,
        effective: int,
        is_faulty: bool,
    ) -> Cleared | Refusal:
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
            _logger.error("device %s seq %s: %s", self.device.id, change.seq, type(fault).__name__)
            return refusal("server_fault")

    def _write(self) -> int:
        """Everything that was changed; feed numbers are taken here, as late as can be.

        Returns the first of them; the others follow in the order of `rows`, then of what was settled.
        """
        moved = self._follow_moved_people()
        settling, desk = len(self.rows), self.desk
        following = settling + desk.numbers_needed()
        first = take_feed_numbers(self.connection, following + len(moved))
        self._demand_nothing_came_between()
        for number, row in enumerate(self.rows, start=first):
            row["feed_no"] = number
        feed_numbers = {record: first + index for record, index in self.last_row.items()}
        behind = [r for r in moved if r not in feed_numbers]
        feed_numbers.update((r, first + following + i) for i, r in enumerate(behind))
        log.write(self.connection, self.rows)
        desk.write({(r["device"], r["seq"]): r["feed_no"] for r in self.rows}, first + settling)
        feed_numbers.update(self._tell_outcomes(first + settling))
        heads.write(self.connection, self.before, self.records, feed_numbers)
        note_departures(self.connection, self.left, feed_numbers)
        changed = ((self.before.get(r), self.records[r]) for r in self.last_row)
        heads.write_conflicts(self.connection, changed, now_ms=self.now_ms)
        project(
            self.connection,
            [_projected(self.records[r], feed_numbers[r], self.models.get(r)) for r in self.last_row],
            identity_key=kept_setting(self.connection, "identity_key"),
        )
        return first

    def _demand_nothing_came_between(self) -> None:
        """Raise TakenBack if what was judged no longer holds; nobody else commits from here on."""
        if not writers_run_side_by_side(self.connection):
            return
        made = [record for record in self.last_row if record not in self.before]
        if heads.is_one_there(self.connection, made):
            raise TakenBack("another device made the same record meanwhile: it is to be merged, not replaced")
        if heads.is_one_there(self.connection, self.desk.lacking()) or self.desk.missed(made):
            raise TakenBack("a record has come for which a refused Change waits: it is to be judged again")

    def _tell_outcomes(self, first: int) -> dict[str, int]:
        """Put the outcomes of what was settled among the heads; gives their feed numbers, from `first` on."""
        if not self.desk.settled:
            return {}
        before = heads.lock(self.connection, map(outcome_id, self.desk.settled))
        outcomes = self.desk.outcomes(before)
        self.before = before | self.before
        self.records = self.records | {kept.record: kept for kept in outcomes}
        return {kept.record: first + NUMBERS_EACH * i + 1 for i, kept in enumerate(outcomes)}

    def _follow_moved_people(self) -> list[str]:
        """Facts about people whose village or unit changed get the new place and a new feed number."""
        movers = {
            record
            for record in self.last_row
            if self.records[record].entity == Person.entity
            and (record not in self.before or self.before[record].place != self.records[record].place)
        }
        about = heads.lock_about(self.connection, movers & self.before.keys())
        self.before = about | self.before
        self.records = about | self.records
        following = [
            record
            for record, kept in self.records.items()
            if kept.person in movers and kept.place != self.records[kept.person].place
        ]
        for record in following:
            kept = self.records[record]
            self.left.append(kept)
            self.records[record] = replace(kept, place=self.records[kept.person].place)
        return following

    def _note_device(self, clock: int) -> None:
        have = log.gap_free(self.connection, self.device, have_of(self.connection, self.device.id))
        said = {"clock": clock, "offset": self.offset_ms, "now_have": have, "device_": self.device.id}
        self.connection.execute(_NOTE_DEVICE, said)


_LAST_STAMP = select(devices.c.last_effective).where(devices.c.id == bindparam("device_")).with_for_update()
_NOTE_DEVICE = (
    update(devices)
    .where(devices.c.id == bindparam("device_"))
    .values(offset_ms=bindparam("offset"), last_effective=bindparam("clock"), have=bindparam("now_have"))
)


def _projected(kept: Kept, feed_no: int, model: RecordModel | None) -> ProjectedHead:
    return ProjectedHead(
        county=kept.county,
        entity=kept.entity,
        record=kept.record,
        path=kept.place.path,
        unit_path=kept.place.unit_path,
        feed_no=feed_no,
        values=kept.head.values,
        voided=kept.head.is_voided,
        first=kept.head.first,
        model=model,
    )


def _codes_in(many: Iterable[Mapping[str, Any]], *names: str) -> set[str]:
    """The values of the fields `names` that can be an id or a code."""
    found = {fields.get(name) for fields in many for name in names if isinstance(fields.get(name), str)}
    return {code for code in found if code and len(code) <= 64 and is_plain(code)}
