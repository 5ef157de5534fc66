"""A socket to listen on, and the address at which it answers."""

from __future__ import annotations

import socket
from typing import Final

HOST_DEFAULT: Final = "127.0.0.1"
"""This machine alone, unless a setting says otherwise."""


def bind(host: str = HOST_DEFAULT, port: int = 0) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. `OSError` if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except BaseException:
        listening.close()
        raise
    return listening


def url_of(listening: socket.socket) -> str:
    """Return the address at which a socket answers."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
