"""What the last sync came to, in counts that outlive the process. Words belong to the screens."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from app.store.store import Store


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The last sync that had something to say, of everybody's work on this phone.

    `visits` were received and `refused` put aside in it, `others` are other Changes received;
    `left` visits still waited when it ended. `failure` says why it did not come to its end, None if
    it did. `at_ms` by the phone's clock.
    """

    at_ms: int
    visits: int = 0
    refused: int = 0
    others: int = 0
    left: int = 0
    failure: str | None = None

    @property
    def says_something(self) -> bool:
        """Whether it sent anything or failed; a look that found nothing does not hide the one before."""
        return bool(self.visits or self.refused or self.others or self.failure)


def note_result(store: Store, result: SyncResult) -> None:
    """Keep `result` as the last one, in one transaction."""
    with store.transaction():
        store.db.execute("UPDATE feed SET last_result = ?", (json.dumps(asdict(result)),))
        store.touch({"feed"})


def last_result(store: Store) -> SyncResult | None:
    """The result kept last; None before the first."""
    (kept,) = store.db.execute("SELECT last_result FROM feed").fetchone()
    return SyncResult(**json.loads(kept)) if kept else None


def visits_left(store: Store) -> int:
    """How many visits of this phone have something that is not received yet."""
    (count,) = store.db.execute(
        """
        SELECT COUNT(DISTINCT part.about)
        FROM outbox AS part
        JOIN outbox AS made ON made.record = part.about AND made.entity = 'visit' AND made.kind = 'create'
        WHERE part.state IN ('saved', 'sent')
        """
    ).fetchone()
    return int(count)
