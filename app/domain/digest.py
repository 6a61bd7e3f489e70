"""Digests: how phone, server and report prove to one another that they hold the same records.

Each record's (id, version) gives one 40-bit mark; a digest counts the records of each entity and adds
their marks. Sums do not depend on order, can be kept in a column and added by either database, and
40 bits leave room for eight million records in a signed 64-bit sum. On a difference the marks are
compared by bucket, so that only the part that differs is pulled again. Versions only: sealing, masking
and waiting work cannot disturb it, and no hash of a personal value leaves a device (sync.md, Words).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

Digest = dict[str, tuple[int, int]]  # entity -> (records, sum of marks)
Buckets = dict[str, dict[int, tuple[int, int]]]  # entity -> bucket -> (records, sum of marks)

BUCKETS = 64
_MARK_BYTES = 5


def mark_of(record: str, version: int) -> int:
    """The 40-bit mark of a record at a version."""
    return int.from_bytes(sha256(f"{record}|{version}".encode()).digest()[:_MARK_BYTES], "big")


def bucket_of(record: str) -> int:
    """Which of the BUCKETS parts a record belongs to; it does not change with its version."""
    return sha256(record.encode()).digest()[0] % BUCKETS


def digest_of(records: Iterable[tuple[str, str, int]]) -> Digest:
    """The digest of (entity, record, version) triples."""
    marks: dict[str, list[int]] = {}
    for entity, record, version in records:
        marks.setdefault(entity, []).append(mark_of(record, version))
    return {entity: (len(found), sum(found)) for entity, found in marks.items()}


def buckets_of(records: Iterable[tuple[str, str, int]]) -> Buckets:
    """The same by bucket; empty buckets are left out."""
    parts: Buckets = {}
    for entity, record, version in records:
        buckets = parts.setdefault(entity, {})
        count, total = buckets.get(bucket_of(record), (0, 0))
        buckets[bucket_of(record)] = (count + 1, total + mark_of(record, version))
    return parts


def differing(ours: Buckets, theirs: Buckets) -> dict[str, list[int]]:
    """Entity -> buckets, rising, in which the two sides do not hold the same."""
    found: dict[str, list[int]] = {}
    for entity in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(entity, {}), theirs.get(entity, {})
        numbers = [b for b in range(BUCKETS) if mine.get(b) != other.get(b)]
        if numbers:
            found[entity] = numbers
    return found


def portions(want: dict[str, list[int]], theirs: Buckets, *, at_most: int) -> Iterator[dict[str, list[int]]]:
    """`want` in parts, each with at most `at_most` of their records, but at least one bucket."""
    part: dict[str, list[int]] = {}
    records = 0
    for entity, buckets in want.items():
        for bucket in buckets:
            count, _ = theirs.get(entity, {}).get(bucket, (0, 0))
            if part and records + count > at_most:
                yield part
                part, records = {}, 0
            part.setdefault(entity, []).append(bucket)
            records += count
    if part:
        yield part
