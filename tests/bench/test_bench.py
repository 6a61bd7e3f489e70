"""Every bench runs with a handful of people, so that none goes stale unseen. No times are asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module

import pytest

import sync_server.demo.plant
import tests.bench.data
from sync_server.demo.city import SIZES, Size
from tests.bench import phone, reports, sync
from tests.bench.__main__ import BENCHES
from tests.bench.data import Filled
from tests.bench.figures import Figure, show

CITY = Size(people=120, visits=60, in_units=0, showcase=3)
PHONE = Filled(people=120, visits=60, showcase=3)
SYNC_KEYS = {
    "push_s", "push_bytes", "push_phone_cpu_s", "push_server_cpu_s", "pull_s", "pull_bytes",
    "edits100_s", "edits100_bytes", "visits5_bytes", "empty_bytes_up", "empty_bytes_down",
    "visits_per_s", "crowd_p99_s", "crowd_memory_mb", "crowd_lost", "slow_link_s", "slow_link_worst_s",
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a bench makes goes with these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tests.bench.data, "BUILD", tmp_path_factory.mktemp("bench"))
        patch.setattr(tests.bench.data, "SIZES", SIZES.copy())
        patch.setattr(sync_server.demo.plant, "SIZES", tests.bench.data.SIZES)
        yield


def told(title: str, figures: list[Figure], capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """The JSON of a run, as scripts read it."""
    show(title, figures, as_json=True)
    said: dict[str, object] = json.loads(capsys.readouterr().out)
    return said


def test_the_sync_bench_gives_every_key_that_scripts_read(capsys: pytest.CaptureFixture[str]) -> None:
    figures = sync.measure(records=20, roster=CITY, lively=None, devices=3, days=2)
    said = told("sync", figures, capsys)
    assert said.keys() == SYNC_KEYS | {"bench", "machine", "figures"}
    assert said["crowd_lost"] == 0


def test_the_phone_bench_saves_and_searches(capsys: pytest.CaptureFixture[str]) -> None:
    said = told("phone", phone.measure(saving=PHONE, searching=PHONE, saves=3), capsys)
    names = {figure["name"] for figure in said["figures"]}  # type: ignore[attr-defined]
    assert {"save a visit p99", "search max", "search and filter counts max", "database"} <= names


def test_the_reports_bench_counts_every_level(capsys: pytest.CaptureFixture[str]) -> None:
    said = told("reports", reports.measure(CITY), capsys)
    names = {figure["name"] for figure in said["figures"]}  # type: ignore[attr-defined]
    assert {f"{level} table" for level in ("city", "county", "township", "village")} <= names


def test_every_bench_of_the_command_can_be_begun() -> None:
    """The browser's is run by hand: it builds the site, which takes a minute."""
    assert all(callable(import_module(f"tests.bench.{name}").measure) for name in BENCHES)
