"""A real server in a process of its own, which a test may kill at a chosen moment of an upload."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from sync_server.asgi import create_app
from sync_server.photos.blobs import FolderBlobs
from sync_server.photos.shelf import Shelf
from sync_server.photos.uploads import InHand
from sync_server.settings import Settings
from tests.fakes import FakeClock

ROOT = Path(__file__).parents[2]
MOMENTS = {  # when the server dies, and what it would have done next
    "with the chunk written and not flushed": (InHand, "flush"),
    "with every byte there and nothing hashed": (Shelf, "finish"),
    "with the bytes hashed and not moved": (FolderBlobs, "take"),
    "with the bytes in the store and not noted": (Shelf, "_note"),
}


@contextmanager
def server(data: Path, moment: str = "") -> Iterator[str]:
    """Its address, for as long as the block lasts; one that dies by itself has died at its end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.photos.serving", str(data), str(port), moment]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}"
        if moment:
            assert process.wait(timeout=30) == -signal.SIGKILL
    finally:
        process.kill()
        process.wait()


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server did not start"
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not open its port")


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(data: str, port: str, moment: str) -> None:
    if moment:
        owner, name = MOMENTS[moment]
        setattr(owner, name, _die)
    app = create_app(Settings.at(Path(data)), now_ms=FakeClock())
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    main(*sys.argv[1:])
