"""Carrying other phones' work to the server, after one's own has gone."""

from __future__ import annotations

from app.domain.errors import NotAllowed, NotSignedIn
from app.store import handover
from app.store.outbox import SEQ_REUSED
from app.store.store import Store
from app.sync.client import SyncClient


async def relay_waiting(store: Store, client: SyncClient) -> int:
    """Send what was handed over here and waits; returns how many Changes the server took.

    To be called when a whole pull has just come to its end.

    A batch that its device did not prove stays here with the reason; its own phone still has the work.
    Of everything else that `SyncClient.relay` raises nothing is lost: the batch waits. So does one of which
    the server holds a Change neither in its log nor in its quarantine.
    """
    taken = 0
    batches = handover.waiting(store)
    if not batches:
        handover.drop_unconfirmed(store)
    for batch in batches:
        try:
            refused = await client.relay(batch)
        except NotSignedIn:
            raise
        except NotAllowed as fault:
            handover.settle(store, batch, refused=fault.sentence)
        else:
            if SEQ_REUSED in refused.values():
                continue
            handover.settle(store, batch)
            taken += batch.count
    return taken
