"""Sealing words to the county on this machine: `cryptography` where it is installed, WebCrypto in a page."""

from __future__ import annotations

import secrets
import sys

from app.domain.sealing import INFO, NONCE_BYTES, Sealed, point_of, words_to_seal


async def seal_for_county(public_key: str, text: str) -> str:
    """`text` sealed so that only the county of `public_key` can open it, as Opinion.sealed takes it.

    `public_key` is `county_key` of the sign-in answer. Each call gives another text, and this machine
    cannot open any of them. Raises BadInput for no words, too many, or a key that is none, and
    Unavailable in a page that was not opened over https.
    """
    county, words = point_of(public_key), words_to_seal(text)
    if sys.platform == "emscripten":
        from app.device.webcrypto import seal

        return (await seal(county, words)).text()
    return _seal(county, words).text()


def _seal(county: bytes, words: bytes) -> Sealed:
    # Only when needed: it takes a tenth of a second to import, and a page has none.
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    fresh = ec.generate_private_key(ec.SECP256R1())
    point = fresh.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    shared = fresh.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), county))
    sealed = Sealed(point, secrets.token_bytes(NONCE_BYTES), b"")
    key = HKDF(hashes.SHA256(), 32, sealed.salt(county), INFO).derive(shared)
    box = AESGCM(key).encrypt(sealed.nonce, words, sealed.authenticated)
    return Sealed(point, sealed.nonce, box)
