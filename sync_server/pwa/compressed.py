"""Compressed copies beside the large files of the site, made at build time instead of per request."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import tempfile
from pathlib import Path

import brotli  # type: ignore[import-untyped]

# Archives and woff2 are compressed already; below a kilobyte the header of the answer weighs more.
_COMPRESSIBLE = frozenset({".js", ".mjs", ".wasm", ".json", ".html", ".otf", ".ttf", ".bin"})
_SMALLEST_BYTES = 1024
# Quality 11 saves another 6 % of main.dart.js and takes twelve times as long.
_BROTLI_QUALITY = 9


def write_compressed_copies(site: Path, cache: Path) -> None:
    """Write `x.br` and `x.gz` beside every file of `site` that gains by it."""
    cache.mkdir(parents=True, exist_ok=True)
    for path in sorted(site.rglob("*")):
        if path.suffix not in _COMPRESSIBLE or path.stat().st_size < _SMALLEST_BYTES:
            continue
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:16]
        for ending, compress in ((".br", _brotli), (".gz", _gzip)):
            kept = cache / f"{digest}{ending}"
            if not kept.exists():
                # Under its name only once whole: another build may be reading the cache.
                with tempfile.NamedTemporaryFile(dir=cache, delete=False) as partial:
                    partial.write(compress(content))
                Path(partial.name).replace(kept)
            shutil.copyfile(kept, path.with_name(path.name + ending))


def _brotli(content: bytes) -> bytes:
    return brotli.compress(content, quality=_BROTLI_QUALITY, lgwin=22)


def _gzip(content: bytes) -> bytes:
    # No date in the header: equal content, equal file.
    return gzip.compress(content, compresslevel=9, mtime=0)
