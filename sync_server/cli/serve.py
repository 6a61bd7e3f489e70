"""`zoufang serve`: the server on one address."""

from __future__ import annotations

import gc
from pathlib import Path

import uvicorn

from sync_server.asgi import create_app
from sync_server.settings import Settings


def settings_for(data: Path | None, *, host: str = "127.0.0.1", port: int = 8000) -> Settings:
    """The settings of a command: its `--data`, or else the environment's."""
    if data is None:
        data = Settings.from_environment().data
    return Settings.at(data, host=host, port=port)


def run_server(*, data: Path | None, host: str, port: int) -> None:
    """Serve until interrupted."""
    app = create_app(settings_for(data, host=host, port=port))
    _collect_seldom()
    uvicorn.run(app, host=host, port=port, log_level="info", server_header=False)


def _collect_seldom() -> None:
    """Let the garbage collector look at what requests leave behind, seldom, and never at the program.

    A push makes thousands of objects that are all in use until its commit, and next to nothing in them
    refers in circles: by default the collector took a third of the time and freed nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
