"""What a running server holds and its routes share: the database, the settings, the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from sync_server.settings import Settings


def unix_ms() -> int:
    """The clock, Unix time in ms."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class ServerState:
    """Made once by create_app; `now_ms` is replaced where time is simulated."""

    engine: Engine
    settings: Settings
    now_ms: Callable[[], int] = unix_ms
