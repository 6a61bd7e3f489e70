"""Record ids: UUIDv7 (RFC 9562), made where the record is born, from injected time and chance.

A phone without network must name its own records, and two phones must never choose the same
name; ids that rise with time keep the primary-key pages that a save touches close together.
"""

from __future__ import annotations

from collections.abc import Callable

Entropy = Callable[[int], bytes]  # os.urandom, or a seeded source in the simulation


def new_id(now_ms: int, entropy: Entropy) -> str:
    """A fresh UUIDv7 as 36 lower-case characters, from Unix time in ms and 10 random bytes."""
    tail = entropy(10)
    value = (now_ms & (2**48 - 1)) << 80 | int.from_bytes(tail, "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
