"""How sending stands, for the strip and the records screen. Words belong to the screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["idle", "sending", "offline", "no_answer", "signed_out", "old_app"]


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Phase and what goes with it.

    `sent_of`: (answered, all) Changes while sending. `last_contact_ms`: when the server last
    answered, `next_try_ms`: when the loop tries by itself, both by the phone's clock.
    `clock_offset_ms`: what to add to the phone's clock to get the server's, None until measured.
    `error`: the sentence of what went wrong last, None after a success. `healed`: records that the last
    comparison with the server found different and put right. `is_revoked`: this phone was switched off;
    what it sends is kept for a reviewer.
    """

    phase: Phase = "idle"
    sent_of: tuple[int, int] | None = None
    last_contact_ms: int | None = None
    next_try_ms: int | None = None
    clock_offset_ms: int | None = None
    error: str | None = None
    healed: int = 0
    is_revoked: bool = False
