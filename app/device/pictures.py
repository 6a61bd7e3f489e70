"""What the bytes of a chosen file are, by their first bytes and never by their name; and what is refused.

The browser and Pillow decode the same files after the same checks, so that both refuse with the same
sentence, and before anything is decoded: a small file may hold a picture of gigabytes.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

from app.device.video import strip_video
from app.domain.errors import BadInput, TooLarge

LONGEST_SIDE = 1600  # pixels: enough to read a document by
PHOTO_BYTES = 300_000
VIDEO_BYTES = 50 * 1024 * 1024
FILE_BYTES = 60 * 1024 * 1024  # nothing larger is looked at
# A JPEG is decoded at half, a quarter or an eighth of its size, other formats pixel by pixel.
MOST_PIXELS, MOST_PIXELS_OF_JPEG = 50_000_000, 210_000_000

UNREADABLE = "这张照片读不出来，文件可能不完整。请重新拍，或换一张。"
NO_PICTURE = "这个文件不是照片，也不是短视频，没有加上。请选 JPG 或 PNG 照片。"
HEIC = "这张照片是 HEIC 格式，这部手机上读不了。请在相机设置里选“兼容性最佳”(JPG) 再拍，或先截屏再选截图。"


@dataclass(frozen=True, slots=True)
class Sniffed:
    """`kind`: jpeg, png, gif, webp, bmp, heic, avif or video; sizes in pixels, 0 where not known."""

    kind: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Keepable:
    """A photo or a short video as it is kept: small enough, and nothing in it but the picture."""

    content: bytes
    mime: str
    width: int = 0
    height: int = 0


class Shrinker(Protocol):
    """Decodes, turns upright, shrinks and writes anew without any metadata."""

    async def shrink(self, content: bytes, sniffed: Sniffed, *, watermark: str) -> Keepable:
        """The picture with its longest side at most LONGEST_SIDE, at most PHOTO_BYTES, JPEG or WebP.

        `watermark` is written at the lower edge, nothing where it is empty. Raises BadInput with one
        sentence for what cannot be decoded.
        """


async def make_keepable(shrinker: Shrinker, content: bytes, *, watermark: str = "") -> Keepable:
    """What is to be kept of a file that a worker took or chose; a video keeps its pictures untouched.

    Raises BadInput or TooLarge with one sentence for whatever is neither a photo nor a short video.
    """
    sniffed = sniff(content)
    if sniffed.kind == "video":
        if len(content) > VIDEO_BYTES:
            raise TooLarge("视频超过 50 MB，没有加上。请剪短一些，或拍得短一些。", field="photo")
        mime = "video/quicktime" if content[8:12] == b"qt  " else "video/mp4"
        return Keepable(strip_video(content), mime)
    most = MOST_PIXELS_OF_JPEG if sniffed.kind == "jpeg" else MOST_PIXELS
    if sniffed.width * sniffed.height > most:
        raise TooLarge("这张图片的尺寸太大，手机处理不了。请重新拍，或换一张。", field="photo")
    return await shrinker.shrink(content, sniffed, watermark=watermark)


def sniff(content: bytes) -> Sniffed:
    """What `content` is; raises BadInput for anything that is neither picture nor MP4."""
    if len(content) > FILE_BYTES:
        raise TooLarge("文件太大（超过 60 MB），没有加上。请换小一些的。", field="photo")
    try:
        found = _sniff(content)
    except (struct.error, IndexError) as fault:
        raise BadInput(UNREADABLE, field="photo") from fault
    if found is None:
        raise BadInput(NO_PICTURE, field="photo")
    return found


def _sniff(content: bytes) -> Sniffed | None:
    if content.startswith(b"\xff\xd8\xff"):
        return Sniffed("jpeg", *_jpeg_size(content))
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Sniffed("png", *struct.unpack_from(">II", content, 16))
    if content[:6] in (b"GIF87a", b"GIF89a"):
        return Sniffed("gif", *struct.unpack_from("<HH", content, 6))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return Sniffed("webp", *_webp_size(content))
    if content.startswith(b"BM") and content[14:18] == b"\x28\0\0\0":
        width, height = struct.unpack_from("<ii", content, 18)
        return Sniffed("bmp", abs(width), abs(height))
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        if brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"):
            return Sniffed("heic")
        return Sniffed("avif" if brand in (b"avif", b"avis") else "video")
    return None


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height from the frame header; raises IndexError where the file ends before it."""
    at = 2
    while True:
        while content[at] == 0xFF and content[at + 1] == 0xFF:
            at += 1
        if content[at] != 0xFF:
            raise IndexError(at)
        marker = content[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            return width, height
        (length,) = struct.unpack_from(">H", content, at + 2)
        at += 2 + length


def _webp_size(content: bytes) -> tuple[int, int]:
    form = content[12:16]
    if form == b"VP8X":
        return (
            1 + int.from_bytes(content[24:27], "little"),
            1 + int.from_bytes(content[27:30], "little"),
        )
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF
