"""Rows on their way out of the server: anonymous opinions unsigned, and away from the visit they came with.

The heads keep who wrote what, by which the next Change is merged and its author may take it back.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic_core import from_json

from app.domain.unsigned import is_anonymous, unsigned
from app.domain.wire import head_from_json, row_text

_OPINION = '{"entity":"opinion",'  # how wire.row_text begins one: no other row is read for this


def told(rows: Iterable[str]) -> list[str]:
    """`rows` (wire.row_text) as any device may get them. Anonymous opinions come last, in an order that says
    nothing: in that of the feed each would follow its visit."""
    signed: list[str] = []
    without: list[tuple[str, str]] = []
    for row in rows:
        head = head_from_json(from_json(row)) if row.startswith(_OPINION) else None
        if head is None or not is_anonymous(head):
            signed.append(row)
        else:
            without.append((head.record, row_text(unsigned(head))))
    return [*signed, *(row for _, row in sorted(without))]
