"""Which ids are so young that nobody can have said anything about them that was not heard here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from schemas.ids import digits_at

YOUNG: Final = timedelta(minutes=10)
"""Ids made since then, and since we listen, are new where nothing was heard: `WarmSource`."""

_STEP: Final = timedelta(seconds=1)


class Young:
    """Tells by the instant in an id, from the moment on at which this was made."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._began = self._looked = clock()
        self._since = digits_at(self._began)

    def has(self, key: str) -> bool:
        """Tell whether a key is an id that was made since we listen, and not long ago."""
        now = self._clock()
        if now - self._looked > _STEP:
            self._looked, self._since = now, digits_at(max(now - YOUNG, self._began))
        return key[4:] >= self._since and key[3] == "_"
