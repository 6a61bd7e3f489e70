"""Which Changes of the log are about an anonymous opinion: their lines name no device and no hour."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from app.domain.facts import Opinion
from sync_server.db.tables import changes


def anonymous_opinions(connection: Connection) -> set[str]:
    """The records of all that anybody ever said without a name, also of what was refused."""
    query = select(changes.c.record, changes.c.fields).where(changes.c.entity == Opinion.entity)
    return {record for record, fields in connection.execute(query) if _is_anonymous(fields)}


def _is_anonymous(fields: str) -> bool:
    try:
        said = json.loads(fields)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("anonymous") is True
