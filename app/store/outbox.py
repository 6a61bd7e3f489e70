"""The outbox: this phone's Changes and what the server has said to each.

A Change gets its number and is written in the transaction of the rows that it changes, so neither
is ever there without the other (P1). Numbers have no holes and are never used again. Answered ones
stay, as proof for the worker and to be offered again to a server that has lost them (P10).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from app.domain.change import Change, Kind
from app.domain.wire import BATCH_BYTES, BATCH_CHANGES, Receipt
from app.store.account import CURRENT, numbers_on
from app.store.numbering import next_number
from app.store.store import Store

SEQ_REUSED = "seq_reused"  # the server knows this number with other content: a restored or cloned phone
_ROOM_FOR_ENDS_BYTES = 4096  # header and end line of a request


class RecordState(StrEnum):
    """How far something saved here has come (存在本机, 已送出, 市里已收到, 没收下)."""

    SAVED = "saved"
    SENT = "sent"
    RECEIVED = "received"
    REFUSED = "refused"


# The state of a visit with everything saved with it: of all its parts (`part`) the one that needs a
# hand, else the one that has come least far. An entry that was refused and then taken back needs no
# hand any more: the server has set aside the undo with it. A refused undo of an accepted one does.
STATE_OF_ALL = """
    CASE
        WHEN SUM(part.state = 'refused' AND part.kind = 'create' AND NOT part.is_replaced)
            AND NOT SUM(part.kind = 'void')
            THEN 'refused'
        WHEN SUM(part.state = 'refused' AND NOT part.is_replaced)
            AND NOT SUM(part.state = 'refused' AND part.kind = 'create' AND NOT part.is_replaced)
            THEN 'refused'
        WHEN SUM(part.state = 'saved') THEN 'saved'
        WHEN SUM(part.state = 'sent') THEN 'sent'
        ELSE 'received'
    END
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server put a Change aside: a stable code, a sentence for the worker, the field meant."""

    code: str
    message: str
    field: str | None


@dataclass(frozen=True, slots=True)
class NewChange:
    """A Change before it has its number.

    `about` is the visit it is saved with, if not the record itself; `replaces` the refused `seq` that it
    mends. `base` counts in the server's life `epoch` (schema.py), that of the record as it is held where
    none is given.
    """

    entity: str
    record: str
    kind: Kind = "create"
    base: int = 0
    epoch: int | None = None
    fields: dict[str, Any] | None = None
    about: str | None = None
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes to be sent together: numbers `first`, `first + 1`, ... of `device`. May be empty."""

    device: str
    first: int
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What has no receipt yet: `saved` not under way, `sent` without an answer."""

    saved: int
    sent: int

    @property
    def changes(self) -> int:
        return self.saved + self.sent


@dataclass(frozen=True, slots=True)
class Settled:
    """Changes that got their answer: how many, of what size, and the records they are about.

    Of whoever holds the phone: `visits` were received with them and stand, with `needs` new needs;
    `refused` is what was put aside, by what it was saved with; `others` counts what else was received:
    newcomers, edits, corrections and undos, those of one record once.
    """

    count: int = 0
    records: frozenset[str] = frozenset()
    size_bytes: int = 0
    visits: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    needs: int = 0
    others: int = 0


def append(store: Store, new: Sequence[NewChange], *, device: str, actor: str) -> list[Change]:
    """Number the new Changes and put them in the outbox, inside the caller's transaction."""
    now = store.now_ms()
    changes: list[Change] = []
    lines: list[str] = []
    for unnumbered, base in zip(new, _bases(store, new), strict=True):
        seq, hlc = next_number(store, device, now)
        change = Change(
            device=device,
            seq=seq,
            hlc=hlc,
            actor=actor,
            entity=unnumbered.entity,
            record=unnumbered.record,
            kind=unnumbered.kind,
            base=base,
            fields=unnumbered.fields or {},
            replaces=unnumbered.replaces,
        )
        changes.append(change)
        lines.append(json.dumps({"actor": actor, "fields": change.fields}, ensure_ascii=False))
    blobs = store.codec.seal(lines)
    store.db.conn.executemany(
        f"""
        INSERT INTO outbox
            (device, seq, record, entity, kind, base, hlc, about, change, size_bytes, saved_at, replaces,
             account)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {CURRENT})
        """,
        [
            (
                change.device,
                change.seq,
                change.record,
                change.entity,
                change.kind,
                change.base,
                change.hlc,
                unnumbered.about or change.record,
                blob,
                len(change.model_dump_json(exclude={"device", "seq"}).encode()),
                now,
                change.replaces,
            )
            for unnumbered, change, blob in zip(new, changes, blobs, strict=True)
        ],
    )
    store.touch({"outbox"})
    return changes


def next_batch(store: Store, device: str, *, after: int = 0) -> Batch:
    """The oldest unanswered Changes beyond number `after`, at most BATCH_CHANGES and BATCH_BYTES, one at the
    least.

    Asking again before a receipt has been settled gives the same batch, perhaps with more behind it.
    """
    rows = store.db.execute(
        """
        SELECT seq, hlc, entity, record, kind, base, size_bytes, replaces, change
        FROM outbox
        WHERE device = ? AND seq > ? AND state IN ('saved', 'sent')
        ORDER BY seq
        LIMIT ?
        """,
        (device, after, BATCH_CHANGES),
    ).fetchall()
    count, size_bytes = 0, _ROOM_FOR_ENDS_BYTES
    for row in rows:
        size_bytes += row[6]
        if row[0] != rows[0][0] + count or (count and size_bytes > BATCH_BYTES):
            break
        count += 1
    texts = store.codec.open([row[8] for row in rows[:count]])
    changes = tuple(
        Change(
            device=device,
            seq=seq,
            hlc=hlc,
            entity=entity,
            record=record,
            kind=kind,
            base=base,
            replaces=replaces,
            **json.loads(text),
        )
        for (seq, hlc, entity, record, kind, base, _, replaces, _), text in zip(
            rows[:count], texts, strict=True
        )
    )
    return Batch(device, changes[0].seq if changes else 1, changes)


def mark_sent(store: Store, batch: Batch) -> None:
    """A request with this batch is under way, in one transaction. Safe to repeat."""
    _move(store, batch, before=RecordState.SAVED, after=RecordState.SENT)


def mark_not_sent(store: Store, batch: Batch) -> None:
    """No connection came about, so the batch never left, in one transaction. Safe to repeat."""
    _move(store, batch, before=RecordState.SENT, after=RecordState.SAVED)


def take_back(store: Store) -> None:
    """No request is under way any more, in one transaction. Safe to repeat.

    For the start: whoever was sending ended with his process, and no answer can come to him. Whether
    his request arrived is not known; saying 已送出 in a village without network would be a guess.
    """
    with store.transaction():
        moved = store.db.execute(
            "UPDATE outbox SET state = ?, sent_at = NULL WHERE state = ?",
            (RecordState.SAVED, RecordState.SENT),
        ).rowcount
        if moved:
            store.touch({"receipts"})


def settle(
    store: Store, device: str, receipts: Sequence[Receipt], *, server_ms: int | None = None
) -> Settled:
    """Note the server's answers, which it gave at `server_ms`, inside the caller's transaction.

    Safe to repeat: what is answered already stays as it is, what the receipts do not mention stays
    unanswered. A refused Change keeps the reason and holds up nothing. `seq_reused` is no answer to
    this work, but to another that once bore its number: it keeps waiting for a new device id, which
    the next sign-in brings (account.keep_sign_in).
    """
    answered = {receipt.seq: receipt for receipt in receipts if receipt.code != SEQ_REUSED}
    open_rows = _unanswered(store, device, answered)
    new = [answered[seq] for seq in open_rows]
    refused = [receipt for receipt in new if receipt.status == "quarantined"]
    reasons = dict(
        zip((receipt.seq for receipt in refused), store.codec.seal([*map(_reason, refused)]), strict=True)
    )
    now = store.now_ms()
    store.db.conn.executemany(
        """
        UPDATE outbox
        SET state = ?, answered_at = ?, version = ?, ref = ?, refusal = ?, receipted_at = ?
        WHERE device = ? AND seq = ?
        """,
        [
            (
                RecordState.REFUSED if receipt.seq in reasons else RecordState.RECEIVED,
                now,
                receipt.version,
                receipt.ref,
                reasons.get(receipt.seq),
                server_ms,
                device,
                receipt.seq,
            )
            for receipt in new
        ],
    )
    if new:
        store.touch({"receipts"})
    taken = [row for seq, row in open_rows.items() if seq not in reasons and row.is_mine]
    visits = frozenset(
        row.record for row in taken if row.entity == "visit" and row.kind == "create" and not row.is_undone
    )
    return Settled(
        count=len(new),
        records=frozenset(row.record for row in open_rows.values()),
        size_bytes=sum(row.size_bytes for row in open_rows.values()),
        visits=visits,
        refused=frozenset(open_rows[seq].about for seq in reasons if open_rows[seq].is_mine),
        needs=sum(row.entity == "need" and row.kind == "create" and row.about in visits for row in taken),
        others=len({row.about for row in taken} - visits),
    )


def is_waiting(store: Store, device: str) -> bool:
    """Whether `next_batch` would give anything."""
    found = store.db.execute(
        "SELECT 1 FROM outbox WHERE device = ? AND state IN ('saved', 'sent') LIMIT 1", (device,)
    ).fetchone()
    return found is not None


def waiting_size(store: Store, device: str) -> tuple[int, int]:
    """How many Changes of `device` have no receipt yet, and the bytes of their lines."""
    count, size_bytes = store.db.execute(
        """
        SELECT COUNT(*), COALESCE(SUM(size_bytes), 0)
        FROM outbox
        WHERE device = ? AND state IN ('saved', 'sent')
        """,
        (device,),
    ).fetchone()
    return count, size_bytes


def waits_elsewhere(store: Store, device: str) -> bool:
    """Whether work of this device's workers waits under another device id, and so needs new numbers.

    What a worker did who is not enrolled on `device` waits for his own session.
    """
    accounts = numbers_on(store, device)
    marks = ", ".join("?" * len(accounts))
    found = store.db.execute(
        f"""
        SELECT 1
        FROM outbox
        WHERE device <> ? AND state IN ('saved', 'sent') AND account IN ({marks})
        LIMIT 1
        """,
        (device, *accounts),
    ).fetchone()
    return found is not None


def waiting(store: Store) -> Waiting:
    """How many Changes have no receipt yet."""
    counts = dict(
        store.db.execute(
            "SELECT state, COUNT(*) FROM outbox WHERE state IN ('saved', 'sent') GROUP BY state"
        ).fetchall()
    )
    return Waiting(saved=counts.get("saved", 0), sent=counts.get("sent", 0))


def refused_records(store: Store) -> frozenset[str]:
    """Records made here of which the server refused the first entry and holds nothing; no mended ones."""
    return frozenset(
        record
        for (record,) in store.db.execute(
            """
            SELECT r.record
            FROM records AS r
            JOIN outbox AS o ON o.record = r.record
            WHERE r.shown IS NOT NULL AND r.head IS NULL
              AND o.kind = 'create' AND o.state = 'refused' AND o.is_replaced = 0
            """
        ).fetchall()
    )


def offer_again(store: Store, device: str, *, after: int) -> frozenset[str]:
    """Make answered Changes beyond number `after` wait once more, inside the caller's transaction.

    For a server that was restored from a backup and has lost them; returns the records concerned. Of
    numbers under this phone's former device ids the server says nothing, so all of them wait again. What
    it still has and had refused is refused again, until the feed tells that the release is in the backup.
    """
    records = frozenset(
        record
        for (record,) in store.db.execute(
            """
            UPDATE outbox
            SET state = 'saved'
            WHERE (device <> ?1 OR seq > ?2) AND state IN ('received', 'refused') AND is_cleared = 0
            RETURNING record
            """,
            (device, after),
        ).fetchall()
    )
    records |= _refused_again(store, device, until=after)
    if records:
        store.touch({"receipts"})
    # What it still has, or has got again by a request that came late, is proven from now on (P10).
    store.db.execute("UPDATE outbox SET receipted_at = NULL WHERE state = 'received' AND is_cleared = 0")
    # Versions of the server's former life mean nothing in this one, but for the first, which is the record's
    # creation in either: who has seen any version has seen that, and may claim to have seen no more (P4).
    store.db.execute("UPDATE outbox SET base = 1 WHERE base > 1 AND state IN ('saved', 'sent')")
    return records


def _bases(store: Store, new: Sequence[NewChange]) -> list[int]:
    """On which version of the server's present life each is made: that of a former life tells of another
    (offer_again), and the whole pull that brings the present one may still be under way."""
    (now,) = store.db.execute("SELECT epoch FROM feed").fetchone()
    wanted = [change.record for change in new if change.base > 1 and change.epoch is None]
    held = store.db.execute(
        "SELECT record, epoch FROM records WHERE record IN (SELECT value FROM json_each(?))",
        (json.dumps(wanted),),
    )
    lives = dict(held.fetchall()) if wanted else {}
    return [
        change.base
        if change.base <= 1 or (lives.get(change.record, 0) if change.epoch is None else change.epoch) == now
        else 1
        for change in new
    ]


def refusal_of(store: Store, sealed: bytes | None) -> Refusal | None:
    """The reason kept with a refused Change."""
    if sealed is None:
        return None
    return Refusal(**json.loads(store.codec.open([sealed])[0]))


class _Open(NamedTuple):
    record: str
    entity: str
    kind: str
    about: str
    size_bytes: int
    is_mine: bool
    is_undone: bool


def _unanswered(store: Store, device: str, seqs: Collection[int]) -> dict[int, _Open]:
    """Those of the numbers that still wait for their answer."""
    if not seqs:
        return {}
    rows = store.db.execute(
        f"""
        SELECT
            seq, record, entity, kind, about, size_bytes, account = {CURRENT},
            EXISTS (SELECT 1 FROM outbox AS o WHERE o.record = outbox.record AND o.kind = 'void')
        FROM outbox
        WHERE device = ? AND seq BETWEEN ? AND ? AND state IN ('saved', 'sent')
        """,
        (device, min(seqs), max(seqs)),
    ).fetchall()
    return {seq: _Open(*row) for seq, *row in rows if seq in seqs}


def _refused_again(store: Store, device: str, *, until: int) -> frozenset[str]:
    """Take back what releases have made of refused Changes up to number `until`; returns the records.

    What was received and bears a refusal was released since (outcomes.py).
    """
    return frozenset(
        record
        for (record,) in store.db.execute(
            """
            UPDATE outbox
            SET state = 'refused', version = 0
            WHERE device = ? AND seq <= ? AND state = 'received' AND refusal IS NOT NULL AND is_cleared = 0
            RETURNING record
            """,
            (device, until),
        ).fetchall()
    )


def _reason(receipt: Receipt) -> str:
    return json.dumps(
        {"code": receipt.code or "", "message": receipt.message or "", "field": receipt.field},
        ensure_ascii=False,
    )


def _move(store: Store, batch: Batch, *, before: RecordState, after: RecordState) -> None:
    if not batch.changes:
        return
    with store.transaction():
        moved = store.db.execute(
            """
            UPDATE outbox
            SET state = ?, sent_at = ?
            WHERE device = ? AND seq BETWEEN ? AND ? AND state = ?
            """,
            (
                after,
                store.now_ms() if after is RecordState.SENT else None,
                batch.device,
                batch.first,
                batch.first + len(batch.changes) - 1,
                before,
            ),
        ).rowcount
        if moved:
            store.touch({"receipts"})
