"""What is seen of a request over HTTP: which it is, what it belongs to, how long it took.

Two layers. `Observed` stands outside of everything, so that what the gate refuses is seen too.
`Routed` stands inside, where it is known which route answers: paths hold ids, routes do not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.observing.correlation import begin, carrying
from service.observing.observer import Observing

NO_ROUTE: Final = "none"
"""The route of a request that none answered: refused at the gate, or at no address of ours."""

_SEEN: Final = "linernotes.seen"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


@dataclass(slots=True)
class _Seen:
    route: str = NO_ROUTE
    status: int = 500


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
        headers = Headers(scope=scope)
        correlation = begin(headers.get("traceparent"), headers.get("x-request-id"))
        seen = _Seen()
        scope = {**scope, _SEEN: seen, "linernotes.request_id": correlation.request}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        began = time.perf_counter()
        try:
            with carrying(correlation), self._observing.request():
                await self._app(scope, receive, sending)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._observing.answered(
                method, seen.route, seen.status, duration_s=time.perf_counter() - began
            )


class Routed:
    """The innermost layer: tells the outermost which route answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, and tell where it went."""
        try:
            await self._app(scope, receive, send)
        finally:
            seen, route = scope.get(_SEEN), scope.get("route")
            if seen is not None and route is not None:
                seen.route = route.path
