"""Taking back what was saved on this phone with one press: an undo is a Change like any other."""

from __future__ import annotations

from collections.abc import Iterable

from app.store import heads, outbox
from app.store.account import SignedIn
from app.store.outbox import NewChange
from app.store.store import Store

UNDO_MS = 24 * 3600 * 1000  # measured on this phone, from save to undo (sync.md, Facts and profiles)


def made_with(store: Store, about: str) -> list[tuple[str, str, int]]:
    """(entity, record, version) of what was created here with `about` and still stands, in that order."""
    made = store.db.execute(
        """
        SELECT o.entity, o.record, r.version
        FROM outbox AS o
        JOIN records AS r ON r.record = o.record
        WHERE o.about = ? AND o.kind = 'create' AND o.is_replaced = 0
        ORDER BY o.seq
        """,
        (about,),
    ).fetchall()
    return [one for one in made if not heads.shown_head(store, one[1]).is_voided]


def void(store: Store, records: Iterable[tuple[str, str, int]], *, about: str, account: SignedIn) -> None:
    """Void these (entity, record, version), in one transaction; numbers have no holes, so an undo is a
    `void` also of what was never sent."""
    voided = list(records)
    with store.transaction():
        outbox.append(
            store,
            [
                NewChange(entity, record, kind="void", base=version, about=about)
                for entity, record, version in voided
            ],
            device=account.device,
            actor=account.account_id,
        )
        heads.refresh_shown(store, [record for _, record, _ in voided])
