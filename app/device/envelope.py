"""A file sealed with a code: PBKDF2-SHA256 and AES-256-GCM, by `cryptography` or by the page's WebCrypto.

    4 bytes   b"ZFH1"
    4 bytes   rounds of the key derivation, big-endian
    16 bytes  salt
    12 bytes  nonce
    rest      the content, enciphered, with the tag of 16 bytes at the end; the 36 bytes before it are
              authenticated with it

PBKDF2, because it is the one that browsers have themselves; the code is made by chance and long enough
for it (docs/adr/0028).
"""

from __future__ import annotations

import secrets
import sys

from app.domain.errors import BadInput, FileUnreadable

_MAGIC = b"ZFH1"
_ROUNDS = 600_000
_MOST_ROUNDS = 5_000_000  # a file must not keep a phone busy for an hour
_SALT, _NONCE, _TAG = 16, 12, 16
_HEAD = len(_MAGIC) + 4 + _SALT + _NONCE
CODE_DIGITS = 16


def fresh_code() -> str:
    """A code of sixteen digits by chance, as 1234 5678 9012 3456; never chosen by a person."""
    digits = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    return " ".join(digits[at : at + 4] for at in range(0, CODE_DIGITS, 4))


def plain_code(written: str) -> str:
    """The code as typed without its blanks; raises BadInput for what cannot be one."""
    wide = written.translate({0xFF10 + n: 0x30 + n for n in range(10)})
    digits = "".join(wide.split()).replace("-", "")
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdigit()):
        raise BadInput(f"交接码是 {CODE_DIGITS} 位数字，请照对方屏幕上的写。", field="code")
    return digits


async def seal_file(code: str, content: bytes) -> bytes:
    """`content` sealed so that only who has `code` opens it."""
    salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
    head = _MAGIC + _ROUNDS.to_bytes(4, "big") + salt + nonce
    return head + await _cipher("encrypt", plain_code(code), _ROUNDS, head, content)


async def open_file(code: str, sealed: bytes) -> bytes:
    """What `seal_file` sealed; raises BadInput for a wrong code, FileUnreadable for what is no such file."""
    digits = plain_code(code)
    rounds = int.from_bytes(sealed[4:8], "big")
    if len(sealed) < _HEAD + _TAG or sealed[:4] != _MAGIC or not 0 < rounds <= _MOST_ROUNDS:
        raise FileUnreadable("这个文件不是交接文件，或者坏了。请让对方重新存一份。")
    return await _cipher("decrypt", digits, rounds, sealed[:_HEAD], sealed[_HEAD:])


async def _cipher(act: str, digits: str, rounds: int, head: bytes, content: bytes) -> bytes:
    if sys.platform == "emscripten":
        from app.device.envelope_page import cipher

        found = await cipher(act, digits, rounds, head, content)
    else:
        found = _native(act, digits, rounds, head, content)
    if found is None:
        raise BadInput("交接码不对，或者文件坏了。请再核对一次。", field="code")
    return found


def _native(act: str, digits: str, rounds: int, head: bytes, content: bytes) -> bytes | None:
    # Only when needed: it takes a tenth of a second to import, and a page has none.
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    salt, nonce = head[8 : 8 + _SALT], head[8 + _SALT :]
    box = AESGCM(PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(digits.encode()))
    try:
        return box.encrypt(nonce, content, head) if act == "encrypt" else box.decrypt(nonce, content, head)
    except InvalidTag:
        return None
