"""Sealing words to the county on this machine: `cryptography` where it is installed, WebCrypto in a page."""

from __future__ import annotations

import sys

from app.domain.sealing import point_of, words_to_seal


async def seal_for_county(public_key: str, text: str) -> str:
    """`text` sealed so that only the county of `public_key` can open it, as Opinion.sealed takes it.

    `public_key` is `county_key` of the sign-in answer. Each call gives another text, and this machine
    cannot open any of them. Raises BadInput for no words, too many, or a key that is none, and
    Unavailable in a page that was not opened over https.
    """
    county, words = point_of(public_key), words_to_seal(text)
    if sys.platform == "emscripten":
        from app.device import webcrypto

        return (await webcrypto.seal(county, words)).text()
    # Only when needed: it takes a tenth of a second to import, and a page has none.
    from app.domain import sealing_native

    return sealing_native.seal(county, words).text()
