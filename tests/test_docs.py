"""The documentation names only what is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SYMBOL = re.compile(r"`((?:app|sync_server)\.[\w.]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def symbols() -> list[str]:
    return sorted(set(SYMBOL.findall((ROOT / "docs/ARCHITECTURE.md").read_text("utf-8"))))


@pytest.mark.parametrize("symbol", symbols())
def test_every_symbol_that_the_architecture_names_exists(symbol):
    parts = symbol.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = getattr(found, name)
        return
    raise AssertionError(f"nothing is called {symbol}")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_between_pages_leads_somewhere(page):
    broken = [t for t in LINK.findall(page.read_text("utf-8")) if not (page.parent / t).exists()]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_decision_that_a_page_refers_to_is_written(page):
    referred = set(re.findall(r"docs/adr/(\d{4})", page.read_text("utf-8")))
    written = {path.name[:4] for path in (ROOT / "docs/adr").glob("*.md")}
    assert referred - written == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_organisation_in_an_example_exists(page):
    named = set(re.findall(r"--(?:org|township) (\d+)", page.read_text("utf-8")))
    lines = (ROOT / "assets/divisions/3311.csv").read_text("utf-8").splitlines()
    assert named - {line.partition(",")[0] for line in lines} == set()
