"""Waiting in tests: for exactly the state that is asserted, as long as a busy machine may need."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 120.0
"""How long what must come to be may take, on one core that many others want. Nothing needs it: who
waits so long has failed."""

PAUSE_S: Final = 0.03
"""How long to wait before the next look."""


def until(
    holds: Callable[[], object],
    what: str = "it",
    *,
    seconds: float = PATIENCE_S,
    told: Callable[[], str] = str,
) -> None:
    """Wait until something holds; raise `AssertionError` if it does not come to hold.

    `told` says more about that, and is asked only then.
    """
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"never: {what}\n{told()}"
        time.sleep(PAUSE_S)
