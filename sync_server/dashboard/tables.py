"""Figures for the pages, counted anew only when something has arrived since they were counted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.domain.campaign import Campaign, Column
from sync_server.dashboard.progress import arrivals, last_arrived
from sync_server.summary.cells import Table, count_cells, feed_number
from sync_server.summary.places import Place

_KEPT = 128
Counted = TypeVar("Counted")


class Tables:
    """What was counted last. On the evening of the last day many look at the same few pages."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._lock = Lock()

    def table(
        self, connection: Connection, campaign: Campaign, org: str, columns: Sequence[Column], *, now_ms: int
    ) -> Table:
        """The table as of the newest change, inside the caller's `reading` block."""

        def count() -> Table:
            at = datetime.fromtimestamp(now_ms / 1000, UTC)
            return count_cells(connection, campaign, org, columns=columns, at=at)

        return self._at_newest(connection, ("table", campaign.model_dump_json(), org, tuple(columns)), count)

    def last_arrived(self, connection: Connection, campaign: Campaign, here: Place) -> dict[str, int]:
        """As `progress.last_arrived`, inside the caller's `reading` block; one query serves all places."""
        key = ("arrivals", campaign.code)
        return last_arrived(self._at_newest(connection, key, lambda: arrivals(connection, campaign)), here)

    def _at_newest(
        self, connection: Connection, key: tuple[object, ...], count: Callable[[], Counted]
    ) -> Counted:
        at_feed = (feed_number(connection), *key)
        with self._lock:
            kept: Counted | None = self._kept.get(at_feed)
        if kept is not None:
            return kept
        counted = count()
        with self._lock:
            self._kept[at_feed] = counted
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return counted
