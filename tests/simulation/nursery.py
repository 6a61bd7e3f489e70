"""A process that has loaded everything and forks a real server and a real phone, again and again.

    python -m tests.simulation.nursery DATA SOCKET

Told "server" or "phone" on its standard input, it kills that child by SIGKILL and forks a fresh one in
its place, at once: loading Python anew would take longer than a child lives. The listening socket is
inherited, so that nobody is turned away between two lives. What the phone says is saved comes out line
by line. Only a test starts it; everything ends with its standard input.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx
import uvicorn

from app.domain.errors import ZoufangError
from app.store.account import signed_in_account
from app.store.people import edit_person
from app.store.store import open_store
from app.store.visits import NewNeed, record_visit, undo_visit
from app.sync.client import SyncClient
from app.sync.engine import sync_once
from sync_server.asgi import create_app
from sync_server.settings import Settings
from tests.fakes import FakeClock, visit_to

PERSON = "person-1"


def serve(data: Path, listening: socket.socket) -> None:
    """The real server on `listening`, until killed."""
    app = create_app(Settings.at(data), now_ms=FakeClock(), site=data / "web")
    config = uvicorn.Config(app, log_level="critical", lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


def work(data: Path, address: str) -> None:
    """Save, take back, edit and sync on one phone, until killed; tell each save once it has returned."""
    clock = FakeClock()
    store = open_store(data / "phone.db", now_ms=clock)
    account = signed_in_account(store)
    said = os.getpid()

    async def go() -> None:
        client = SyncClient(httpx.AsyncClient(base_url=address, trust_env=False), account.token)
        for number in itertools.count():
            visit = record_visit(store, visit_to(PERSON, needs=(NewNeed("HOUSING", "2", "漏雨"),)))
            os.write(1, f"saved {visit}\n".encode())
            if number % 3 == 1:
                undo_visit(store, visit)
                os.write(1, f"undone {visit}\n".encode())
            edit_person(store, PERSON, {"note": f"{said}-{number}"})
            os.write(1, f"noted {said}-{number}\n".encode())
            if number % 2:
                with suppress(ZoufangError):
                    await sync_once(store, client, now_ms=clock)

    asyncio.run(go())


def main(data: str, handle: str) -> None:
    listening = socket.socket(fileno=int(handle))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    lives: dict[str, Callable[[], None]] = {
        "server": lambda: serve(Path(data), listening),
        "phone": lambda: work(Path(data), address),
    }
    _load_everything(Path(data))
    children = {name: _forked(life) for name, life in lives.items()}
    try:
        for line in sys.stdin:
            name = line.strip()
            _kill(children[name])
            children[name] = _forked(lives[name])
    finally:
        for child in children.values():
            _kill(child)


def _load_everything(data: Path) -> None:
    """What each server would load anew at its start."""
    app = create_app(Settings.at(data), now_ms=FakeClock(), site=data / "web")
    app.state.server.engine.dispose()
    config = uvicorn.Config(app, log_level="critical", lifespan="off")
    config.load()
    config.get_loop_factory()


def _forked(life: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        os.close(0)
        try:
            life()
        finally:
            os._exit(1)
    return child


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        os.write(1, b"ended by itself\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
