"""Outcomes: what became of a refused Change afterwards, as the feed tells it (P6).

An outcome is a record of its own, named `<device>:<seq>`: released by a reviewer, replaced by a mend,
or set aside with a reason.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from app.domain.merge import Head
from app.store.outbox import RecordState
from app.store.store import Store

ENTITY = "outcome"
SET_ASIDE = "set_aside"


def note_outcomes(store: Store, rows: Sequence[Head], *, server_ms: int) -> frozenset[str]:
    """Take the outcomes among `rows` over into the outbox; returns the records concerned.

    Inside the caller's transaction, after its receipts; the server told them at `server_ms`, from when
    the retention days of what was released are counted (retention.py). Outcomes of other devices' Changes
    and words that this version does not know change nothing. Safe to repeat.
    """
    concerned: set[str] = set()
    for row in rows:
        device, _, seq = row.record.rpartition(":")
        if row.entity != ENTITY or not (seq.isascii() and seq.isdigit() and len(seq) < 17):
            continue
        concerned.update(_note(store, row, device, int(seq), server_ms))
    if concerned:
        store.touch({"receipts"})
    return frozenset(concerned)


def _note(store: Store, row: Head, device: str, seq: int, server_ms: int) -> list[str]:
    status, key = row.values.get("status"), (device, seq)
    if status == "released":  # the refusal is kept: a restored server may not know of the release
        version = row.values.get("version")
        found = store.db.execute(
            """
            UPDATE outbox
            SET state = ?, version = ?, receipted_at = ?
            WHERE device = ? AND seq = ? AND state = 'refused'
            RETURNING record
            """,
            (RecordState.RECEIVED, version if isinstance(version, int) else 0, server_ms, *key),
        )
    elif status == "replaced":
        found = store.db.execute(
            """
            UPDATE outbox
            SET is_replaced = 1
            WHERE device = ? AND seq = ? AND state = 'refused'
            RETURNING record
            """,
            key,
        )
    elif status == SET_ASIDE:
        reason = {"code": SET_ASIDE, "message": str(row.values.get("message") or ""), "field": None}
        found = store.db.execute(
            """
            UPDATE outbox
            SET refusal = ?
            WHERE device = ? AND seq = ? AND state = 'refused'
            RETURNING record
            """,
            (store.codec.seal([json.dumps(reason, ensure_ascii=False)])[0], *key),
        )
    else:
        return []
    return [record for (record,) in found.fetchall()]
