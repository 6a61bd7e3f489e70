"""The quarantine: refused Changes, from their arrival to what becomes of them (P6, docs/adr/0020).

A refused Change waits. It is *released* when the record that it lacked has come, or by a reviewer who
decides; it is *replaced* by a mend of its own device; it is *set aside* by a reviewer with a reason, and
may still be released or replaced after that. The receipt stays what it was. What became of it goes down
the feed as a record of its own, `<device>:<seq>`, at the place of the device (app/store/outcomes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from app.domain.change import Change
from app.domain.merge import Head, Mark
from app.domain.wire import Unreadable
from sync_server.db.engine import among, upsert
from sync_server.db.tables import changes as log_table
from sync_server.db.tables import quarantine
from sync_server.records.accounts import DeviceRow, device_by_id
from sync_server.records.apply import Kept, Place
from sync_server.records.feed import Numbers
from sync_server.records.judge_facts import NAMED, is_for_the_county
from sync_server.records.log import change_of
from sync_server.records.refusals import Refusal
from sync_server.summary.places import county_path

WAITING, RELEASED, REPLACED, SET_ASIDE = "waiting", "released", "replaced", "set_aside"
OPEN = (WAITING, SET_ASIDE)  # what may still become something else
OUTCOME = "outcome"
NUMBERS_EACH = 2  # feed numbers of what is settled: one for the record it changes, one for the outcome
_LACKING = {"unknown_record", "unknown_person", *(f"unknown_{name}" for name in NAMED)}
_LONGEST_ID = 64
Key = tuple[str, int]  # device, seq


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the quarantine (tables.py)."""

    county: str
    device: str
    seq: int
    path: str
    code: str
    message: str
    field: str | None
    awaits: str | None
    offset_ms: int
    cursor: int
    arrived_no: int = 0  # known when feed numbers are taken
    status: str = WAITING
    version: int = 0
    reason: str = ""
    settled_by: str = ""
    settled_at: int | None = None
    settled_no: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A refused Change with its entry; `change` is None for a line that was none."""

    entry: Entry
    change: Change | None
    effective: int

    @property
    def key(self) -> Key:
        return self.entry.device, self.entry.seq

    def refused_again(self, why: Refusal, here: Container[str]) -> Refused:
        """The same for another reason, and so perhaps in wait of another record."""
        assert self.change is not None
        awaits = awaited(self.change, why, here)
        entry = replace(self.entry, code=why.code, message=why.message, field=why.field, awaits=awaits)
        return replace(self, entry=entry)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer says: `by` is his account's id, `name` how he is called."""

    by: str
    name: str
    reason: str


BY_THE_SERVER = Decision("", "", "")


@dataclass(frozen=True, slots=True)
class Settled:
    """A refused Change as it was settled, who decided it, and the first of its feed numbers."""

    refused: Refused
    decision: Decision
    number: int


def awaited(change: Change, why: Refusal, here: Container[str]) -> str | None:
    """The record that `change` lacks, if that is why it was refused; what is `here` is not lacking."""
    if why.code not in _LACKING:
        return None
    lacking = change.record if why.code == "unknown_record" else change.fields.get(why.field or "")
    is_id = isinstance(lacking, str) and 0 < len(lacking) <= _LONGEST_ID
    return lacking if is_id and lacking not in here else None


def refused_now(
    device: DeviceRow,
    change: Change | Unreadable,
    why: Refusal,
    *,
    here: Container[str],
    effective: int,
    offset_ms: int,
    cursor: int,
) -> Refused:
    """A Change of `device` that was refused, as it begins to wait."""
    read = change if isinstance(change, Change) else None
    path = device.account.organisation.path if device.account is not None else device.scope.paths[0]
    entry = Entry(
        county=device.county,
        device=device.id,
        seq=change.seq,
        path=county_path(path) if read is not None and is_for_the_county(read) else path,
        code=why.code,
        message=why.message,
        field=why.field,
        awaits=awaited(read, why, here) if read is not None else None,
        offset_ms=offset_ms,
        cursor=cursor,
    )
    return Refused(entry, read, effective)


def waiting_for(connection: Connection, records: Iterable[str]) -> list[Refused]:
    """Who waits for one of `records`, or for what these would make, locked, in order of (device, seq)."""
    found: dict[Key, Refused] = {}
    wanted = set(records)
    while wanted:
        waits = connection.execute(_WAITS, {"wanted": list(wanted)})
        fresh = [refused for refused in map(refused_of, waits) if refused.key not in found]
        found.update((refused.key, refused) for refused in fresh)
        wanted = {r.change.record for r in fresh if r.change is not None and r.change.kind == "create"}
    return [found[key] for key in sorted(found)]


def named(connection: Connection, device: str, seqs: Collection[int]) -> list[Refused]:
    """The refused Changes of `device` with these numbers, locked."""
    if not seqs:
        return []
    return _read(connection, and_(quarantine.c.device == device, quarantine.c.seq.in_(sorted(seqs))))


@dataclass(slots=True)
class Desk:
    """The refused Changes that one write transaction takes in, judges again and settles.

    `now_ms` is the arrival of what is in hand; `numbers` are the feed numbers of the transaction.
    """

    connection: Connection
    numbers: Numbers
    now_ms: int = 0
    waiting: dict[Key, Refused] = field(default_factory=dict)  # what is judged again as records come
    fresh: dict[Key, Refused] = field(default_factory=dict)  # refused by this transaction
    changed: dict[Key, Refused] = field(default_factory=dict)  # refused before, for another reason now
    settled: dict[Key, Settled] = field(default_factory=dict)  # in the order of settling

    def await_records(self, records: Iterable[str]) -> list[Change]:
        """Take up whoever waits for one of `records`, which may come; gives the Changes, to be loaded for."""
        found = waiting_for(self.connection, records)
        self.waiting.update((refused.key, refused) for refused in found)
        return [refused.change for refused in found if refused.change is not None]

    def refuse(self, refused: Refused) -> None:
        """Keep one that was refused just now."""
        self.fresh[refused.key] = refused
        if refused.entry.awaits is not None:
            self.waiting[refused.key] = refused

    def replace(self, device: str, seqs: Collection[int]) -> None:
        """Those of `device` with these numbers are mended; what is no refused Change is passed over."""
        before = {refused.key: refused for refused in named(self.connection, device, seqs)}
        known = before | self.changed | self.fresh
        for key in ((device, seq) for seq in sorted(seqs)):
            if key in known and key not in self.settled and known[key].entry.status in OPEN:
                self.settle(known[key], REPLACED)

    def settle(
        self, refused: Refused, status: str, *, version: int = 0, decision: Decision = BY_THE_SERVER
    ) -> None:
        """`refused` has become `status`, and waits for nothing any more."""
        self.waiting.pop(refused.key, None)
        entry = replace(
            refused.entry,
            status=status,
            version=version,
            reason=decision.reason,
            settled_by=decision.by,
            settled_at=self.now_ms,
        )
        settled = Settled(replace(refused, entry=entry), decision, self.numbers.take(NUMBERS_EACH))
        self.settled[refused.key] = settled

    def judge_again(self, here: Container[str], decide: Callable[[Refused, Change], int | Refusal]) -> None:
        """Judge, in order of (device, seq), who waits for a record that is `here`, until nobody does.

        `decide` merges the Change and gives the version made, or says why it is refused again, which
        may be for another record that comes with one of the next.
        """
        has_released = True
        while has_released:
            has_released = False
            for _, refused in sorted(self.waiting.items(), key=itemgetter(0)):
                if refused.entry.awaits not in here or refused.change is None:
                    continue
                verdict = decide(refused, refused.change)
                if isinstance(verdict, Refusal):
                    self._refuse_again(refused.refused_again(verdict, here))
                else:
                    self.settle(refused, RELEASED, version=verdict)
                    has_released = True

    def missed(self, made: Iterable[str]) -> bool:
        """Whether somebody else's refused Change has begun to wait for one of `made` meanwhile."""
        seen = self.waiting.keys() | self.fresh.keys() | self.settled.keys()
        return any(refused.key not in seen for refused in waiting_for(self.connection, made))

    def lacking(self) -> set[str]:
        """The records without which Changes were refused just now."""
        refused = (self.changed | self.fresh).values()
        return {r.entry.awaits for r in refused if r.entry.awaits and r.key not in self.settled}

    def write(self, arrived: dict[Key, int], first: int) -> None:
        """Write the entries: those that arrived under the log's numbers. `first`: what number 0 became."""
        rows = {key: refused.entry for key, refused in (self.changed | self.fresh).items()}
        for key, settled in self.settled.items():
            rows[key] = replace(settled.refused.entry, settled_no=first + settled.number)
        for key, number in arrived.items():
            if key in rows:
                rows[key] = replace(rows[key], arrived_no=number)
        upsert(self.connection, quarantine, [asdict(entry) for entry in rows.values()])

    def outcomes(self, before: dict[str, Kept]) -> list[tuple[Kept, int]]:
        """The head of each outcome with its number; `before` holds those there were."""
        return [
            (self._outcome(settled, before.get(outcome_id(key))), settled.number + 1)
            for key, settled in self.settled.items()
        ]

    def _refuse_again(self, refused: Refused) -> None:
        (self.fresh if refused.key in self.fresh else self.changed)[refused.key] = refused
        self.waiting[refused.key] = refused

    def _outcome(self, settled: Settled, before: Kept | None) -> Kept:
        refused, decision = settled.refused, settled.decision
        entry = refused.entry
        version = before.head.version + 1 if before is not None else 1
        values = {
            "status": entry.status,
            "version": entry.version,
            "message": entry.reason,
            "by": decision.name,
        }
        mark = Mark(version, refused.effective, entry.device, entry.seq, entry.settled_by)
        head = Head(OUTCOME, outcome_id(refused.key), version, values, mark)
        place = Place(path_of_outcome(self.connection, refused))
        return Kept(entry.county, OUTCOME, head.record, "", place, "", head)


def outcome_id(key: Key) -> str:
    """The record that says what became of a refused Change."""
    return f"{key[0]}:{key[1]}"


def path_of_outcome(connection: Connection, refused: Refused) -> str:
    """Where it is told what became of `refused`: at the station of the worker who said it, as it is today.

    A Change of which nobody knows who said it is told at the station of the device's first worker.
    """
    device = owner_of(connection, refused.entry)
    if refused.change is not None and refused.change.actor in device.actors:
        return device.scope_of(refused.change.actor).paths[0]
    return device.account.organisation.path if device.account is not None else refused.entry.path


def owner_of(connection: Connection, entry: Entry) -> DeviceRow:
    """The device whose Change it is, with what its account may see today."""
    return device_by_id(connection, entry.device, county=entry.county, path=entry.path)


def _read(connection: Connection, condition: ColumnElement[bool]) -> list[Refused]:
    return [refused_of(row) for row in connection.execute(_LOCKED.where(condition))]


def refused_of(row: Any) -> Refused:
    """What a row of `SELECT_REFUSED` says."""
    values = row._mapping
    entry = Entry(**{name: values[f"q_{name}"] for name in _ENTRY})
    return Refused(entry, change_of(row), row.effective)


_ENTRY = tuple(column.name for column in fields(Entry))
_CHANGE = ("device", "seq", "hlc", "actor", "entity", "record", "kind", "base", "replaces", "fields")
SELECT_REFUSED = _SELECT = select(
    *(quarantine.c[name].label(f"q_{name}") for name in _ENTRY),
    *(log_table.c[name] for name in _CHANGE),
    log_table.c.effective,
    log_table.c.received_at,
    log_table.c.ref,
).join(
    log_table,
    and_(
        log_table.c.county == quarantine.c.county,
        log_table.c.device == quarantine.c.device,
        log_table.c.seq == quarantine.c.seq,
    ),
)
_LOCKED = _SELECT.order_by(quarantine.c.device, quarantine.c.seq).with_for_update(of=quarantine)
_WAITS = _LOCKED.where(quarantine.c.status == WAITING, among(quarantine.c.awaits, "wanted"))
