"""Storing a roster: all of it or nothing, once however often, and by field the second time.

A roster is a device like any other ("roster:<township>"): its people go through the same intake,
log and merge as a worker's edits. What it said last is kept (`roster_entries`), and only what it now
says differently becomes a Change. Such a Change has seen the roster's own earlier ones and no
worker's edit, so where both changed a field a conflict is opened and nothing is lost (P4).
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, select

from app.domain.change import Change, Fields
from app.domain.errors import BadInput
from app.domain.ids import Entropy, new_id
from app.domain.models import Person
from app.domain.stamp import hlc_of
from app.domain.wire import Receipt, head_from_json
from sync_server.db.engine import upsert, writing
from sync_server.db.tables import devices, heads, roster_entries
from sync_server.records.accounts import DeviceRow, importer
from sync_server.records.intake import accept_changes
from sync_server.records.organisations import organisation
from sync_server.roster.fields import NAMELESS, difference, keep_number, person_fields
from sync_server.roster.match import KnownPerson, Matches, match
from sync_server.roster.model import Deceased, Roster, RosterRow, RowRef
from sync_server.roster.questions import questions_of_import


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `new + changed + unchanged == rows`; `missing` counts people of an earlier
    roster that this one leaves out (they stay); `conflicts` waits for a worker; `unplaced_deceased` are
    those of the deceased sheet whom nobody on the roster matches. `questions` are the roster's and
    what the import itself leaves to a person."""

    township: str
    rows: int
    new: int
    changed: int
    unchanged: int
    conflicts: int
    missing: int
    deceased: int
    problems: Mapping[str, tuple[RowRef, ...]]
    unplaced_deceased: tuple[RowRef, ...]
    questions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For `--json`: counts, and rows as "sheet!row12"."""
        return {
            "township": self.township,
            "rows": self.rows,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "conflicts": self.conflicts,
            "missing": self.missing,
            "deceased": self.deceased,
            "problems": {kind: [str(r) for r in refs] for kind, refs in self.problems.items()},
            "unplaced_deceased": [str(r) for r in self.unplaced_deceased],
            "questions": list(self.questions),
        }


def import_roster(
    engine: Engine, roster: Roster, now_ms: int, *, entropy: Entropy = os.urandom
) -> ImportReport:
    """Store `roster` in one transaction; raises BadInput, and stores nothing, if a row cannot be stored."""
    with writing(engine) as connection:
        owner = organisation(connection, roster.township)
        device = importer(connection, f"roster:{roster.township}", owner, now_ms=now_ms)
        have = _lock(connection, device)
        plan = _plan(connection, device, roster, now_ms, entropy)
        changes = [
            Change(
                device=device.id,
                seq=seq,
                hlc=hlc_of(now_ms),
                actor=device.id,
                entity=Person.entity,
                record=entry.record,
                kind="create" if entry.is_new else "patch",
                fields=entry.difference(),
            )
            for seq, entry in enumerate((e for e in plan.entries if e.difference()), start=have + 1)
        ]
        receipts = accept_changes(connection, device, changes, now_ms=now_ms)
        _demand_all_accepted(plan, changes, receipts)
        _keep_entries(connection, roster, plan)
    return _report(roster, plan, receipts)


@dataclass(slots=True)
class _Entry:
    """One person: what rosters said of him before, and what they say now."""

    record: str
    is_new: bool
    county: str
    before: Fields
    now: Fields
    refs: list[RowRef] = field(default_factory=list)

    def difference(self) -> Fields:
        return difference(self.before, self.now)

    def after(self) -> Fields:
        """What is kept for the next roster."""
        return {n: v for n, v in (self.before | self.difference()).items() if v is not None}


@dataclass(slots=True)
class _Plan:
    entries: list[_Entry]
    rows: int
    missing: int
    deceased: int
    unplaced_deceased: list[RowRef]
    questions: tuple[str, ...]


def _plan(connection: Connection, device: DeviceRow, roster: Roster, now_ms: int, entropy: Entropy) -> _Plan:
    said_before = _entries(connection, roster.township)
    known, counties = _known_people(connection, device, said_before)
    dead_rows = {one.of for one in roster.deceased if one.of is not None}
    fields = [
        person_fields(row, township=roster.township, is_deceased=row.ref in dead_rows) for row in roster.rows
    ]
    # In the order of the rows: that is how people whom nothing else tells apart are found again.
    fresh = iter(sorted(new_id(now_ms, entropy) for _ in roster.rows))
    matches = match(fields, known)
    records = {
        row.ref: matches.pairs[i].record if i in matches.pairs else next(fresh)
        for i, row in enumerate(roster.rows)
    }
    entries: dict[str, _Entry] = {}
    for i, row in enumerate(roster.rows):
        record = records[row.ref]
        before, county = said_before.get(record, {}), counties.get(record, roster.township[:6])
        now = fields[i] | ({"duplicate_of": records[row.of]} if row.of else {})
        if i in matches.pairs and row.id is None and matches.pairs[i].values.get("id_number"):
            plain = person_fields(
                row, township=roster.township, is_deceased=row.ref in dead_rows, has_number=True
            )
            now = keep_number(plain, before, matches.pairs[i].values)
        entries[record] = _Entry(record, i not in matches.pairs, county, before, now, [row.ref])
    missing = len(said_before.keys() - entries.keys())
    unplaced = _place_deceased(roster.deceased, known, counties, said_before, entries)
    dead = sum(1 for entry in entries.values() if entry.now.get("deceased"))
    asked = _questions(roster.rows, fields, matches, [p for p in known if p.record not in entries])
    return _Plan(list(entries.values()), len(roster.rows), missing, dead, unplaced, asked)


def _questions(
    rows: Sequence[RosterRow], fields: Sequence[Fields], matches: Matches, unlisted: Sequence[KnownPerson]
) -> tuple[str, ...]:
    """What the pairing of `rows` with those known leaves open; `unlisted` are in no row."""
    renamed = [rows[i].ref for i, one in matches.pairs.items() if _is_renamed(rows[i], one)]
    looks = {_looks(one.values) for one in unlisted if not one.is_second_listing}
    new = (i for i in range(len(rows)) if i not in matches.pairs)
    alike = [rows[i].ref for i in new if _looks(fields[i]) in looks]
    by_order = [rows[i].ref for i in matches.by_order]
    return tuple(questions_of_import(sorted(renamed, key=str), by_order, alike))


def _looks(fields: Mapping[str, Any]) -> tuple[Any, Any]:
    return fields.get("village"), fields.get("name")


def _is_renamed(row: RosterRow, person: KnownPerson) -> bool:
    """True if the roster says another name than is known; a worker's own edit is no reason to ask."""
    known = person.values.get("name")
    return bool(row.name) and row.name not in (known, person.said.get("name")) and known != NAMELESS


def _place_deceased(
    deceased: Sequence[Deceased],
    known: Sequence[KnownPerson],
    counties: Mapping[str, str],
    said_before: Mapping[str, Fields],
    entries: dict[str, _Entry],
) -> list[RowRef]:
    """Mark those whom the roster's rows leave out but whose number is known; the rest are returned."""
    by_number = {n: person for person in known if (n := person.values.get("id_number"))}
    unplaced = []
    for one in deceased:
        if one.of is not None:
            continue
        person = by_number.get(one.id) if one.id else None
        if person is None:
            unplaced.append(one.ref)
            continue
        record = person.record
        if record not in entries:
            before = said_before.get(record, {})
            # Only this is said: the other fields are as rosters left them.
            entries[record] = _Entry(record, False, counties[record], before, dict(before))
        entries[record].now["deceased"] = True
    return unplaced


def _lock(connection: Connection, device: DeviceRow) -> int:
    """The device's last seq; two imports of one township go one after the other."""
    query = select(devices.c.have).where(devices.c.id == device.id).with_for_update()
    return int(connection.execute(query).scalar_one())


def _known_people(
    connection: Connection, device: DeviceRow, said: Mapping[str, Fields]
) -> tuple[list[KnownPerson], dict[str, str]]:
    """Everybody in the township, and the county under which each is kept."""
    query = select(heads.c.record, heads.c.county, heads.c.row).where(
        heads.c.entity == Person.entity, device.scope.condition(heads.c.path, heads.c.unit_path)
    )
    known: list[KnownPerson] = []
    counties: dict[str, str] = {}
    for row in connection.execute(query.order_by(heads.c.record)):
        head = head_from_json(json.loads(row.row))
        if not head.is_voided:
            known.append(KnownPerson(row.record, head.values, said.get(row.record, {})))
            counties[row.record] = row.county
    return known, counties


def _entries(connection: Connection, township: str) -> dict[str, Fields]:
    query = select(roster_entries.c.record, roster_entries.c.fields).where(
        roster_entries.c.township == township
    )
    return {row.record: json.loads(row.fields) for row in connection.execute(query)}


def _keep_entries(connection: Connection, roster: Roster, plan: _Plan) -> None:
    rows = [
        {
            "county": entry.county,
            "record": entry.record,
            "township": roster.township,
            "fields": json.dumps(entry.after(), ensure_ascii=False),
        }
        for entry in plan.entries
        if entry.difference()
    ]
    upsert(connection, roster_entries, rows)


def _demand_all_accepted(plan: _Plan, changes: Sequence[Change], receipts: Sequence[Receipt]) -> None:
    refs = {entry.record: entry.refs for entry in plan.entries}
    refused = [
        f"{'、'.join(str(r) for r in refs[change.record])}（{receipt.message}）"
        for change, receipt in zip(changes, receipts, strict=True)
        if receipt.status == "quarantined"
    ]
    if refused:
        more = f"等 {len(refused)} 行" if len(refused) > 5 else ""
        raise BadInput(
            f"名册没有导入，一行也没有存。请先改正：{'；'.join(refused[:5])}{more}。", field="rows"
        )


def _report(roster: Roster, plan: _Plan, receipts: Sequence[Receipt]) -> ImportReport:
    listed = [entry for entry in plan.entries if entry.refs]
    new = sum(1 for e in listed if e.is_new)
    changed = sum(1 for e in listed if not e.is_new and e.difference())
    problems: dict[str, list[RowRef]] = defaultdict(list)
    for row in roster.rows:
        if row.problem is not None:
            problems[row.problem].append(row.ref)
        if row.village is None:
            problems["unknown_village"].append(row.ref)
    return ImportReport(
        township=roster.township,
        rows=plan.rows,
        new=new,
        changed=changed,
        unchanged=len(listed) - new - changed,
        conflicts=sum(1 for r in receipts if r.status == "accepted_with_conflict"),
        missing=plan.missing,
        deceased=plan.deceased,
        problems={kind: tuple(refs) for kind, refs in problems.items()},
        unplaced_deceased=tuple(plan.unplaced_deceased),
        questions=(*roster.questions, *plan.questions),
    )
