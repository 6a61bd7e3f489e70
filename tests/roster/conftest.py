"""The city's divisions, read once for all tests of rosters, and a roster of rows read back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.domain.divisions import Divisions
from sync_server.roster import Roster, read_roster
from tests.roster.sheets import write_workbook

ASSETS = Path(__file__).parent.parent.parent / "assets"
Read = Callable[..., Roster]


@pytest.fixture(scope="session")
def divisions() -> Divisions:
    return Divisions.read((ASSETS / "divisions" / "3311.csv").read_text(encoding="utf-8"))


@pytest.fixture
def read(tmp_path: Path, divisions: Divisions) -> Read:
    """Write rows (or sheets of rows; merges are of the first sheet) and read them as a roster."""

    def write_and_read(
        rows: Any, merges: Any = (), name: str = "roster.xlsx", township: str | None = None
    ) -> Roster:
        sheets = rows if isinstance(rows, dict) else {"Sheet1": rows}
        path = write_workbook(tmp_path / name, sheets, {next(iter(sheets)): merges})
        return read_roster(path, divisions, township)

    return write_and_read
