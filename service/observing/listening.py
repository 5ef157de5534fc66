"""A small door for the processes that have no other: `/health`, `/ready` and `/metrics`.

A thread of its own, so that it answers while the process works. It holds no secret and takes
nothing: what it says is for the operator's network (docs/guides/operator.md).
"""

from __future__ import annotations

import http.server
import json
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from service.listening import HOST_DEFAULT, url_of
from service.observing.metrics import CONTENT_TYPE
from service.observing.observer import Observing

REQUEST_S: Final = 10.0
"""How long somebody may take to say what it wants."""

JSON_TYPE: Final = "application/json"
"""What `/health` and `/ready` answer in."""


@contextmanager
def listening(
    observing: Observing, *, role: str, host: str = HOST_DEFAULT, port: int = 0
) -> Iterator[str]:
    """Answer about this process until the block ends; gives the address. `OSError` if it is taken.

    Port 0 takes a free one.
    """

    class Handler(http.server.BaseHTTPRequestHandler):
        timeout = REQUEST_S
        server_version = "linernotes"
        sys_version = ""

        def do_GET(self) -> None:
            """Answer one of three questions."""
            status, kind, body = _answer(observing, role, self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: every few seconds somebody asks."""

    kind = _Six if ":" in host else http.server.ThreadingHTTPServer
    with kind((host, port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="observing", daemon=True)
        thread.start()
        try:
            yield url_of(server.socket)
        finally:
            server.shutdown()
            thread.join()


class _Six(http.server.ThreadingHTTPServer):
    """The same over IPv6."""

    address_family = socket.AF_INET6


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


@contextmanager
def stopping() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set: finish what is under way, then leave.

    Of the main thread. A second signal ends the process at once, as it would have.
    """
    told = threading.Event()
    kinds = (signal.SIGTERM, signal.SIGINT)
    before = {kind: signal.getsignal(kind) for kind in kinds}

    def stop(*_: object) -> None:
        told.set()
        for kind in kinds:
            signal.signal(kind, before[kind])

    for kind in kinds:
        signal.signal(kind, stop)
    try:
        yield told
    finally:
        for kind in kinds:
            signal.signal(kind, before[kind])
