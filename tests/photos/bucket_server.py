"""A server that speaks as much of S3 as a bucket of photos needs, in memory, and errs when it is told to.

One bucket, addressed by path; keys and signatures are not checked. `faults` are the statuses with which the
next requests are answered; `damages` whether it gives back other bytes than it was given.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape, unescape


@dataclass
class Bucket:
    """What the server holds, by key, and how it misbehaves."""

    address: str = ""
    held: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    faults: list[int] = field(default_factory=list)
    damages: bool = False


@contextmanager
def bucket_server() -> Iterator[Bucket]:
    """A bucket whose server runs as long as the block."""
    bucket = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"bucket": bucket}))
    bucket.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield bucket
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    bucket: Bucket
    protocol_version = "HTTP/1.1"

    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/").partition("/")[2]

    @property
    def asked(self) -> dict[str, str]:
        found = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}

    def do_PUT(self) -> None:
        content = self._body()
        if self._errs():
            return
        if "partNumber" in self.asked:
            self.bucket.parts[self.asked["uploadId"]][int(self.asked["partNumber"])] = content
        else:
            self.bucket.held[self.key] = content
        self._answer(200, b"", ETag=f'"{md5(content, usedforsecurity=False).hexdigest()}"')

    def do_POST(self) -> None:
        content = self._body()
        if self._errs():
            return
        if "delete" in self.asked:
            keys = re.findall(r"<Key>(.*?)</Key>", content.decode())
            for key in keys:
                self.bucket.held.pop(unescape(key), None)
            self._xml("DeleteResult", "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys))
        elif "uploads" in self.asked:
            name = f"u{len(self.bucket.parts)}"
            self.bucket.parts[name] = {}
            said = f"<UploadId>{name}</UploadId><Key>{escape(self.key)}</Key><Bucket>photos</Bucket>"
            self._xml("InitiateMultipartUploadResult", said)
        else:
            parts = self.bucket.parts.pop(self.asked["uploadId"])
            self.bucket.held[self.key] = b"".join(parts[number] for number in sorted(parts))
            self._xml("CompleteMultipartUploadResult", '<ETag>"whole"</ETag>')

    def do_GET(self) -> None:
        if self._errs():
            return
        if "list-type" in self.asked:
            prefix = self.asked.get("prefix", "")
            found = "".join(
                f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size>"
                "<LastModified>2022-07-28T04:00:00.000Z</LastModified><ETag>e</ETag></Contents>"
                for key, content in sorted(self.bucket.held.items())
                if key.startswith(prefix)
            )
            self._xml("ListBucketResult", f"<IsTruncated>false</IsTruncated>{found}")
            return
        content = self.bucket.held.get(self.key)
        if content is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            return
        if self.bucket.damages:
            content = content[:-1] + b"?"
        span = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        told = {"ETag": '"e"', "Last-Modified": "Thu, 28 Jul 2022 04:00:00 GMT"}
        if span:
            first, last = int(span[1]), min(int(span[2]), len(content) - 1)
            told["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
            self._answer(206, content[first : last + 1], **told)
        else:
            self._answer(200, content, **told)

    def do_HEAD(self) -> None:
        content = self.bucket.held.get(self.key)
        if content is None:
            self._answer(404, b"")
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"e"')
        self.send_header("Last-Modified", "Thu, 28 Jul 2022 04:00:00 GMT")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody listens."""

    def _errs(self) -> bool:
        if not self.bucket.faults:
            return False
        self._answer(self.bucket.faults.pop(0), b"<Error><Code>SlowDown</Code></Error>")
        return True

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _xml(self, name: str, inner: str) -> None:
        self._answer(200, f'<?xml version="1.0"?><{name}>{inner}</{name}>'.encode())

    def _answer(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
