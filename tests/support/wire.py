"""HTTP without a network: one end of a connection, what is said on it, and what leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

Row = tuple[bytes, bytes]

GET: Final = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
POST: Final = b"POST /a HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nbody"


class Kept(asyncio.Transport):
    """A transport that takes down what happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_closed = False
        self.is_read = True
        self.is_late = False
        self.answers = 0
        """How many answers the server has counted."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.is_late = self.is_late or self.is_closed
        self.writes.append(bytes(data))

    def seen(self) -> tuple[object, ...]:
        """Return all that can be told apart, however it was written."""
        rest = (self.is_closed, self.is_read, self.is_late, self.answers)
        return (b"".join(self.writes), *rest)

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        return default

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


def end_of(
    kind: type[HttpToolsProtocol], app: ASGIApp, loop: Any = None
) -> tuple[HttpToolsProtocol, Kept]:
    """Return the server's end of a connection, and its transport."""
    config = uvicorn.Config(app, access_log=False, log_level="critical", lifespan="off", ws="none")
    config.load()
    config.loaded_app = app
    state = ServerState()
    state.default_headers = [(b"date", b"Mon, 30 Nov 2026 12:00:00 GMT")]
    protocol, transport = kind(config, state, {}, loop), Kept()
    protocol.connection_made(transport)
    return protocol, transport


async def spoken(kind: type[HttpToolsProtocol], app: ASGIApp, *data: bytes) -> Kept:
    """Return what happens on a connection on which this is said."""
    protocol, transport = end_of(kind, app)
    for part in data:
        protocol.data_received(part)
        await asyncio.sleep(0)
    while protocol.tasks:
        await asyncio.wait(tuple(protocol.tasks))
        await asyncio.sleep(0)  # who was sent ahead begins
    if protocol.timeout_keep_alive_task is not None:
        protocol.timeout_keep_alive_task.cancel()
    transport.answers = protocol.server_state.total_requests
    return transport


def saying(*messages: Message) -> ASGIApp:
    """Return an application that sends this."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


def start(*rows: Row, status: int = 200) -> Message:
    """Return the head of an answer."""
    return {"type": "http.response.start", "status": status, "headers": list(rows)}


def part(content: Any = b"ok", *, more: bool = False) -> Message:
    """Return a part of its body."""
    return {"type": "http.response.body", "body": content, "more_body": more}


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was asked and sent."""
    content = f"{scope['method']} {scope['path']} ".encode()
    while True:
        message = await receive()
        content += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send(start((b"content-length", b"%d" % len(content))))
    await send(part(content))


class LoopOfHands:
    """A loop whose time and timers are set by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.timers: list[tuple[float, Callable[[], Any]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, handler: Callable[[], Any]) -> LoopOfHands:
        self.timers.append((self.now + seconds, handler))
        return self

    def cancel(self) -> None:
        self.timers.clear()

    def create_task(self, work: Any) -> asyncio.Task[Any]:
        return asyncio.get_running_loop().create_task(work)

    def go(self, seconds: float) -> None:
        """Let time go on, and whatever is due by then happen."""
        until = self.now + seconds
        while due := [row for row in self.timers if row[0] <= until]:
            row = min(due, key=lambda one: one[0])
            self.timers.remove(row)
            self.now = row[0]
            row[1]()
        self.now = until
