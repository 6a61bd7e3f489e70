"""The proof that nothing is lost: every visit that the worker saved on this phone, and how far it has come.

On a shared phone everybody sees his own."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import UnknownRecord
from app.domain.models import Visit
from app.store import heads
from app.store.account import CURRENT
from app.store.outbox import STATE_OF_ALL, RecordState
from app.store.store import Store
from app.store.visits import Delivery, deliveries_of


@dataclass(frozen=True, slots=True)
class RecordView:
    """A visit made on this phone, undone ones too: they were saved, and their undo has to arrive."""

    visit: Visit
    person_name: str
    delivery: Delivery
    is_undone: bool
    needs_count: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Visits saved here by state; the four add up to all of them. `undone` of them were taken back.

    Beside the visits: `edits` are newcomers, settled entries and other records changed here of which
    something is not received yet, `edits_refused` those of which something was not accepted.
    """

    saved: int
    sent: int
    received: int
    refused: int
    undone: int
    edits: int = 0
    edits_refused: int = 0

    @property
    def all(self) -> int:
        return self.saved + self.sent + self.received + self.refused

    @property
    def waiting(self) -> int:
        """What the city has not confirmed and that needs nobody's hand."""
        return self.saved + self.sent + self.edits

    @property
    def has_all_arrived(self) -> bool:
        """Whether the city has accepted everything that was saved here."""
        return not (self.waiting or self.refused or self.edits_refused)


def recent(
    store: Store, *, limit: int, offset: int = 0, state: RecordState | None = None
) -> list[RecordView]:
    """Visits made on this phone, newest first; only those in `state` if given."""
    if state is None:
        rows = store.db.execute(
            f"""
            SELECT record
            FROM outbox
            WHERE entity = 'visit' AND kind = 'create' AND is_replaced = 0 AND account = {CURRENT}
            ORDER BY saved_at DESC, seq DESC
            LIMIT ? OFFSET ?
            """,
            (limit, offset),
        ).fetchall()
    else:
        rows = store.db.execute(
            f"""
            SELECT made.record
            FROM outbox AS made
            JOIN outbox AS part ON part.about = made.record
            WHERE made.entity = 'visit'
              AND made.kind = 'create'
              AND made.is_replaced = 0
              AND made.account = {CURRENT}
            GROUP BY made.record
            HAVING {STATE_OF_ALL} = ?
            ORDER BY MAX(made.saved_at) DESC, MAX(made.seq) DESC
            LIMIT ? OFFSET ?
            """,
            (state, limit, offset),
        ).fetchall()
    return _views(store, [record for (record,) in rows])


def totals(store: Store) -> Totals:
    """How many visits made here are in each state, and what else of the worker's has not arrived."""
    counts = dict(
        store.db.execute(
            f"""
            SELECT state, COUNT(*)
            FROM (
                SELECT {STATE_OF_ALL} AS state
                FROM outbox AS made
                JOIN outbox AS part ON part.about = made.record
                WHERE made.entity = 'visit'
              AND made.kind = 'create'
              AND made.is_replaced = 0
              AND made.account = {CURRENT}
                GROUP BY made.record
            )
            GROUP BY state
            """
        ).fetchall()
    )
    (undone,) = store.db.execute(
        f"""
        SELECT COUNT(DISTINCT record)
        FROM outbox
        WHERE entity = 'visit' AND kind = 'void' AND account = {CURRENT}
        """
    ).fetchone()
    edits, edits_refused = store.db.execute(
        f"""
        SELECT COALESCE(SUM(is_open), 0), COALESCE(SUM(is_refused), 0)
        FROM (
            SELECT
                MAX(part.state IN ('saved', 'sent')) AS is_open,
                -- A newcomer who was refused and then taken back needs no hand any more.
                MAX(part.state = 'refused' AND NOT part.is_replaced)
                    AND NOT MAX(part.kind = 'void') AS is_refused
            FROM outbox AS part
            WHERE part.account = {CURRENT}
              AND NOT EXISTS (
                SELECT 1
                FROM outbox AS made
                WHERE made.record = part.about
                  AND made.entity = 'visit'
                  AND made.kind = 'create'
                  AND made.account = {CURRENT}
              )
            GROUP BY part.about
        )
        """
    ).fetchone()
    return Totals(
        saved=counts.get("saved", 0),
        sent=counts.get("sent", 0),
        received=counts.get("received", 0),
        refused=counts.get("refused", 0),
        undone=undone,
        edits=edits,
        edits_refused=edits_refused,
    )


def record_view(store: Store, visit_id: str) -> RecordView:
    """One visit made on this phone; raises UnknownRecord for any other."""
    views = _views(store, [visit_id])
    if not views:
        raise UnknownRecord(f"这部手机上没有记过这次走访（{visit_id}）。")
    return views[0]


def _views(store: Store, visits: list[str]) -> list[RecordView]:
    deliveries = deliveries_of(store, visits)
    shown = heads.values_by_id(store, visits)
    people = heads.values_by_id(store, {str(values["person"]) for values in shown.values()})
    return [
        RecordView(
            visit=Visit.read(visit, shown[visit]),
            person_name=str(people.get(str(shown[visit]["person"]), {}).get("name", "")),
            delivery=deliveries[visit],
            is_undone=bool(shown[visit].get("voided")),
            needs_count=_needs_count(store, visit),
        )
        for visit in visits
        if visit in deliveries and visit in shown
    ]


def _needs_count(store: Store, visit: str) -> int:
    (count,) = store.db.execute(
        "SELECT COUNT(*) FROM outbox WHERE about = ? AND entity = 'need' AND kind = 'create'", (visit,)
    ).fetchone()
    return int(count)
