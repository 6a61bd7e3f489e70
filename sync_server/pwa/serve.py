"""Serve a built site: `web_app(site)` is mounted at /app by the server and by the browser tests.

Every answer may be kept but must be asked about again (ETag), so that a phone without a service
worker is never on a mixture of two versions. Where the build left a compressed copy and the browser
takes it, that one is sent: 33 MB to download become 14 (docs/adr/0009-own-python-worker.md).
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from sync_server.pwa.site import RARE_FONT, RARE_FONT_SLICES

# Stated here, since what the machine's own table says differs (WebAssembly.instantiateStreaming and
# module workers refuse a wrong one).
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".woff2": "font/woff2",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".zip": "application/zip",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
_COPIES = (("br", ".br"), ("gzip", ".gz"))
# Flutter and Pyodide compile code at run time, so eval stays; what the page may reach is its own origin.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "frame-ancestors 'self'",
    )
)


def web_app(site: Path) -> ASGIApp:
    """An ASGI application that answers with the files of `site`, to be mounted at the path /app."""
    return _Site(directory=site, html=True)


class _Site(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        if path.startswith(RARE_FONT_SLICES):
            path = RARE_FONT
        name = "index.html" if path in {".", ""} else path
        accepted = _accepted_encodings(scope)
        for encoding, ending in _COPIES:
            if encoding in accepted and self.lookup_path(name + ending)[1] is not None:
                response = await super().get_response(name + ending, scope)
                if response.status_code != 304:
                    response.headers["Content-Encoding"] = encoding
                break
        else:
            response = await super().get_response(path, scope)
        kind = _TYPES.get(PurePosixPath(name).suffix)
        if kind and response.status_code == 200:
            response.headers["Content-Type"] = kind
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = _POLICY
        return response


def _accepted_encodings(scope: Scope) -> set[str]:
    """The encodings that the request takes; one with `q=0` is refused by it."""
    header = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"")
    offers = [offer.replace(" ", "").lower() for offer in header.decode("latin-1").split(",")]
    return {offer.partition(";")[0] for offer in offers if not offer.endswith((";q=0", ";q=0.0"))}
