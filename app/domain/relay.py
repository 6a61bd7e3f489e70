"""Handing over with no network: what the file holds, and the proof by which a device's work is relayed.

Work keeps the number that its device gave it, so the server must know that it is that device's: a batch
is one request as the device itself would send it, and the proof is an HMAC over its bytes. The key is
the SHA-256 of the device's token, which both ends have and nobody else: the phone that carries the
batch never learns it, and can neither change nor add anything (docs/adr/0028).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import io
import json
import re
from dataclasses import dataclass, field
from typing import Any

from app.domain.errors import BadInput, FileUnreadable
from app.domain.wire import BATCH_CHANGES

VERSION = 1
PROOF_HEADER = "zoufang-proof"
_ABOUT = b"zoufang relay 1\n"
_LARGEST_BYTES = 200 * 2**20
_LONGEST_ID = 64
_PROOF = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class RelayBatch:
    """One request of `device` (wire.encode_request), proved: `count` Changes from number `first` on."""

    device: str
    first: int
    count: int
    body: bytes
    proof: str


@dataclass(frozen=True, slots=True)
class Handover:
    """What one phone tells another. `rows` are heads (wire.row_text) that the server sent, `fresh` records
    made on the phone that no server knows yet, `batches` the work that has no receipt."""

    server: str
    epoch: str | None
    villages: tuple[str, ...]
    made_ms: int
    rows: list[str] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    batches: list[RelayBatch] = field(default_factory=list)


def token_digest(token: str) -> str:
    """What the server keeps of a token, in lower-case hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def proof_of(digest: str, body: bytes) -> str:
    """The proof of a batch by the device whose token has this digest."""
    return hmac.new(digest.encode(), _ABOUT + body, hashlib.sha256).hexdigest()


def is_proved(digest: str, body: bytes, proof: str) -> bool:
    """Whether `proof` is that device's for just these bytes; compared in constant time."""
    return hmac.compare_digest(proof_of(digest, body).encode(), proof.encode("ascii", "replace"))


def encode_handover(handover: Handover) -> bytes:
    """The file before it is sealed."""
    said: dict[str, Any] = {
        "zoufang": VERSION,
        "server": handover.server,
        "epoch": handover.epoch,
        "villages": list(handover.villages),
        "made_ms": handover.made_ms,
        "rows": handover.rows,
        "fresh": handover.fresh,
        "batches": [
            {
                "device": batch.device,
                "first": batch.first,
                "count": batch.count,
                "body": base64.b64encode(batch.body).decode(),
                "proof": batch.proof,
            }
            for batch in handover.batches
        ],
    }
    return gzip.compress(json.dumps(said, ensure_ascii=False).encode(), 6, mtime=0)


def decode_handover(content: bytes) -> Handover:
    """The handover in the opened file.

    Raises FileUnreadable for what is none, BadInput for one of a newer app.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            plain = file.read(_LARGEST_BYTES + 1)
        if len(plain) > _LARGEST_BYTES:
            raise FileUnreadable("交接文件太大，没有收。请让对方重新存一份。")
        said = json.loads(plain)
        if said["zoufang"] != VERSION:
            raise BadInput("这份交接是新版软件存的。请先更新本机的软件再收。")
        return Handover(
            server=str(said["server"]),
            epoch=said["epoch"],
            villages=tuple(str(code) for code in said["villages"]),
            made_ms=int(said["made_ms"]),
            rows=[str(row) for row in said["rows"]],
            fresh=[str(row) for row in said["fresh"]],
            batches=[_batch_of(one) for one in said["batches"]],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError, OverflowError) as fault:
        raise FileUnreadable("这个文件不是交接文件，或者坏了。请让对方重新存一份。") from fault


def _batch_of(said: dict[str, Any]) -> RelayBatch:
    """Raises KeyError, TypeError or ValueError for what no phone has written and none could keep or send."""
    device, first, count, proof = said["device"], said["first"], said["count"], said["proof"]
    body = base64.b64decode(said["body"], validate=True)
    body.decode()  # kept as text, and sent as it is
    if not (isinstance(device, str) and 0 < len(device) <= _LONGEST_ID and device.isprintable()):
        raise ValueError("no device")
    is_number = type(first) is int and 0 < first < 2**53
    if not is_number or type(count) is not int or not 0 < count <= BATCH_CHANGES:
        raise ValueError("no numbers")
    if _PROOF.fullmatch(proof) is None:  # it travels as a header
        raise ValueError("no proof")
    return RelayBatch(device, first, count, body, proof)
