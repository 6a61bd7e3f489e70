"""`python -m tests.bench phone|shrink|sync|reports|photos|web [--json]`."""

from __future__ import annotations

import argparse
from importlib import import_module

from tests.bench.figures import show

BENCHES = {
    "phone": "saving a visit and searching, on the phone's store",
    "shrink": "making photos of 12 and 48 megapixels small",
    "sync": "first sync, push, pull, 500 devices at once, a slow link; a real server over loopback",
    "reports": "the summary table from 75,000 people and 120,000 visits",
    "photos": "200 photos beside curl, memory, 50 phones at once, a resume; a real server over loopback",
    "web": "from opening /app/ in a browser to the first list",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "bench", choices=BENCHES, help="; ".join(f"{n}: {what}" for n, what in BENCHES.items())
    )
    parser.add_argument("--records", type=int, help="how many visits `sync` pushes and pulls; 10,000")
    parser.add_argument("--json", action="store_true", help="for comparing runs")
    chosen = parser.parse_args()
    if chosen.records and chosen.bench != "sync":
        parser.error("--records belongs to sync")
    arguments = {"records": chosen.records} if chosen.records else {}
    figures = import_module(f"tests.bench.{chosen.bench}").measure(**arguments)
    show(chosen.bench, figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
