"""The gate: what holds for every request, before and after whatever answers it.

Request ids, tokens, how often and how much, HEAD, the ledger's position, safe headers, and the last
resort: an exception that nobody expected becomes a problem and a line in the log, never a page.
"""

from __future__ import annotations

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.context import Context
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
_POSITION: Final = b"ledger-position"
_OURS: Final = frozenset({b"x-request-id", b"ratelimit-policy", b"ratelimit"})


@dataclass(slots=True)
class _Passing:
    """One request on its way: what the gate knows of it, and whether it was answered."""

    id: str
    is_head: bool
    allowance: Allowance | None = None
    started: bool = False


class Gate:
    """Stands before everything that answers. `limiter` counts by token, else by address."""

    def __init__(self, app: ASGIApp, *, context: Context, limiter: Limiter) -> None:
        self._app = app
        self._context = context
        self._limiter = limiter
        self._policy = context.limits.policy.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passing = _Passing(id=scope["linernotes.request_id"], is_head=scope["method"] == "HEAD")
        # A copy: the server goes on to know that it was HEAD. Every GET answers it; what it would
        # have sent is dropped in `_outgoing`.
        scope = {
            **scope,
            "method": "GET" if passing.is_head else scope["method"],
            "linernotes.is_head": passing.is_head,
        }
        outgoing = self._outgoing(passing, send)
        try:
            self._check(scope, passing)
            await self._app(scope, self._incoming(scope, receive), outgoing)
        except (DoorError, TokenError) as error:
            await self._refuse(error, passing, scope, receive, outgoing)
        except asyncio.CancelledError:
            # The server stops, and waits no longer. What was asked may be done or not: a command
            # that comes again elsewhere is answered the same.
            if passing.started:
                raise
            stopping = DoorError("not_ready", headers={"Retry-After": RETRY_AFTER_S})
            await self._refuse(stopping, passing, scope, receive, outgoing)
        except Exception:
            log.exception("a request failed [%s]", passing.id)
            if passing.started:
                raise  # half an answer is out: only a broken connection tells the truth
            await self._refuse(DoorError("internal_error"), passing, scope, receive, outgoing)

    def _check(self, scope: Scope, passing: _Passing) -> None:
        """Raise unless this process takes requests, the token is true, and it may ask again."""
        if self._context.bell.has_ended and not scope["path"].startswith(_ALWAYS_OPEN):
            raise DoorError("not_ready")
        headers = Headers(scope=scope)
        try:
            who = self._authenticate(headers.get("authorization"))
        except TokenError:
            self._count(scope, passing, None)
            raise
        scope["linernotes.identity"] = who
        self._count(scope, passing, who)
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            # No text of ours has it, and not every database can even be asked for it.
            raise DoorError("request_invalid", "no text has U+0000")
        length = headers.get("content-length", "0")
        if _LENGTH.fullmatch(length) is None or int(length) > self._most(scope):
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

    def _incoming(self, scope: Scope, receive: Receive) -> Receive:
        """Count what comes: a body without a length is bounded too."""
        most, seen = self._most(scope), 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > most:
                    raise DoorError("content_too_large")
            return message

        return counted

    def _outgoing(self, passing: _Passing, send: Send) -> Send:
        """Add what every answer carries, and drop the body of a HEAD."""
        ended = False

        async def completed(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                passing.started = True
                self._add_headers(message, passing)
                await send(message)
            elif not passing.is_head:
                await send(message)
            elif not ended:
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        return completed

    def _add_headers(self, message: Message, passing: _Passing) -> None:
        """Add to the raw list, names in small letters as ASGI has them: each answer passes here."""
        headers = [row for row in message.get("headers", ()) if row[0] not in _OURS]
        given = {name for name, _ in headers}
        headers += [row for row in _SAFE if row[0] not in given]
        if _POSITION not in given:
            headers.append((_POSITION, b"%d" % self._context.bell.head()))
        headers.append((b"x-request-id", passing.id.encode("ascii")))
        if passing.allowance is not None:
            headers.append((b"ratelimit-policy", self._policy))
            headers.append((b"ratelimit", passing.allowance.field.encode("ascii")))
        message["headers"] = headers

    @staticmethod
    async def _refuse(
        error: DoorError | TokenError,
        passing: _Passing,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        code = error.code if isinstance(error, DoorError) else "token_invalid"
        headers = error.headers if isinstance(error, DoorError) else {}
        detail = str(error) or PROBLEMS[code].title
        path = Request(scope).url.path
        response = problem(passing.id, code, detail, instance=path, headers=headers)
        await response(scope, receive, send)
