"""docs/SYNC.md names every field that crosses, and no field that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.domain.change import Change
from app.domain.wire import AnswerEnd, DigestAnswer, DigestQuestion, Own, Receipt, SyncHeader

TEXT = (Path(__file__).parents[2] / "docs" / "SYNC.md").read_text(encoding="utf-8")
ROW = {"entity", "record", "version", "values", "first", "marks"}


def _documented(heading: str) -> set[str]:
    section = re.split(f"\n#{{2,3}} {heading}", TEXT, maxsplit=1)[1].split("\n#", 1)[0]
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
        ("Digest", DigestQuestion.model_fields.keys() | DigestAnswer.model_fields.keys()),
    ],
)
def test_each_field_has_a_sentence(heading: str, fields: set[str]) -> None:
    assert _documented(heading) == fields
