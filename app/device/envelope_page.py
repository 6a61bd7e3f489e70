"""The browser's own ciphers for files sealed with a code (format: envelope.py)."""

from __future__ import annotations

import js
from pyodide.code import run_js
from pyodide.ffi import JsException, to_js

from app.device.envelope_js import CIPHER
from app.domain.errors import Unavailable


async def cipher(act: str, digits: str, rounds: int, head: bytes, content: bytes) -> bytes | None:
    """`content` enciphered ("encrypt") or opened ("decrypt"); None where the code or the file is wrong.

    Raises Unavailable in a page that was not opened over https.
    """
    if not hasattr(js.crypto, "subtle"):  # kept from pages that were not opened over https
        raise Unavailable("这个网页不是用 https 打开的，不能交接。请用 https 开头的网址打开。")
    try:
        found = await run_js(CIPHER)(act, to_js(digits.encode()), rounds, to_js(head), to_js(content))
    except JsException:
        return None
    return bytes(found.to_bytes())
