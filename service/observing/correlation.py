"""Which lines and steps belong together: a request's id, and the W3C traceparent it runs under.

Kept in a context variable, so that it follows a request into the threads that serve it, and a job
into the thread that does it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final

_TRACEPARENT: Final = re.compile(
    r"00-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

NOT_SAMPLED: Final = "00"
"""The flags of a traceparent that nobody has traced yet."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """What the lines of one request or job have in common."""

    traceparent: str
    request: str | None = None

    @property
    def trace(self) -> str:
        """The id of the trace: the same in every process that works on it."""
        return self.traceparent.split("-")[1]

    @property
    def span(self) -> str:
        """The id of the step under way."""
        return self.traceparent.split("-")[2]


_current: ContextVar[Correlation | None] = ContextVar("correlation", default=None)


def current() -> Correlation | None:
    """Return what belongs together here; None where nobody has begun anything."""
    return _current.get()


def valid(traceparent: str | None) -> str | None:
    """Return a traceparent that is one (version 00), else None: others' are begun anew."""
    return traceparent if traceparent and _TRACEPARENT.fullmatch(traceparent) else None


def begin(traceparent: str | None = None, request: str | None = None) -> Correlation:
    """Return a correlation: of the caller's words where they are well formed, else of chance."""
    given = valid(traceparent)
    made = given or f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{NOT_SAMPLED}"
    named = request if request and _REQUEST_ID.fullmatch(request) else None
    return Correlation(made, named or made.split("-")[1])


@contextmanager
def carrying(correlation: Correlation) -> Iterator[None]:
    """Let everything in the block belong together."""
    token = _current.set(correlation)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def inside(traceparent: str) -> Iterator[None]:
    """Let the block be a step of what is under way, or of what was carried here."""
    known = _current.get()
    same = known is not None and known.trace == traceparent.split("-")[1]
    base = known if known is not None and same else Correlation(traceparent)
    with carrying(replace(base, traceparent=traceparent)):
        yield
