"""What the server does for photos when nobody asks: thumbnails, and the end of abandoned uploads."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sync_server.photos.shelf import Shelf
from sync_server.photos.thumbnails import make_waiting

_PAUSE_S = 5.0
_SWEEP_EVERY = 720  # rounds: an hour
_logger = logging.getLogger(__name__)


@asynccontextmanager
async def done_in_background(shelf: Shelf, now_ms: Callable[[], int]) -> AsyncIterator[None]:
    """The chores are done for as long as the block lasts; one in hand at its end is finished first."""
    ending = asyncio.Event()
    task = asyncio.create_task(_do(shelf, now_ms, ending))
    try:
        yield
    finally:
        ending.set()
        await task


async def _do(shelf: Shelf, now_ms: Callable[[], int], ending: asyncio.Event) -> None:
    rounds = 0
    while not ending.is_set():
        try:
            if rounds % _SWEEP_EVERY == 0:
                await asyncio.to_thread(shelf.uploads.sweep, now_ms())
            more = await asyncio.to_thread(make_waiting, shelf, most=1)
        except Exception as fault:  # noqa: BLE001 - tried again in the next round; the server goes on
            _logger.error("photos in the background: %s", type(fault).__name__)
            more = 0
        rounds += 1
        if not more:
            with suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), _PAUSE_S)
