"""A short video without its metadata: the same length, the same pictures and sound, nothing else.

An MP4 or MOV file is a tree of boxes, and its index names the pictures by their place in the file. So
nothing is cut out: what tells where, when, with what and by whom it was taken is written over with
zeros and called `free`, which every player skips (ISO/IEC 14496-12, 8.1.2).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from app.domain.errors import BadInput

_DAMAGED = "这段视频读不出来，文件可能不完整。请重新拍，或换一段。"
_FOLDERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"moof", b"traf"}
)
_TELLING = frozenset({b"udta", b"meta", b"uuid", b"XMP_", b"gps ", b"free", b"skip", b"wide"})
_TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})  # each begins with when it was made and changed
_SHOWN = frozenset({b"vide", b"soun"})  # tracks of other kinds tell of the place, the tilt, the faces


class _Box(NamedTuple):
    kind: bytes
    start: int  # of its header
    body: int
    end: int


def strip_video(content: bytes) -> bytes:
    """`content` without metadata, as long as before; raises BadInput for what is no whole MP4 or MOV."""
    film = bytearray(content)
    top = list(_boxes(film, 0, len(film)))
    kinds = [box.kind for box in top]
    if b"moov" not in kinds or not {b"mdat", b"moof"} & set(kinds):
        raise BadInput(_DAMAGED, field="photo")
    _strip(film, top)
    return bytes(film)


def _boxes(film: bytearray, start: int, end: int) -> Iterator[_Box]:
    """The boxes that lie side by side from `start` to `end`."""
    while end - start >= 8:
        size, kind = struct.unpack_from(">I4s", film, start)
        header = 8
        if size == 1:
            if end - start < 16:
                raise BadInput(_DAMAGED, field="photo")
            (size,) = struct.unpack_from(">Q", film, start + 8)
            header = 16
        elif size == 0:
            size = end - start
        if size < header or start + size > end:
            if kind == b"\0\0\0\0":
                return  # QuickTime ends a list with four zeros
            raise BadInput(_DAMAGED, field="photo")
        yield _Box(kind, start, start + header, start + size)
        start += size


def _strip(film: bytearray, boxes: list[_Box]) -> None:
    for box in boxes:
        if box.kind in _TELLING:
            _blank(film, box)
        elif box.kind in _TIMED:
            _forget_times(film, box)
        elif box.kind == b"trak" and not _is_shown(film, box):
            _blank_samples(film, box)
            _blank(film, box)
        elif box.kind in _FOLDERS:
            _strip(film, list(_boxes(film, box.body, box.end)))


def _blank(film: bytearray, box: _Box) -> None:
    film[box.start + 4 : box.start + 8] = b"free"
    film[box.body : box.end] = bytes(box.end - box.body)


def _forget_times(film: bytearray, box: _Box) -> None:
    length = 16 if film[box.body] == 1 else 8
    if box.body + 4 + length > box.end:
        raise BadInput(_DAMAGED, field="photo")
    film[box.body + 4 : box.body + 4 + length] = bytes(length)


def _is_shown(film: bytearray, track: _Box) -> bool:
    handler = _inside(film, track, b"mdia", b"hdlr")
    return handler is not None and bytes(film[handler.body + 8 : handler.body + 12]) in _SHOWN


def _inside(film: bytearray, box: _Box, *path: bytes) -> _Box | None:
    found: _Box | None = box
    for kind in path:
        if found is None:
            return None
        found = next((inner for inner in _boxes(film, found.body, found.end) if inner.kind == kind), None)
    return found


def _blank_samples(film: bytearray, track: _Box) -> None:
    """Write zeros over what the track's index points to."""
    table = _inside(film, track, b"mdia", b"minf", b"stbl")
    if table is None:
        return
    try:
        for start, size in _samples(film, table):
            if start + size > len(film):
                raise BadInput(_DAMAGED, field="photo")
            film[start : start + size] = bytes(size)
    except struct.error as fault:
        raise BadInput(_DAMAGED, field="photo") from fault


def _samples(film: bytearray, table: _Box) -> Iterator[tuple[int, int]]:
    """(place, size) of every sample: `stsz` has sizes, `stsc` how many a chunk, `stco` where chunks are."""
    parts = {box.kind: box for box in _boxes(film, table.body, table.end)}
    sizes, runs = parts.get(b"stsz"), parts.get(b"stsc")
    places = parts.get(b"stco") or parts.get(b"co64")
    if sizes is None or runs is None or places is None:
        return
    each, samples = struct.unpack_from(">II", film, sizes.body + 4)
    (count,) = struct.unpack_from(">I", film, places.body + 4)
    form, width = (">I", 4) if places.kind == b"stco" else (">Q", 8)
    (entries,) = struct.unpack_from(">I", film, runs.body + 4)
    per_chunk = dict(struct.unpack_from(">II", film, runs.body + 8 + 12 * at) for at in range(entries))
    sample, now = 0, 0
    for chunk in range(1, count + 1):
        now = per_chunk.get(chunk, now)
        (place,) = struct.unpack_from(form, film, places.body + 8 + width * (chunk - 1))
        for _ in range(min(now, samples - sample)):
            size = each or struct.unpack_from(">I", film, sizes.body + 12 + 4 * sample)[0]
            yield place, size
            place, sample = place + size, sample + 1
