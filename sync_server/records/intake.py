"""Taking in what devices push: each Change once, a receipt for each, all of it in one transaction.

What a pass over pushes does is in taking.py; here is what it happens in: the transaction, the commit that
several pushes share, and the savepoint. Only if pushes cannot be written together is each taken by itself,
and only if one cannot be written, Change by Change, so that the one at fault is quarantined and the others
are not (P6).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError

from app.domain.change import Change
from app.domain.collector import collector_paused
from app.domain.wire import PushBatch, Receipt, Unreadable
from sync_server.db.engine import written_together
from sync_server.records import verdicts
from sync_server.records.accounts import DeviceRow
from sync_server.records.feed import held_until, is_of_former_life, moment, position_in
from sync_server.records.past import as_at
from sync_server.records.quarantine import Decision, Refused
from sync_server.records.refusals import Refusal, refusal
from sync_server.records.scope import Scope
from sync_server.records.slate import Slate
from sync_server.records.taking import Push, Taken, take_in

_LARGE = 2000  # Changes; more than any phone sends at once
# What a value can bring about. A full disk or a lost connection is not here: it fails the whole push,
# which the phone sends again, instead of putting good Changes into quarantine.
_ONE_CHANGES_FAULT = (IntegrityError, DataError, InterfaceError, ValueError, TypeError, OverflowError)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a device has sent, and when it came.

    `carried_offset_ms` is set where another device carried it: it was written at another time than it came,
    so what the device's clock lacks is that, as it last was.
    """

    device: DeviceRow
    batch: PushBatch
    now_ms: int
    carried_offset_ms: int | None = None


def accept_push(engine: Engine, device: DeviceRow, batch: PushBatch, *, now_ms: int) -> Taken:
    """Take in `batch` in one transaction of its own; what came of it, after commit.

    Sent again, in whole or in part, it changes nothing and gets the same receipts (P2, P3); rows in
    short are told only of what is new.
    """
    if not batch.changes:
        return Taken([])
    return written_together(engine, accept_arrivals, Arrival(device, batch, now_ms))


def accept_relayed(
    engine: Engine, device: DeviceRow, batch: PushBatch, *, now_ms: int, offset_ms: int
) -> Taken:
    """As `accept_push` for work of `device` that another one carried and that its proof covers.

    `offset_ms` is what the device's clock lacked when it last spoke for itself.
    """
    if not batch.changes:
        return Taken([])
    return written_together(engine, accept_arrivals, Arrival(device, batch, now_ms, offset_ms))


def accept_arrivals(connection: Connection, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Take in `arrivals`, one after another, inside the caller's write transaction; what came of each.

    The same comes of each, and is written, as if each had been committed before the next. The caller
    commits before telling any of it. Raises TakenBack as `accept_changes` does.
    """
    now = moment(connection)
    cursors = [position_in(connection, arrival.batch.header.cursor, now) for arrival in arrivals]
    devices = as_at(connection, [(a.device, c) for a, c in zip(arrivals, cursors, strict=True)])
    pushes = []
    for arrival, device, cursor in zip(arrivals, devices, cursors, strict=True):
        header = arrival.batch.header
        offset_ms = arrival.carried_offset_ms
        is_carried = offset_ms is not None
        # The carrier is not the device of these rows, so none are told in short.
        merges_own = header.merges_own and header.protocol > 1 and not is_carried
        pushes.append(
            Push(
                device,
                arrival.batch.changes,
                now_ms=arrival.now_ms,
                offset_ms=arrival.now_ms - header.sent_at if offset_ms is None else offset_ms,
                cursor=cursor,
                seen=held_until(header.cursor, device.scope, now) if merges_own else 0,
                is_of_former_life=is_of_former_life(header.cursor, now),
            )
        )
    return [taken for part in _of_distinct_devices(pushes) for taken in _taken(connection, part)]


def accept_changes(
    connection: Connection,
    device: DeviceRow,
    changes: Sequence[Change | Unreadable],
    *,
    now_ms: int,
    offset_ms: int = 0,
    cursor: int = 0,
) -> list[Receipt]:
    """Take in `changes` of `device`, rising in seq, inside the caller's write transaction.

    `offset_ms` is what the device's clock lacks to ours, `cursor` the feed number up to which it has
    seen the feed. Receipts come in the order of `changes`; the caller commits before telling them.
    Raises TakenBack if another device made one of the records meanwhile (engine.written).
    """
    (taken,) = _taken(connection, [Push(device, changes, now_ms, offset_ms=offset_ms, cursor=cursor)])
    return taken.receipts


def _of_distinct_devices(pushes: Sequence[Push]) -> Iterator[list[Push]]:
    """`pushes` in order, parted where a device comes again: its second push finds its first one written."""
    part: dict[str, Push] = {}
    for push in pushes:
        if push.device.id in part:
            yield list(part.values())
            part = {}
        part[push.device.id] = push
    yield list(part.values())


def _taken(connection: Connection, pushes: Sequence[Push]) -> list[Taken]:
    """What came of `pushes`, each of another device: taken together, or else each by itself."""
    try:
        with collector_paused(sum(len(push.changes) for push in pushes) > _LARGE), connection.begin_nested():
            return take_in(connection, pushes)
    except _ONE_CHANGES_FAULT:
        if len(pushes) == 1:
            return [_taken_one_by_one(connection, pushes[0])]
        return [taken for push in pushes for taken in _taken(connection, [push])]


def _taken_one_by_one(connection: Connection, push: Push) -> Taken:
    def take(change: Change | Unreadable, *, is_faulty: bool = False, releases: bool = True) -> list[Receipt]:
        alone = replace(push, changes=[change])
        with connection.begin_nested():
            (taken,) = take_in(connection, [alone], is_faulty=is_faulty, releases=releases)
        return taken.receipts

    def take_alone(change: Change | Unreadable) -> list[Receipt]:
        with suppress(*_ONE_CHANGES_FAULT):
            return take(change)
        try:
            return take(change, releases=False)  # the fault may lie in what has waited for this one
        except _ONE_CHANGES_FAULT as fault:
            _logger.error("device %s seq %s: %s", push.device.id, change.seq, type(fault).__name__)
            return take(change, is_faulty=True)

    return Taken([receipt for change in push.changes for receipt in take_alone(change)])


def release(
    connection: Connection, refused: Refused, decision: Decision, scope: Scope, *, now_ms: int
) -> Refusal | None:
    """Merge a refused Change by the decision of a person with this scope, inside the caller's write
    transaction.

    Gives the reason, and changes nothing, if its content is such that no decision can mend it, or not
    his, or the database cannot hold it. What waited for the record is judged again, unless the fault lies
    there. Raises TakenBack as `accept_changes` does.
    """

    def attempt(*, releases: bool) -> Refusal | None:
        with connection.begin_nested():
            return verdicts.release(
                Slate(connection), refused, decision, scope, now_ms=now_ms, releases=releases
            )

    with suppress(*_ONE_CHANGES_FAULT):
        return attempt(releases=True)
    try:
        return attempt(releases=False)
    except _ONE_CHANGES_FAULT as fault:
        _logger.error("device %s seq %s: %s", refused.entry.device, refused.entry.seq, type(fault).__name__)
        return refusal("server_fault")


def can_release(connection: Connection, refused: Refused, scope: Scope, *, now_ms: int) -> bool:
    """Whether `release` by a person with this scope would merge it now; locks and writes nothing."""
    return verdicts.why_not(Slate(connection, is_trial=True), refused, scope, now_ms=now_ms) is None


def set_aside(connection: Connection, refused: Refused, decision: Decision, *, now_ms: int) -> None:
    """Let a refused Change not count, by a person's decision, inside the caller's write transaction."""
    verdicts.set_aside(Slate(connection), refused, decision, now_ms=now_ms)
