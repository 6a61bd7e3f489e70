"""docs/SYNC.md names every field that crosses, and no field that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.domain.change import Change
from app.domain.wire import AnswerEnd, Own, Receipt, SyncHeader

TEXT = (Path(__file__).parents[2] / "docs" / "SYNC.md").read_text(encoding="utf-8")
ROW = {"entity", "record", "version", "values", "first", "marks"}


def _documented(heading: str) -> set[str]:
    section = TEXT.split(f"### {heading}", 1)[1].split("\n#", 1)[0]
    return set(re.findall(r"^\| `(\w+)` \| [^|]{10,} \|$", section, re.MULTILINE))


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("SyncHeader", set(SyncHeader.model_fields)),
        ("Change", set(Change.model_fields)),
        ("Receipt", set(Receipt.model_fields)),
        ("A row", ROW),
        ("Own", set(Own._fields)),
        ("AnswerEnd", set(AnswerEnd.model_fields)),
    ],
)
def test_each_field_has_a_sentence(heading: str, fields: set[str]) -> None:
    assert _documented(heading) == fields
