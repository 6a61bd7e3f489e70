"""python -m tests.simulation --seeds A-B [--days N] [--jobs N] [--database NAME] [--json]

Live through a world for each seed and count. Ends with 0 if every promise was kept in all of them.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from tests.simulation.databases import Workshop, workshop
from tests.simulation.server import plant_city
from tests.simulation.tally import Tally
from tests.simulation.world import Lived, live

DAYS = 3
SHOWN = ("worker_days", "visits", "edits", "changes", "conflicts", "quarantined", "lost", "duplicated")


def run(seeds: Iterable[int], *, days: int, jobs: int, database: str) -> dict[str, Any]:
    """Live through the worlds of `seeds`; the report as `--json` prints it. Failing seeds go to stderr."""
    begun, total, failing = time.perf_counter(), Tally(), []
    with workshop(database, plant_city) as place, ProcessPoolExecutor(max_workers=jobs) as pool:
        for lived in pool.map(partial(_live, place, days), seeds):
            total.add(lived.tally)
            if lived.broken is not None:
                failing.append(lived.seed)
                print(told(lived, days=days, database=database), file=sys.stderr, flush=True)
    seconds = time.perf_counter() - begun
    return {
        **{name: value for name, value in vars(total).items() if isinstance(value, int)},
        "faults": dict(sorted(total.faults.items())),
        "faults_in_all": sum(total.faults.values()),
        "refusals": dict(sorted(total.refusals.items())),
        "violations": len(failing),
        "failing_seeds": failing,
        "seconds": round(seconds, 1),
        "worker_days_per_s": round(total.worker_days / seconds, 1),
    }


def told(lived: Lived, *, days: int, database: str) -> str:
    """The failure of a world, and how to see it again."""
    replay = f"python -m tests.simulation --seeds {lived.seed} --days {days} --database {database}"
    return f"seed={lived.seed} {lived.broken}\n  replay: {replay}"


def _live(place: Workshop, days: int, seed: int) -> Lived:
    logging.disable(logging.CRITICAL)  # in a process of the pool; faults are what this is about
    return live(place, days, seed)


def _seeds(said: str) -> range:
    """The seeds of A-B, both included, or of one number."""
    first, _, last = said.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    if not seeds:
        raise argparse.ArgumentTypeError(f"{said}: the second number is below the first")
    return seeds


def main() -> int:
    """0 if every promise was kept."""
    options = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    options.add_argument("--seeds", type=_seeds, default="1-20", help="A-B, both included, or one number")
    options.add_argument("--days", type=int, default=DAYS, help="days in each world")
    options.add_argument("--jobs", type=int, default=2, help="worlds at the same time")
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--json", action="store_true", help="the whole report as JSON")
    chosen = options.parse_args()
    report = run(chosen.seeds, days=chosen.days, jobs=chosen.jobs, database=chosen.database)
    if chosen.json:
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        print(", ".join(f"{name} {report[name]}" for name in (*SHOWN, "faults_in_all", "seconds")))
        print(f"failing seeds: {report['failing_seeds'] or 'none'}")
    return 1 if report["failing_seeds"] else 0


if __name__ == "__main__":
    sys.exit(main())
