"""A real server process that kills itself with SIGKILL at a chosen moment of the first push.

    python -m tests.server.killable DATA PORT MOMENT

Only tests start it; the product has no such hook. The process dies as by a power cut: no handler
runs, no file is closed.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import event
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync_server.asgi import create_app
from sync_server.settings import Settings
from tests.fakes import FakeClock


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DiesOnAnswer:
    """Lets the application work, and dies on the answer to /v1/sync: before it, or half-way through it."""

    def __init__(self, app: ASGIApp, *, half_way: bool) -> None:
        self._app = app
        self._half_way = half_way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def killing_send(message: Message) -> None:
            if scope.get("path") == "/v1/sync":
                if self._half_way and message["type"] == "http.response.start":
                    await send(message)
                    return
                if self._half_way:
                    await send({**message, "body": message["body"][:40], "more_body": True})
                die()
            await send(message)

        await self._app(scope, receive, killing_send)


def main(data: str, port: str, moment: str) -> None:
    app = create_app(Settings.at(Path(data)), now_ms=FakeClock())
    engine = app.state.server.engine
    served: ASGIApp = app
    if moment == "before the commit":
        # Fires for the push alone: other writes (a device last seen) touch no heads.
        @event.listens_for(engine, "after_cursor_execute")
        def note(_c: Any, _cur: Any, statement: str, _p: Any, context: Any, _m: Any) -> None:
            if statement.startswith("UPDATE devices SET offset_ms"):
                event.listen(engine, "commit", die)

    else:
        served = DiesOnAnswer(app, half_way=moment == "half-way through the answer")
    uvicorn.run(served, host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main(*sys.argv[1:])
