"""`python -m tests.bench reports`: the summary table of a township, a county and the city."""

from __future__ import annotations

import statistics
from time import process_time

from sqlalchemy import Engine

from sync_server.db.engine import open_engine, reading
from sync_server.demo.city import SIZES, Size
from sync_server.demo.places import SHOWCASE_VILLAGE
from sync_server.demo.plant import CAMPAIGN
from sync_server.records.campaigns import campaign
from sync_server.summary.cells import Table, count_cells
from sync_server.summary.xlsx import workbook
from tests.bench.data import planted_city
from tests.bench.figures import Figure, laps_ms, timed

TIMES = 7
_CITY_LIMIT_S = 1.0


def measure(size: Size = SIZES["lishui"]) -> list[Figure]:
    """Seconds for each level's table from a city of `size`, and for the city's workbook."""
    folder = planted_city(size)
    url = f"sqlite:///{folder / 'zoufang.sqlite'}"
    with timed() as opening:
        engine = open_engine(url)
    with timed() as first:
        city = _count(engine, "3311")
    figures = [
        Figure("database opened", opening.seconds, "s", note=_size_of(city, size.visits)),
        Figure("city table, first", first.seconds, "s", _CITY_LIMIT_S, "nothing read before by this process"),
    ]
    for level, org, limit in (
        ("city", "3311", _CITY_LIMIT_S),
        ("county", SHOWCASE_VILLAGE[:6], None),
        ("township", SHOWCASE_VILLAGE[:9], None),
        ("village", SHOWCASE_VILLAGE, None),
    ):
        figures += _again(engine, level, org, limit)
    begun = process_time()
    _count(engine, "3311")
    figures.append(
        Figure("city table, processor time", process_time() - begun, "s", note="whatever else runs")
    )
    with timed() as writing:
        content = workbook(city, by="bench")
    engine.dispose()
    figures.append(
        Figure("city workbook written", writing.seconds, "s", note=f"{len(content) / 1000:.0f} kB")
    )
    return figures


def _again(engine: Engine, level: str, org: str, limit: float | None) -> list[Figure]:
    table = _count(engine, org)
    seconds = [ms / 1000 for ms in laps_ms(TIMES, lambda _: _count(engine, org))]
    people = table.total.cells["A2"]
    return [
        Figure(
            f"{level} table", statistics.median(seconds), "s", limit, f"median of {TIMES}; {people:,} people"
        ),
        Figure(f"{level} table, longest", max(seconds), "s"),
    ]


def _count(engine: Engine, org: str) -> Table:
    with reading(engine) as connection:
        return count_cells(connection, campaign(connection, CAMPAIGN), org)


def _size_of(city: Table, visits: int) -> str:
    return f"{city.total.cells['A2']:,} persons on the roster, {visits:,} visits"
