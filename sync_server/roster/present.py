"""A Roster in another shape: the JSON of `zoufang roster check`."""

from __future__ import annotations

from typing import Any

from sync_server.roster.model import Deceased, Roster, RosterRow, RowRef


def to_json(roster: Roster) -> dict[str, Any]:
    """`{"township", "rows": [...], "deceased": [...], "questions": [...]}`, ready for json.dumps.

    A row's keys: row, name, id, village, categories, born, away, problem, and `of` ("row12") in a
    second listing. When the people stand on several sheets, `sheet` too, and `of` names the sheet
    if it is another one. `column` tells the people of one line apart.
    """
    several = len({row.sheet for row in roster.rows}) > 1
    return {
        "township": roster.township,
        "rows": [_row(row, several=several) for row in roster.rows],
        "deceased": [_deceased(one) for one in roster.deceased],
        "questions": list(roster.questions),
    }


def _row(row: RosterRow, *, several: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "row": row.row,
        "name": row.name,
        "id": row.id,
        "village": row.village,
        "categories": [category.value for category in row.categories],
        "born": row.born,
        "away": row.away,
        "problem": row.problem,
    }
    if several:
        shape["sheet"] = row.sheet
    if row.column:
        shape["column"] = row.column
    if row.of is not None:
        shape["of"] = _ref(row.of, seen_from=row.sheet)
    return shape


def _deceased(one: Deceased) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "row": one.row,
        "sheet": one.sheet,
        "name": one.name,
        "id": one.id,
        "died": one.died,
    }
    if one.of is not None:
        shape["of"] = _ref(one.of, seen_from=one.of.sheet)
    return shape


def _ref(ref: RowRef, *, seen_from: str) -> str:
    return f"row{ref.row}{ref.column}" if ref.sheet == seen_from else str(ref)
