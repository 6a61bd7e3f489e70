"""Sealing words to a county with `cryptography`, where it is installed (format: app.domain.sealing)."""

from __future__ import annotations

import secrets

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.domain.sealing import INFO, NONCE_BYTES, Sealed


def seal(county: bytes, words: bytes) -> Sealed:
    """`words` sealed to the county with this point; another text each time."""
    fresh = ec.generate_private_key(ec.SECP256R1())
    point = fresh.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    shared = fresh.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), county))
    empty = Sealed(point, secrets.token_bytes(NONCE_BYTES), b"")
    key = HKDF(hashes.SHA256(), 32, empty.salt(county), INFO).derive(shared)
    return Sealed(point, empty.nonce, AESGCM(key).encrypt(empty.nonce, words, empty.authenticated))
