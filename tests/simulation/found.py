"""The server at rest, read for the checks: its log, what became of refused Changes, its records."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, select

from app.domain.merge import Head
from app.domain.wire import head_from_json
from sync_server.db.tables import accounts, changes, heads, quarantine
from sync_server.records.quarantine import OUTCOME
from tests.simulation.server import Server

Key = tuple[str, int]


@dataclass
class Found:
    """`log` in the order of commits; `refused` by (device, seq); `held` by record, outcomes left out."""

    log: list[Row[Any]]
    refused: dict[Key, Row[Any]]
    held: dict[str, Row[Any]]
    outcomes: dict[str, Row[Any]]
    ids: dict[str, str]  # login -> account

    @classmethod
    def of(cls, server: Server) -> Found:
        with server.looking() as connection:
            log = connection.execute(select(changes).order_by(changes.c.feed_no)).all()
            refused = connection.execute(select(quarantine)).all()
            every = connection.execute(select(heads)).all()
            seats = connection.execute(select(accounts.c.login, accounts.c.id)).all()
        return cls(
            list(log),
            {(row.device, row.seq): row for row in refused},
            {row.record: row for row in every if row.entity != OUTCOME},
            {row.record: row for row in every if row.entity == OUTCOME},
            {row.login: row.id for row in seats},
        )

    @property
    def keys(self) -> set[Key]:
        """The Changes that have taken effect."""
        return {(row.device, row.seq) for row in self.log if self.is_taken(row)}

    @cached_property
    def about(self) -> dict[str, list[Row[Any]]]:
        """The log by record."""
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in self.log:
            found[row.record].append(row)
        return found

    @cached_property
    def said(self) -> dict[str, dict[int, dict[str, Any]]]:
        """The fields of each logged Change of a record, by feed number."""
        return {
            record: {row.feed_no: json.loads(row.fields) for row in rows}
            for record, rows in self.about.items()
        }

    def is_taken(self, row: Row[Any]) -> bool:
        """Whether the Change has taken effect: accepted, or released since."""
        if row.status != "quarantined":
            return True
        entry = self.refused.get((row.device, row.seq))
        return entry is not None and entry.status == "released"

    def rows_that_say(self, record: str, name: str, value: Any) -> list[Row[Any]]:
        """The logged Changes that write `value` into the field."""
        said = self.said.get(record, {})
        return [
            row
            for row in self.about.get(record, [])
            if name in said[row.feed_no] and said[row.feed_no][name] == value
        ]

    def head(self, record: str) -> Head | None:
        """The record as it stands."""
        row = self.held.get(record)
        return head_from_json(json.loads(row.row)) if row is not None else None

    def fingerprint(self) -> str:
        """A hash of all of it."""
        parts = (
            self.log,
            *([found[key] for key in sorted(found)] for found in (self.refused, self.held, self.outcomes)),
        )
        return sha256(repr([tuple(row) for part in parts for row in part]).encode()).hexdigest()[:16]
