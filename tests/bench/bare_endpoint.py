"""The least that a server can do with a file: write it, flush it to the disk, hash it. To compare with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_PIECE_BYTES = 64 * 1024


class _Handler(BaseHTTPRequestHandler):
    folder: Path

    def do_PUT(self) -> None:
        digest, left = sha256(), int(self.headers["Content-Length"])
        with (self.folder / Path(self.path).name).open("wb") as file:
            while left:
                piece = self.rfile.read(min(left, _PIECE_BYTES))
                file.write(piece)
                digest.update(piece)
                left -= len(piece)
            file.flush()
            os.fsync(file.fileno())
        said = digest.hexdigest().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Nobody listens."""


@contextmanager
def bare_endpoint(folder: Path) -> Iterator[str]:
    """Its address, in a process of its own, for as long as the block lasts; files go into `folder`."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.bench.bare_endpoint", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def main(folder: str) -> None:
    _Handler.folder = Path(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
