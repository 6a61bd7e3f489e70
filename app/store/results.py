"""What the last sync came to, in counts that outlive the process. Words belong to the screens."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from app.store.account import CURRENT
from app.store.store import Store


@dataclass(frozen=True, slots=True)
class SyncResult:
    """The last sync that had something to say, of the work of one worker of this phone.

    `visits` were received with `needs`, and `refused` put aside in it, `others` is what else was
    received; `left` visits still waited when it ended. `failure` says why it did not come to its end, None if
    it did. `at_ms` by the phone's clock.
    """

    at_ms: int
    visits: int = 0
    refused: int = 0
    needs: int = 0
    others: int = 0
    left: int = 0
    failure: str | None = None

    @property
    def says_something(self) -> bool:
        """Whether it sent anything or failed; a look that found nothing does not hide the one before."""
        return bool(self.visits or self.refused or self.others or self.failure)


def note_result(store: Store, result: SyncResult) -> None:
    """Keep `result` as the last one of whoever holds the phone, in one transaction."""
    with store.transaction():
        (number,) = store.db.execute(f"SELECT {CURRENT}").fetchone()
        kept = json.dumps({**asdict(result), "account": number})
        store.db.execute("UPDATE feed SET last_result = ?", (kept,))
        store.touch({"feed"})


def last_result(store: Store) -> SyncResult | None:
    """The result kept last; None before the first, and where it was another worker's."""
    kept, number = store.db.execute(f"SELECT last_result, {CURRENT} FROM feed").fetchone()
    said = json.loads(kept) if kept else {}
    # One kept before results had a worker is of the only one there was.
    if not said or said.pop("account", number) != number:
        return None
    return SyncResult(**said)


def visits_left(store: Store) -> int:
    """How many visits of whoever holds the phone have something that is not received yet."""
    (count,) = store.db.execute(
        f"""
        SELECT COUNT(DISTINCT part.about)
        FROM outbox AS part
        JOIN outbox AS made ON made.record = part.about AND made.entity = 'visit' AND made.kind = 'create'
        WHERE part.state IN ('saved', 'sent') AND part.account = {CURRENT}
        """
    ).fetchone()
    return int(count)
