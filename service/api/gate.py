"""The gate: what holds for every request, before and after whatever answers it.

Request ids, tokens, how often and how much, HEAD, the ledger's position, safe headers, and the last
resort: an exception that nobody expected becomes a problem and a line in the log, never a page.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.context import Context
from service.api.fields import field
from service.api.limits import Allowance, Limiter
from service.api.problem_list import PROBLEMS
from service.api.problems import RETRY_AFTER_S, DoorError, problem
from service.identity import Identity, TokenError

log: Final = logging.getLogger(__name__)

_LENGTH: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
_ALWAYS_OPEN: Final = ("/health", "/ready", "/metrics", "/problems/", "/reference", "/openapi.json")
_FILES: Final = ("/v1/artifacts/", "/v1/inspections")
_SAFE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
_SAFE_NAMES: Final = frozenset(name for name, _ in _SAFE)
_POSITION: Final = b"ledger-position"
_OURS: Final = frozenset({b"x-request-id", b"ratelimit-policy", b"ratelimit"})


class _Passing:
    """One request on its way: what comes and what leaves goes through here."""

    __slots__ = (
        *("allowance", "id", "is_head", "most", "started"),
        *("_add_headers", "_came", "_ended", "_receive", "_send"),
    )

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, add_headers: _AddHeaders, most: int
    ) -> None:
        self.id: str = scope["linernotes.request_id"]
        self.is_head = scope["method"] == "HEAD"
        self.most = most
        self.allowance: Allowance | None = None
        self.started = False
        self._add_headers = add_headers
        self._receive = receive
        self._send = send
        self._came = 0
        self._ended = False

    async def receive(self) -> Message:
        """Count what comes: a body without a length is bounded too."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._came += len(message.get("body", b""))
            if self._came > self.most:
                raise DoorError("content_too_large")
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Add what every answer carries, and drop the body of a HEAD."""
        if message["type"] == "http.response.start":
            self.started = True
            self._add_headers(message, self)
        elif self.is_head:
            return self._end()
        return self._send(message)

    async def _end(self) -> None:
        if not self._ended:
            self._ended = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


_AddHeaders = Callable[[Message, _Passing], None]


class Gate:
    """Stands before everything that answers. `limiter` counts by token, else by address."""

    def __init__(self, app: ASGIApp, *, context: Context, limiter: Limiter) -> None:
        self._app = app
        self._context = context
        self._limiter = limiter
        self._policy = (b"ratelimit-policy", context.limits.policy.encode("ascii"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passing = _Passing(scope, receive, send, self._add_headers, self._most(scope))
        if passing.is_head:
            # A copy: the server goes on to know that it was HEAD. Every GET answers it; what it
            # would have sent is dropped on its way out.
            scope = {**scope, "method": "GET", "linernotes.is_head": True}
        try:
            self._check(scope, passing)
            await self._app(scope, passing.receive, passing.send)
        except (DoorError, TokenError) as error:
            await self._refuse(error, passing, scope)
        except asyncio.CancelledError:
            # The server stops, and waits no longer. What was asked may be done or not: a command
            # that comes again elsewhere is answered the same.
            if passing.started:
                raise
            stopping = DoorError("not_ready", headers={"Retry-After": RETRY_AFTER_S})
            await self._refuse(stopping, passing, scope)
        except Exception:
            log.exception("a request failed [%s]", passing.id)
            if passing.started:
                raise  # half an answer is out: only a broken connection tells the truth
            await self._refuse(DoorError("internal_error"), passing, scope)

    def _check(self, scope: Scope, passing: _Passing) -> None:
        """Raise unless this process takes requests, the token is true, and it may ask again."""
        if self._context.bell.has_ended and not scope["path"].startswith(_ALWAYS_OPEN):
            raise DoorError("not_ready")
        try:
            who = self._authenticate(field(scope, b"authorization"))
        except TokenError:
            self._count(scope, passing, None)
            raise
        scope["linernotes.identity"] = who
        scope["linernotes.context"] = self._context
        self._count(scope, passing, who)
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            # No text of ours has it, and not every database can even be asked for it.
            raise DoorError("request_invalid", "no text has U+0000")
        length = field(scope, b"content-length")
        if length is not None and (_LENGTH.fullmatch(length) is None or int(length) > passing.most):
            raise DoorError("content_too_large")

    def _authenticate(self, field: str | None) -> Identity | None:
        if field is None:
            return None
        scheme, _, token = field.partition(" ")
        if scheme.lower() != "bearer":
            raise TokenError("a Bearer token is due")
        return self._context.tokens.authenticate(token.strip())

    def _count(self, scope: Scope, passing: _Passing, who: Identity | None) -> None:
        client = scope.get("client")
        caller = f"token/{who.token}" if who else f"address/{client[0] if client else ''}"
        passing.allowance = self._limiter.take(caller)
        if passing.allowance.wait_s:
            wait = str(passing.allowance.wait_s)
            raise DoorError("too_many_requests", headers={"Retry-After": wait})

    def _most(self, scope: Scope) -> int:
        limits = self._context.limits
        return limits.file_bytes if scope["path"].startswith(_FILES) else limits.body_bytes

    def _add_headers(self, message: Message, passing: _Passing) -> None:
        """Add to the raw list, names in small letters as ASGI has them: each answer passes here."""
        headers: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
        given = {name for name, _ in headers}
        if not given.isdisjoint(_OURS):
            headers = [row for row in headers if row[0] not in _OURS]
        if given.isdisjoint(_SAFE_NAMES):
            headers += _SAFE
        else:
            headers += [row for row in _SAFE if row[0] not in given]
        if _POSITION not in given:
            headers.append((_POSITION, b"%d" % self._context.bell.head()))
        headers.append((b"x-request-id", passing.id.encode("ascii")))
        if passing.allowance is not None:
            headers.append(self._policy)
            headers.append((b"ratelimit", passing.allowance.field.encode("ascii")))
        message["headers"] = headers

    @staticmethod
    async def _refuse(error: DoorError | TokenError, passing: _Passing, scope: Scope) -> None:
        code = error.code if isinstance(error, DoorError) else "token_invalid"
        headers = error.headers if isinstance(error, DoorError) else {}
        detail = str(error) or PROBLEMS[code].title
        path = Request(scope).url.path
        response = problem(passing.id, code, detail, instance=path, headers=headers)
        await response(scope, passing.receive, passing.send)
