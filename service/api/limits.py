"""Limits of the door: how often one may ask, and how much one may send.

Quotas belong here and not to the rules: what the ledger decides never depends on how busy somebody
was (contracts, section 4).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

CALLERS_MAX: Final = 10_000
"""Callers remembered: a bound on memory. Who is forgotten begins with a full bucket again."""

BODY_BYTES_MAX: Final = 1 << 20
"""Bytes of a body, if it is no file: a statement of 256 KiB in base64url with its openings."""

FILE_BYTES_MAX: Final = 512 << 20
"""Bytes of an audio file: two hours of 16-bit stereo at 44.1 kHz are 1.27 GB, one hour fits."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one caller may do: `requests` in each `window_s`, and the sizes of bodies in bytes."""

    requests: int = 600
    window_s: int = 60
    body_bytes: int = BODY_BYTES_MAX
    file_bytes: int = FILE_BYTES_MAX

    @property
    def policy(self) -> str:
        """The RateLimit-Policy field (draft-ietf-httpapi-ratelimit-headers-10, section 3)."""
        return f'"requests";q={self.requests};w={self.window_s}'


class Allowance(NamedTuple):
    """What is left to a caller after this request; `wait_s` is above zero where it is refused."""

    remaining: int
    reset_s: int
    wait_s: int

    @property
    def field(self) -> str:
        """The RateLimit field (the same draft, section 4)."""
        return f'"requests";r={self.remaining};t={self.reset_s}'


class Limiter:
    """A token bucket for each caller: full at first, refilled evenly."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(limits.requests)
        self._rate = limits.requests / limits.window_s
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, caller: str) -> Allowance:
        """Count one request of a caller, and say what is left."""
        most, rate, now = self._most, self._rate, self._clock()
        with self._lock:
            level, since = self._buckets.pop(caller, (most, now))
            level = min(most, level + (now - since) * rate)
            allowed = level >= 1
            level -= 1 if allowed else 0
            self._buckets[caller] = (level, now)
            if len(self._buckets) > CALLERS_MAX:
                self._buckets.popitem(last=False)
        full_in = int((most - level) / rate) + 1
        wait = 0 if allowed else int((1 - level) / rate) + 1
        return Allowance(remaining=int(level), reset_s=full_in, wait_s=wait)
