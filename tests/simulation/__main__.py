"""python -m tests.simulation --seeds A-B [--days N] [--jobs N] [--json]: live through worlds and count."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.simulation.server import plant_city
from tests.simulation.tally import Broken, Tally
from tests.simulation.world import FOUNDED_MS, run_world

DAYS = 3
_MEMORY = Path("/dev/shm")


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder in memory where there is such a thing, with a planted city; gone afterwards."""
    where = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="zoufang-worlds-", dir=where) as name:
        folder = Path(name)
        (folder / "city").mkdir()
        plant_city(folder / "city" / "city.sqlite", FOUNDED_MS)
        yield folder


def live(folder: Path, days: int, seed: int) -> tuple[int, Tally, str | None]:
    """One world: (seed, its figures, what was broken or None)."""
    logging.disable(logging.CRITICAL)  # faults are what this is about
    tally, broken = Tally(), None
    with tempfile.TemporaryDirectory(prefix=f"{seed}-", dir=folder) as home:
        try:
            run_world(seed, days=days, folder=Path(home), city=folder / "city" / "city.sqlite", tally=tally)
        except Broken as fault:
            broken = str(fault)
        except Exception as fault:  # noqa: BLE001 - the seed has to be told
            broken = f"{type(fault).__name__}: {fault}"
    return seed, tally, broken


def run(seeds: Iterable[int], *, days: int, jobs: int) -> dict[str, Any]:
    """Live through the worlds of `seeds`; the report as `--json` prints it. Failing seeds go to stderr."""
    begun, total, failing = time.perf_counter(), Tally(), []
    with workshop() as folder, ProcessPoolExecutor(max_workers=jobs) as pool:
        for seed, tally, broken in pool.map(partial(live, folder, days), seeds):
            total.add(tally)
            if broken is not None:
                failing.append(seed)
                print(f"seed={seed} {broken}", file=sys.stderr)
                print(f"  replay: python -m tests.simulation --seeds {seed} --days {days}", file=sys.stderr)
    seconds = time.perf_counter() - begun
    return {
        **{name: value for name, value in vars(total).items() if isinstance(value, int)},
        "faults": sum(total.faults.values()),
        "faults_by_kind": dict(sorted(total.faults.items())),
        "refusals_by_code": dict(sorted(total.refusals.items())),
        "seconds": round(seconds, 1),
        "worker_days_per_minute": round(total.worker_days / seconds * 60),
        "failing_seeds": failing,
    }


def main() -> int:
    """0 if every promise was kept."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    options.add_argument("--seeds", default="1-20", help="A-B, both included, or one number")
    options.add_argument("--days", type=int, default=DAYS, help="days in each world")
    options.add_argument("--jobs", type=int, default=2, help="worlds at the same time")
    options.add_argument("--json", action="store_true", help="the whole report as JSON")
    chosen = options.parse_args()
    first, _, last = chosen.seeds.partition("-")
    report = run(range(int(first), int(last or first) + 1), days=chosen.days, jobs=chosen.jobs)
    if chosen.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        told = ("worker_days", "visits", "edits", "changes", "faults", "conflicts", "quarantined")
        print(", ".join(f"{name} {report[name]}" for name in (*told, "lost", "duplicated", "seconds")))
        print(f"failing seeds: {report['failing_seeds'] or 'none'}")
    return 1 if report["failing_seeds"] else 0


if __name__ == "__main__":
    sys.exit(main())
