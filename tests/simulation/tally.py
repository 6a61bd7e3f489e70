"""What a run counts, and the one way in which it fails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


class Broken(AssertionError):
    """A promise is broken; the message begins with which one."""


@dataclass
class Tally:
    """Figures of a run; `faults` by kind, `refusals` by code."""

    worker_days: int = 0
    visits: int = 0
    edits: int = 0
    changes: int = 0
    requests: int = 0
    conflicts: int = 0
    quarantined: int = 0
    renumbered: int = 0
    released: int = 0
    replaced: int = 0
    healed: int = 0
    cleared: int = 0
    photos: int = 0
    photos_proven: int = 0
    photos_lost: int = 0
    photos_cleared_unproven: int = 0
    lost: int = 0
    duplicated: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Take in the figures of `other`."""
        for name, value in vars(other).items():
            if isinstance(value, Counter):
                getattr(self, name).update(value)
            else:
                setattr(self, name, getattr(self, name) + value)
