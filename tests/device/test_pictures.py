"""Whatever a worker picks ends in a small bare photo or in one clear sentence."""

import asyncio
import io
import re
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from app.device.pictures import (
    HEIC,
    LONGEST_SIDE,
    NO_PICTURE,
    PHOTO_BYTES,
    UNREADABLE,
    Keepable,
    make_keepable,
)
from app.device.pillow_shrinker import PillowShrinker
from app.domain.errors import BadInput

TELLTALES = re.compile(rb"Exif|GPS|XMP|xmp|ICC_PROFILE|http://|secret|Apple")


def kept(content: bytes, *, watermark: str = "") -> Keepable:
    return asyncio.run(make_keepable(PillowShrinker(), content, watermark=watermark))


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A landscape of gradients and shapes, as easy to compress as a real one."""
    tile = Image.radial_gradient("L").resize((width, height)).convert(mode)
    draw = ImageDraw.Draw(tile)
    for at in range(0, width, max(8, width // 40)):
        draw.line((at, 0, width - at, height), fill=None, width=3)
    return tile


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def opened(photo: Keepable) -> Image.Image:
    image = Image.open(io.BytesIO(photo.content))
    image.load()
    return image


def with_metadata() -> bytes:
    """A phone's photo held sideways, with its place, a colour profile, XMP and a comment."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Apple secret"
    exif.get_ifd(0x8825).update({1: "N", 2: (28.0, 27.0, 1.0), 3: "E", 4: (119.0, 55.0, 2.0)})
    return encoded(
        picture(4000, 3000),
        "JPEG",
        exif=exif,
        icc_profile=b"secret profile" * 40,
        xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>secret</x:xmpmeta>",
        comment=b"secret comment",
        quality=90,
    )


def test_a_photo_is_turned_upright_made_small_and_bare() -> None:
    photo = kept(with_metadata())
    assert (photo.mime, photo.width, photo.height) == ("image/jpeg", 1200, 1600)
    assert len(photo.content) <= PHOTO_BYTES
    assert not TELLTALES.search(photo.content)
    assert opened(photo).size == (1200, 1600) and not opened(photo).getexif()
    markers = {photo.content[at + 1] for at in _segments(photo.content)}
    assert markers <= {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDA}  # JFIF, tables, frame, scan: nothing that tells


def _segments(content: bytes) -> list[int]:
    found, at = [], 2
    while content[at + 1] != 0xDA:
        found.append(at)
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    return [*found, at]


def test_a_photo_of_48_megapixels_is_kept() -> None:
    photo = kept(encoded(picture(8064, 6048), "JPEG"))
    assert (photo.width, photo.height) == (LONGEST_SIDE, 1200)


def test_a_small_photo_keeps_its_size() -> None:
    assert (kept(encoded(picture(640, 480), "JPEG")).width, PHOTO_BYTES) == (640, 300_000)


@pytest.mark.parametrize(
    ("form", "mode"),
    [("PNG", "RGB"), ("PNG", "P"), ("PNG", "L"), ("PNG", "I;16"), ("PNG", "1"), ("WEBP", "RGB"),
     ("WEBP", "RGBA"), ("BMP", "RGB"), ("GIF", "P"), ("JPEG", "CMYK"), ("JPEG", "L"), ("AVIF", "RGB")],
)  # fmt: skip
def test_every_ordinary_form_is_kept(form: str, mode: str) -> None:
    image = Image.new("I;16", (300, 200), 40_000) if mode == "I;16" else picture(300, 200).convert(mode)
    photo = kept(encoded(image, form))
    assert (photo.mime, photo.width, photo.height) == ("image/jpeg", 300, 200)


def test_transparency_becomes_white_paper() -> None:
    image = Image.new("RGBA", (300, 200), (255, 0, 0, 0))
    assert min(opened(kept(encoded(image, "PNG"))).getpixel((10, 10))) > 250


def test_of_a_moving_gif_the_first_picture_is_kept() -> None:
    frames = [Image.new("P", (200, 100), color) for color in (0, 1, 2)]
    photo = kept(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert (photo.width, photo.height) == (200, 100)


def test_noise_that_no_quality_makes_small_is_made_smaller_still() -> None:
    noise = Image.effect_noise((1600, 1600), 250).convert("RGB")
    photo = kept(encoded(noise, "JPEG", quality=95))
    assert len(photo.content) <= PHOTO_BYTES
    assert 400 <= photo.width < 1600


def test_date_and_township_are_written_only_where_asked_for() -> None:
    dark = encoded(Image.new("RGB", (800, 600)), "JPEG")
    marked = opened(kept(dark, watermark="2022-07-28 大源镇")).convert("L")
    corner = marked.crop((0, 540, 400, 600))
    assert corner.getextrema()[1] > 200
    assert marked.crop((0, 0, 800, 500)).getextrema()[1] < 20
    assert opened(kept(dark)).convert("L").getextrema()[1] < 20


def bomb() -> bytes:
    """A PNG of a few thousand bytes that says it is 30,000 pixels wide and high."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(4_000_000)))
        + chunk(b"IEND", b"")
    )


def huge_jpeg() -> bytes:
    small = bytearray(encoded(picture(64, 64), "JPEG"))
    at = small.index(b"\xff\xc0")
    small[at + 5 : at + 9] = struct.pack(">HH", 65_000, 65_000)
    return bytes(small)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: "这不是照片\n".encode() * 50, NO_PICTURE),
        (lambda: b"", NO_PICTURE),
        (lambda: b"%PDF-1.7 ...", NO_PICTURE),
        (lambda: with_metadata()[:30_000], UNREADABLE),
        (lambda: encoded(picture(640, 480), "JPEG")[:20], UNREADABLE),
        (lambda: encoded(picture(640, 480), "PNG")[:900], UNREADABLE),
        (lambda: b"\x89PNG\r\n\x1a\n", UNREADABLE),
        (lambda: b"\xff\xd8\xff" + bytes(500), UNREADABLE),
        (lambda: b"\0\0\0\x18ftypheic" + bytes(200), HEIC),
        (lambda: b"\0\0\0\x18ftypavif" + bytes(200), UNREADABLE),
        (bomb, "这张图片的尺寸太大，手机处理不了。请重新拍，或换一张。"),
        (huge_jpeg, "这张图片的尺寸太大，手机处理不了。请重新拍，或换一张。"),
        (lambda: bytes(61 * 1024 * 1024), "文件太大（超过 60 MB），没有加上。请换小一些的。"),
    ],
)
def test_what_is_no_photo_ends_in_one_sentence(make: Callable[[], bytes], sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        kept(make())
    assert (refused.value.sentence, refused.value.field) == (sentence, "photo")
