"""Fact rows: what counting needs of each record, kept beside its head and written with it.

`project` runs inside the transaction that changes the heads, so a receipt means that the summary
table already counts the record. A row holds only what its own record says: a person's village,
tags and age are joined at reading, or a visit and a move that commit together would each miss the
other and the cell would be wrong for good (docs/adr/0004).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql.schema import Table

from app.domain.change import VOIDED
from app.domain.codes import OpinionTarget
from app.domain.facts import (
    Activity,
    CardStep,
    Confirmation,
    ExemplarySubject,
    FileStep,
    NeedStep,
    Opinion,
    Photo,
)
from app.domain.groups import is_away
from app.domain.identity import identity_number, primary_class
from app.domain.merge import Mark
from app.domain.models import Need, Person, RecordModel, Visit
from sync_server.db.engine import upsert
from sync_server.db.tables import (
    finding_facts,
    need_facts,
    need_step_facts,
    person_facts,
    photo_facts,
    visit_facts,
)

CHINA = timezone(timedelta(hours=8))  # the campaign's days; no summer time since 1991
SECOND_OF = "of:"  # the tag of a second listing
MERGED_INTO = "merged:"  # and of one that a reviewer merged, who may take it back
DISTINCT = "not:"  # and of somebody else, however alike, as a reviewer said
_NAME_LETTERS = 32
_LONGEST_BORN = 10
_UNTOLD = Mark(1, 0, "", 0, "")


@dataclass(frozen=True, slots=True)
class ProjectedHead:
    """A head as it stands after its changes, with what its row in `heads` says of it.

    `county` and `record` are its key; `path` and `unit_path` the organisations whose scope holds
    it; `values` the shown value of each field (`Head.values`); `first` who made it and when; `model` what
    was read from exactly these values, if the caller has it already.
    """

    county: str
    entity: str
    record: str
    path: str
    unit_path: str | None
    feed_no: int
    values: Mapping[str, Any] = field(default_factory=dict)
    voided: bool = False
    first: Mark = _UNTOLD
    model: RecordModel | None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is counted of one: what it says, its day, with whom it counts (None: at its station)."""

    says: str
    day: str
    person: str | None
    number: int = 1


def project(connection: Connection, heads: Sequence[ProjectedHead], *, identity_key: str) -> None:
    """Upsert the fact rows of `heads` in bulk, inside the caller's transaction.

    Each row replaces what was known of its record, so repetition changes nothing; of several heads
    of one record the last counts. Entities that no table counts are passed over. `identity_key` is
    the kept secret under which ID numbers are hashed. Raises pydantic's ValidationError for values
    that are no record of their entity: what a change may say is checked before it comes here.
    """
    rows: dict[Table, dict[tuple[str, str], dict[str, Any]]] = {}
    key = identity_key.encode()
    for head in heads:
        for projection in _PROJECTIONS.get(head.entity, ()):
            here = rows.setdefault(projection.table, {})
            here[head.county, head.record] = projection.row(head, key)
    for table in sorted(rows, key=_TABLES.index):
        upsert(connection, table, list(rows[table].values()))


def identity_of(id_number: str | None, record: str, key: bytes) -> str:
    """By what a person is told apart: a keyed hash of the ID number where it can be trusted, else the record.

    Keyed, because there are few enough ID numbers to try them all against a plain hash.
    """
    number = identity_number(id_number)
    return hmac.digest(key, number.encode(), "sha256").hex() if number else record


def name_key(name: str, key: bytes) -> str:
    """By what two listings are found to have one name, without anybody's name among the facts."""
    return hmac.digest(key, f"name {name}".encode(), "sha256").hex()[:_NAME_LETTERS]


def tags_of(person: Person) -> str:
    """The person's tags as one text of blank-separated `kind:CODE`, with a blank at both ends.

    `of:RECORD` names the listing that a second one repeats, `merged:RECORD` the same where a reviewer
    said so; a voided one repeats none.
    """
    tags = [f"category:{c}" for c in person.categories]
    tags += [f"living:{c}" for c in person.living]
    tags += [f"honour:{c}" for c in person.honours]
    tags += [f"merit:{person.merit}"] if person.merit else []
    tags += [f"employment:{person.employment}"] if person.employment else []
    if not person.voided:
        tags += [f"{SECOND_OF}{person.second_of}"] if person.second_of else []
        tags += [f"{MERGED_INTO}{person.merged_into}"] if person.merged_into else []
        tags += [f"{DISTINCT}{other}" for other in person.distinct if not any(map(str.isspace, other))]
    return f" {' '.join(tags)} " if tags else " "


def _person_row(head: ProjectedHead, key: bytes) -> dict[str, Any]:
    person = Person.read(head.record, {**head.values, VOIDED: head.voided})
    identity = identity_of(person.id_number, head.record, key)
    return {
        "county": head.county,
        "record": head.record,
        "identity": identity,
        "path": head.path,
        "unit_path": head.unit_path,
        "household": person.household or identity,
        "primary_class": primary_class(person.categories),
        "born": person.born[:_LONGEST_BORN] if person.born else None,
        "is_away": is_away(person.away),
        "is_deceased": person.deceased,
        "is_counted": not person.voided and not person.second_of,
        "name_key": name_key(person.name, key),
        "tags": tags_of(person),
        "feed_no": head.feed_no,
    }


def _visit_row(head: ProjectedHead, _key: bytes) -> dict[str, Any]:
    visit = head.model if isinstance(head.model, Visit) else Visit.read(head.record, head.values)
    return {
        "county": head.county,
        "record": head.record,
        "campaign": visit.campaign,
        "person": visit.person,
        "organisation": visit.organisation,
        "performer": visit.performer,
        "method": visit.method,
        "result": visit.result,
        "day": _day(visit.at),
        "checklist": f" {' '.join(visit.checklist)} " if visit.checklist else " ",
        "cash_fen": visit.cash_fen,
        "goods_fen": visit.goods_fen,
        "goods_pieces": visit.goods_pieces,
        "letters": visit.letters,
        "booklets": visit.booklets,
        "is_voided": head.voided,
        "feed_no": head.feed_no,
    }


def _need_row(head: ProjectedHead, _key: bytes) -> dict[str, Any]:
    need = head.model if isinstance(head.model, Need) else Need.read(head.record, head.values)
    return {
        "county": head.county,
        "record": head.record,
        "campaign": need.campaign,
        "person": need.person,
        "organisation": need.organisation,
        "type": need.type,
        "severity": need.severity,
        "state": need.state,
        "is_voided": head.voided,
        "feed_no": head.feed_no,
    }


def _photo_row(head: ProjectedHead, _key: bytes) -> dict[str, Any]:
    photo = head.model if isinstance(head.model, Photo) else Photo.read(head.record, head.values)
    return {
        "county": head.county,
        "record": head.record,
        "campaign": photo.campaign,
        "organisation": photo.organisation,
        "performer": photo.performer,
        "kind": photo.kind,
        "sha256": photo.sha256,
        "size_bytes": photo.size_bytes,
        "day": _day(photo.taken_at),
        "is_voided": head.voided,
        "feed_no": head.feed_no,
    }


def _need_step_row(head: ProjectedHead, _key: bytes) -> dict[str, Any]:
    step = head.model if isinstance(head.model, NeedStep) else NeedStep.read(head.record, head.values)
    return {
        "county": head.county,
        "record": head.record,
        "campaign": step.campaign,
        "need": step.need,
        "person": step.person,
        "organisation": step.organisation,
        "state": step.state,
        "outcome": step.outcome or "",
        "assistance": f" {' '.join(step.assistance)} " if step.assistance else " ",
        "money_fen": step.money_fen,
        "day": _day(step.at),
        "effective": head.first.hlc,
        "device": head.first.device,
        "seq": head.first.seq,
        "is_voided": head.voided,
        "feed_no": head.feed_no,
    }


def _opinion(opinion: Opinion) -> _Finding:
    # One about a worker counts at the county, whoever it names.
    is_countys = opinion.target == OpinionTarget.WORKER
    return _Finding(opinion.target, opinion.day.isoformat(), None if is_countys else opinion.person)


def _activity(activity: Activity) -> _Finding:
    return _Finding(activity.kind, _day(activity.at), None, sum(activity.attendance.values()))


_FINDINGS: dict[str, tuple[type[RecordModel], Callable[[Any], _Finding]]] = {
    Opinion.entity: (Opinion, _opinion),
    Activity.entity: (Activity, _activity),
    Confirmation.entity: (Confirmation, lambda c: _Finding(c.result, _day(c.at), c.person)),
    CardStep.entity: (CardStep, lambda c: _Finding(c.state, _day(c.at), c.person)),
    FileStep.entity: (FileStep, lambda f: _Finding(f.state, _day(f.at), f.person)),
    ExemplarySubject.entity: (ExemplarySubject, lambda e: _Finding(e.kind, _day(e.at), e.person)),
    Photo.entity: (Photo, lambda p: _Finding(p.kind, _day(p.taken_at), p.person)),
}


def _finding_row(head: ProjectedHead, _key: bytes) -> dict[str, Any]:
    model, finding_of = _FINDINGS[head.entity]
    read: Any = head.model if isinstance(head.model, model) else model.read(head.record, head.values)
    found = finding_of(read)
    return {
        "county": head.county,
        "record": head.record,
        "entity": head.entity,
        "campaign": read.campaign,
        "person": found.person or "",
        "organisation": read.organisation,
        "says": found.says,
        "number": found.number,
        "day": found.day,
        "is_voided": head.voided,
        "feed_no": head.feed_no,
    }


def _day(at: datetime) -> str:
    return at.astimezone(CHINA).date().isoformat()


@dataclass(frozen=True, slots=True)
class _Projection:
    table: Table
    row: Callable[[ProjectedHead, bytes], dict[str, Any]]


_COUNTED_AS_FOUND = _Projection(finding_facts, _finding_row)
_PROJECTIONS: Mapping[str, tuple[_Projection, ...]] = {
    Person.entity: (_Projection(person_facts, _person_row),),
    Visit.entity: (_Projection(visit_facts, _visit_row),),
    Need.entity: (_Projection(need_facts, _need_row),),
    NeedStep.entity: (_Projection(need_step_facts, _need_step_row),),
    **dict.fromkeys(_FINDINGS, (_COUNTED_AS_FOUND,)),
    # Counted like the others; which bytes it names is asked for by what proves and serves them.
    Photo.entity: (_COUNTED_AS_FOUND, _Projection(photo_facts, _photo_row)),
}
_TABLES = list(dict.fromkeys(each.table for every in _PROJECTIONS.values() for each in every))
