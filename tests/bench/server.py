"""A real server in a process of its own, and a client that counts the bytes on the wire."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import httpx

_START_LIMIT_S = 60.0


@dataclass(slots=True)
class Traffic:
    """Requests made and bytes each way: bodies as compressed, and request lines and headers apart."""

    requests: int = 0
    up_bytes: int = 0
    down_bytes: int = 0
    up_header_bytes: int = 0
    down_header_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server: where it answers, and its process."""

    origin: str
    pid: int

    def cpu_s(self) -> float:
        """The processor time that it has taken so far."""
        said = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        user, system = int(said[11]), int(said[12])  # fields 14 and 15
        return (user + system) / os.sysconf("SC_CLK_TCK")

    def most_memory_mb(self) -> float:
        """The most that it has held at once so far."""
        status = Path(f"/proc/{self.pid}/status").read_text("ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024


@contextmanager
def served(data: Path, *, log: str = "serve.log") -> Iterator[str]:
    """`serving`, for whom its address is enough."""
    with serving(data, log=log) as server:
        yield server.origin


@contextmanager
def serving(data: Path, *, log: str = "serve.log") -> Iterator[Serving]:
    """`zoufang serve` on a free port for as long as the block lasts.

    What it says goes to the file `log` in `data`.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sync_server", "serve", "--data", str(data), "--port", str(port)]
    told = (data / log).open("w")
    process = subprocess.Popen(command, stdout=told, stderr=told, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        _wait(process, port, data / log)
        yield Serving(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)
        told.close()


def counting_client(origin: str, traffic: Traffic) -> httpx.AsyncClient:
    """A client of `origin` that adds everything it sends and gets to `traffic`."""

    async def count(response: httpx.Response) -> None:
        await response.aread()
        request = response.request
        traffic.requests += 1
        traffic.up_bytes += len(request.content)
        traffic.down_bytes += response.num_bytes_downloaded
        traffic.up_header_bytes += _size(request.headers) + len(f"POST {request.url.path} HTTP/1.1\r\n")
        traffic.down_header_bytes += _size(response.headers) + len("HTTP/1.1 200 OK\r\n")

    return httpx.AsyncClient(base_url=origin, event_hooks={"response": [count]})


def _size(headers: httpx.Headers) -> int:
    return sum(len(name) + len(value) + len(": \r\n") for name, value in headers.raw) + len("\r\n")


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(int(_START_LIMIT_S / 0.1)):
        if process.poll() is not None:
            break
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            sleep(0.1)
    raise SystemExit(f"the server did not start; its log is {log}")
