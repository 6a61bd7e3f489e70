"""Drafts: what is typed and not yet saved, so that a kill loses nothing. Each worker has his own.

One a person for a new visit, one a visit or a newcomer that is put right, and one for somebody new. A
draft is the form as the screen holds it; nothing here looks inside. The verb that saves what was typed
drops the draft in its transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from app.store.account import CURRENT
from app.store.store import Store

NEWCOMER = "newcomer"  # `about` of the form for somebody who is on no roster


def keep_draft(
    store: Store,
    person: str,
    form: dict[str, Any],
    *,
    about: str | None = None,
    photos: Iterable[str] = (),
) -> None:
    """Keep the form (JSON values) for this person, in one transaction; it replaces the one before.

    `about`: the visit that is put right, or NEWCOMER; otherwise it is a new visit to the person.
    `photos` are the hashes of the files that the form names; while it does, they stay on the disk.
    """
    with store.transaction():
        store.db.execute(
            f"""
            INSERT INTO drafts (account, about, person, kept_at, form, photos)
            VALUES ({CURRENT}, ?, ?, ?, ?, ?)
            ON CONFLICT (account, about) DO UPDATE
            SET kept_at = excluded.kept_at, form = excluded.form, photos = excluded.photos
            """,
            (
                about or person,
                person,
                store.now_ms(),
                store.codec.seal([json.dumps(form, ensure_ascii=False)])[0],
                json.dumps(sorted(set(photos))),
            ),
        )
        _touch(store, person, about)


def draft_of(store: Store, person: str, *, about: str | None = None) -> dict[str, Any] | None:
    """The form that the worker who holds the phone has kept for this person, None if there is none."""
    row = store.db.execute(
        f"SELECT form FROM drafts WHERE account = {CURRENT} AND about = ?", (about or person,)
    ).fetchone()
    if row is None:
        return None
    form: dict[str, Any] = json.loads(store.codec.open([row[0]])[0])
    return form


def draft_kept_at(store: Store, person: str) -> int | None:
    """When the worker last wrote in the new visit to this person that he began (ms); None if he did not."""
    row = store.db.execute(
        f"SELECT kept_at FROM drafts WHERE account = {CURRENT} AND about = ?", (person,)
    ).fetchone()
    return None if row is None else int(row[0])


def drop_draft(store: Store, person: str, *, about: str | None = None) -> None:
    """Forget the form, in one transaction; nothing happens where there is none."""
    with store.transaction():
        forget_draft(store, person, about=about)


def forget_draft(store: Store, person: str, *, about: str | None = None) -> None:
    """The same inside the caller's transaction."""
    if store.db.execute(
        f"DELETE FROM drafts WHERE account = {CURRENT} AND about = ?", (about or person,)
    ).rowcount:
        _touch(store, person, about)


def people_with_drafts(store: Store) -> list[str]:
    """Ids of the persons for whom the worker has begun a new visit, latest first."""
    return [
        person
        for (person,) in store.db.execute(
            f"SELECT person FROM drafts WHERE account = {CURRENT} AND about = person ORDER BY kept_at DESC"
        )
    ]


def _touch(store: Store, person: str, about: str | None) -> None:
    # Only a new visit that was begun shows on the person's row.
    store.touch({"drafts"}, {person} if about is None else ())
