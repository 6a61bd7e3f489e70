"""Every promise in a few hundred small worlds; `python -m tests.simulation` lives through more and longer."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.postgres import Database, on_postgresql
from tests.simulation.__main__ import told
from tests.simulation.databases import Workshop, workshop
from tests.simulation.server import plant_city
from tests.simulation.world import live

BLOCK = 20
BLOCKS = 10  # of worlds of a day, on SQLite
ON_POSTGRESQL = range(1, 8)


@pytest.fixture(scope="module")
def place() -> Iterator[Workshop]:
    with workshop("sqlite", plant_city) as made:
        yield made


@pytest.fixture(autouse=True)
def no_log() -> Iterator[None]:
    """Faults are what this is about."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(1, BLOCK * BLOCKS, BLOCK))
def test_every_promise_is_kept_in_worlds_of_a_day(place: Workshop, first: int) -> None:
    lived = [live(place, 1, seed) for seed in range(first, first + BLOCK)]
    assert [told(one, days=1, database="sqlite") for one in lived if one.broken] == []


def test_every_promise_is_kept_over_a_week(place: Workshop) -> None:
    lived = [live(place, 7, seed) for seed in (1001, 1002)]
    assert [told(one, days=7, database="sqlite") for one in lived if one.broken] == []


@on_postgresql
def test_every_promise_is_kept_on_postgresql_too(database: Database) -> None:
    with workshop("postgresql", plant_city) as place:
        lived = [live(place, 1, seed) for seed in ON_POSTGRESQL]
    assert [told(one, days=1, database="postgresql") for one in lived if one.broken] == []


def test_a_seed_replays_exactly(place: Workshop) -> None:
    first, again = (live(place, 2, 7) for _ in range(2))
    assert (first, len(first.fingerprint)) == (again, 16)
