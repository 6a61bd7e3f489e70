"""Words that only the county opens: the format in which an opinion about a worker travels and is kept.

ECDH on P-256 with a key pair made for these words alone, HKDF-SHA256, AES-256-GCM: what browsers have
themselves, and no more (docs/adr/0027). A sealed text is base64 of

    1 byte    VERSION
    65 bytes  the fresh public key, uncompressed point
    12 bytes  nonce
    rest      the words in UTF-8, enciphered, with the tag of 16 bytes at the end

The AES key is HKDF(shared secret, salt = fresh public key + county's public key, info = INFO), 32 bytes;
the version byte and the fresh key are authenticated with the words. A county's public key is told as
base64 of its uncompressed point. The ciphers themselves are the machine's: app.device.sealing, and the
server for opening.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from app.domain.errors import BadInput

VERSION = b"\x01"
INFO = b"zoufang opinion 1"
POINT_BYTES = 65
NONCE_BYTES = 12
TAG_BYTES = 16
LONGEST_WORDS = 4000  # characters; a sealed text then stays far below the 64 KB of a Change


@dataclass(frozen=True, slots=True)
class Sealed:
    """The parts of a sealed text: the fresh public key, the nonce, and the words with their tag."""

    point: bytes
    nonce: bytes
    box: bytes

    @property
    def authenticated(self) -> bytes:
        """What is authenticated beside the words."""
        return VERSION + self.point

    def salt(self, county_point: bytes) -> bytes:
        """The salt of the key derivation for the county with this public key."""
        return self.point + county_point

    def text(self) -> str:
        """As it travels."""
        return base64.b64encode(VERSION + self.point + self.nonce + self.box).decode()


def read_sealed(text: str) -> Sealed:
    """The parts of a sealed text; raises BadInput for what is none. Says nothing about who can open it."""
    try:
        whole = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise BadInput(_UNREADABLE, field="sealed") from fault
    is_whole = len(whole) >= 1 + POINT_BYTES + NONCE_BYTES + TAG_BYTES
    if not is_whole or whole[:1] != VERSION or whole[1:2] != b"\x04":
        raise BadInput(_UNREADABLE, field="sealed")
    nonce_at = 1 + POINT_BYTES
    box_at = nonce_at + NONCE_BYTES
    return Sealed(whole[1:nonce_at], whole[nonce_at:box_at], whole[box_at:])


def point_of(public_key: str) -> bytes:
    """The point of a county's public key as it is told; raises BadInput for what is none."""
    try:
        point = base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise BadInput(_NO_KEY, field="county_key") from fault
    if len(point) != POINT_BYTES or point[:1] != b"\x04":
        raise BadInput(_NO_KEY, field="county_key")
    return point


def words_to_seal(text: str) -> bytes:
    """The words as bytes, blanks around them taken off; raises BadInput for none or too many."""
    words = text.strip()
    if not words:
        raise BadInput("还没有写内容。写了再存。", field="words")
    if len(words) > LONGEST_WORDS:
        raise BadInput(f"内容太长（{len(words)} 字）。请写在 {LONGEST_WORDS} 字以内。", field="words")
    return words.encode("utf-8", "replace")


_UNREADABLE = "这条意见的加密内容读不懂，已原样保留。请联系管理员。"
_NO_KEY = "这部手机还没有县里的加密钥匙，写不了对工作者的意见。请联网重新登录一次。"
