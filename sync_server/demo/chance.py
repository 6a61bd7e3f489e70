"""Seeded chance: a stream of its own for each part of the city.

With one stream for everything, one more villager in the first village would change every village
behind it. Named streams keep a change where it was made, and tests comparable.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(seed: int, *names: str) -> Random:
    """A random source that depends on `seed` and `names` alone, the same on every machine."""
    return Random("/".join((str(seed), *names)))


class Weighted(Generic[T]):
    """Values that come up in proportion to their weights; built once, drawn from many times."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self._values = list(weights)
        self._steps = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> T:
        return self._values[bisect(self._steps, rng.random() * self._steps[-1])]


def share_out(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to `weights` that add up to `total` exactly, in the same order."""
    whole = sum(weights)
    shares: list[int] = []
    so_far, given = 0.0, 0
    for weight in weights:
        so_far += weight
        upto = round(total * so_far / whole)
        shares.append(upto - given)
        given = upto
    return shares


def shuffled(rng: Random, values: Iterable[T]) -> list[T]:
    """The values in a random order; what is given stays as it is."""
    found = list(values)
    rng.shuffle(found)
    return found
