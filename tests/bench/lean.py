"""Keep-alive connections that send prepared requests, for a crowd of phones on one core.

An HTTP client of the usual kind spends as much on a request as the server does. Each phone has a core of
its own; a crowd played by one process must cost next to nothing, or it is itself what is measured.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Reply:
    """A body as it came (compressed if the server did so), and the seconds from sending to its last byte."""

    content: bytes
    is_gzip: bool
    seconds: float

    @property
    def plain(self) -> bytes:
        return gzip.decompress(self.content) if self.is_gzip else self.content


def post(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes of a POST as an HTTP/1.1 client sends it."""
    said = {"host": "127.0.0.1", "accept": "*/*", "accept-encoding": "gzip", "connection": "keep-alive"}
    lines = [
        f"{name}: {value}\r\n" for name, value in {**said, **headers, "content-length": len(body)}.items()
    ]
    return f"POST {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("ascii") + body


class Line:
    """One connection; requests go one after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, origin: str) -> Line:
        address = urlsplit(origin)
        return cls(*await asyncio.open_connection(address.hostname, address.port))

    async def exchange(self, request: bytes) -> Reply:
        """Send `request` and give the reply; raises AssertionError for any status but 200."""
        begun = perf_counter()
        self._writer.write(request)
        status, *lines = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        headers = dict(line.split(b": ", 1) for line in lines if line)
        content = await self._reader.readexactly(int(headers[b"content-length"]))
        seconds = perf_counter() - begun
        assert b" 200 " in status, (status, content)
        return Reply(content, headers.get(b"content-encoding") == b"gzip", seconds)

    def close(self) -> None:
        self._writer.close()
