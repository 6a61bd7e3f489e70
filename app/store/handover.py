"""Handing over to another phone with no network: what is packed, and what the other takes in."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import from_json

from app.domain.errors import BadInput
from app.domain.merge import Head
from app.domain.relay import Handover, RelayBatch, proof_of, token_digest
from app.domain.wire import PROTOCOL, SyncHeader, encode_request, head_from_json
from app.store import heads, inbox, outbox
from app.store.account import SignedIn, signed_in_account
from app.store.store import Store

WAITING, TAKEN, REFUSED = "waiting", "taken", "refused"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came of a file: persons and other records written, Changes to be relayed; `known` batches were
    here already. `outside`: rows of villages that are not this account's, left aside."""

    people: int
    facts: int
    changes: int
    known: int
    outside: int


@dataclass(frozen=True, slots=True)
class Relayed:
    """What is carried for other phones: Changes that wait, that the server took, and that it did not."""

    waiting: int
    taken: int
    refused: int


def pack(store: Store) -> Handover:
    """The roster of the account's villages with what is about it, and all work of this phone without receipt.

    Reads only; the phone keeps everything, and sends its work itself once it has a network: the same
    numbers count once.
    """
    account = signed_in_account(store)
    rows, fresh = _records_of(store, account)
    return Handover(
        server=account.server_url,
        epoch=inbox.feed_state(store).server_epoch,
        villages=account.villages,
        made_ms=store.now_ms(),
        rows=rows,
        fresh=fresh,
        batches=_batches(store, account),
    )


def unpack(store: Store, handover: Handover) -> Unpacked:
    """Take a handover in, in one transaction. Taking it in again changes nothing.

    Rows go in as if the server had sent them, where both phones know the same life of it; what the
    server sends later counts more. Raises BadInput for a file of another server, or of villages none of
    which is this account's.
    """
    account = signed_in_account(store)
    if handover.server.rstrip("/") != account.server_url.rstrip("/"):
        raise BadInput("这份交接是别的网址的，不能收。请核对两部手机“我的”里的网址。", field="server")
    if not set(handover.villages) & set(account.villages):
        raise BadInput("这份交接里的村不归本账号管，没有收。请用管这个村的账号收。", field="villages")
    feed = inbox.feed_state(store)
    is_same_life = feed.server_epoch in (None, handover.epoch)
    rows, outside = _of_villages(_read(handover.rows if is_same_life else []), account)
    fresh, more = _of_villages(_read(handover.fresh), account, people={row.record for row in rows})
    batches = [batch for batch in handover.batches if batch.device != account.device]
    with store.transaction():
        (epoch,) = store.db.execute("SELECT epoch FROM feed").fetchone()
        heads.keep_heads(store, rows, epoch=epoch)
        heads.add_relayed(store, fresh)
        new = [batch for batch in batches if _keep(store, batch)]
        store.touch({"receipts"})
    return Unpacked(
        people=sum(row.entity == "person" for row in (*rows, *fresh)),
        facts=sum(row.entity != "person" for row in (*rows, *fresh)),
        changes=sum(batch.count for batch in new),
        known=len(batches) - len(new),
        outside=outside + more,
    )


def waiting(store: Store) -> list[RelayBatch]:
    """The batches of other devices that the server has not answered, each device's in order."""
    found = store.db.execute(
        "SELECT device, first, count, body, proof FROM relayed WHERE state = ? ORDER BY device, first",
        (WAITING,),
    ).fetchall()
    bodies = store.codec.open([row[3] for row in found])
    return [
        RelayBatch(device, first, count, body.encode(), proof)
        for (device, first, count, _, proof), body in zip(found, bodies, strict=True)
    ]


def settle(store: Store, batch: RelayBatch, *, refused: str = "") -> None:
    """The server has taken the batch, or has refused it for this reason, in one transaction.

    The words of what it took are cleared: they are the other phone's to keep (P10).
    """
    body = batch.body.decode() if refused else ""
    with store.transaction():
        store.db.execute(
            "UPDATE relayed SET state = ?, body = ?, reason = ? WHERE device = ? AND first = ? AND count = ?",
            (
                REFUSED if refused else TAKEN,
                store.codec.seal([body])[0],
                refused,
                batch.device,
                batch.first,
                batch.count,
            ),
        )
        store.touch({"receipts"})


def drop_unconfirmed(store: Store) -> None:
    """Let go of records that came by hand and that the server turned out not to hold, in one transaction.

    To be called after a whole pull and while nothing handed over waits: what the server took has come
    down by then, and the rest is on its own phone. Safe to repeat.
    """
    marked = store.db.execute(
        """
        SELECT record, entity, person
        FROM records
        WHERE head IS NULL
          AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.record = records.record)
        """
    ).fetchall()
    if not marked:
        return
    with store.transaction():
        store.db.conn.executemany(
            "DELETE FROM records WHERE record = ? AND head IS NULL", [(record,) for record, _, _ in marked]
        )
        store.touch(
            {heads.table_of(entity) for _, entity, _ in marked},
            {
                record if entity == "person" else person
                for record, entity, person in marked
                if person or entity == "person"
            },
        )


def relayed(store: Store) -> Relayed:
    """How far what is carried for other phones has come."""
    counts = dict(store.db.execute("SELECT state, SUM(count) FROM relayed GROUP BY state").fetchall())
    return Relayed(counts.get(WAITING, 0), counts.get(TAKEN, 0), counts.get(REFUSED, 0))


def reasons(store: Store) -> list[str]:
    """Why the server refused batches that are kept here: each sentence once."""
    found = store.db.execute("SELECT DISTINCT reason FROM relayed WHERE state = ? ORDER BY 1", (REFUSED,))
    return [reason for (reason,) in found]


def _records_of(store: Store, account: SignedIn) -> tuple[list[str], list[str]]:
    marks = ", ".join("?" * len(account.villages))
    found = store.db.execute(
        f"""
        SELECT head, shown
        FROM records
        WHERE is_gone = 0
          AND (
            village IN ({marks})
            OR person IN (SELECT record FROM records WHERE is_gone = 0 AND village IN ({marks}))
          )
        ORDER BY entity <> 'person', record
        """,
        (*account.villages, *account.villages),
    ).fetchall()
    # What the server sent goes as it sent it; this phone's own edits travel as Changes beside it.
    sent = store.codec.open([head for head, _ in found if head is not None])
    made = store.codec.open([shown for head, shown in found if head is None])
    return sent, made


def _batches(store: Store, account: SignedIn) -> list[RelayBatch]:
    digest = token_digest(account.token)
    batches: list[RelayBatch] = []
    after = 0
    while (batch := outbox.next_batch(store, account.device, after=after)).changes:
        header = SyncHeader(
            protocol=PROTOCOL,
            device=account.device,
            cursor=inbox.feed_state(store).cursor,
            first=batch.first,
            count=len(batch.changes),
            sent_at=store.now_ms(),
        )
        body = encode_request(header, batch.changes)
        batches.append(
            RelayBatch(account.device, batch.first, len(batch.changes), body, proof_of(digest, body))
        )
        after = batch.changes[-1].seq
    return batches


def _read(texts: list[str]) -> list[Head]:
    """The heads; one that cannot be read is left out, and only that one (P6)."""
    found = []
    for text in texts:
        try:
            found.append(head_from_json(from_json(text)))
        except (ValueError, KeyError, TypeError, ValidationError):
            continue
    return found


def _of_villages(
    rows: list[Head], account: SignedIn, people: set[str] | None = None
) -> tuple[list[Head], int]:
    """Those that this account may see, and how many it may not; `people` are such persons already."""
    here = set(account.villages)
    mine = set(people or ())
    mine |= {row.record for row in rows if row.entity == "person" and row.values.get("village") in here}
    kept = [row for row in rows if _person_of(row) in mine]
    return kept, len(rows) - len(kept)


def _person_of(row: Head) -> object:
    return row.record if row.entity == "person" else row.values.get("person")


def _keep(store: Store, batch: RelayBatch) -> bool:
    """Keep the batch to be relayed; False where it is here already."""
    return bool(
        store.db.execute(
            """
            INSERT INTO relayed (device, first, count, body, proof, state, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            (
                batch.device,
                batch.first,
                batch.count,
                store.codec.seal([batch.body.decode()])[0],
                batch.proof,
                WAITING,
                store.now_ms(),
            ),
        ).rowcount
    )
