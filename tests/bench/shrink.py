"""Making photos small on the phone's own Pillow: how long, and how much memory on top of the app's."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from PIL import Image, ImageDraw

from app.device.pictures import sniff
from app.device.pillow_shrinker import shrink
from tests.bench.figures import Figure

ROUNDS = 3
WATERMARK = "2022-07-28 大源镇"


def measure() -> list[Figure]:
    """Photos of 12 and of 48 megapixels, each in a process of its own, so that the peak is the photo's."""
    figures = []
    for name, width, height, limits in (
        ("12 MP", 4000, 3000, (1.5, 150.0)),
        ("48 MP", 8064, 6048, (None, None)),
    ):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "photo.jpg"
            # Made elsewhere too: a child counts the peak of its parent as its own.
            _elsewhere(f"make(({width}, {height}), {str(path)!r})")
            runs = [json.loads(_elsewhere(f"one({str(path)!r})")) for _ in range(ROUNDS)]
        figures += [
            Figure(f"shrink {name}, best of {ROUNDS}", min(run["s"] for run in runs), "s", limits[0]),
            Figure(f"shrink {name}, slowest", max(run["s"] for run in runs), "s"),
            Figure(f"shrink {name}, memory at the peak", max(run["mb"] for run in runs), "MB", limits[1],
                   note="beyond the app with Pillow loaded"),
            Figure(f"shrink {name}, kept", max(run["bytes"] for run in runs) / 1000, "kB", 300),
        ]  # fmt: skip
    return figures


def _elsewhere(call: str) -> bytes:
    code = f"from tests.bench import shrink; shrink.{call}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout


def make(size: tuple[int, int], path: str) -> None:
    """Write a photo of that many pixels."""
    Path(path).write_bytes(photo(size))


def one(path: str) -> None:
    """Shrink the photo at `path`; print seconds, megabytes and bytes as JSON."""
    content, small = Path(path).read_bytes(), photo((64, 48))
    shrink(small, sniff(small), WATERMARK)
    before = _peak_mb()
    begun = time.perf_counter()
    kept = shrink(content, sniff(content), WATERMARK)
    took = time.perf_counter() - begun
    print(json.dumps({"s": took, "mb": _peak_mb() - before, "bytes": len(kept.content)}))


def photo(size: tuple[int, int]) -> bytes:
    """A JPEG as busy as a village street: gradients, leaves, gravel; held sideways, as most are."""
    chance = Random(12)
    width, height = size
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(width * height // 4000):
        x, y, r = chance.randrange(width), chance.randrange(height), chance.randrange(2, 40)
        draw.ellipse((x, y, x + r, y + r), fill=tuple(chance.choices(range(256), k=3)))
    exif = Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    image.save(written, "JPEG", quality=88, exif=exif)
    return written.getvalue()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
