"""The service worker of one build: a version number and the hash of every file it vouches for."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from sync_server.pwa.site import RARE_FONT, RARE_FONT_SLICES, WEB

# On the site for whoever asks, but no start needs them: a phone does not download them.
_NOT_KEPT = frozenset({"sw.js", "assets/NOTICES", "assets/fonts/OFL.txt", "version.json"})
_HASH_DIGITS = 16


def write_service_worker(site: Path) -> str:
    """Write `site/sw.js` for the files now in `site`; returns the version.

    The version is made of names and hashes alone, so an equal build is the same version and asks
    nobody to update.
    """
    files = {
        name: hashlib.sha256(path.read_bytes()).hexdigest()[:_HASH_DIGITS]
        for path in sorted(site.rglob("*"))
        if path.is_file() and (name := path.relative_to(site).as_posix()) not in _NOT_KEPT
    }
    script = (WEB / "sw.js").read_text("utf-8")
    version = hashlib.sha256((script + json.dumps(files)).encode()).hexdigest()[:12]
    values = {
        "__VERSION__": version,
        "__RARE_FONT__": RARE_FONT,
        "__RARE_FONT_SLICES__": RARE_FONT_SLICES,
        "__FILES__": json.dumps(files, indent=0),
    }
    for place, value in values.items():
        script = script.replace(place, value)
    (site / "sw.js").write_text(script, "utf-8")
    return version
