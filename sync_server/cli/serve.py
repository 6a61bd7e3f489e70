"""`zoufang serve`: the server on one address."""

from __future__ import annotations

import gc
from pathlib import Path

import uvicorn

from sync_server.asgi import create_app
from sync_server.cli.data import settings_for
from sync_server.cli.port import demand_free_port
from sync_server.settings import Settings


def run_server(*, data: Path | None, host: str | None, port: int | None) -> None:
    """Serve until interrupted; what is not given comes from the environment.

    Raises BadInput, before anything is made, for a host or port that cannot be had.
    """
    environment = Settings.from_environment()
    host, port = host or environment.host, environment.port if port is None else port
    demand_free_port(host, port)
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
