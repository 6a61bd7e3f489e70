"""P2, P8: the records are the log, merged in the order of commits, each Change once."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from sqlalchemy import Row

from app.domain import merge
from app.domain.change import Change
from app.domain.merge import Head, Mark
from app.domain.wire import head_to_json
from tests.simulation.found import Found
from tests.simulation.tally import Broken


def check_replay(found: Found, *, is_one_life: bool) -> None:
    """Raise Broken where a record is not what its Changes make of it.

    Where the server has had more than one life (`is_one_life` False), the log does not say which Changes
    were made in sight of which; then the versions alone are checked.
    """
    replayed: dict[str, Head] = {}
    known: dict[str, set[tuple[Any, ...]]] = defaultdict(set)
    makers: set[tuple[str, str, int]] = set()  # (record, device, when): sent again what made the record
    for row, version in _taken(found):
        before = replayed.get(row.record)
        at = before.version if before is not None else 0
        if version <= at and _is_same(row, known[row.record]):
            if row.kind == "create" and version == 1:
                makers.add((row.record, row.device, row.received_at))
            continue  # said before under another number, and taken then
        if version != at + 1:
            raise Broken(f"P2 {row.device} {row.seq} made version {version} of {row.record}, not {at + 1}")
        known[row.record] |= _words(row)
        base = 1 if row.base == 0 and (row.record, row.device, row.received_at) in makers else row.base
        mark = Mark(version, row.effective, row.device, row.seq, row.actor)
        replayed[row.record] = merge.apply(before, _change(row, base), mark)
    if replayed.keys() != found.held.keys():
        raise Broken(f"P8 records without a log: {sorted(replayed.keys() ^ found.held.keys())}")
    for record, head in replayed.items():
        if head.version != found.held[record].version:
            raise Broken(f"P2 record {record} is version {found.held[record].version}, not {head.version}")
        if not is_one_life:
            continue
        if json.loads(json.dumps(head_to_json(head))) != json.loads(found.held[record].row):
            raise Broken(f"P8 record {record} is not what its log says")


def _taken(found: Found) -> Iterator[tuple[Row[Any], int]]:
    """(Change, version it made) in the order in which they took effect."""
    events: list[tuple[int, Row[Any], int]] = []
    for row in found.log:
        if row.status != "quarantined":
            events.append((row.feed_no, row, row.version))
        elif found.is_taken(row):
            entry = found.refused[row.device, row.seq]
            events.append((entry.settled_no, row, entry.version))
    for _, row, version in sorted(events, key=itemgetter(0)):
        yield row, version


def _words(row: Row[Any]) -> set[tuple[Any, ...]]:
    said = {(row.kind, row.hlc, row.base, row.fields)}
    return said | {("create", *sorted(json.loads(row.fields).items()))} if row.kind == "create" else said


def _is_same(row: Row[Any], known: set[tuple[Any, ...]]) -> bool:
    return bool(_words(row) & known)


def _change(row: Row[Any], base: int) -> Change:
    return Change(
        device=row.device,
        seq=row.seq,
        hlc=row.hlc,
        actor=row.actor,
        entity=row.entity,
        record=row.record,
        kind=row.kind,
        base=base,
        fields=json.loads(row.fields),
    )
