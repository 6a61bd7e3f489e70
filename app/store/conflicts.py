"""Conflicts: fields of a profile with several values, none written in sight of another (P4).

All values stay until a person picks. The choice is an ordinary Change, made with or without a network.
"""

from __future__ import annotations

import json
from typing import Any

from app.domain.change import VOIDED
from app.domain.errors import BadInput
from app.domain.merge import Conflict
from app.domain.wire import head_from_json
from app.store import heads
from app.store.people import edit_person
from app.store.store import Store

_SETTLED = "这一处已经一致了，不用再选。"


def open_conflicts(store: Store) -> list[Conflict]:
    """Every field that waits for a person, in order of record and field.

    Reads all persons of this phone: for a list on a screen, not for each row of it.
    """
    rows = store.db.execute(
        """
        SELECT COALESCE(shown, head)
        FROM records
        WHERE entity = 'person' AND is_gone = 0
        ORDER BY record
        """
    ).fetchall()
    found: list[Conflict] = []
    for text in store.codec.open([blob for (blob,) in rows]):
        row = json.loads(text)
        # The usual record has one writer, and so nothing to disagree about.
        if row.get("marks") and not row["values"].get(VOIDED):
            found += head_from_json(row).conflicts()
    return found


def settle_conflict(store: Store, record: str, field: str, value: Any) -> None:
    """Let `value`, one of the candidates, be the field's value, in one transaction.

    The Change supersedes the candidates that are here and no others: a value that arrives later,
    unseen, opens the conflict again. Raises UnknownRecord, and BadInput where the field is in no
    conflict or `value` is none of its candidates.
    """
    conflict = next((c for c in heads.shown_head(store, record).conflicts() if c.field == field), None)
    if conflict is None:
        raise BadInput(_SETTLED, field=field)
    if all(candidate.value != value for candidate in conflict.candidates):
        raise BadInput("请在列出的几个里选一个。别的改动请到这个人的页面上改。", field=field)
    edit_person(store, record, {field: value})
