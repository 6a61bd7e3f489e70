"""Signed receipts: the server's word that it holds these bytes, which a phone keeps and anyone can check.

`base64url(JSON) + "." + base64url(signature)`, without padding: Ed25519 over the JSON's bytes as they
stand in the receipt. The same facts give the same receipt, so none is stored.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "Ed25519"


@dataclass(frozen=True, slots=True)
class Proof:
    """These bytes lay whole in the store at `proven_at` (Unix ms), having come from `organisation`."""

    sha256: str
    size_bytes: int
    organisation: str
    proven_at: int


class Signer:
    """The server's key, made from 32 secret bytes that are kept with its data."""

    def __init__(self, secret: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes_raw()
        self.key_id = sha256(self.public).hexdigest()[:16]

    def receipt(self, proof: Proof) -> str:
        said = {
            "sha256": proof.sha256,
            "size": proof.size_bytes,
            "org": proof.organisation,
            "at": proof.proven_at,
            "kid": self.key_id,
        }
        body = json.dumps(said, separators=(",", ":")).encode()
        return f"{_encoded(body)}.{_encoded(self._key.sign(body))}"

    def public_key(self) -> dict[str, str]:
        """As told to whoever wants to check receipts."""
        return {"kid": self.key_id, "algorithm": ALGORITHM, "key": _encoded(self.public)}


def read_receipt(receipt: str, public_key: str) -> dict[str, Any] | None:
    """What `receipt` says, if the key of this text signed it; None otherwise."""
    body, _, signature = receipt.partition(".")
    try:
        said = _decoded(body)
        Ed25519PublicKey.from_public_bytes(_decoded(public_key)).verify(_decoded(signature), said)
        found = json.loads(said)
    except (InvalidSignature, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
