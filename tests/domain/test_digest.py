"""digest: the same records give the same digest in any order, and a difference is found by its bucket."""

from __future__ import annotations

import random

from app.domain.digest import bucket_of, buckets_of, differing, digest_of

RECORDS = [("person", f"p{i}", i % 5 + 1) for i in range(300)] + [("visit", f"v{i}", 1) for i in range(500)]


def test_order_does_not_matter():
    shuffled = RECORDS[:]
    random.Random(1).shuffle(shuffled)
    assert digest_of(shuffled) == digest_of(RECORDS)


def test_a_digest_counts_what_its_buckets_count():
    parts = buckets_of(RECORDS)
    assert digest_of(RECORDS) == {
        entity: (sum(n for n, _ in buckets.values()), sum(t for _, t in buckets.values()))
        for entity, buckets in parts.items()
    }


def test_a_missing_record_and_an_older_version_are_found_in_their_buckets_only():
    ours = [r for r in RECORDS if r[1] != "v7"]
    ours = [("person", "p4", 99) if r[1] == "p4" else r for r in ours]
    assert differing(buckets_of(ours), buckets_of(RECORDS)) == {
        "person": [bucket_of("p4")],
        "visit": [bucket_of("v7")],
    }
