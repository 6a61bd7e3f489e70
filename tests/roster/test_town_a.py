"""The sample workbook, compared with what a careful clerk makes of it, row by row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.domain.divisions import Divisions
from sync_server.roster import Roster, read_roster, to_json

FIXTURES = Path(__file__).parent.parent / "fixtures"
EXPECTED = json.loads((FIXTURES / "roster-town-a.expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def roster(divisions: Divisions) -> Roster:
    return read_roster(FIXTURES / "roster-town-a.xlsx", divisions)


def test_every_row_says_what_the_clerk_says(roster: Roster) -> None:
    rows = {f"row{row['row']}": row for row in to_json(roster)["rows"]}
    # null in the answers: the workbook does not say, or clerks may differ; nothing to compare.
    expected = {k: {f: v for f, v in row.items() if v is not None} for k, row in EXPECTED["rows"].items()}
    for row in expected.values():
        row["categories"] = sorted(row["categories"])
    for row in rows.values():
        row["categories"] = sorted(row["categories"])
    assert {k: {f: rows[k].get(f) for f in expected.get(k, {})} for k in rows} == expected
    assert {k: r["problem"] for k, r in rows.items()} == {
        k: r["problem"] for k, r in EXPECTED["rows"].items()
    }


def test_no_number_is_given_where_digits_are_lost_or_missing(roster: Roster) -> None:
    assert {row.id for row in roster.rows if row.problem in ("digits_lost", "missing_id")} == {None}


def test_people_deceased_and_township_are_counted_as_the_clerk_counts_them(roster: Roster) -> None:
    counts = {
        "county": roster.county,
        "township": roster.township,
        "data_rows": len(roster.rows),
        "distinct_people": sum(row.of is None for row in roster.rows),
        "listed_as_dead": len(roster.deceased),
        "problems": {p: sum(row.problem == p for row in roster.rows) for p in EXPECTED["problems"]},
    }
    assert counts == {key: EXPECTED[key] for key in counts}


def test_nothing_is_asked_about_a_roster_that_says_everything(roster: Roster) -> None:
    assert roster.questions == ()
