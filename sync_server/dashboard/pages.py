"""Turning what was counted into HTML: one Jinja2 environment, and errors as pages with a way on."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from app.domain.errors import NotSignedIn, TooLarge, ZoufangError
from sync_server.dashboard.session import demand_from_here
from sync_server.records.scope import REVIEWERS
from sync_server.summary.cells import CHINA
from sync_server.summary.layout import NO_FIGURE, spell

_HERE = Path(__file__).parent
STYLE = (_HERE / "static" / "style.css").read_bytes()
STYLE_VERSION = sha256(STYLE).hexdigest()[:12]
# Nothing runs in these pages and nothing comes from elsewhere, so the browser may be told so.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_environment = Environment(
    loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_environment.globals["style_version"] = STYLE_VERSION
_environment.globals["reviewers"] = REVIEWERS
_environment.filters["figure"] = spell
_environment.filters["rate"] = lambda rate: NO_FIGURE if rate is None else f"{rate:.1f}%"
_environment.filters["moment"] = lambda unix_ms: (
    datetime.fromtimestamp(unix_ms / 1000, UTC).astimezone(CHINA).strftime("%m-%d %H:%M")
)


def page(template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The filled template as an answer that no cache keeps."""
    text = _environment.get_template(template).render(**values)
    return HTMLResponse(text, status_code=status, headers=_HEADERS)


def error_page(status: int, sentence: str) -> HTMLResponse:
    """One sentence and a way on. After 413 the connection ends: the rest of the body is not waited for."""
    answer = page("error.html", status=status, sentence=sentence)
    if status == TooLarge.status:
        answer.headers["Connection"] = "close"
    return answer


class PageRoute(APIRoute):
    """A route whose errors are pages: without a session to the sign-in and back, else one clear sentence.

    Nothing that another site's page sends comes further than this.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def with_error_pages(request: Request) -> Response:
            try:
                demand_from_here(request)
                return await answer(request)
            except NotSignedIn as fault:
                if request.method == "POST":
                    return error_page(fault.status, fault.sentence)
                there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
                return RedirectResponse(f"/sign-in?next={quote(there, safe='')}", status_code=303)
            except ZoufangError as fault:
                return error_page(fault.status, fault.sentence)

        return with_error_pages
