"""No garbage collection while a large batch is in hand."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused(when: bool) -> Iterator[None]:
    """Pause it for the block `when` true; objects are then freed by their counts alone.

    A batch of thousands makes hundreds of thousands of objects of which none is garbage yet, and each
    full collection would walk them all, and the index or the application beside them (a third of the
    time). Blocks may nest and, in threads, overlap: who ends first ends it for all.
    """
    pause = when and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()
