"""A short video keeps its pictures and its length, and loses what tells where and when it was taken."""

import asyncio
import struct

import pytest

from app.device.pictures import VIDEO_BYTES, make_keepable
from app.device.pillow_shrinker import PillowShrinker
from app.domain.errors import BadInput, TooLarge

MADE = 3_741_000_000  # seconds since 1904


def box(kind: bytes, *inside: bytes, is_wide: bool = False) -> bytes:
    body = b"".join(inside)
    if is_wide:
        return struct.pack(">I4sQ", 1, kind, len(body) + 16) + body
    return struct.pack(">I4s", len(body) + 8, kind) + body


def timed(kind: bytes, *, version: int = 0) -> bytes:
    form = ">II" if version == 0 else ">QQ"
    return box(kind, bytes([version, 0, 0, 0]), struct.pack(form, MADE, MADE), b"rest of it")


def track(handler: bytes, samples: list[int], place: int) -> bytes:
    sizes = (
        struct.pack(">IIII", 0, 0, len(samples), samples[0])[4:]
        if not samples
        else b"".join(
            (struct.pack(">III", 0, 0, len(samples)), *(struct.pack(">I", size) for size in samples))
        )
    )
    table = box(
        b"stbl",
        box(b"stsc", struct.pack(">II", 0, 1), struct.pack(">III", 1, len(samples), 1)),
        box(b"stsz", sizes),
        box(b"stco", struct.pack(">III", 0, 1, place)),
    )
    return box(
        b"trak",
        timed(b"tkhd"),
        box(
            b"mdia",
            timed(b"mdhd", version=1),
            box(b"hdlr", bytes(8), handler, bytes(12)),
            box(b"minf", table),
        ),
        box(b"udta", b"who held it"),
    )


PICTURES, PLACES = b"moving pictures!" * 10, b"28.45N 119.92E secret"


def film() -> bytes:
    """An MP4 with pictures, a track of places, and everything that phones write along."""
    start = box(b"ftyp", b"mp42", bytes(4), b"mp42isom")
    data = box(b"mdat", PICTURES, PLACES, is_wide=True)
    at = len(start) + 16
    index = box(
        b"moov",
        timed(b"mvhd"),
        track(b"vide", [len(PICTURES)], at),
        track(b"meta", [6, len(PLACES) - 6], at + len(PICTURES)),
        box(b"udta", box(b"\xa9xyz", b"+28.45+119.92/ secret")),
        box(b"meta", b"com.apple.quicktime.location secret"),
    )
    return (
        start + data + index + box(b"uuid", bytes(16), b"<x:xmpmeta secret>") + box(b"free", b"secret notes")
    )


def kept(content: bytes) -> bytes:
    keepable = asyncio.run(make_keepable(PillowShrinker(), content))
    assert keepable.mime == "video/mp4"
    return keepable.content


def test_metadata_goes_and_pictures_length_and_places_in_the_file_stay() -> None:
    before, after = film(), kept(film())
    assert len(after) == len(before)
    assert after.index(PICTURES) == before.index(PICTURES)
    for telling in (b"secret", b"119.92", b"who held it", b"xmpmeta", struct.pack(">I", MADE)):
        assert telling in before and telling not in after
    assert after.count(b"vide") == 1 and b"rest of it" in after


def test_a_stripped_video_is_stripped_already() -> None:
    assert kept(kept(film())) == kept(film())


@pytest.mark.parametrize("length", [20, 60, 300, len(film()) - 5])
def test_a_video_that_is_cut_off_is_said_to_be(length: int) -> None:
    with pytest.raises(BadInput) as refused:
        kept(film()[:length])
    assert refused.value.sentence == "这段视频读不出来，文件可能不完整。请重新拍，或换一段。"


def test_boxes_that_lie_about_their_size_are_refused_and_never_read_past_the_end() -> None:
    sound = film()
    for at in range(0, len(sound) - 4, 3):
        broken = bytearray(sound)
        broken[at : at + 4] = b"\xff\xff\xff\xff"
        try:
            assert len(kept(bytes(broken))) == len(sound)
        except BadInput as refused:
            assert refused.field == "photo"


def test_a_video_above_50_mb_is_refused_with_the_limit() -> None:
    large = box(b"ftyp", b"mp42") + box(b"mdat", bytes(VIDEO_BYTES)) + box(b"moov", timed(b"mvhd"))
    with pytest.raises(TooLarge) as refused:
        kept(large)
    assert "50 MB" in refused.value.sentence
