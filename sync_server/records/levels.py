"""Of which level of the organisation tree the authors are whom a page of the feed names.

A phone that shows two values side by side says from where each came. It is told the level and nothing
else, and only of those whose marks it gets: of whoever wrote a record alone nobody asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pydantic_core import from_json
from sqlalchemy import Connection, select

from sync_server.db.engine import among
from sync_server.db.tables import accounts, organisations

_HAS_MARKS = '"marks":{'  # within a value its quotes would be escaped


def levels_of_authors(
    connection: Connection, rows: Iterable[str], *, but: Collection[str] = ()
) -> dict[str, str]:
    """The level (OrgKind) by account id of everybody named in the `marks` of `rows` (wire.row_text).

    Those in `but` and whoever is no account, as the roster's importer, are left out.
    """
    authors: set[str] = set()
    for row in rows:
        if _HAS_MARKS in row:
            head = from_json(row)
            authors.add(head["first"][4])
            authors.update(mark[4] for found in head["marks"].values() for mark, _ in found)
    wanted = sorted(authors.difference(but))
    if not wanted:
        return {}
    query = (
        select(accounts.c.id, organisations.c.kind)
        .join(organisations, organisations.c.code == accounts.c.organisation)
        .where(among(accounts.c.id, wanted))
        .order_by(accounts.c.id)
    )
    return {row.id: row.kind for row in connection.execute(query)}
