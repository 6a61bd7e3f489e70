"""Carrying other phones' work to the server, after one's own has gone."""

from __future__ import annotations

import logging

from pydantic_core import from_json

from app.domain.errors import (
    BadInput,
    NotAllowed,
    NotSignedIn,
    TooManyAttempts,
    UnsupportedProtocol,
    WireError,
    ZoufangError,
)
from app.domain.relay import RelayBatch
from app.store import handover
from app.store.outbox import SEQ_REUSED
from app.store.store import Store
from app.sync.client import SyncClient

log = logging.getLogger(__name__)


async def relay_waiting(store: Store, client: SyncClient) -> int:
    """Send what was handed over here and waits; returns how many Changes the server took.

    To be called when a whole pull has just come to its end.

    A batch that the server itself refuses stays here with the reason; its own phone still has the work.
    Nothing is lost of any other, it waits: one that a newer server will take, or of which the server holds
    a Change neither in its log nor in its quarantine. No batch holds up another (P6). Raises what
    `SyncClient.relay` raises that concerns all of them: no network, a server that cannot answer now.
    """
    taken = 0
    batches = handover.waiting(store)
    if not batches:
        handover.drop_unconfirmed(store)
    for batch in batches:
        try:
            refused = await client.relay(batch)
        except (NotSignedIn, TooManyAttempts):
            raise
        except (NotAllowed, BadInput, WireError) as fault:
            log.warning("a batch handed over was not taken: %s", fault.code)
            if fault.is_told and not _is_too_new(batch, fault):
                handover.settle(store, batch, refused=fault.sentence)
        else:
            if SEQ_REUSED in refused.values():
                continue
            handover.settle(store, batch)
            taken += batch.count
    return taken


def _is_too_new(batch: RelayBatch, fault: ZoufangError) -> bool:
    """Whether the server does not speak the batch's protocol yet."""
    if not isinstance(fault, UnsupportedProtocol) or not fault.supported:
        return False
    protocol = from_json(batch.body.partition(b"\n")[0]).get("protocol")  # the server has read it
    return isinstance(protocol, int) and protocol > max(fault.supported)
