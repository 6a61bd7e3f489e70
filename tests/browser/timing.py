"""How long the page takes from being opened to its first list, cold and warm.

`measure` is what `python -m tests.bench web` prints; nothing asserts these figures.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.phone import START_LIMIT_MS, Phone, open_context

# Chromium writes its caches a moment after the page has gone; a start at once would not find them.
_SETTLE_MS = 1_000


def measure(url: str, runs: int, *, label: str, warm_starts: int = 2) -> list[dict[str, int | str]]:
    """Open `url` `runs` times with an empty profile, and each time `warm_starts` times again.

    One row a start: `run`, `kind` ("cold" | "warm"), and in milliseconds since the page was opened
    the marks that the page leaves (`worker`, `pyodide`, `unpacked`, `ran`, `jsConnect`, `firstFrame`,
    `firstView`: the first patch handed to Flutter, `shown`: it is drawn and the splash gone) and
    `first_list`: when an element with the accessible text or label `label` is there. A warm start is
    served by the service worker, which a cold one has filled.
    """
    rows: list[dict[str, int | str]] = []
    with sync_playwright() as playwright:
        for run in range(runs):
            with (
                tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
                open_context(playwright, Path(profile)) as context,
            ):
                rows.append({"run": run, "kind": "cold", **_start(context, url, label)})
                rows += [
                    {"run": run, "kind": "warm", **_start(context, url, label)} for _ in range(warm_starts)
                ]
    return rows


def medians(rows: list[dict[str, int | str]], kind: str) -> dict[str, int]:
    """The median of each figure over the rows of one kind."""
    chosen = [row for row in rows if row["kind"] == kind]
    names = [name for name in (chosen[0] if chosen else {}) if name not in {"run", "kind"}]
    return {name: round(statistics.median(int(row[name]) for row in chosen)) for name in names}


def _start(context: BrowserContext, url: str, label: str) -> dict[str, int]:
    phone = Phone(context, url).open()
    element = phone.page.get_by_text(label).or_(phone.page.get_by_label(label)).first
    element.wait_for(timeout=START_LIMIT_MS)
    first_list = phone.page.evaluate("Math.round(performance.now())")
    marks = phone.marks()
    phone.wait_until_kept()
    phone.close()
    context.pages[0].wait_for_timeout(_SETTLE_MS)
    return {**marks, "first_list": first_list}
