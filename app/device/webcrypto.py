"""The browser's own ciphers, for sealing words in a page (format: app.domain.sealing)."""

from __future__ import annotations

import js
from pyodide.code import run_js
from pyodide.ffi import to_js

from app.device.webcrypto_js import SEAL
from app.domain.errors import Unavailable
from app.domain.sealing import INFO, NONCE_BYTES, POINT_BYTES, VERSION, Sealed


async def seal(county: bytes, words: bytes) -> Sealed:
    """`words` sealed to the county with this point; raises Unavailable where the page may not encipher."""
    if not hasattr(js.crypto, "subtle"):  # kept from pages that were not opened over https
        raise Unavailable("这个网页不是用 https 打开的，不能加密。请用 https 开头的网址打开。")
    parts = [to_js(part) for part in (county, words, INFO, VERSION)]
    whole = (await run_js(SEAL)(*parts)).to_bytes()
    box_at = POINT_BYTES + NONCE_BYTES
    return Sealed(whole[:POINT_BYTES], whole[POINT_BYTES:box_at], whole[box_at:])
