"""ids: UUIDv7 as RFC 9562 lays it out, rising with time."""

from __future__ import annotations

import random
import uuid

from app.domain.ids import new_id


def test_an_id_is_a_version_7_uuid_of_the_given_time():
    made = uuid.UUID(new_id(1_658_000_000_000, random.Random(1).randbytes))
    assert (made.version, made.variant, made.int >> 80) == (7, uuid.RFC_4122, 1_658_000_000_000)


def test_ids_of_later_times_sort_later():
    entropy = random.Random(1).randbytes
    made = [new_id(ms, entropy) for ms in (5, 6, 7, 2**40)]
    assert made == sorted(made)
