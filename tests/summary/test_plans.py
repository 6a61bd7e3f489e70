"""A township's table is found through indexes; only the city reads everything."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from sync_server.db.engine import reading
from sync_server.summary.cells import count_cells
from tests.summary.city import campaign, invent, tree


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = invent(random.Random(1), people=50, visits=80, needs=9, paths=tree()).stored(
        f"sqlite:///{tmp_path / 'a.sqlite'}"
    )
    with reading(engine) as found:
        yield found


def plans(connection: Connection, org: str) -> str:
    """How SQLite finds the rows of the table of `org`."""
    asked: list[tuple[str, tuple]] = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    count_cells(connection, campaign(), org)
    event.remove(connection, "before_cursor_execute", note)
    lines = []
    for statement, parameters in asked:
        lines += connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    return "\n".join(str(line[3]) for line in lines)


def test_a_township_is_found_by_path_and_its_visits_by_person(connection: Connection) -> None:
    found = plans(connection, "331121201")
    assert "SEARCH person_facts USING INDEX ix_person_facts_path" in found
    assert "SEARCH visit_facts USING INDEX ix_visit_facts_person (person=?)" in found
    assert "SCAN visit_facts" not in found


def test_the_city_reads_the_visits_of_the_campaign_in_the_order_of_the_disk(connection: Connection) -> None:
    assert "SEARCH visit_facts USING INDEX ix_visit_facts_campaign (campaign=?)" in plans(connection, "3311")
