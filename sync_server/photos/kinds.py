"""What bytes may be kept as a photo or a video: told by their first bytes, never by a name or a claim.

A phone shrinks photos to about 300 KB before it keeps them and leaves videos as they are; the limits
here are what a server takes at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import BadInput, TooLarge

HEAD_BYTES = 32  # enough of the beginning to tell every kind
IMAGE_BYTES = 2 * 2**20
VIDEO_BYTES = 50 * 2**20
LARGEST_BYTES = VIDEO_BYTES
_VIDEO_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV")


@dataclass(frozen=True, slots=True)
class MediaKind:
    """`mime` is what the bytes are served as."""

    mime: str
    is_video: bool = False

    @property
    def limit_bytes(self) -> int:
        return VIDEO_BYTES if self.is_video else IMAGE_BYTES


JPEG = MediaKind("image/jpeg")
PNG = MediaKind("image/png")
WEBP = MediaKind("image/webp")
MP4 = MediaKind("video/mp4", is_video=True)
QUICKTIME = MediaKind("video/quicktime", is_video=True)
THREE_GPP = MediaKind("video/3gpp", is_video=True)
WEBM = MediaKind("video/webm", is_video=True)


def kind_of(head: bytes) -> MediaKind | None:
    """The kind of what begins with `head` (HEAD_BYTES of it, or all there is); None for any other."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _VIDEO_BRANDS:
            return MP4
        if brand == b"qt  ":
            return QUICKTIME
        if brand[:3] in (b"3gp", b"3g2"):
            return THREE_GPP
    return None


def demand_size(size_bytes: int, *, claimed: str) -> None:
    """Raises TooLarge for more than an image may have, if it is `claimed` to be one, or anything at all."""
    limit = IMAGE_BYTES if claimed.startswith("image/") else LARGEST_BYTES
    if size_bytes > limit:
        raise _too_large(limit)


def demand_kind(head: bytes, size_bytes: int) -> MediaKind:
    """The kind of these bytes; raises BadInput for one that is not taken, TooLarge beyond its limit."""
    found = kind_of(head)
    if found is None:
        raise BadInput("这个文件不是照片也不是视频，没有收下。请重新拍一张，或另选一张照片。")
    if size_bytes > found.limit_bytes:
        raise _too_large(found.limit_bytes)
    return found


def _too_large(limit_bytes: int) -> TooLarge:
    what, advice = ("照片", "请缩小") if limit_bytes == IMAGE_BYTES else ("视频", "请截短")
    return TooLarge(f"{what}超过 {limit_bytes // 2**20} MB 的上限，没有收下。{advice}后再传。")
