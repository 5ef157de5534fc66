"""Which lines and steps belong together: a request's id, and the W3C traceparent it runs under.

Kept in a context variable, so that it follows a request into the threads that serve it, and a job
into the thread that does it.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Final, NamedTuple

_TRACEPARENT: Final = re.compile(
    r"00-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<span>(?!0{16})[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

_NEW_BITS: Final = 24 * 8
# It names requests and guards nothing, so the operating system is asked once and not at each.
_chance: Final = random.Random()  # noqa: S311 - see above
os.register_at_fork(after_in_child=_chance.seed)

NOT_SAMPLED: Final = "00"
"""The flags of a traceparent that nobody has traced yet."""


class Correlation(NamedTuple):
    """What the lines of one request or job have in common."""

    traceparent: str
    request: str | None = None

    @property
    def trace(self) -> str:
        """The id of the trace: the same in every process that works on it."""
        return self.traceparent[3:35]

    @property
    def span(self) -> str:
        """The id of the step under way."""
        return self.traceparent[36:52]


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
    made = given or _new()
    named = request if request and _REQUEST_ID.fullmatch(request) else None
    return Correlation(made, named or made[3:35])


def _new() -> str:
    digits = f"{_chance.getrandbits(_NEW_BITS):048x}"
    return f"00-{digits[:32]}-{digits[32:]}-{NOT_SAMPLED}"


def enter(correlation: Correlation) -> Token[Correlation | None]:
    """Let everything belong together from here until `leave` is given what this returns."""
    return _current.set(correlation)


def leave(token: Token[Correlation | None]) -> None:
    """End what `enter` began."""
    _current.reset(token)


@contextmanager
def carrying(correlation: Correlation) -> Iterator[None]:
    """Let everything in the block belong together."""
    token = enter(correlation)
    try:
        yield
    finally:
        leave(token)


@contextmanager
def inside(traceparent: str) -> Iterator[None]:
    """Let the block be a step of what is under way, or of what was carried here."""
    known = _current.get()
    same = known is not None and known.trace == traceparent[3:35]
    base = known if known is not None and same else Correlation(traceparent)
    with carrying(base._replace(traceparent=traceparent)):
        yield
