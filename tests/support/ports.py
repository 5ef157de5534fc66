"""Ports of servers that are named before anybody listens there, or while nobody does.

Below those that the system gives to whoever connects. One of these a client could have when the
server comes to listen; and a client that looks there for a server which is away can be given the
very port it looks for, finds itself, and keeps the server from its place (TCP opens such a line:
RFC 9293, section 3.5).
"""

from __future__ import annotations

import secrets
import socket
from pathlib import Path
from typing import Final

WIDTH: Final = 12_000
"""From so many ports one is taken by chance: tests of two checkouts seldom meet."""

_GIVEN: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")

_named: set[int] = set()
"""Those that this process has named: whoever has one may not listen there yet."""


def free_ports(count: int) -> list[int]:
    """Return ports of this machine at which nobody listens, each another, and none a second time.

    Ten processes that are started at once look for theirs before any of them listens: of so many
    ports two of ten are the same one time in 270.
    """
    end = int(_GIVEN.read_text().split()[0])
    found: list[int] = []
    while len(found) < count:
        port = end - 1 - secrets.randbelow(WIDTH)
        if port in _named:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _named.add(port)
        found.append(port)
    return found


def free_port() -> int:
    """Return one of them."""
    return free_ports(1)[0]
