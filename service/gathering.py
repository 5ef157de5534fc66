"""Sends an HTTP response whose length is known in one write, and its head made in one go.

uvicorn writes the head and the body each as it comes, and each write is a question to the operating
system that lets go of the interpreter: under load the event loop then waits to have it back, twice
an answer. Whatever is not a whole answer (a stream, HEAD, one that is wrong) uvicorn sends itself.
"""

from __future__ import annotations

from collections.abc import Awaitable
from string import ascii_lowercase, digits
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

_IN_NAMES: Final = (ascii_lowercase + digits + "-").encode("ascii")
_IN_VALUES: Final = bytes([*b"\t", *range(0x20, 0x7F), *range(0x80, 0x100)])
"""Of what names and values are made; what has anything else in it is left to uvicorn to judge."""

_END: Final = b"\r\n"
_LENGTH: Final = b"content-length"
_BY_THE_PARENT: Final = frozenset({b"connection", b"transfer-encoding"})


class Whole:
    """One answer on its way out: its head waits for its body, and both leave together."""

    __slots__ = ("_app", "_cycle", "_head", "_length", "_send")

    def __init__(self, cycle: RequestResponseCycle, app: ASGIApp) -> None:
        self._cycle = cycle
        self._app = app
        self._head: Message | None = None
        self._length = b""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Let the application answer, through here."""
        self._send = send
        return self._app(scope, receive, self.send)

    async def send(self, message: Message) -> None:
        """Keep the head of an answer that has a length; write it with all of its body."""
        cycle, head = self._cycle, self._head
        if head is None:
            if cycle.response_started or not self._is_kept(message):
                await self._send(message)
            return
        self._head = None
        written = None if cycle.disconnected else self._written(head, message)
        if written is None:
            cycle.response_started = False
            await self._send(head)
            await self._send(message)
            return
        cycle.transport.write(written)
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()

    def _is_kept(self, message: Message) -> bool:
        if message["type"] == "http.response.start":
            for name, value in message.get("headers", ()):
                if name == _LENGTH:
                    self._head, self._length = message, value
                    # As if it were sent: who fails from here on breaks the connection.
                    self._cycle.response_started = True
                    self._cycle.waiting_for_100_continue = False
                    return True
        return False

    def _written(self, head: Message, message: Message) -> bytes | None:
        """Return the bytes of a whole answer; None for what is none, and is uvicorn's to send."""
        cycle, body = self._cycle, message.get("body", b"")
        if (
            message["type"] != "http.response.body"
            or message.get("more_body")
            or self._length != b"%d" % len(body)
            or cycle.scope["method"] == "HEAD"
            or cycle.flow.write_paused
            or cycle.access_log
        ):
            return None
        rows: list[tuple[bytes, bytes]] = [*cycle.default_headers, *head["headers"]]
        names = [name for name, _ in rows]
        text = _END.join([name + b": " + value for name, value in rows])
        if (
            b"".join(names).translate(None, _IN_NAMES)
            or text.translate(None, _IN_VALUES) != _END * (len(rows) - 1)
            or not _BY_THE_PARENT.isdisjoint(names)
        ):
            return None
        end = b"\r\n\r\n" if cycle.keep_alive else b"\r\nconnection: close\r\n\r\n"
        return b"".join((STATUS_LINE[head["status"]], text, end, body))


class Gathered(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, but for how whole answers are written, and for its timer.

    uvicorn sets a timer after each answer and takes it back at the next request. Here one timer
    looks whether the connection has been idle for so long, and again when it could have been.
    """

    _idle_since: float | None = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        # Starlette writes the types of an application in another way than uvicorn.
        whole: Any = Whole(cycle, app)
        super()._start_asgi_task(cycle, whole)

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = None

    def on_response_complete(self) -> None:
        """Begin the next request if one was sent ahead, else wait for one."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._look_in(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection where nothing has come for as long as it may be idle."""
        self.timeout_keep_alive_task = None
        since = self._idle_since
        if since is None or self.transport.is_closing():
            return  # the next answer sets a timer anew
        left = since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._look_in(left)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """End a connection."""
        if self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
        super().connection_lost(exc)

    def _look_in(self, seconds: float) -> None:
        handler = self.timeout_keep_alive_handler
        self.timeout_keep_alive_task = self.loop.call_later(seconds, handler)
