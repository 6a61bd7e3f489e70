"""Taking in what a device pushes: each Change once, a receipt for each, all of it in one transaction.

What a pass over a batch does is in taking.py; here is what it happens in: the transaction, the commit that
several pushes share, and the savepoint. Only if a batch cannot be written is it taken Change by Change, so
that the one at fault is quarantined and the others are not (P6).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError

from app.domain.change import Change
from app.domain.collector import collector_paused
from app.domain.wire import PushBatch, Receipt, Unreadable
from sync_server.db.engine import written_together
from sync_server.records.accounts import DeviceRow
from sync_server.records.feed import held_until, is_of_former_life, position_in
from sync_server.records.past import as_at
from sync_server.records.quarantine import (
    Decision,
    Refused,
    owner_of,
)
from sync_server.records.refusals import Refusal
from sync_server.records.scope import Scope
from sync_server.records.taking import Taken, Taking

_LARGE = 2000  # Changes; more than any phone sends at once
# What a value can bring about. A full disk or a lost connection is not here: it fails the whole push,
# which the phone sends again, instead of putting good Changes into quarantine.
_ONE_CHANGES_FAULT = (IntegrityError, DataError, InterfaceError, ValueError, TypeError, OverflowError)
_logger = logging.getLogger(__name__)


def accept_push(engine: Engine, device: DeviceRow, batch: PushBatch, *, now_ms: int) -> Taken:
    """Take in `batch` in one transaction of its own; what came of it, after commit.

    Sent again, in whole or in part, it changes nothing and gets the same receipts (P2, P3); rows in
    short are told only of what is new.
    """
    if not batch.changes:
        return Taken([])
    header = batch.header

    def take(connection: Connection) -> Taken:
        cursor = position_in(connection, header.cursor)
        merges_own = header.merges_own and header.protocol > 1
        return _taken(
            connection,
            as_at(connection, device, cursor),
            batch.changes,
            now_ms=now_ms,
            offset_ms=now_ms - header.sent_at,
            cursor=cursor,
            seen=held_until(connection, header.cursor, device.scope) if merges_own else 0,
            is_of_former_life=is_of_former_life(connection, header.cursor),
        )

    return written_together(engine, take)


def accept_relayed(
    engine: Engine, device: DeviceRow, batch: PushBatch, *, now_ms: int, offset_ms: int
) -> Taken:
    """As `accept_push` for work of `device` that another one carried and that its proof covers.

    The request was written at another time than it came, so what the device's clock lacks is
    `offset_ms`, as it last was; and no rows are told, since the carrier is not their device.
    """
    if not batch.changes:
        return Taken([])

    def take(connection: Connection) -> Taken:
        cursor = position_in(connection, batch.header.cursor)
        return _taken(
            connection,
            as_at(connection, device, cursor),
            batch.changes,
            now_ms=now_ms,
            offset_ms=offset_ms,
            cursor=cursor,
            is_of_former_life=is_of_former_life(connection, batch.header.cursor),
        )

    return written_together(engine, take)


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
    return _taken(connection, device, changes, now_ms=now_ms, offset_ms=offset_ms, cursor=cursor).receipts


def _taken(
    connection: Connection,
    device: DeviceRow,
    changes: Sequence[Change | Unreadable],
    *,
    now_ms: int,
    offset_ms: int,
    cursor: int,
    seen: int = 0,
    is_of_former_life: bool = False,
) -> Taken:
    """As accept_changes. `seen`: the feed number up to which the device holds its whole scope; 0 for one
    that does not, or that does not merge its own Changes. `is_of_former_life`: the bases of `changes` are
    versions of an epoch that has ended."""
    assert all(a.seq < b.seq for a, b in pairwise(changes))

    def take(part: Sequence[Change | Unreadable], *, is_faulty: bool = False, releases: bool = True) -> Taken:
        with connection.begin_nested():
            taking = Taking(
                connection,
                device,
                now_ms,
                offset_ms,
                cursor,
                seen=seen,
                releases=releases,
                is_of_former_life=is_of_former_life,
            )
            return taking.take(part, is_faulty=is_faulty)

    def take_alone(change: Change | Unreadable) -> Taken:
        with suppress(*_ONE_CHANGES_FAULT):
            return take([change])
        try:
            return take([change], releases=False)  # the fault may lie in what has waited for this one
        except _ONE_CHANGES_FAULT as fault:
            _logger.error("device %s seq %s: %s", device.id, change.seq, type(fault).__name__)
            return take([change], is_faulty=True)

    try:
        with collector_paused(len(changes) > _LARGE):
            return take(changes)
    except _ONE_CHANGES_FAULT:
        return Taken([receipt for change in changes for receipt in take_alone(change).receipts])


def release(
    connection: Connection, refused: Refused, decision: Decision, scope: Scope, *, now_ms: int
) -> Refusal | None:
    """Merge a refused Change by the decision of a person with this scope, inside the caller's write
    transaction.

    Gives the reason, and changes nothing, if its content is such that no decision can mend it, or not
    his. What waited for the record is judged again. Raises TakenBack as `accept_changes` does.
    """
    return _settling(connection, refused, now_ms).release(refused, decision, scope)


def set_aside(connection: Connection, refused: Refused, decision: Decision, *, now_ms: int) -> None:
    """Let a refused Change not count, by a person's decision, inside the caller's write transaction."""
    _settling(connection, refused, now_ms).set_aside(refused, decision)


def _settling(connection: Connection, refused: Refused, now_ms: int) -> Taking:
    return Taking(connection, owner_of(connection, refused.entry), now_ms, offset_ms=0, cursor=0)
