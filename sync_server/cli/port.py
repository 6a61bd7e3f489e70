"""The port that a server is to listen on, looked at before anything else is done."""

from __future__ import annotations

import errno
import socket
from contextlib import closing

from app.domain.errors import BadInput

_HIGHEST = 65_535


def demand_free_port(host: str, port: int) -> None:
    """Raise BadInput for a port that is none, is in use, or that this user or host may not have."""
    if not 1 <= port <= _HIGHEST:
        raise BadInput(
            f"没有 {port} 号端口，端口是 1 到 {_HIGHEST}。请用 --port 换一个，如 8010。", field="port"
        )
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as fault:
        raise BadInput(f"没有叫 {host} 的地址。请用 --host 换一个，如 127.0.0.1。", field="host") from fault
    with closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as fault:
            raise _refused(host, port, fault) from fault


def _refused(host: str, port: int, fault: OSError) -> BadInput:
    if fault.errno == errno.EADDRNOTAVAIL:
        return BadInput(f"本机没有 {host} 这个地址。请用 --host 换一个，如 127.0.0.1。", field="host")
    why = "已被占用" if fault.errno == errno.EADDRINUSE else "不允许使用"
    return BadInput(f"端口 {port} {why}。请用 --port 换一个，如 8010。", field="port")
