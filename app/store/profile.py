"""What of a person's entries somebody else has changed since my last visit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.store import heads
from app.store.account import signed_in_account
from app.store.authors import Author, author_of
from app.store.store import Store
from app.store.visits import visits_of

# Said by the machinery of the roster; a worker is told by the page what follows from them.
_UNSPOKEN = frozenset({"voided", "id_problem", "duplicate_of", "merged_into", "household", "unit"})


@dataclass(frozen=True, slots=True)
class Changed:
    """A field as it stands now, and who wrote it so. `field` of a set is `set/element`."""

    field: str
    value: Any
    author: Author


def changed_since_visit(store: Store, person: str) -> list[Changed]:
    """What somebody else wrote in this person's entries after my last visit, latest first.

    Empty where I have not been there yet: then all is news, and none of it needs to be marked.
    """
    account = signed_in_account(store)
    mine = [view.visit.at for view in visits_of(store, person) if view.visit.performer == account.account_id]
    if not mine:
        return []
    since_ms = max(mine).timestamp() * 1000
    head = heads.shown_head(store, person)
    written = [
        Changed(name, found[0].value, author_of(store, found[0].mark, person=person))
        for name, found in head.marks.items()
        if name not in _UNSPOKEN
    ]
    news = [
        each
        for each in written
        if not each.author.is_me and each.author.at_ms is not None and each.author.at_ms > since_ms
    ]
    return sorted(news, key=lambda each: (-(each.author.at_ms or 0), each.field))
