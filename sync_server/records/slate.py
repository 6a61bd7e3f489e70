"""The slate of a write transaction: the records it touches, read once, changed in memory, written once.

The order is the design (docs/adr/0003, 0005, 0024): every record touched is locked, sorted by id, so that
two transactions cannot lock each other out; Changes are merged in memory, push after push; feed numbers
are taken last, under the one lock that orders commits; then everything is written in bulk. Each push
finds what those before it have made, and takes the numbers that it would take in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sqlalchemy import Connection

from app.domain.change import Change
from app.domain.models import Person, RecordModel
from sync_server.db.engine import TakenBack, take_feed_numbers, writers_run_side_by_side
from sync_server.db.engine import kept as kept_setting
from sync_server.records import heads, log
from sync_server.records.accounts import DeviceRow
from sync_server.records.apply import Kept, apply_change
from sync_server.records.bench import Bench, Cleared
from sync_server.records.campaigns import CampaignCodes, campaign_codes
from sync_server.records.departures import note_departures
from sync_server.records.feed import Numbers
from sync_server.records.judge import is_plain
from sync_server.records.judge_facts import NAMED
from sync_server.records.organisations import Organisation, organisations_by_code
from sync_server.records.past import has_worked_at, held_at
from sync_server.records.quarantine import Desk, outcome_id
from sync_server.summary.facts import ProjectedHead, project


@dataclass(slots=True)
class Slate:
    """What one write transaction has loaded, and what it will write. Numbers count from 0 until then.

    One that `is_trial` locks nothing and is never written: it tells what a judgement would be.
    """

    connection: Connection
    is_trial: bool = False
    numbers: Numbers = field(default_factory=Numbers)
    desk: Desk = field(init=False)
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    campaigns: Mapping[str, CampaignCodes] = field(default_factory=dict)
    before: dict[str, Kept] = field(default_factory=dict)  # records as the database has them
    records: dict[str, Kept] = field(default_factory=dict)  # as they are now
    changed: dict[str, Kept | None] = field(default_factory=dict)  # by this push; as it found them
    rows: list[dict[str, Any]] = field(default_factory=list)  # of the log
    _models: dict[str, RecordModel] = field(default_factory=dict)  # of records that one Change made
    _said_at: dict[str, int] = field(default_factory=dict)  # record -> number of its last Change
    _feed_numbers: dict[str, int] = field(default_factory=dict)  # record -> its number, moved ones too
    _left: list[Kept] = field(default_factory=list)  # by this push: as they were where they are no longer
    _departed: list[tuple[Kept, int]] = field(default_factory=list)
    _disputes: list[tuple[list[tuple[Kept | None, Kept]], int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.desk = Desk(self.connection, self.numbers)

    def load(self, fresh: Sequence[Change]) -> None:
        """Lock and load all that the fresh Changes touch, and those that wait for what these would make."""
        lock = heads.read if self.is_trial else heads.lock
        if not self.is_trial:
            fresh = [*fresh, *self.desk.await_records({c.record for c in fresh if c.kind == "create"})]
        touched = {c.record for c in fresh} | _codes_in(
            (c.fields for c in fresh), "person", "merged_into", *NAMED
        )
        # A patch or void of a fact does not say whom it is about; the head does.
        silent = {c.record for c in fresh if c.entity != Person.entity and "person" not in c.fields}
        touched |= heads.people_of(self.connection, silent)
        self.records = lock(self.connection, touched)
        # Nor does it say which visit or need that is of, and of what lies with the county nor whom it names.
        known = [self.records[r].head.values for r in silent if r in self.records]
        named = _codes_in(known, "person", *NAMED)
        self.records |= lock(self.connection, named - self.records.keys())
        self.before = dict(self.records)
        patched = [self.records[c.record].head.values for c in fresh if c.record in self.records]
        codes = _codes_in((*(c.fields for c in fresh), *patched), "village", "unit", "organisation")
        self.organisations = organisations_by_code(self.connection, codes)
        self.campaigns = campaign_codes(self.connection)

    def bench(self, device: DeviceRow, *, offset_ms: int, cursor: int) -> Bench:
        """What the Changes of `device` are judged against, which had seen the feed up to `cursor`."""
        return Bench(
            device=device,
            offset_ms=offset_ms,
            organisations=self.organisations,
            campaigns=self.campaigns,
            records=self.records,
            held=lambda scope, person: held_at(self.connection, scope, person, cursor),
            works_at=partial(has_worked_at, self.connection),
        )

    def begin(self, now_ms: int) -> None:
        """What follows, up to `end`, is one push that arrived at `now_ms`."""
        self.desk.now_ms = now_ms
        self.changed, self._left = {}, []

    def merge(self, change: Change, verdict: Cleared, *, effective: int, number: int) -> Kept:
        """Merge `change`, whose record then has the feed number `number`."""
        found = self.records.get(change.record)
        kept = apply_change(found, change, effective=effective, place=verdict.place, owner=verdict.owner)
        if found is None:
            self._models[change.record] = verdict.model
        else:
            self._models.pop(change.record, None)  # a merge may show another value than this Change's
            if found.place != kept.place:
                self._left.append(found)
        self.changed.setdefault(change.record, found)
        self.records[change.record] = kept
        self._said_at[change.record] = self._feed_numbers[change.record] = number
        return kept

    def end(self) -> None:
        """The push is through: facts follow people who moved, departures and conflicts are noted."""
        self._follow_moved_people()
        self._departed += [(kept, self._feed_numbers[kept.record]) for kept in self._left]
        disputes = [
            (found, self.records[record])
            for record, found in self.changed.items()
            if self.records[record].head.marks  # one writer: nothing was and nothing is in conflict
        ]
        if disputes:
            self._disputes.append((disputes, self.desk.now_ms))

    def write(self) -> int:
        """Write everything that was changed; what number 0 has become.

        Feed numbers are taken here, as late as can be. Raises TakenBack if what was judged no longer holds.
        """
        first = take_feed_numbers(self.connection, self.numbers.needed)
        self._demand_nothing_came_between()
        for row in self.rows:
            row["feed_no"] += first
        log.write(self.connection, self.rows)
        self.desk.write({(row["device"], row["seq"]): row["feed_no"] for row in self.rows}, first)
        self._tell_outcomes()
        feed_numbers = {record: first + number for record, number in self._feed_numbers.items()}
        heads.write(self.connection, self.before, self.records, feed_numbers)
        note_departures(self.connection, [(kept, first + number) for kept, number in self._departed])
        for disputes, now_ms in self._disputes:
            heads.write_conflicts(self.connection, disputes, now_ms=now_ms)
        project(
            self.connection,
            [self._projected(record, first + number) for record, number in self._said_at.items()],
            identity_key=kept_setting(self.connection, "identity_key"),
        )
        return first

    def _follow_moved_people(self) -> None:
        """Facts about people whose village or unit changed get the new place and a new feed number."""
        movers = {
            record
            for record, found in self.changed.items()
            if self.records[record].entity == Person.entity
            and (found is None or found.place != self.records[record].place)
        }
        if not movers:
            return
        about = heads.lock_about(self.connection, movers & self.before.keys())
        self.before = about | self.before
        # In place: what is judged against them holds on to this dictionary.
        self.records.update({record: kept for record, kept in about.items() if record not in self.records})
        behind = [
            record
            for record, kept in self.records.items()
            if kept.person in movers and kept.place != self.records[kept.person].place
        ]
        for record in sorted(behind):
            kept = self.records[record]
            self._left.append(kept)
            self.records[record] = replace(kept, place=self.records[kept.person].place, feed_no=0)
            if record not in self.changed:
                self._feed_numbers[record] = self.numbers.take()

    def _demand_nothing_came_between(self) -> None:
        """Raise TakenBack if what was judged no longer holds; nobody else commits from here on."""
        if not writers_run_side_by_side(self.connection):
            return
        made = [record for record in self._said_at if record not in self.before]
        if heads.is_one_there(self.connection, made):
            raise TakenBack("another device made the same record meanwhile: it is to be merged, not replaced")
        if heads.is_one_there(self.connection, self.desk.lacking()) or self.desk.missed(made):
            raise TakenBack("a record has come for which a refused Change waits: it is to be judged again")

    def _tell_outcomes(self) -> None:
        """Put the outcomes of what was settled among the heads."""
        if not self.desk.settled:
            return
        before = heads.lock(self.connection, map(outcome_id, self.desk.settled))
        outcomes = self.desk.outcomes(before)
        self.before = before | self.before
        self.records = self.records | {kept.record: kept for kept, _ in outcomes}
        self._feed_numbers.update((kept.record, number) for kept, number in outcomes)

    def _projected(self, record: str, feed_no: int) -> ProjectedHead:
        kept = self.records[record]
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
            model=self._models.get(record),
        )


def _codes_in(many: Iterable[Mapping[str, Any]], *names: str) -> set[str]:
    """The values of the fields `names` that can be an id or a code."""
    found = {fields.get(name) for fields in many for name in names if isinstance(fields.get(name), str)}
    return {code for code in found if code and len(code) <= 64 and is_plain(code)}
