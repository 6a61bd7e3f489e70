"""The city's divisions, read once for all tests of rosters."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain.divisions import Divisions

ASSETS = Path(__file__).parent.parent.parent / "assets"


@pytest.fixture(scope="session")
def divisions() -> Divisions:
    return Divisions.read((ASSETS / "divisions" / "3311.csv").read_text(encoding="utf-8"))
