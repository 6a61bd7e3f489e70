"""P10: what a phone has cleared was proven on the server, and longer ago than the retention days."""

from __future__ import annotations

from app.store.retention import RETENTION_MS
from tests.simulation.oracle import Oracle
from tests.simulation.phone import Phone
from tests.simulation.tally import Broken, Tally


def check_cleared(phone: Phone, oracle: Oracle, tally: Tally, *, now_ms: int) -> None:
    """Raise Broken for a Change of which the words have gone too early; `now_ms` is the server's time.

    What is cleared keeps its receipt. Cheap where nothing was cleared since the last look.
    """
    rows = phone.store.db.execute("SELECT device, seq, ref FROM outbox WHERE is_cleared = 1").fetchall()
    for device, seq, ref in rows:
        key = (device, seq)
        if key in phone.cleared:
            continue
        phone.cleared.add(key)
        tally.cleared += 1
        at_ms = oracle.proven.get(key)
        if at_ms is None:
            raise Broken(f"P10 {phone.name} has cleared {device} {seq}, of which nobody has heard a proof")
        if now_ms - at_ms < RETENTION_MS:
            days = (now_ms - at_ms) / 86_400_000
            raise Broken(f"P10 {phone.name} has cleared {device} {seq} {days:.1f} days after its proof")
        if not ref:
            raise Broken(f"P10 {phone.name} has cleared {device} {seq} and kept no receipt")
