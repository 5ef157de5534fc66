"""Sends the head and the body of an HTTP response in one write, which a busy server feels.

uvicorn writes each as it comes, and each write is a question to the operating system that lets go
of the interpreter: under load the event loop then waits to have it back, twice an answer.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GATHERED_MAX: Final = 65_536
"""Bytes that are kept back at most: a stream beyond that feels how fast its reader reads."""


class Gathering(asyncio.Transport):
    """A transport that writes at the next turn of the loop what was written during this one."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._kept: list[bytes | bytearray | memoryview] = []
        self._size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep what is to be written until the next turn, unless it is too much."""
        if not self._kept:
            self._loop.call_soon(self.flush)
        self._kept.append(data)
        self._size += len(data)
        if self._size > GATHERED_MAX:
            self.flush()

    def flush(self) -> None:
        """Write what was kept."""
        kept, self._kept, self._size = self._kept, [], 0
        if kept:
            self._transport.write(kept[0] if len(kept) == 1 else b"".join(kept))

    def close(self) -> None:
        """Write what was kept, then close."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once; what was kept is lost."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Tell whether it is closed, or about to be."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Let nothing come in."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Let what comes come in again."""
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand over to another protocol."""
        self._transport.set_protocol(protocol)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what is known of the connection."""
        return self._transport.get_extra_info(name, default)


class Gathered(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, over a transport that gathers."""

    # As the parent has it: a server's connections are made of transports that write.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin a connection."""
        super().connection_made(Gathering(transport))
