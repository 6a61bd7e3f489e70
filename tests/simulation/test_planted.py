"""The simulation finds known bugs that are planted here: a harness that finds nothing proves nothing."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

import app.domain.merge
import app.store.account
import app.store.heads
import app.store.inbox
import app.store.outbox
import app.store.photo_files
import app.sync.engine
import sync_server.api.sync
import sync_server.db.engine
import sync_server.photos.blobs
import sync_server.records.intake
import sync_server.records.log
import sync_server.records.stations
import tests.simulation.phone
from app.domain.wire import PushBatch, Receipt
from app.store.outbox import Batch
from app.store.store import Store
from sync_server.records.accounts import DeviceRow
from sync_server.records.feed import Page
from sync_server.records.taking import Taken
from tests.simulation.chance import replaced
from tests.simulation.databases import Workshop, workshop
from tests.simulation.server import plant_city
from tests.simulation.world import live

DAYS = 3
SEEDS = 60  # in which each must be found
Plant = tuple[Any, str, Any]


@pytest.fixture(scope="module")
def place() -> Iterator[Workshop]:
    logging.disable(logging.CRITICAL)
    with workshop("sqlite", plant_city) as made:
        yield made
    logging.disable(logging.NOTSET)


def receipt_before_commit() -> list[Plant]:
    """The answer goes out; the commit follows with the next push, if the server lives to see it."""
    right = sync_server.api.sync.accept_push
    waiting: list[tuple[Engine, DeviceRow, PushBatch, int]] = []

    class Undone(Exception):
        pass

    def accept(engine: Engine, device: DeviceRow, batch: PushBatch, *, now_ms: int) -> Taken:
        owed = [job for job in waiting if job[0] is engine]
        waiting.clear()
        for _, whose, late, then_ms in owed:
            right(engine, whose, late, now_ms=then_ms)
        told: list[Receipt] = []

        def look(connection: Connection) -> None:
            told.extend(
                sync_server.records.intake.accept_changes(connection, device, batch.changes, now_ms=now_ms)
            )
            raise Undone

        with pytest.raises(Undone):
            sync_server.db.engine.written(engine, look)
        waiting.append((engine, device, batch, now_ms))
        return Taken(told)

    return [(sync_server.api.sync, "accept_push", accept)]


def dropped_retry() -> list[Plant]:
    """What was sent once is not sent again, answered or not."""
    right = app.store.outbox.next_batch

    def only_new(store: Store, device: str) -> Batch:
        batch = right(store, device)
        states = dict(
            store.db.execute("SELECT seq, state FROM outbox WHERE device = ?", (device,)).fetchall()
        )
        new = tuple(change for change in batch.changes if states[change.seq] == "saved")
        return Batch(device, new[0].seq if new else 1, new)

    return [
        (app.store.outbox, "next_batch", only_new),
        (app.store.outbox, "is_waiting", lambda store, device: bool(only_new(store, device).changes)),
    ]


def skipping_cursor() -> list[Plant]:
    """After a page that is not the last, the cursor stands one row too far."""
    right = sync_server.api.sync.page_after

    def page_after(*arguments: Any, **more: Any) -> Page:
        page = right(*arguments, **more)
        epoch, number, rest = page.cursor.split(".", 2)
        return replace(page, cursor=f"{epoch}.{int(number) + 1}.{rest}") if page.more else page

    return [(sync_server.api.sync, "page_after", page_after)]


def last_writer_wins() -> list[Plant]:
    """Every Change passes for having seen all that was there."""
    return [(app.domain.merge, "_seen", lambda *_: True)]


def outbox_after_row() -> list[Plant]:
    """What a save has to send is written in a transaction of its own, after the rows."""
    right = Store.transaction

    @contextmanager
    def two(store: Store) -> Iterator[None]:
        with right(store):
            (last,) = store.db.execute("SELECT COALESCE(MAX(rowid), 0) FROM outbox").fetchone()
            yield
            late = store.db.execute("SELECT * FROM outbox WHERE rowid > ?", (last,)).fetchall()
            store.db.execute("DELETE FROM outbox WHERE rowid > ?", (last,))
        if late:
            with right(store):
                store.db.conn.executemany(
                    f"INSERT INTO outbox VALUES ({', '.join('?' * len(late[0]))})", late
                )

    return [(Store, "transaction", two)]


def moved_base() -> list[Plant]:
    """A Change that waits is put on the version that has just come down."""
    right = app.store.heads.keep_heads

    def keep(store: Store, rows: Any, *, epoch: int) -> None:
        right(store, rows, epoch=epoch)
        store.db.conn.executemany(
            "UPDATE outbox SET base = ? WHERE record = ? AND state IN ('saved', 'sent')",
            [(row.version, row.record) for row in rows],
        )

    return [(app.store.heads, "keep_heads", keep)]


def old_receipt() -> list[Plant]:
    """A number used for other work gets the receipt of the first."""
    right = sync_server.records.log.known

    class Same(str):
        def __eq__(self, _other: object) -> bool:
            return True

        def __ne__(self, _other: object) -> bool:
            return False

        __hash__ = str.__hash__

    def known(*arguments: Any) -> dict[int, Any]:
        return {
            seq: replace(held, content_hash=Same(held.content_hash))
            for seq, held in right(*arguments).items()
        }

    return [(sync_server.records.log, "known", known)]


def cleared_unproven() -> list[Plant]:
    """The words of a Change go when it has its receipt, whatever the days."""

    def clear(store: Store, _device: str, **_: Any) -> int:
        with store.transaction():
            return store.db.execute(
                "UPDATE outbox SET is_cleared = 1 WHERE state = 'received' AND is_cleared = 0"
            ).rowcount

    return [(app.sync.engine, "clear_proven", clear)]


def days_of_the_phone() -> list[Plant]:
    """The retention days are counted by the phone's own clock."""
    right = app.sync.engine.clear_proven

    def clear(store: Store, device: str, *, have: int, **_: Any) -> int:
        return right(store, device, server_ms=store.now_ms(), have=have)

    return [(app.sync.engine, "clear_proven", clear)]


def sign_out_empties() -> list[Plant]:
    """Whoever signs out takes along what waits on the phone, the others' too."""
    right = tests.simulation.phone.sign_out

    def sign_out(store: Store) -> None:
        right(store)
        with store.transaction():
            store.db.execute("DELETE FROM outbox WHERE state IN ('saved', 'sent')")

    return [(tests.simulation.phone, "sign_out", sign_out)]


def author_is_who_holds() -> list[Plant]:
    """What is sent bears the name of whoever holds the phone at that moment."""
    right = app.store.outbox.next_batch

    def in_his_name(store: Store, device: str) -> Batch:
        batch, holder = right(store, device), app.store.account.signed_in(store)
        if holder is None:
            return batch
        changes = tuple(change.model_copy(update={"actor": holder.account_id}) for change in batch.changes)
        return replace(batch, changes=changes)

    return [(app.store.outbox, "next_batch", in_his_name)]


def outcome_left_behind() -> list[Plant]:
    """What became of a refused Change stays at the station from which its author has moved."""
    return [(sync_server.records.stations, "_take_outcomes_along", lambda *_: None)]


def days_from_the_refusal() -> list[Plant]:
    """The retention days of what a reviewer took in are counted from its refusal."""
    right = app.store.inbox.note_outcomes

    def note(store: Store, rows: Any, *, server_ms: int) -> frozenset[str]:
        at = dict(store.db.execute("SELECT rowid, receipted_at FROM outbox").fetchall())
        concerned = right(store, rows, server_ms=server_ms)
        store.db.conn.executemany(
            "UPDATE outbox SET receipted_at = ? WHERE rowid = ?", [(ms, row) for row, ms in at.items()]
        )
        return concerned

    return [(app.store.inbox, "note_outcomes", note)]


def proof_before_bytes() -> list[Plant]:
    """The store keeps half of a photo and says that it has all of it."""
    right = sync_server.photos.blobs.FolderBlobs.take

    def take(blobs: Any, source: Path, name: str) -> None:
        os.truncate(source, source.stat().st_size // 2)
        right(blobs, source, name)

    return [(sync_server.photos.blobs.FolderBlobs, "take", take)]


def photo_cleared_when_begun() -> list[Plant]:
    """A photo of which something was sent leaves the phone, proven or not."""

    def purge(store: Store, **_: Any) -> list[str]:
        with store.transaction():
            gone = store.db.execute(
                "UPDATE photo_files SET is_cleared = 1 WHERE sent_bytes > 0 RETURNING sha256"
            ).fetchall()
        return [sha for (sha,) in gone]

    return [(app.store.photo_files, "purge", purge)]


def photo_days_of_the_phone() -> list[Plant]:
    """The retention days of photos are counted by the phone's own clock."""
    due, purge = app.store.photo_files.due, app.store.photo_files.purge
    return [
        (
            app.store.photo_files,
            "due",
            lambda store, *, limit, **_: due(store, server_ms=store.now_ms(), limit=limit),
        ),
        (
            app.store.photo_files,
            "purge",
            lambda store, *, proved, **_: purge(store, server_ms=store.now_ms(), proved=proved),
        ),
    ]


@pytest.mark.parametrize(
    ("plant", "promises"),
    [
        (receipt_before_commit, {"P1", "P3", "P10"}),
        (dropped_retry, {"P1", "P5", "P10"}),
        (skipping_cursor, {"P5", "P7"}),
        (last_writer_wins, {"P4"}),
        (outbox_after_row, {"P1", "P10"}),
        (moved_base, {"P4"}),
        (old_receipt, {"P1", "P2", "P10"}),
        (cleared_unproven, {"P10"}),
        (days_of_the_phone, {"P10"}),
        (days_from_the_refusal, {"P10"}),
        (sign_out_empties, {"P1", "P10"}),
        (author_is_who_holds, {"P6", "P11"}),
        (outcome_left_behind, {"P6"}),
        (proof_before_bytes, {"P1", "P9"}),
        (photo_cleared_when_begun, {"P1", "P10"}),
        (photo_days_of_the_phone, {"P10"}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_planted_bug_is_found(
    place: Workshop, plant: Callable[[], list[Plant]], promises: set[str]
) -> None:
    found = None
    with replaced(*plant()):
        for seed in range(1, SEEDS + 1):
            found = live(place, DAYS, seed).broken
            if found is not None:
                break
    assert found is not None, f"{plant.__name__} was not found in {SEEDS} worlds"
    print(f"{plant.__name__}: seed {seed}: {found}")
    assert found.split()[0] in promises, found
