"""Where a conflict is decided: one pure function, used by the phone (provisionally) and the server.

For each field a head keeps the values that no later change has superseded: its candidates. A
change supersedes the candidates it had seen, which are those up to its `base` and those of its own
device before it, and no others (sync.md, Facts and profiles). So the set does not depend on who
asks, and no loser is ever gone. The candidate with the highest `(effective hlc, device)` is shown;
where candidates of a profile differ, a conflict is open until a change that has seen them all
settles it. Two values that are equal never conflict. Facts show the latest amendment and keep the
others for the reviewer, without asking the recorder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.domain.change import VOIDED, Change

PROFILES = frozenset({"person"})  # edited in place; every other entity is a fact


class Mark(NamedTuple):
    """Who wrote a value: record version it made, effective hlc, device, seq, actor."""

    version: int
    hlc: int
    device: str
    seq: int
    actor: str


class Candidate(NamedTuple):
    """A value of a field that no other change has superseded."""

    mark: Mark
    value: Any


class Conflict(NamedTuple):
    """An open disagreement: named by (record, field), candidates with the shown one first."""

    record: str
    field: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The present state of one record, enough to merge the next change into it.

    `values` holds the shown value of each field. `first` is the mark of every field that `marks`
    does not name: the usual record has one writer, and then `marks` is empty and cheap to send.
    """

    entity: str
    record: str
    version: int
    values: Mapping[str, Any]
    first: Mark
    marks: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)

    @property
    def is_voided(self) -> bool:
        return bool(self.values.get(VOIDED))

    def candidates(self, name: str) -> tuple[Candidate, ...]:
        """The unsuperseded values of field `name`, shown one first; () where never set."""
        if name in self.marks:
            return self.marks[name]
        if name in self.values:
            return (Candidate(self.first, self.values[name]),)
        return ()

    def conflicts(self) -> list[Conflict]:
        """Fields that wait for a person, in order of name; always empty for facts."""
        if self.entity not in PROFILES:
            return []
        return [
            Conflict(self.record, name, found)
            for name, found in sorted(self.marks.items())
            if any(c.value != found[0].value for c in found)
        ]


def apply(head: Head | None, change: Change, mark: Mark) -> Head:
    """`head` with `change` merged in; `mark.version` becomes the record's version.

    `head` is None for a record not yet known. The caller numbers versions: the server gives
    `head.version + 1`, a phone repeats the server's version for what is still pending. A `create`
    of a record that exists merges like a patch that has seen nothing, so the same content sent
    again changes no value. Raises nothing: what a change may say is checked before it comes here.
    """
    writes = change.writes()
    if head is None:
        return Head(change.entity, change.record, mark.version, dict(writes), mark)
    values, marks = dict(head.values), dict(head.marks)
    for name, value in writes.items():
        if any(_is_later(c.mark, mark) for c in head.candidates(name)):
            continue  # released long after its device wrote the field anew, having seen this one
        mine = Candidate(mark, value)
        unseen = [c for c in head.candidates(name) if not _seen(c.mark, change)]
        ranked = tuple(sorted([mine, *unseen], key=_rank, reverse=True))
        marks[name] = ranked
        values[name] = ranked[0].value
    return Head(head.entity, head.record, mark.version, values, head.first, marks)


def _seen(mark: Mark, change: Change) -> bool:
    own_earlier = mark.device == change.device and mark.seq < change.seq
    return own_earlier or mark.version <= change.base


def _is_later(one: Mark, other: Mark) -> bool:
    return one.device == other.device and one.seq > other.seq


def _rank(candidate: Candidate) -> tuple[int, str, int]:
    mark = candidate.mark
    return (mark.hlc, mark.device, mark.seq)
