from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.models import Need
from app.store.inbox import apply_page
from app.store.needs import needs_of
from app.store.store import Store
from tests.fakes import NOON, VILLAGE, FakeClock, answer_of, campaign, head_of, person, signed_in_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = signed_in_store(tmp_path / "phone.db", FakeClock())
    apply_page(store, "phone-1", answer_of(rows=[head_of(person("a", name="张三")), head_of(person("b"))]))
    yield store
    store.close()


def need(record: str, who: str, *, state: str = "FOUND", severity: str = "2", days_ago: int = 0) -> Need:
    return Need(
        id=record,
        campaign=campaign().code,
        person=who,
        visit="visit-1",
        organisation=VILLAGE,
        type="HOUSING",
        severity=severity,
        words="屋顶漏雨",
        found_at=datetime.fromtimestamp(NOON / 1000, UTC) - timedelta(days=days_ago),
        state=state,
    )


def test_the_needs_of_a_person_are_all_that_stand_with_the_open_and_serious_ones_first(store: Store) -> None:
    found = [
        need("closed", "a", state="CLOSED", severity="4"),
        need("older", "a", days_ago=3),
        need("newer", "a"),
        need("serious", "a", severity="3", days_ago=9),
        need("of-another", "b"),
    ]
    rows = [*map(head_of, found), head_of(need("taken-back", "a"), voided=True)]
    apply_page(store, "phone-1", answer_of(rows=rows, cursor="c2"))
    assert [(view.need.id, view.is_open, view.person_name) for view in needs_of(store, "a")] == [
        ("serious", True, "张三"),
        ("newer", True, "张三"),
        ("older", True, "张三"),
        ("closed", False, "张三"),
    ]
