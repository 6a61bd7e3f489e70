from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from app.store.inbox import apply_page
from app.store.index import people_index
from app.store.store import Store
from app.store.visits import record_visit, undo_visit
from app.store.way import last_visited, nearest, way_from
from tests.fakes import (
    DAY_MS,
    NOON,
    OTHER_VILLAGE,
    FakeClock,
    answer_of,
    head_of,
    person,
    signed_in_store,
    visit_to,
)

NOW = datetime.fromtimestamp(NOON / 1000, timezone(timedelta(hours=8)))
ROSTER = [
    person("up-1", name="张三", hamlet="上坞", house="1号"),
    person("up-2", name="李四", hamlet="上坞", house="2号"),
    person("low-1", name="王五", hamlet="下坞", house="1号"),
    person("low-2", name="赵六", hamlet="下坞", house="2号"),
    person("low-3", name="孙七", hamlet="下坞", house="3号"),
    person("nowhere", name="周一"),
    person("far", name="吴九", village=OTHER_VILLAGE, hamlet="下坞", house="1号"),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = signed_in_store(tmp_path / "phone.db", FakeClock())
    apply_page(store, "phone-1", answer_of(rows=[head_of(model) for model in ROSTER]))
    yield store
    store.close()


def way(store: Store, start: str | None) -> list[str]:
    return [row.id for row in way_from(people_index(store), start, now=NOW)]


def near(store: Store, start: str | None) -> list[str]:
    return [row.id for row in nearest(people_index(store), start, now=NOW)]


def test_from_nowhere_the_way_is_the_roster_with_people_without_a_hamlet_last(store: Store) -> None:
    assert way(store, None) == ["up-1", "up-2", "low-1", "low-2", "low-3", "far", "nowhere"]
    assert people_index(store).search() == ["up-1", "up-2", "low-1", "low-2", "low-3", "nowhere", "far"]


def test_the_way_goes_through_the_rest_of_the_hamlet_before_it_leaves_it(store: Store) -> None:
    assert way(store, "low-2") == ["low-3", "low-1", "far", "up-1", "up-2", "nowhere"]
    assert near(store, "low-2") == ["low-3", "low-1"]


def test_who_was_tried_in_vain_today_comes_after_those_who_were_not(store: Store) -> None:
    record_visit(store, visit_to("low-3", result="NOT_MET"))
    assert way(store, "low-2") == ["low-1", "far", "up-1", "up-2", "low-3", "nowhere"]
    assert near(store, "low-2") == ["low-1", "low-3"]


def test_who_was_tried_in_vain_yesterday_keeps_the_place(store: Store) -> None:
    yesterday = datetime.fromtimestamp((NOON - DAY_MS) / 1000, UTC)
    record_visit(store, visit_to("low-3", result="NOT_MET", at=yesterday))
    assert near(store, "low-2") == ["low-3", "low-1"]


def test_a_hamlet_with_nobody_untried_is_left_for_the_next(store: Store) -> None:
    record_visit(store, visit_to("up-1", result="NOT_MET"))
    record_visit(store, visit_to("up-2", result="NOT_MET"))
    assert near(store, "up-2") == ["low-1", "low-2", "low-3"]


def test_people_without_a_hamlet_are_all_counted_once_nobody_else_is_left(store: Store) -> None:
    for who in ("up-1", "up-2", "low-1", "low-2", "low-3", "far"):
        record_visit(store, visit_to(who))
    rows = [head_of(person(f"new-{n}", name="郑一")) for n in range(6)]
    apply_page(store, "phone-1", answer_of(rows=rows, cursor="c2"))
    assert len(near(store, "far")) == 7


def test_a_worker_stands_where_his_last_visit_was_saved_even_if_he_took_it_back(store: Store) -> None:
    assert last_visited(store) is None
    record_visit(store, visit_to("up-1"))
    visit = record_visit(store, visit_to("low-2", result="NOT_MET"))
    assert last_visited(store) == "low-2"
    undo_visit(store, visit)
    assert last_visited(store) == "low-2"


def test_somebody_dead_or_gone_from_the_roster_is_still_a_place_to_start_from(store: Store) -> None:
    record_visit(store, visit_to("low-2", result="DECEASED"))
    assert near(store, "low-2") == ["low-3", "low-1"]
    assert way(store, "unknown")[0] == "up-1"
