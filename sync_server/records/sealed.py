"""A county's key for opinions about workers: told to its phones, used by its own clerks alone.

All counties' keys follow from one kept secret, so that no county is without one and none is made twice
by two sign-ins at once. It leaves the server by no door but a backup of its database.
"""

from __future__ import annotations

import base64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection

from app.domain.errors import BadInput
from app.domain.sealing import INFO, read_sealed, words_to_seal
from app.domain.sealing_native import seal
from sync_server.db.engine import kept

_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256's group
_KEY_INFO = "zoufang county key "


def county_public_key(connection: Connection, county: str) -> str:
    """What the phones of `county` (tables.py) seal with: base64 of the point."""
    return base64.b64encode(_point(_private_key(connection, county))).decode()


def sealed_for(connection: Connection, county: str, text: str) -> str:
    """`text` sealed to `county`, as a phone seals it; raises BadInput for no words or too many."""
    return seal(_point(_private_key(connection, county)), words_to_seal(text)).text()


def opened(connection: Connection, county: str, sealed: str) -> str:
    """The words of a sealed text; raises BadInput for one that was not sealed to this county."""
    parts = read_sealed(sealed)
    private = _private_key(connection, county)
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, parts.point)
        key = HKDF(hashes.SHA256(), 32, parts.salt(_point(private)), INFO).derive(
            private.exchange(ec.ECDH(), theirs)
        )
        return AESGCM(key).decrypt(parts.nonce, parts.box, parts.authenticated).decode()
    except (ValueError, InvalidTag) as fault:
        raise BadInput("这条意见不是用本县的钥匙加密的，打不开。请联系管理员。", field="sealed") from fault


def _private_key(connection: Connection, county: str) -> ec.EllipticCurvePrivateKey:
    secret = bytes.fromhex(kept(connection, "opinion_key"))
    # 16 bytes more than the order has: what remains of the division is as good as uniform.
    drawn = HKDF(hashes.SHA256(), 48, None, f"{_KEY_INFO}{county}".encode()).derive(secret)
    return ec.derive_private_key(int.from_bytes(drawn) % (_ORDER - 1) + 1, _CURVE)


def _point(private: ec.EllipticCurvePrivateKey) -> bytes:
    return private.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
