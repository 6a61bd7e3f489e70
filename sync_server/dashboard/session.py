"""Who looks at the dashboard: a device token in a cookie that scripts cannot read."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from app.domain.errors import BadInput, NotSignedIn
from sync_server.records.accounts import DeviceRow, authenticate
from sync_server.state import ServerState

COOKIE = "zoufang"
LABEL = "汇总网页"  # the name of a dashboard's session in the list of devices
_LONGEST_FORM = 4096


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


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a small posted form; raises BadInput for anything larger or unreadable."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise BadInput("填写的内容太长。请返回重填。")
    try:
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}
    except (UnicodeDecodeError, ValueError) as fault:
        raise BadInput("填写的内容读不懂。请返回重填。") from fault


def way_back(wanted: str) -> str:
    """`wanted` if it is a place on this server, else the first page: no link leads on to a stranger."""
    is_local = wanted.startswith("/") and not wanted.startswith("//") and wanted.isprintable()
    return wanted if is_local and "\\" not in wanted else "/"
