"""A refused visit on a real phone: mended, and what waited for it received without being sent again (P6)."""

from __future__ import annotations

from app.store import heads, outbox
from app.store.mending import mend_visit
from app.store.outbox import RecordState
from app.store.records import Totals, recent, totals
from app.store.visits import NewNeed, record_visit, visits_of
from tests.fakes import visit_to
from tests.sync.test_real_server import Phone, phones, state_of

__all__ = ["phones"]


def test_a_mended_visit_takes_along_the_hardship_that_waited_for_it(phones: tuple[Phone, Phone]) -> None:
    first, second = phones
    visit = record_visit(
        first.store, visit_to("person-1", cash_fen=900_000, needs=(NewNeed("HOUSING", "2", "漏雨"),))
    )
    first.sync()
    assert totals(first.store) == Totals(saved=0, sent=0, received=0, refused=1, undone=0)
    mend_visit(first.store, visit, visit_to("person-1", cash_fen=30_000))
    assert outbox.waiting(first.store).changes == 1  # the hardship is not sent again

    first.sync()
    second.sync()
    assert totals(first.store) == Totals(saved=0, sent=0, received=1, refused=0, undone=0)
    (theirs,) = visits_of(second.store, "person-1")
    assert theirs.visit.cash_fen == 30_000
    assert [values["words"] for _, values in heads.values_of(second.store, "need")] == ["漏雨"]
    assert [view.delivery.state for view in recent(first.store, limit=9)] == [RecordState.RECEIVED]
    assert state_of(first.store) == state_of(second.store)
    (open_,) = first.store.db.execute(
        "SELECT COUNT(*) FROM outbox WHERE state = 'refused' AND is_replaced = 0"
    ).fetchone()
    assert open_ == 0
