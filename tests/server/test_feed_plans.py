"""The feed's two ways use the indexes they were made for, and both give the same rows."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event, select

from sync_server.db.engine import among, reading, take_feed_numbers, writing
from sync_server.db.tables import heads
from sync_server.records import feed
from sync_server.records.scope import Scope
from tests.postgres import on_sqlite
from tests.server.phones import Phone

VILLAGE = Scope(("3311/331121/331121209/331121209200",))
COUNTY = Scope(("3311/331121",))
UNIT = Scope(("3311/3311U01",), is_unit=True)


def plan_of(engine: Engine, scope: Scope, table: str = "heads") -> str:
    """How SQLite runs the query on `table` of a page of `scope` from the beginning."""
    with writing(engine) as connection:
        take_feed_numbers(connection, 1)  # of an empty feed nothing is asked
    seen: list[tuple[str, tuple]] = []

    def note(_c: object, _cur: object, statement: str, parameters: tuple, *_: object) -> None:
        seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        with reading(engine) as connection:
            feed.page_after(connection, None, scope, 10)
            statement, parameters = next(s for s in seen if f"FROM {table}" in s[0])
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return "; ".join(row[3] for row in rows)


@on_sqlite
def test_a_village_reads_its_own_paths_however_short_the_way(engine: Engine) -> None:
    """Beside 500 villages that push at once, most numbers behind its cursor are the others'."""
    plan = plan_of(engine, VILLAGE)
    assert "ix_heads_path (path=? AND feed_no>?)" in plan
    assert "ix_heads_feed_no" not in plan


@on_sqlite
@pytest.mark.parametrize("scope", [COUNTY, UNIT], ids=["county", "unit"])
def test_a_short_way_walks_the_numbers_without_sorting(engine: Engine, scope: Scope) -> None:
    plan = plan_of(engine, scope)
    assert "ix_heads_feed_no (feed_no>?)" in plan
    assert "TEMP B-TREE" not in plan


@on_sqlite
def test_a_small_scope_far_behind_reads_its_own_paths(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_WALK_AT_MOST", -1)
    plan = plan_of(engine, VILLAGE)
    assert re.search(r"ix_heads_path \(path=\?", plan)
    assert "SCAN" not in plan


@on_sqlite
def test_a_large_scope_far_behind_still_walks_the_numbers(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_WALK_AT_MOST", -1)
    assert "ix_heads_feed_no (feed_no>?)" in plan_of(engine, COUNTY)


@on_sqlite
@pytest.mark.parametrize("scope", [VILLAGE, COUNTY, UNIT], ids=["village", "county", "unit"])
def test_departures_are_walked_by_number_without_sorting(engine: Engine, scope: Scope) -> None:
    plan = plan_of(engine, scope, "departures")
    assert "ix_departures_feed_no (feed_no>? AND feed_no<?)" in plan
    assert "SEARCH heads USING INDEX sqlite_autoindex_heads_1 (county=? AND record=?)" in plan
    assert "TEMP B-TREE" not in plan


def test_both_ways_give_the_same_pages(
    phone: Phone, sign_in: Callable[[str], Phone], engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = sign_in("stranger")
    phone.sync(*(phone.add_person(f"p{i}") for i in range(7)))
    stranger.sync(*(stranger.add_person(f"s{i}") for i in range(7)))

    def pages() -> list[list[str]]:
        found, cursor, more = [], None, True
        while more:
            with reading(engine) as connection:
                page = feed.page_after(connection, cursor, VILLAGE, 3)
            found.append(page.rows)
            cursor, more = page.cursor, page.more
        return found

    walked = pages()
    monkeypatch.setattr(feed, "_WALK_AT_MOST", -1)
    assert (pages(), [len(p) for p in walked]) == (walked, [3, 3, 1])


@on_sqlite
def test_records_named_in_a_list_are_found_by_their_index(engine: Engine) -> None:
    query = select(heads.c.row).where(among(heads.c.record, ["p1", "p2"]))
    with reading(engine) as connection:
        plan = connection.exec_driver_sql(
            f"EXPLAIN QUERY PLAN {query.compile(engine)}", ('["p1","p2"]',)
        ).all()
    assert "SEARCH heads USING INDEX ix_heads_record (record=?)" in [row[3] for row in plan]
