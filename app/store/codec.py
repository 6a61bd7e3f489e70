"""The one door through which personal values enter and leave the phone's tables.

Whatever a table holds about a person (names, numbers, words, results, also in the outbox and in
drafts) is one sealed value a row. Plain columns are only what finds, orders and counts rows: record
ids, entity, version, seq, device, village code, times, states. So sealing the phone later changes
this module and no query. See docs/adr/0011-one-codec-for-personal-values.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Codec(Protocol):
    """Seals and opens many values a call, since a call into WebCrypto or a keystore is what costs.

    Both directions keep the order and the number of values, and neither awaits: a save may not
    yield to the event loop between BEGIN and COMMIT.
    """

    def seal(self, texts: Sequence[str]) -> list[bytes]:
        """What is stored for each text."""

    def open(self, blobs: Sequence[bytes]) -> list[str]:
        """The text of each stored value; raises StoreUnreadable for one that `seal` did not make."""


class PlainCodec:
    """UTF-8 and nothing more, until the phone has a PIN."""

    def seal(self, texts: Sequence[str]) -> list[bytes]:
        return [text.encode() for text in texts]

    def open(self, blobs: Sequence[bytes]) -> list[str]:
        return [blob.decode() for blob in blobs]
