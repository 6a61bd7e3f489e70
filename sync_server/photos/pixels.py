"""How much memory a picture takes once it is opened: 2 MB of file may hold ten thousand pixels each way."""

from __future__ import annotations

from PIL import Image

PEAK_BYTES = 100_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
# A pixel's bytes at the peak of decoding, turning upright and converting, as measured; a WebP is decoded into
# buffers of its own. A JPEG of several scans is held as coefficients besides, two bytes a band at full size.
_A_PIXEL = {"JPEG": 12, "PNG": 12, "WEBP": 20}
_COEFFICIENT = 2


def demand_affordable(image: Image.Image, side_px: int) -> None:
    """Before anything of `image` is decoded: that it stays under PEAK_BYTES; raises ValueError otherwise.

    A JPEG will be decoded no larger than is needed for `side_px` each way.
    """
    whole = image.width * image.height * len(image.getbands()) if image.format == "JPEG" else 0
    image.draft("RGB", (side_px, side_px))
    peak = whole * _COEFFICIENT + image.width * image.height * _A_PIXEL[image.format or "WEBP"]
    if peak > PEAK_BYTES:
        raise ValueError("too many pixels")
