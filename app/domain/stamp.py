"""Hybrid logical clock: one integer that orders Changes and still says when they were claimed.

48 bits of Unix milliseconds and a 16-bit counter (Kulkarni et al., 2014). The counter keeps the
stamps of one device rising when its wall clock stands still or is set back.
"""

from __future__ import annotations

COUNTER_BITS = 16
COUNTER_MAX = (1 << COUNTER_BITS) - 1


def hlc_of(ms: int, counter: int = 0) -> int:
    """The stamp for Unix time `ms`."""
    return ms << COUNTER_BITS | counter


def ms_of(hlc: int) -> int:
    """The Unix time in ms that `hlc` claims."""
    return hlc >> COUNTER_BITS


def tick(last: int, now_ms: int) -> int:
    """The next stamp of a device: later than `last`, and not before `now_ms`."""
    fresh = hlc_of(now_ms)
    return fresh if fresh > last else last + 1


def effective(claim: int, *, offset_ms: int, arrived_ms: int, previous: int) -> int:
    """The stamp by which the server lets `claim` compete (sync.md, Time).

    `offset_ms` is what must be added to the device's clock to get the server's; the result is
    never later than arrival and always later than `previous`, the last one of that device, so
    that one wrong clock neither wins every conflict nor reorders its own work.
    """
    moved = claim + (offset_ms << COUNTER_BITS)
    return max(min(moved, hlc_of(arrived_ms, COUNTER_MAX)), previous + 1)
