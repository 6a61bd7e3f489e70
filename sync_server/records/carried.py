"""Taking in what another device carried, all of it into the log or the quarantine (docs/adr/0028)."""

from __future__ import annotations

from itertools import count

from sqlalchemy import Engine

from app.domain.change import Change
from app.domain.wire import PushBatch, Receipt
from sync_server.db.engine import writing
from sync_server.records.accounts import DeviceRow, ProvingDevice, stand_in_for
from sync_server.records.intake import accept_relayed

_REUSED = "seq_reused"


def accept_carried(engine: Engine, found: ProvingDevice, batch: PushBatch, *, now_ms: int) -> list[Receipt]:
    """Take in `batch`, which `found` has proved; a receipt for each Change, in order, none `seq_reused`.

    A number that was used before for other work tells of a copy of that phone, which would take a fresh
    id and send again. A phone without a network cannot, and whoever carries for it must not wait for it:
    the batch is taken under the first stand-in of the device whose numbers are free. Sent again it finds
    itself there and changes nothing; the phone's own sending, under whatever id, is known by its content.
    """
    told: dict[int, Receipt] = {}
    left = batch
    for which in count():
        taker = found.device
        if which:
            with writing(engine) as connection:
                taker = stand_in_for(connection, found.device, which, now_ms=now_ms)
        taken = accept_relayed(engine, taker, _as_of(taker, left), now_ms=now_ms, offset_ms=found.offset_ms)
        # What waits for a reviewer under one number must not wait under another one too.
        told |= {r.seq: r for r in taken.receipts if r.status == "quarantined" and r.code != _REUSED}
        if all(receipt.code != _REUSED for receipt in taken.receipts):
            told |= {receipt.seq: receipt for receipt in taken.receipts}
            break
        left = left.model_copy(update={"changes": [c for c in left.changes if c.seq not in told]})
    return [told[change.seq] for change in batch.changes]


def _as_of(device: DeviceRow, batch: PushBatch) -> PushBatch:
    """`batch` with its Changes as Changes of `device`, under the numbers that they have."""
    changes = [
        change.model_copy(update={"device": device.id}) if isinstance(change, Change) else change
        for change in batch.changes
    ]
    return batch.model_copy(update={"changes": changes})
