"""The SQL count equals the plain recount, at every level, whatever the records look like."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.metrics import CATALOGUE, Number
from app.domain.metrics import count_cells as recount
from sync_server.db.engine import reading
from sync_server.summary.cells import Row, count_cells, to_json
from sync_server.summary.tally import FIGURES
from tests.postgres import Database
from tests.summary.city import City, campaign, invent, tree


def recounted(city: City, org: str) -> dict[str, Number]:
    return recount(
        campaign(),
        city.people,
        city.visits,
        city.needs,
        city.facts,
        within=city.within(org),
        station_within=city.station_within(org),
    )


def counted_everywhere(city: City, url: str) -> dict[str, dict[str, Number]]:
    """The total row of every organisation's own table."""
    engine = city.stored(url)
    with reading(engine) as connection:
        found = {org: count_cells(connection, campaign(), org).total.cells for org in city.paths}
    engine.dispose()
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_organisation_counts_what_a_plain_recount_gives(
    seed: int, tmp_path: Path, database: Database
) -> None:
    city = invent(random.Random(seed), people=150, visits=300, needs=40, paths=tree())
    assert counted_everywhere(city, database.fresh(tmp_path)) == {
        org: recounted(city, org) for org in city.paths
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    size=st.tuples(st.integers(0, 14), st.integers(0, 25), st.integers(0, 6)),
)
def test_small_cities_with_every_oddity_count_like_the_recount(
    tmp_path_factory: pytest.TempPathFactory, database: Database, seed: int, size: tuple[int, int, int]
) -> None:
    people, visits, needs = size if size[0] else (0, 0, 0)
    rng = random.Random(seed)
    city = invent(rng, people=people, visits=visits, needs=needs, paths=tree(2, 1, 2))
    url = database.fresh(tmp_path_factory.mktemp("city"))
    assert counted_everywhere(city, url) == {org: recounted(city, org) for org in city.paths}


def test_each_row_of_a_table_equals_the_child_own_total(tmp_path: Path, database: Database) -> None:
    city = invent(random.Random(7), people=200, visits=400, needs=30, paths=tree())
    engine = city.stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        for org in city.paths:
            for row in count_cells(connection, campaign(), org).children:
                assert row.cells == count_cells(connection, campaign(), row.org).total.cells, row.org


def test_who_lies_under_no_child_has_a_line_that_makes_the_lines_add_up(
    tmp_path: Path, database: Database
) -> None:
    city = invent(random.Random(5), people=120, visits=240, needs=30, paths=tree())
    township = next(code for code in city.paths if len(code) == 9)
    inside = city.within(township)
    city.people = [
        p.model_copy(update={"village": township}) if inside(p) and i % 3 == 0 else p
        for i, p in enumerate(city.people)
    ]
    expected = recount(
        campaign(),
        city.people,
        city.visits,
        city.needs,
        city.facts,
        within=lambda p: p.village == township,
    )
    engine = city.stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        table = count_cells(connection, campaign(), township)
        above = count_cells(connection, campaign(), township[:6])
    assert table.unplaced == Row("", "未写明村（社区）", "", expected)
    parts = [*table.children, table.unplaced]
    sums = {c: sum(row.cells[c] for row in parts) - table.total.cells[c] for c in table.adjustment}
    assert sums == table.adjustment
    assert table.unplaced.cells["C3"] == table.total.cells["C3"] - sum(r.cells["C3"] for r in table.children)
    assert to_json(table)["unplaced"] == expected
    assert (above.unplaced, to_json(above)["unplaced"]) == (None, None)


def test_rows_stand_in_administrative_order_with_units_and_the_total_last(
    tmp_path: Path, database: Database
) -> None:
    engine = City(tree()).stored(database.fresh(tmp_path))
    with reading(engine) as connection:
        table = count_cells(connection, campaign(), "3311")
    assert [row.org for row in table.rows] == ["331121", "331122", "3311U01", "3311U02", "3311"]


def test_every_metric_of_the_catalogue_is_counted_in_sql_too() -> None:
    assert FIGURES.keys() == CATALOGUE.keys()
