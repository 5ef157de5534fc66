"""A witness over HTTP: one plain ASGI application, three paths, nothing else.

Submission prefix and monitoring prefix are the same. There is no authentication: who submits shows
the log's signature, and what is served is public.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, Final

from ledger.evidence.submission import ADD_CHECKPOINT, monitoring_path
from service.witness.core import Answer, Witness
from service.witness.keeping import MemoryLostError
from service.witness.page import page

log: Final = logging.getLogger(__name__)

BODY_MAX: Final = 65_536
"""Bytes of a submission: 63 lines of 45 bytes, and a checkpoint with 100 lines fits thrice."""

BODY_WAIT_S: Final = 10.0
"""How long a submission may take to arrive."""

HTML: Final = "text/html; charset=utf-8"
"""The media type of a witness's page."""
_NOT_FOUND: Final = Answer(404, "there is nothing here\n")
_CHECKPOINT: Final = re.compile(r"/[0-9a-f]{64}/checkpoint", re.ASCII)
_SAFE: Final = (
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
"""What ASGI 3 hands to an application."""


class WitnessApp:
    """The ASGI application of one witness."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._notes = {f"/{monitoring_path(origin)}": origin for origin in witness.logs}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert scope["type"] == "http", "served without lifespan and without WebSockets"
        method, path = scope["method"], scope["path"]
        allowed = ("POST",) if path == f"/{ADD_CHECKPOINT}" else ("GET", "HEAD")
        if method not in allowed:
            answer = Answer(405, f"{' or '.join(allowed)} only\n")
        else:
            try:
                answer = await self._answer(path, receive)
            except MemoryLostError as error:
                # The operator must look at it; the log will find that this witness is silent.
                log.error("%s", error)  # noqa: TRY400 - the sentence says all
                answer = Answer(500, "this witness cannot say what it has seen\n")
        await _send(send, answer, is_head=method == "HEAD", allowed=allowed)

    async def _answer(self, path: str, receive: Receive) -> Answer:
        if path == f"/{ADD_CHECKPOINT}":
            body = await _body(receive)
            if isinstance(body, Answer):
                return body
            # In a thread: it waits for the disk.
            return await asyncio.to_thread(self._witness.add_checkpoint, body)
        if path == "/":
            return Answer(200, await asyncio.to_thread(page, self._witness), HTML)
        if _CHECKPOINT.fullmatch(path) and path in self._notes:
            return await asyncio.to_thread(partial(self._newest, self._notes[path]))
        return _NOT_FOUND

    def _newest(self, origin: str) -> Answer:
        note = self._witness.logs[origin].memory.read()
        return _NOT_FOUND if note is None else Answer(200, note)


async def _body(receive: Receive) -> bytes | Answer:
    """Return the body, or the answer to one that is too long or too slow."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            while True:
                message = await receive()
                body += message.get("body", b"")
                if message["type"] == "http.disconnect" or len(body) > BODY_MAX:
                    return Answer(413, f"a submission has at most {BODY_MAX} bytes\n")
                if not message.get("more_body"):
                    return bytes(body)
    except TimeoutError:
        return Answer(408, "the submission did not arrive in time\n")


async def _send(send: Send, answer: Answer, *, is_head: bool, allowed: tuple[str, ...]) -> None:
    content = answer.body.encode()
    headers = [
        (b"content-type", answer.kind.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-cache"),
        *_SAFE,
    ]
    if answer.status == 405:  # noqa: PLR2004 - the status that must name what is allowed
        headers.append((b"allow", ", ".join(allowed).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else content})
