"""Records as they are held here: the server's head, and what the worker is shown.

`head` is what the server last sent and never anything else. `shown` is the head with the Changes
merged in that it does not hold yet; it is left empty where there are none, which is nearly always.
A Change keeps the base that it was made on, whatever arrives under it (P4).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from app.domain.change import VOIDED, Change
from app.domain.errors import UnknownRecord
from app.domain.merge import Head, Mark, apply
from app.domain.models import RecordModel
from app.domain.unsigned import unsigned
from app.domain.wire import Own, head_from_json, row_text
from app.store.store import Store

Values = dict[str, Any]
Model = TypeVar("Model", bound=RecordModel)
log = logging.getLogger(__name__)
_TABLE = {
    "person": "people",
    "visit": "visits",
    "need": "needs",
    "need_step": "needs",
    "opinion": "opinions",
    "confirmation": "findings",
    "card_step": "findings",
    "file_step": "findings",
    "exemplary": "findings",
    "photo": "photos",
}

_MOST_AT_ONCE = 500  # values bound in one statement
_NO_VERSION_YET = 2**62  # later than any

# Not yet in the head: unanswered, or accepted as a version that has not come down, or refused where
# the server holds no such record at all and the worker's own entry is everything there is.
_PENDING = """
    SELECT o.record, o.device, o.seq, o.hlc, o.entity, o.kind, o.base, o.replaces, o.change
    FROM outbox AS o
    JOIN records AS r ON r.record = o.record
    WHERE o.record IN ({marks})
      AND (
        o.state IN ('saved', 'sent')
        OR (o.state = 'received' AND o.version > r.version)
        OR (o.state = 'refused' AND r.head IS NULL AND o.is_replaced = 0)
      )
    ORDER BY o.hlc, o.seq
"""


def table_of(entity: str) -> str:
    """The name under which watches hear of changes to records of `entity`."""
    return _TABLE.get(entity, entity)


def shown_head(store: Store, record: str) -> Head:
    """The record as it is shown; raises UnknownRecord."""
    row = store.db.execute(
        "SELECT COALESCE(shown, head) FROM records WHERE record = ? AND is_gone = 0", (record,)
    ).fetchone()
    if row is None:
        raise UnknownRecord(f"本机没有这条记录（{record}）。它可能已归别的村管，请先更新名册。")
    return head_from_json(from_json(store.codec.open([row[0]])[0]))


def life_of(store: Store, record: str) -> int:
    """In which life of the server the record's version counts, by the phone's own numbers (schema.py); 0
    for one that the server has not told of."""
    row = store.db.execute("SELECT epoch FROM records WHERE record = ?", (record,)).fetchone()
    return int(row[0]) if row is not None else 0


def values_of(store: Store, entity: str) -> list[tuple[str, Values]]:
    """(record, shown values) of every record of `entity`, in no particular order, voided ones too."""
    return _opened(
        store,
        store.db.execute(
            "SELECT record, COALESCE(shown, head) FROM records WHERE entity = ? AND is_gone = 0", (entity,)
        ).fetchall(),
    )


def values_about(store: Store, entity: str, people: Iterable[str]) -> list[tuple[str, Values]]:
    """The same for visits or needs about the given persons."""
    find = "SELECT record, COALESCE(shown, head) FROM records WHERE entity = ? AND person = ? AND is_gone = 0"
    rows = [row for person in people for row in store.db.execute(find, (entity, person)).fetchall()]
    return _opened(store, rows)


def heads_of(store: Store, entity: str, people: Iterable[str] | None = None) -> list[Head]:
    """Every record of `entity` with who wrote it and when, or those about the given persons; no order."""
    if people is None:
        rows = store.db.execute(
            "SELECT COALESCE(shown, head) FROM records WHERE entity = ? AND is_gone = 0", (entity,)
        ).fetchall()
    else:
        find = "SELECT COALESCE(shown, head) FROM records WHERE entity = ? AND person = ? AND is_gone = 0"
        rows = [row for person in people for row in store.db.execute(find, (entity, person)).fetchall()]
    return [head_from_json(from_json(text)) for text in store.codec.open([blob for (blob,) in rows])]


def read_all(model: type[Model], found: Iterable[tuple[str, Values]]) -> list[Model]:
    """The records that stand (no voided ones) and can be read; one that cannot hides only itself (P6)."""
    models = []
    for record, values in found:
        if values.get(VOIDED):
            continue
        try:
            models.append(model.read(record, values))
        except ValidationError:
            log.warning("unreadable %s %s", model.entity, record)
    return models


def values_by_id(store: Store, records: Iterable[str]) -> dict[str, Values]:
    """The shown values of the records that are here."""
    find = "SELECT record, COALESCE(shown, head) FROM records WHERE record = ? AND is_gone = 0"
    rows = [row for record in records for row in store.db.execute(find, (record,)).fetchall()]
    return dict(_opened(store, rows))


def merged_own(store: Store, sent: Iterable[Change], own: Iterable[Own], *, epoch: int) -> list[Head]:
    """The rows that `own` stands for: what is held here, with this device's Changes merged in as the
    server merged them (app.domain.merge). One for each Change, in order.

    What the server merged it into must be what is held, or the row is left out; that the two ends
    then differ is what the digest is there to find.
    """
    changes = {change.seq: change for change in sent}
    told = [(changes[one.seq], one) for one in own if one.seq in changes]
    held: dict[str, Head | None] = _held(store, {change.record for change, _ in told}, epoch)
    rows = []
    for change, one in told:
        # A creation needs nothing here: the row may have gone with its person before a restored server,
        # for which he never left, was offered it again.
        before = held.get(change.record)
        if one.version != (before.version if before else 0) + 1:
            log.warning("%s is not what the server merged into", change.record)
            continue
        mark = Mark(one.version, one.effective, change.device, change.seq, change.actor)
        rows.append(apply(before, change, mark))
        held[change.record] = rows[-1]
    return rows


def keep_heads(store: Store, heads: Sequence[Head], *, epoch: int) -> None:
    """Write rows of the feed, in bulk, inside the caller's transaction.

    A row is taken when its (epoch, version) is not older than the one held, so rows may come twice
    and in any order. `shown` is emptied where the row says everything, else left as it was: call
    `refresh_shown` for what has pending Changes.
    """
    sealed = store.codec.seal([row_text(unsigned(head)) for head in heads])
    pending = _pending_until(store, {head.record for head in heads} & with_shown(store))
    store.db.conn.executemany(
        """
        INSERT INTO records (record, entity, version, epoch, person, village, head)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (record) DO UPDATE
        SET version = excluded.version,
            epoch = excluded.epoch,
            person = excluded.person,
            village = excluded.village,
            head = excluded.head,
            shown = CASE WHEN ?8 <= excluded.version THEN NULL ELSE shown END,
            is_gone = 0
        WHERE excluded.epoch > records.epoch
           OR (excluded.epoch = records.epoch AND excluded.version >= records.version)
        """,
        [
            (
                head.record,
                head.entity,
                head.version,
                epoch,
                *_columns(head.values),
                blob,
                pending.get(head.record, 0),
            )
            for head, blob in zip(heads, sealed, strict=True)
        ],
    )
    _touch(store, ((head.entity, head.record, head.values) for head in heads))


def forget_made_here(store: Store, records: Iterable[str]) -> None:
    """Let go of the heads of `records` whose creation waits again or is refused, inside the caller's
    transaction.

    The server that was restored from a backup may not hold them, and may refuse them now: then what was
    entered here is all there is, and is shown with the reason. Call `refresh_shown` afterwards.
    """
    store.db.conn.executemany(
        """
        UPDATE records
        SET shown = COALESCE(shown, head), head = NULL, version = 0, epoch = 0
        WHERE record = ?
          AND EXISTS (
            SELECT 1
            FROM outbox AS o
            WHERE o.record = records.record
              AND o.kind = 'create'
              AND (o.state = 'saved' OR (o.state = 'refused' AND o.is_replaced = 0))
          )
        """,
        [(record,) for record in records],
    )


def add_new(store: Store, changes: Sequence[Change]) -> None:
    """Show records that were just created here, inside the caller's transaction.

    `changes` are their `create`s; what the server will make of them is not known yet, so `head`
    stays empty.
    """
    heads = [apply(None, change, _mark(change, 0)) for change in changes]
    sealed = store.codec.seal([row_text(unsigned(head)) for head in heads])
    store.db.conn.executemany(
        """
        INSERT INTO records (record, entity, version, epoch, person, village, shown)
        VALUES (?, ?, 0, 0, ?, ?, ?)
        """,
        [
            (head.record, head.entity, *_columns(head.values), blob)
            for head, blob in zip(heads, sealed, strict=True)
        ],
    )
    _touch(store, ((head.entity, head.record, head.values) for head in heads))


def add_relayed(store: Store, heads: Sequence[Head]) -> None:
    """Show records made on another phone that no server knows yet, inside the caller's transaction.

    As `add_new`; what is here already stays as it is.
    """
    sealed = store.codec.seal([row_text(unsigned(head)) for head in heads])
    store.db.conn.executemany(
        """
        INSERT INTO records (record, entity, version, epoch, person, village, shown)
        VALUES (?, ?, 0, 0, ?, ?, ?)
        ON CONFLICT (record) DO NOTHING
        """,
        [
            (head.record, head.entity, *_columns(head.values), blob)
            for head, blob in zip(heads, sealed, strict=True)
        ],
    )
    _touch(store, ((head.entity, head.record, head.values) for head in heads))


def refresh_shown(store: Store, records: Iterable[str]) -> None:
    """Work out anew what is shown of `records`, in bulk, inside the caller's transaction.

    Unknown ones are skipped. Afterwards `shown` is empty exactly where the head says everything.
    """
    wanted = sorted(set(records))
    for start in range(0, len(wanted), _MOST_AT_ONCE):
        _refresh(store, wanted[start : start + _MOST_AT_ONCE])


def with_shown(store: Store) -> set[str]:
    """The records of which something is shown that is not in their head."""
    return {record for (record,) in store.db.execute("SELECT record FROM records WHERE shown IS NOT NULL")}


def _held(store: Store, records: Iterable[str], epoch: int) -> dict[str, Head | None]:
    """The heads of those of `records` that are here, None where the server has sent none in this life."""
    rows = store.db.execute(
        """
        SELECT record, CASE WHEN epoch = ? THEN head END
        FROM records
        WHERE record IN (SELECT value FROM json_each(?))
        """,
        (epoch, json.dumps(list(records))),
    ).fetchall()
    texts = iter(store.codec.open([head for _, head in rows if head is not None]))
    return {record: None if head is None else head_from_json(from_json(next(texts))) for record, head in rows}


def _pending_until(store: Store, records: Iterable[str]) -> Mapping[str, int]:
    """For each of `records` of which Changes wait, or were accepted, the version that holds them all."""
    wanted = list(records)
    if not wanted:
        return {}
    rows = store.db.execute(
        """
        SELECT record, MAX(CASE WHEN state IN ('saved', 'sent') THEN ? ELSE version END)
        FROM outbox
        WHERE record IN (SELECT value FROM json_each(?))
        GROUP BY record
        """,
        (_NO_VERSION_YET, json.dumps(wanted)),
    )
    return dict(rows.fetchall())


def _refresh(store: Store, records: Sequence[str]) -> None:
    marks = ", ".join("?" * len(records))
    rows = store.db.execute(
        f"SELECT record, head, shown FROM records WHERE record IN ({marks})", records
    ).fetchall()
    pending = _pending(store, records)
    # Of a record that the server does not hold and nothing is pending, what is shown is all there is.
    changed = [row for row in rows if row[0] in pending or (row[1] is not None and row[2] is not None)]
    held = [row for row in changed if row[1] is not None]
    texts = store.codec.open([head for _, head, _ in held])
    heads = {row[0]: head_from_json(from_json(text)) for row, text in zip(held, texts, strict=True)}
    shown = {record: _merged(heads.get(record), pending.get(record, [])) for record, _, _ in changed}
    ahead = [record for record in shown if record in pending]
    sealed = dict(
        zip(ahead, store.codec.seal([row_text(unsigned(shown[record])) for record in ahead]), strict=True)
    )
    store.db.conn.executemany(
        "UPDATE records SET shown = ?, person = ?, village = ? WHERE record = ?",
        [(sealed.get(record), *_columns(head.values), record) for record, head in shown.items()],
    )
    _touch(store, ((head.entity, record, head.values) for record, head in shown.items()))


def _merged(head: Head | None, pending: Sequence[Change]) -> Head:
    merged = head
    for change in pending:
        merged = apply(merged, change, _mark(change, head.version if head else 0))
    assert merged is not None
    return merged


def _mark(change: Change, version: int) -> Mark:
    return Mark(version, change.hlc, change.device, change.seq, change.actor)


def _pending(store: Store, records: Sequence[str]) -> dict[str, list[Change]]:
    """The pending Changes of each record that has some, in the order in which they were made."""
    marks = ", ".join("?" * len(records))
    rows = store.db.execute(_PENDING.format(marks=marks), records).fetchall()
    texts = store.codec.open([row[-1] for row in rows])
    pending: dict[str, list[Change]] = {}
    for (record, device, seq, hlc, entity, kind, base, replaces, _), text in zip(rows, texts, strict=True):
        change = Change(
            device=device,
            seq=seq,
            hlc=hlc,
            entity=entity,
            record=record,
            kind=kind,
            base=base,
            replaces=replaces,
            **from_json(text),
        )
        pending.setdefault(record, []).append(change)
    return pending


def _opened(store: Store, rows: Sequence[tuple[str, bytes]]) -> list[tuple[str, Values]]:
    texts = store.codec.open([blob for _, blob in rows])
    return [(record, from_json(text)["values"]) for (record, _), text in zip(rows, texts, strict=True)]


def _columns(values: Any) -> tuple[str | None, str | None]:
    person, village = values.get("person"), values.get("village")
    return (
        person if isinstance(person, str) else None,
        village if isinstance(village, str) else None,
    )


def _touch(store: Store, rows: Iterable[tuple[str, str, Any]]) -> None:
    tables, people = set(), set()
    for entity, record, values in rows:
        tables.add(table_of(entity))
        person = record if entity == "person" else values.get("person")
        if isinstance(person, str):
            people.add(person)
    store.touch(tables, people)
