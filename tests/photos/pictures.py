"""Pictures of nothing, made here: a gradient with noise, as large as one asks for."""

from __future__ import annotations

import random
from base64 import b64encode
from hashlib import sha256
from io import BytesIO

from PIL import Image


def jpeg(seed: int = 0, *, width: int = 160, height: int = 120, quality: int = 80) -> bytes:
    """A JPEG that no other seed gives."""
    noise = random.Random(seed)
    image = Image.frombytes("RGB", (width, height), noise.randbytes(width * height * 3))
    made = BytesIO()
    image.save(made, "JPEG", quality=quality)
    return made.getvalue()


def padded(size_bytes: int, seed: int = 0) -> bytes:
    """A JPEG of exactly `size_bytes`, what is behind its end being noise."""
    picture = jpeg(seed, width=32, height=24)
    return picture + random.Random(seed).randbytes(size_bytes - len(picture))


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


def metadata(content: bytes, filetype: str = "image/jpeg") -> str:
    """The Upload-Metadata of these bytes."""
    return f"sha256 {_encoded(digest_of(content))},filetype {_encoded(filetype)}"


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()
