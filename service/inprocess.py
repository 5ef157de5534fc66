"""The HTTP door without a network: requests go into the application of this very process.

So a program on the same machine asks and says exactly what it would ask and say over HTTP, and
there is one way in and one form of answers, whoever holds the file.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Final

import httpx

from service.api.app import create_app
from service.api.limits import Limits
from service.instance import Instance

UNLIMITED: Final = Limits(requests=1_000_000, body_bytes=1 << 30, file_bytes=1 << 40)
"""Whoever holds the folder cannot be kept from it by a quota."""


class InProcess(httpx.BaseTransport):
    """A transport of `httpx.Client` that calls the application over an open instance.

    Bodies are held in memory. Streams end with their answer, so what never ends is asked for with
    `Prefer: wait=` instead. The application has a thread of its own: an interruption of who asks
    ends the asking at once, whatever the application is at.
    """

    def __init__(self, instance: Instance) -> None:
        self._inner = httpx.ASGITransport(app=create_app(instance, limits=UNLIMITED))
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="in-process", daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        request.read()
        answering = asyncio.run_coroutine_threadsafe(self._handle(request), self._loop)
        try:
            return answering.result()
        finally:
            answering.cancel()

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        found = await self._inner.handle_async_request(request)
        assert isinstance(found.stream, httpx.AsyncByteStream)
        # As it came over the wire, still encoded: the client decodes it like any other.
        raw = b"".join([part async for part in found.stream])
        return httpx.Response(found.status_code, headers=found.headers, content=raw)

    def close(self) -> None:
        """End the application's thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_the_end())

    async def _until_the_end(self) -> None:
        await self._end.wait()
