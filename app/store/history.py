"""History: what was written in one visit or one profile, by whom, and which of it counts now.

Nothing is ever overwritten: a correction is a Change of its own, and of two corrections that did not
know of each other both stay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.domain.change import Kind
from app.domain.merge import Head, Mark
from app.store import heads
from app.store.authors import Author, author_of
from app.store.outbox import RecordState
from app.store.store import Store

_NOT_TOLD = {"saved_at"}  # a mend says it anew where the clock was wrong; the worker has not said it


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was said about the record.

    `fields` as it said them, of the creation only those that were corrected later; `counting` are those
    of them that hold now. `state` is how far a Change made on this phone has come, None for others'. One that
    was refused and put right since (`is_mended`) tells what the mend says otherwise.
    """

    author: Author
    kind: Kind
    fields: dict[str, Any]
    counting: frozenset[str]
    state: RecordState | None
    is_mended: bool = False


@dataclass(frozen=True, slots=True)
class History:
    """The steps, oldest first; none for a record that was never corrected or mended.

    `is_divided`: two corrections of one version say different things, and both stay.
    """

    steps: tuple[Step, ...]
    is_divided: bool


@dataclass(slots=True)
class _Said:
    mark: Mark
    kind: Kind
    fields: dict[str, Any]
    state: RecordState | None
    is_replaced: bool = False


def history_of(store: Store, record: str) -> History:
    """What was said about the visit or the person, as far as this phone knows; raises UnknownRecord.

    Of others' corrections the server tells those that no later one has superseded.
    """
    head = heads.shown_head(store, record)
    said = _said_here(store, record)
    for name, candidates in head.marks.items():
        for candidate in candidates:
            key = (candidate.mark.device, candidate.mark.seq)
            is_first = key == (head.first.device, head.first.seq)
            other = said.setdefault(key, _Said(candidate.mark, "create" if is_first else "patch", {}, None))
            other.fields[name] = candidate.value
    mended = _mended(said)
    corrected = {
        name
        for each in said.values()
        if each.kind == "patch" and not each.is_replaced
        for name in each.fields
    }.union(*mended.values())
    if not corrected:
        return History((), False)
    person = record if head.entity == "person" else str(head.values.get("person") or "")
    return History(
        tuple(
            Step(
                author=author_of(store, each.mark, person=person),
                kind=each.kind,
                fields={name: each.fields.get(name) for name in sorted(told)},
                counting=frozenset(name for name in told if _counts(head, name, each.mark)),
                state=each.state,
                is_mended=key in mended,
            )
            for key, each in sorted(said.items(), key=_rank_of)
            for told in [mended[key] if key in mended else _told(each, corrected)]
        ),
        is_divided=any(
            candidate.value != found[0].value for found in head.marks.values() for candidate in found
        ),
    )


def _mended(said: dict[tuple[str, int], _Said]) -> dict[tuple[str, int], set[str]]:
    """What each refused Change that was put right said otherwise than the one that came after it."""
    found: dict[tuple[str, int], set[str]] = {}
    in_order = sorted(((key, each) for key, each in said.items() if each.kind != "void"), key=_rank_of)
    for (key, refused), (_, mend) in pairwise(in_order):
        if refused.is_replaced:
            names = refused.fields.keys() | mend.fields.keys()
            found[key] = {n for n in names if refused.fields.get(n) != mend.fields.get(n)} - _NOT_TOLD
    return found


def _rank_of(one: tuple[tuple[str, int], _Said]) -> tuple[int, str, int]:
    mark = one[1].mark
    return mark.hlc, mark.device, mark.seq


def _told(said: _Said, corrected: set[str]) -> set[str]:
    if said.kind == "create" and said.state is not None:
        return corrected  # also what was empty at first; of others' creations that is not known here
    return set(said.fields)


def _counts(head: Head, name: str, mark: Mark) -> bool:
    found = head.candidates(name)
    return bool(found) and (found[0].mark.device, found[0].mark.seq) == (mark.device, mark.seq)


def _said_here(store: Store, record: str) -> dict[tuple[str, int], _Said]:
    """The Changes that this phone made, those included that were refused and put right since."""
    rows = store.db.execute(
        """
        SELECT device, seq, hlc, kind, state, version, is_replaced, change
        FROM outbox
        WHERE record = ? AND is_cleared = 0
        ORDER BY hlc
        """,
        (record,),
    ).fetchall()
    said = {}
    for (device, seq, hlc, kind, state, version, is_replaced, _), text in zip(
        rows, store.codec.open([row[-1] for row in rows]), strict=True
    ):
        change = json.loads(text)
        mark = Mark(version, hlc, device, seq, change["actor"])
        said[(device, seq)] = _Said(mark, kind, dict(change["fields"]), RecordState(state), bool(is_replaced))
    return said
