"""A measured figure beside its limit, as a table for people and JSON for comparison."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import ceil
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `limit` is the most that the project promises, None where it promises nothing.

    `is_least` turns the limit round. `key` is its name at the top of the JSON, for scripts.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    note: str = ""
    key: str = ""
    is_least: bool = False

    @property
    def is_within(self) -> bool | None:
        if self.limit is None:
            return None
        return self.value >= self.limit if self.is_least else self.value <= self.limit


@dataclass(slots=True)
class Lap:
    """How long the block took, once it has ended."""

    seconds: float = 0.0

    @property
    def ms(self) -> float:
        return self.seconds * 1000


@contextmanager
def timed() -> Iterator[Lap]:
    """Measure a block by the wall."""
    lap = Lap()
    begun = perf_counter()
    try:
        yield lap
    finally:
        lap.seconds = perf_counter() - begun


def laps_ms(times: int, act: Callable[[int], object]) -> list[float]:
    """Milliseconds of each of `times` calls of `act` with 0, 1, 2..."""
    taken: list[float] = []
    for number in range(times):
        with timed() as lap:
            act(number)
        taken.append(lap.ms)
    return taken


def spread(
    name: str, taken_ms: Sequence[float], *, p99_limit: float | None = None, note: str = ""
) -> list[Figure]:
    """Median, 99th percentile and maximum of a series."""
    return [
        Figure(f"{name} p50", statistics.median(taken_ms), "ms", note=note),
        Figure(f"{name} p99", percentile(taken_ms, 99), "ms", p99_limit),
        Figure(f"{name} max", max(taken_ms), "ms"),
    ]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, ceil(len(ranked) * percent / 100) - 1)]


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cores": os.cpu_count(),
        "load_1min": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": f"{platform.system()} {platform.machine()}",
    }


def show(title: str, figures: Sequence[Figure], *, as_json: bool) -> None:
    """Print the figures of one bench with the machine that made them."""
    if as_json:
        said: dict[str, Any] = {"bench": title, "machine": machine()}
        said |= {f.key: f.value for f in figures if f.key}
        said["figures"] = [asdict(f) for f in figures]
        print(json.dumps(said, ensure_ascii=False, indent=1))
        return
    facts = "  ".join(f"{name} {value}" for name, value in machine().items())
    table = Table(title=f"{title}   ({facts})", title_justify="left")
    for header, side in (
        ("figure", "left"),
        ("value", "right"),
        ("limit", "right"),
        ("", "left"),
        ("note", "left"),
    ):
        table.add_column(header, justify=side)  # type: ignore[arg-type]
    for figure in figures:
        within = {None: "", True: "within", False: "[bold red]beyond[/bold red]"}[figure.is_within]
        limit = "" if figure.limit is None else f"{figure.limit:,g} {figure.unit}"
        table.add_row(figure.name, f"{_plain(figure.value)} {figure.unit}", limit, within, figure.note)
    Console(width=None).print(table)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.3g}"
