"""What projections need of the log: typed events in order, up to what the register accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ledger.rights.view import Recorded


class Feed(Protocol):
    """The log as readers see it; `ledger.feed.Feed` is the real one."""

    def read_after(self, position: int, limit: int) -> list[Recorded]:
        """Return at most `limit` typed events after `position`, in order, private fields opened."""
        ...

    def events_of(self, tag: str, *, until: int) -> list[Recorded]:
        """Return the typed events that carry a tag, up to a position, in order."""
        ...

    def visible_head(self) -> int:
        """Return the newest position that may be seen."""
        ...

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after `instant`; 0 if there is none."""
        ...
