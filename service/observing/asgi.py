"""What is seen of a request over HTTP: which it is, what it belongs to, how long it took.

Two layers. `Observed` stands outside of everything, so that what the gate refuses is seen too.
`Routed` stands inside, where it is known which route answers: paths hold ids, routes do not.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.observing.correlation import Correlation, begin, enter, leave
from service.observing.observer import Observing

NO_ROUTE: Final = "none"
"""The route of a request that none answered: refused at the gate, or at no address of ours."""

_SEEN: Final = "linernotes.seen"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


class _Seen:
    """What is seen of one answer on its way out. A class: it stands in the way of every request."""

    __slots__ = ("_send", "route", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.route = NO_ROUTE
        self.status = 500

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        return self._send(message)


class Observed:
    """The outermost layer: begins what belongs together, and counts how it ended."""

    def __init__(self, app: ASGIApp, *, observing: Observing) -> None:
        self._app = app
        self._observing = observing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, and take down how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        observing, correlation, seen = self._observing, _begun(scope), _Seen(send)
        scope = {**scope, _SEEN: seen, "linernotes.request_id": correlation.request}
        token = enter(correlation)
        began = time.perf_counter()
        try:
            if observing.traces:
                with observing.request():
                    await self._app(scope, receive, seen.send)
            else:
                await self._app(scope, receive, seen.send)
        finally:
            leave(token)
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            took = time.perf_counter() - began
            observing.answered(method, seen.route, seen.status, duration_s=took)


def _begun(scope: Scope) -> Correlation:
    """Return what the request belongs to; of several headers of one name the first counts."""
    given = request = None
    for name, value in scope["headers"]:
        if name == b"traceparent":
            given = given or value.decode("latin-1")
        elif name == b"x-request-id":
            request = request or value.decode("latin-1")
    return begin(given, request)


class Routed:
    """The innermost layer: tells the outermost which route answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, and tell where it went."""
        try:
            await self._app(scope, receive, send)
        finally:
            route = scope.get("route")
            if route is not None:
                went(scope, route.path)


def went(scope: Scope, route: str) -> None:
    """Tell the outermost layer which route a request goes to."""
    seen = scope.get(_SEEN)
    if seen is not None:
        seen.route = route
