"""Retention: what the server provably holds is cleared from the outbox after some days (P10).

The receipt stays, to be read out on the phone for ever; only what the Change said goes. Days are
counted between two times of the server: a phone's clock may be a year off. Records that this device
may no longer read came from the server, so nothing of them is lost when they go at once
(removal.py); what a worker wrote about them stays in the outbox for the same days.
"""

from __future__ import annotations

from app.store.store import Store

RETENTION_MS = 7 * 24 * 3600 * 1000  # domain.md 7: after the server's acknowledgement and 7 days
_NOTHING = '{"actor": "", "fields": {}}'


def clear_proven(store: Store, device: str, *, server_ms: int, have: int) -> int:
    """Clear Changes whose receipt is older than the retention days; returns how many, in one transaction.

    To be called only when both ends have just proved to hold the same (equal digests): `server_ms` and
    `have` are of that answer. A Change is left whole while it is not merged into a row that came down,
    while the server's gap-free numbers of `device` do not reach it, and where a visit's corrections are
    to be shown with what they corrected. A receipt whose time is not known counts from now. Safe to
    repeat.
    """
    with store.transaction():
        store.db.execute(
            "UPDATE outbox SET receipted_at = ? WHERE state = 'received' AND receipted_at IS NULL",
            (server_ms,),
        )
        return store.db.execute(
            """
            UPDATE outbox
            SET change = ?, is_cleared = 1
            WHERE state = 'received'
              AND is_cleared = 0
              AND receipted_at <= ?
              AND (device <> ? OR seq <= ?)
              AND NOT EXISTS (
                SELECT 1
                FROM records AS r
                WHERE r.record = outbox.record AND (r.head IS NULL OR r.version < outbox.version)
              )
              AND NOT EXISTS (
                SELECT 1
                FROM outbox AS o
                WHERE o.record = outbox.record AND o.entity = 'visit' AND o.kind = 'patch'
              )
            """,
            (store.codec.seal([_NOTHING])[0], server_ms - RETENTION_MS, device, have),
        ).rowcount
