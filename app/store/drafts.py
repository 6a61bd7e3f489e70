"""Drafts: what is typed and not yet saved, so that a kill loses nothing. One a person.

A draft is the form as the screen holds it; nothing here looks inside. `record_visit` drops it in
the transaction that saves the visit.
"""

from __future__ import annotations

import json
from typing import Any

from app.store.store import Store


def keep_draft(store: Store, person: str, form: dict[str, Any]) -> None:
    """Keep the form (JSON values) for this person, in one transaction; it replaces the one before."""
    with store.transaction():
        store.db.execute(
            """
            INSERT INTO drafts (person, kept_at, form)
            VALUES (?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET kept_at = excluded.kept_at, form = excluded.form
            """,
            (person, store.now_ms(), store.codec.seal([json.dumps(form, ensure_ascii=False)])[0]),
        )
        store.touch({"drafts"}, {person})


def draft_of(store: Store, person: str) -> dict[str, Any] | None:
    """The form kept for this person, None if there is none."""
    row = store.db.execute("SELECT form FROM drafts WHERE person = ?", (person,)).fetchone()
    if row is None:
        return None
    form: dict[str, Any] = json.loads(store.codec.open([row[0]])[0])
    return form


def drop_draft(store: Store, person: str) -> None:
    """Forget the form, in one transaction; nothing happens where there is none."""
    with store.transaction():
        forget_draft(store, person)


def forget_draft(store: Store, person: str) -> None:
    """The same inside the caller's transaction."""
    if store.db.execute("DELETE FROM drafts WHERE person = ?", (person,)).rowcount:
        store.touch({"drafts"}, {person})


def people_with_drafts(store: Store) -> list[str]:
    """Ids of the persons with a kept form, latest first."""
    return [person for (person,) in store.db.execute("SELECT person FROM drafts ORDER BY kept_at DESC")]
