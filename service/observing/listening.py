"""A small door for the processes that have no other: `/health`, `/ready` and `/metrics`.

A thread of its own, so that it answers while the process works. It holds no secret and takes
nothing: what it says is for the operator's network (docs/guides/operator.md).
"""

from __future__ import annotations

import http.server
import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from service.listening import HOST_DEFAULT, bind, url_of
from service.observing.metrics import CONTENT_TYPE
from service.observing.observer import Observing

REQUEST_S: Final = 10.0
"""How long somebody may take to say what it wants."""

OWN: Final = frozenset({"/health", "/ready", "/metrics"})
"""What every process answers."""

NOT_YET: Final = "This process does not take requests yet"
"""What everything else is told by a process that is about to serve."""

BODY_BYTES_MAX: Final = 1 << 20
"""How much of a request is read that is not taken."""

JSON_TYPE: Final = "application/json"
"""What `/health` and `/ready` answer in."""


@contextmanager
def listening(
    observing: Observing, *, role: str, host: str = HOST_DEFAULT, port: int = 0
) -> Iterator[str]:
    """Answer about this process until the block ends; gives the address. `OSError` if it is taken.

    Port 0 takes a free one.
    """
    with _answering(bind(host, port), _Handler, observing, role) as url:
        yield url


@contextmanager
def meanwhile(at: socket.socket, observing: Observing, *, role: str) -> Iterator[str]:
    """Answer at a socket that listens already, for a server that will; it is closed with the block.

    Whatever else is asked is told to come again, as the server itself would.
    """
    with _answering(at, _Meanwhile, observing, role) as url:
        yield url


@contextmanager
def _answering(
    at: socket.socket, handler: type[_Handler], observing: Observing, role: str
) -> Iterator[str]:
    with _Server(at, handler, observing, role) as server:
        thread = threading.Thread(target=server.serve_forever, name="observing", daemon=True)
        thread.start()
        try:
            yield url_of(at)
        finally:
            server.shutdown()
            thread.join()


class _Server(http.server.ThreadingHTTPServer):
    """A server at a socket that somebody else has bound."""

    def __init__(
        self, at: socket.socket, handler: type[_Handler], observing: Observing, role: str
    ) -> None:
        socketserver.TCPServer.__init__(self, at.getsockname(), handler, bind_and_activate=False)
        self.socket.close()
        self.socket = at
        self.observing = observing
        self.role = role


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers three questions, and takes nothing."""

    server: _Server
    timeout = REQUEST_S
    server_version = "linernotes"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer one of three questions."""
        self._say(*_answer(self.server.observing, self.server.role, self.path))

    def log_message(self, *_: object) -> None:
        """Say nothing: every few seconds somebody asks."""

    def _say(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            self.send_header("Retry-After", "1")
        self.end_headers()
        self.wfile.write(body)


class _Meanwhile(_Handler):
    """Answers the three questions, and tells everybody else to come again."""

    def do_GET(self) -> None:
        """Answer one of three questions, or none yet."""
        if self.path in OWN:
            super().do_GET()
        else:
            self.later()

    def later(self) -> None:
        """Say that nothing is taken yet; what was sent is read, or the answer would be lost."""
        length = self.headers.get("Content-Length", "")
        if length.isdecimal():
            self.rfile.read(min(int(length), BODY_BYTES_MAX))
        problem = {"title": NOT_YET, "status": HTTPStatus.SERVICE_UNAVAILABLE, "code": "not_ready"}
        self._say(HTTPStatus.SERVICE_UNAVAILABLE, "application/problem+json", _json(problem))

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = later  # noqa: N815 - the names of the base


def _answer(observing: Observing, role: str, path: str) -> tuple[HTTPStatus, str, bytes]:
    if path == "/health":
        return HTTPStatus.OK, JSON_TYPE, _json({"status": "ok", "role": role})
    if path == "/metrics":
        return HTTPStatus.OK, CONTENT_TYPE, observing.metrics.text()
    if path != "/ready":
        return HTTPStatus.NOT_FOUND, JSON_TYPE, _json({"status": "not_found"})
    missing = observing.readiness.missing()
    status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
    word = "not_ready" if missing else "ready"
    return status, JSON_TYPE, _json({"status": word, "role": role, "missing": missing})


def _json(content: object) -> bytes:
    return json.dumps(content).encode("ascii") + b"\n"
