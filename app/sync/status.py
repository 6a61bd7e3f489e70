"""How sending stands, for the strip and the records screen. Words belong to the screens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["idle", "sending", "offline", "no_answer", "signed_out", "old_app", "old_server"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is: Changes answered of all that it found to send, and rows taken, with bytes.

    `answered_bytes` of `changes_bytes` are the Changes' own lines, `rows_bytes` what came over the
    wire. Of whoever holds the phone: `visits` are received with `needs`, `refused` put aside, `others`
    is what else was received.
    """

    answered: int = 0
    changes: int = 0
    answered_bytes: int = 0
    changes_bytes: int = 0
    rows: int = 0
    rows_bytes: int = 0
    visits: int = 0
    refused: int = 0
    needs: int = 0
    others: int = 0


PhotoPhase = Literal["idle", "sending", "held", "failed"]


@dataclass(frozen=True, slots=True)
class PhotoStatus:
    """How sending photos stands: `sent_bytes` of `all_bytes` while sending.

    "held": photos wait for Wi-Fi; without `is_kind_known` the device cannot tell whether it has it.
    "failed": tried again after a while; `error` is the sentence.
    """

    phase: PhotoPhase = "idle"
    sent_bytes: int = 0
    all_bytes: int = 0
    error: str | None = None
    is_kind_known: bool = True


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Phase and what goes with it.

    `progress` while sending. `last_contact_ms`: when the server last answered, `next_try_ms`: when the
    loop tries by itself, both by the phone's clock. `clock_offset_ms`: what to add to the phone's clock
    to get the server's, None until measured. `error`: the sentence of what went wrong last, None after
    a success. `healed`: records that the last comparison with the server found different and put
    right. `is_revoked`: this phone was switched off; what it sends is kept for a reviewer. `photos` is
    the photos' own affair: nothing in it ever changes `phase`.
    """

    phase: Phase = "idle"
    progress: Progress | None = None
    last_contact_ms: int | None = None
    next_try_ms: int | None = None
    clock_offset_ms: int | None = None
    error: str | None = None
    healed: int = 0
    is_revoked: bool = False
    photos: PhotoStatus = PhotoStatus()

    @property
    def sent_of(self) -> tuple[int, int] | None:
        """(answered, all) Changes while sending."""
        return None if self.progress is None else (self.progress.answered, self.progress.changes)
