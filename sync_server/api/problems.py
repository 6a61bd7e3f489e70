"""The one place that turns an error into an HTTP answer: {"code", "sentence", "field"}.

The sentence can be shown as it is. A browser that asks for a page gets one with the same sentence; a
program, and everything under /v1, gets the JSON. What nobody foresaw answers 500 in the same shape and
leaves the type of the fault, without anybody's data, in the server's log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from app.domain.errors import NotSignedIn, TooLarge, TooManyAttempts, UnsupportedProtocol, ZoufangError
from app.domain.wire import SUPPORTED

_logger = logging.getLogger(__name__)
ErrorPage = Callable[[int, str], Response]  # status, sentence
_SENTENCES = {
    404: ("not_found", "没有这个地址。请核对网址。"),
    405: ("method_not_allowed", "这个地址不接受这种请求。请更新软件。"),
}
# Who typed such an address cannot update anything.
_ON_PAGES = {"method_not_allowed": "这个地址不能直接打开。请从本单位进度进入。"}


class Problem(JSONResponse):
    """A problem as JSON. `media_type` is RFC 9457's, whose readers also find the code."""

    media_type = "application/problem+json"


def problem(status: int, code: str, sentence: str, field: str | None = None, **more: Any) -> Problem:
    """The answer; `field` is null when the fault is not about one field, `more` are further members."""
    return Problem({"code": code, "sentence": sentence, "field": field, **more}, status_code=status)


def demand_an_address(request: Request) -> None:
    """Raise 404 for an address with a NUL in it: nothing is called so, and PostgreSQL cannot be asked."""
    said = (*request.path_params.values(), *request.query_params.values())
    if any("\0" in part for part in said):
        raise HTTPException(404)


def install(app: FastAPI, error_page: ErrorPage) -> None:
    """Let `app` answer every error in this shape, and browsers with `error_page`."""

    def answer_to(
        request: Request, status: int, code: str, sentence: str, field: str | None = None, **more: Any
    ) -> Response:
        is_program = request.url.path.startswith("/v1/") or "text/html" not in request.headers.get(
            "accept", ""
        )
        if is_program:
            return problem(status, code, sentence, field, **more)
        return error_page(status, _ON_PAGES.get(code, sentence))

    @app.exception_handler(ZoufangError)
    async def ours(request: Request, fault: ZoufangError) -> Response:
        more: dict[str, Any] = {}
        if isinstance(fault, UnsupportedProtocol):
            more = {"supported": sorted(SUPPORTED)}
        if isinstance(fault, TooLarge) and fault.limit is not None:
            more = {"limit": fault.limit}
        answer = answer_to(request, fault.status, fault.code, fault.sentence, fault.field, **more)
        if isinstance(fault, NotSignedIn):
            answer.headers["WWW-Authenticate"] = "Bearer"
        if isinstance(fault, TooManyAttempts):
            answer.headers["Retry-After"] = "60"
        if isinstance(fault, TooLarge):
            answer.headers["Connection"] = "close"  # the rest of the body is not waited for
        return answer

    @app.exception_handler(RequestValidationError)
    async def parameters(request: Request, fault: RequestValidationError) -> Response:
        field = ".".join(str(part) for part in fault.errors()[0]["loc"][1:]) or None
        sentence = f"“{field or '请求'}”一项填得不对。请改正后再试。"
        return answer_to(request, 422, "bad_input", sentence, field)

    @app.exception_handler(HTTPException)
    async def framework(request: Request, fault: HTTPException) -> Response:
        code, sentence = _SENTENCES.get(fault.status_code, ("http_error", "请求没有办成。请稍后再试。"))
        answer = answer_to(request, fault.status_code, code, sentence)
        answer.headers.update(fault.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, fault: Exception) -> Response:
        _logger.error("%s %s: %s", request.method, request.url.path, type(fault).__name__)
        sentence = "服务器出错，没有改动任何数据。请稍后再试，或联系管理员。"
        return answer_to(request, 500, "server_fault", sentence)
