"""Photos made small with Pillow, on a thread beside the screens."""

from __future__ import annotations

import asyncio
import io
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from app.device.pictures import (
    HEIC,
    LONGEST_SIDE,
    MOST_PIXELS_OF_JPEG,
    PHOTO_BYTES,
    UNREADABLE,
    Keepable,
    Sniffed,
)
from app.domain.errors import BadInput

if TYPE_CHECKING:
    from PIL import Image

_FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "bmp": "BMP", "avif": "AVIF"}
_QUALITIES = (82, 74, 66, 58, 50)
_SMALLEST_SIDE = 400  # a picture of noise; below this nothing could be made out


class PillowShrinker:
    """`Shrinker` of an installed app and a desk; one photo at a time, for the sake of memory."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    async def shrink(self, content: bytes, sniffed: Sniffed, *, watermark: str) -> Keepable:
        if sniffed.kind == "heic":
            raise BadInput(HEIC, field="photo")
        async with self._one_at_a_time:
            return await asyncio.to_thread(shrink, content, sniffed, watermark)


def shrink(content: bytes, sniffed: Sniffed, watermark: str = "") -> Keepable:
    """The picture upright, small and bare; raises BadInput where it cannot be decoded."""
    # Imported with the first photo: the first screen does not wait for it.
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS_OF_JPEG  # sizes were checked before, by kind
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged EXIF, which goes anyway
            with Image.open(io.BytesIO(content), formats=[_FORMATS[sniffed.kind]]) as opened:
                # A JPEG is decoded at the smallest eighth that is large enough: less memory, less time.
                opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                opened.load()
                upright = ImageOps.exif_transpose(opened)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as fault:
        raise BadInput(UNREADABLE, field="photo") from fault
    picture = _on_white(upright)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture.info = {}  # what Pillow would write along: colour profile, comments
    while True:
        marked = _marked(picture, watermark) if watermark else picture
        for quality in _QUALITIES:
            written = io.BytesIO()
            marked.save(written, "JPEG", quality=quality)
            if written.tell() <= PHOTO_BYTES:
                return Keepable(written.getvalue(), "image/jpeg", *marked.size)
        side = max(picture.size) * 4 // 5
        if side < _SMALLEST_SIDE:
            raise BadInput(UNREADABLE, field="photo")
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)


def _on_white(picture: Image.Image) -> Image.Image:
    """`picture` without transparency, as it looks on paper."""
    from PIL import Image

    if picture.mode == "RGB":
        return picture
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGB", layer.size, "white")
        paper.paste(layer, mask=layer.getchannel("A"))
        return paper
    if picture.mode.startswith("I;16") or picture.mode == "I":
        # Sixteen bits of grey: the upper eight are what a screen shows.
        return picture.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    return picture.convert("RGB")


def _marked(picture: Image.Image, watermark: str) -> Image.Image:
    """A copy of `picture` with the watermark at its lower edge."""
    from PIL import ImageDraw, ImageFont

    marked = picture.copy()
    size = max(14, min(picture.size) // 28)
    font = ImageFont.truetype(str(_font()), size)
    ImageDraw.Draw(marked).text(
        (size // 2, picture.height - size // 2),
        watermark,
        anchor="ls",
        font=font,
        fill="white",
        stroke_width=max(1, size // 12),
        stroke_fill="black",
    )
    return marked


def _font() -> Path:
    assets = os.environ.get("FLET_ASSETS_DIR")
    folder = Path(assets) if assets else Path(__file__).parents[2] / "assets"
    return folder / "fonts" / "NotoSansSC-Regular.ttf"
