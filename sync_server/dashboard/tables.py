"""Tables for the pages, counted anew only when something has arrived since they were counted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import Connection

from app.domain.campaign import Campaign, Column
from sync_server.summary.cells import Table, count_cells, feed_number

_KEPT = 64


class Tables:
    """The last tables counted. On the evening of the last day many look at the same few."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Table] = OrderedDict()
        self._lock = Lock()

    def table(
        self, connection: Connection, campaign: Campaign, org: str, columns: Sequence[Column], *, now_ms: int
    ) -> Table:
        """The table as of the newest change, inside the caller's `reading` block."""
        key = (feed_number(connection), campaign.model_dump_json(), org, tuple(columns))
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        at = datetime.fromtimestamp(now_ms / 1000, UTC)
        table = count_cells(connection, campaign, org, columns=columns, at=at)
        with self._lock:
            self._kept[key] = table
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return table
