"""httpx over the browser's `fetch`; apart from browser.py, so that httpx loads with the first exchange."""

from __future__ import annotations

import httpx
import js
from pyodide.ffi import JsException, to_js

# Set by the browser itself, which refuses or ignores them.
_FORBIDDEN = frozenset(
    {"host", "user-agent", "accept-encoding", "connection", "content-length", "transfer-encoding"}
)
# The body arrives decoded, so what these say of it is no longer true.
_DECODED = frozenset({"content-encoding", "content-length"})


class BrowserTransport(httpx.AsyncBaseTransport):
    """One request is one `fetch`.

    Bodies go and come whole. `fetch` knows one limit for the entire exchange, so the limits for
    connecting, writing and reading are added up; None waits for ever. The browser follows redirects.
    Cookies stay out: a phone is known by its own token, never by a dashboard's sign-in.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises `httpx.ReadTimeout` for the limit, `ConnectError` for whatever else stops the exchange."""
        body = await request.aread()
        options: dict[str, object] = {
            "method": request.method,
            "headers": [[name, value] for name, value in request.headers.items() if name not in _FORBIDDEN],
            "credentials": "omit",
            "cache": "no-store",
        }
        if body:
            options["body"] = body
        limit_s = _limit_s(request)
        if limit_s is not None:
            options["signal"] = js.AbortSignal.timeout(int(limit_s * 1000))
        try:
            answer = await js.fetch(str(request.url), to_js(options, dict_converter=js.Object.fromEntries))
            content = (await answer.arrayBuffer()).to_bytes()
        except JsException as error:
            kind = httpx.ReadTimeout if error.name == "TimeoutError" else httpx.ConnectError
            raise kind(f"{request.method} {request.url.path}: {error.message}", request=request) from error
        headers = [(name, value) for name, value in answer.headers if name not in _DECODED]
        return httpx.Response(answer.status, headers=headers, content=content, request=request)


def _limit_s(request: httpx.Request) -> float | None:
    limits: dict[str, float | None] = request.extensions.get("timeout", {})
    parts = [limits.get(part) for part in ("connect", "write", "read")]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
