"""Who looks at the dashboard: a device token in a cookie that scripts cannot read."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.domain.errors import BadInput, NotAllowed, NotSignedIn, TooLarge
from sync_server.records.accounts import DeviceRow, authenticate
from sync_server.state import ServerState

COOKIE = "zoufang"
LABEL = "汇总网页"  # the name of a dashboard's session in the list of devices
_LONGEST_FORM_BYTES = 4096


def viewer_of(request: Request, state: ServerState) -> DeviceRow:
    """The session behind the cookie; raises NotSignedIn without one, or with a revoked one."""
    token = request.cookies.get(COOKIE, "")
    if not token:
        raise NotSignedIn("还没有登录。请先登录。")
    return authenticate(state.engine, token, now_ms=state.now_ms())


def begin(answer: Response, token: str, *, is_secure: bool) -> None:
    """Let the browser hold `token` until it is closed. Lax: a link from elsewhere opens, a form does not."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_secure, path="/")


def end(answer: Response) -> None:
    answer.delete_cookie(COOKIE, path="/")


def demand_from_here(request: Request) -> None:
    """Raises NotAllowed for what would change something and was sent by another site's page.

    The cookie is Lax already; this holds too where another server of the same domain is hostile. Browsers
    say where a request comes from, by `Sec-Fetch-Site` where the connection is safe and by `Origin`
    anyhow; whoever says neither is no browser, and holds no cookie that a page could make him send.
    """
    if request.method in ("GET", "HEAD"):
        return
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        is_from_here = site in ("same-origin", "none")
    else:
        is_from_here = origin is None or urlsplit(origin).netloc == request.headers.get("host", "")
    if not is_from_here:
        raise NotAllowed("这个请求不是从本网站的页面发来的，没有办。请从进度页进入，再点一次。")


async def form_of(request: Request, *, longest_bytes: int = _LONGEST_FORM_BYTES) -> dict[str, str]:
    """The fields of a small posted form; raises BadInput for an unreadable one.

    Raises TooLarge for anything larger: by its stated length before a byte is read, else at the limit.
    """
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:18]) > longest_bytes:
        raise _too_large(longest_bytes)
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > longest_bytes:
                raise _too_large(longest_bytes)
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}
    except (ClientDisconnect, UnicodeDecodeError, ValueError) as fault:
        raise BadInput("填写的内容读不懂。请返回重填。") from fault


def _too_large(longest_bytes: int) -> TooLarge:
    return TooLarge(f"填写的内容超过 {longest_bytes // 1024} KB，太长了。请返回重填。")


def way_back(wanted: str) -> str:
    """`wanted` if it is a place on this server, else the first page: no link leads on to a stranger."""
    is_local = wanted.startswith("/") and not wanted.startswith("//") and wanted.isprintable()
    return wanted if is_local and "\\" not in wanted else "/"
