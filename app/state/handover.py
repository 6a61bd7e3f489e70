"""Handing over from phone to phone: the sealed file that goes out, and the one that comes in."""

from __future__ import annotations

from app.device.envelope import fresh_code, open_file, seal_file
from app.domain.relay import decode_handover, encode_handover
from app.state.session import Session
from app.store import handover
from app.store.handover import Unpacked


async def sealed_handover(session: Session) -> tuple[bytes, str]:
    """The file to be given away, and the code that opens it, which is kept nowhere.

    Raises Unavailable where this machine may not encipher.
    """
    code = fresh_code()
    return await seal_file(code, encode_handover(handover.pack(session.store))), code


async def take_in(session: Session, sealed: bytes, code: str) -> Unpacked:
    """Take the other phone's file in; raises BadInput for a wrong code and what `unpack` raises."""
    found = handover.unpack(session.store, decode_handover(await open_file(code, sealed)))
    session.wake("save")
    return found
