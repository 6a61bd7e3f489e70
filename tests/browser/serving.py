"""A server on 127.0.0.1 that a test can take away and bring back on the same port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from sync_server.pwa.serve import web_app

_START_LIMIT_S = 20.0


class LocalServer:
    """Runs an ASGI application in a thread, from `start()` to `stop()`, as often as a test likes.

    The port is chosen once, so that a page which has the address finds the server again. While it is
    stopped, connections are refused, as with a machine that is off.
    """

    def __init__(self, app: ASGIApp) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self._app = app
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def app_url(self) -> str:
        """Where the phone app is."""
        return f"{self.origin}/app/"

    def start(self) -> LocalServer:
        """Answer from now on; returns once the port is open."""
        assert self._server is None, "already started"
        config = uvicorn.Config(
            self._app, host="127.0.0.1", port=self.port, log_level="warning", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        self._wait_until_open()
        return self

    def stop(self) -> None:
        """Refuse connections from now on. Stopping twice is allowed."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(timeout=10)
        assert not self._thread.is_alive(), "the server did not stop"
        self._server = self._thread = None

    def _wait_until_open(self) -> None:
        waited = threading.Event()
        for _ in range(int(_START_LIMIT_S / 0.05)):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            waited.wait(0.05)
        raise AssertionError(f"no server on port {self.port} after {_START_LIMIT_S} s")


def site_server(site: Path) -> LocalServer:
    """A server with the phone app under /app/ and, under /v1/, an echo and an answer that takes 2 s."""

    async def echo(request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "method": request.method,
                "bytes": len(await request.body()),
                "authorization": request.headers.get("authorization"),
                "cookie": request.headers.get("cookie"),
            }
        )

    async def slow(_: Request) -> PlainTextResponse:
        await asyncio.sleep(2)
        return PlainTextResponse("late")

    routes = [
        Route("/v1/echo", echo, methods=["GET", "POST"]),
        Route("/v1/slow", slow),
        Mount("/app", web_app(site)),
    ]
    return LocalServer(Starlette(routes=routes))
