"""Refusals that were repeated within their hour: counted here, written down by the minute.

Kept in memory on purpose: a repeated refusal costs no write. If the process dies, the counts since
the last `CountRefusals` are lost; the refusals themselves are in the log.
"""

from __future__ import annotations

import threading
from collections import Counter


class RepeatedRefusals:
    """Counts by the position of the first refusal."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._lock = threading.Lock()

    def count(self, refusal: int) -> None:
        """Count one repetition of the refusal at this position."""
        with self._lock:
            self._counts[refusal] += 1

    def take(self) -> dict[int, int]:
        """Return all counts by position, and begin again at none."""
        with self._lock:
            counts, self._counts = dict(self._counts), Counter()
            return counts
