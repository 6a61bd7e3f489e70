"""Conflicts: fields of a profile with several values, none written in sight of another (P4).

All values stay until a person picks. The choice is an ordinary Change, made with or without a network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.change import VOIDED
from app.domain.errors import BadInput
from app.domain.merge import Conflict
from app.domain.wire import head_from_json
from app.store import heads
from app.store.account import villages_of_others
from app.store.people import edit_person
from app.store.store import Store

_SETTLED = "这一处已经一致了，不用再选。"


def open_conflicts(store: Store) -> list[Conflict]:
    """Every field that waits for whoever holds the phone, in order of record and field.

    All persons are read once; afterwards the answer follows the commits person by person.
    """
    others = villages_of_others(store)
    found = _disputed(store).items()
    return [c for _, (village, conflicts) in sorted(found) if village not in others for c in conflicts]


def settle_conflicts(store: Store, record: str, choices: Mapping[str, Any]) -> None:
    """Let each value of `choices` (by field) be the field's value, in one transaction and one Change.

    The Change supersedes the candidates that are here and no others: a value that arrives later,
    unseen, opens the conflict again. Raises UnknownRecord, and BadInput where a field is in no conflict
    or the value is neither one of its candidates nor what keeps them both; then nothing was changed.
    """
    disputed = {conflict.field: conflict for conflict in heads.shown_head(store, record).conflicts()}
    for field, value in choices.items():
        conflict = disputed.get(field)
        if conflict is None:
            raise BadInput(_SETTLED, field=field)
        if value != both_of(conflict) and all(c.value != value for c in conflict.candidates):
            raise BadInput("请在列出的几个里选一个。别的改动请到这个人的页面上改。", field=field)
    edit_person(store, record, dict(choices))


def both_of(conflict: Conflict) -> str | None:
    """The value that keeps what every candidate says, for a phone that is called differently.

    None where a choice has to be made. Different numbers, tags and categories never come here: they
    are different elements of their set, and all of them stay.
    """
    if not conflict.field.startswith("phones/"):
        return None
    said = [candidate.value for candidate in conflict.candidates]
    if not all(isinstance(value, str) and value for value in said):
        return None
    return "、".join(dict.fromkeys(said))


class _Disputed:
    """Persons in conflict, with the village in which they live; `stale` ones are read anew."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, list[Conflict]]] = {}
        self.stale: set[str] = set()


def _disputed(store: Store) -> dict[str, tuple[str, list[Conflict]]]:
    kept = store.memory.get("conflicts")
    if kept is None:
        kept = store.memory["conflicts"] = _Disputed()
        store.on_people(kept.stale.update)
        _read(store, kept, "entity = 'person' AND is_gone = 0", ())
    elif kept.stale:
        stale = sorted(kept.stale)
        kept.stale.clear()
        for record in stale:
            kept.found.pop(record, None)
            _read(store, kept, "record = ? AND entity = 'person' AND is_gone = 0", (record,))
    found: dict[str, tuple[str, list[Conflict]]] = kept.found
    return found


def _read(store: Store, kept: _Disputed, condition: str, values: Iterable[str]) -> None:
    rows = store.db.execute(
        f"SELECT record, COALESCE(shown, head) FROM records WHERE {condition}", tuple(values)
    ).fetchall()
    for (record, _), text in zip(rows, store.codec.open([blob for _, blob in rows]), strict=True):
        row = json.loads(text)
        # The usual record has one writer, and so nothing to disagree about.
        if row.get("marks") and not row["values"].get(VOIDED):
            conflicts = head_from_json(row).conflicts()
            if conflicts:
                kept.found[record] = (str(row["values"].get("village") or ""), conflicts)
