"""An event of the log that is read when it is asked for: most readers need few of the entries.

Who folds a log knows by the topic that an entry is none of its business. What is read is read once,
whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ledger.decoding import read_part, read_replayed
from ledger.rights.view import Recorded
from ledger.storage.records import StoredEntry
from schemas.commitments import Opening
from schemas.events.base import Event
from schemas.model import Commitment
from schemas.parts import Part

_set = object.__setattr__


class Replayed(Recorded):
    """A `Recorded` over an entry as it is stored, and what opens it.

    `actor` and `event` raise `Malformed` where the bytes are no entry: the store is damaged then.
    """

    __slots__ = ("_found", "openings", "stored")

    stored: StoredEntry
    openings: Sequence[Opening]
    _found: Recorded | None

    def __init__(self, stored: StoredEntry, openings: Sequence[Opening]) -> None:
        _set(self, "position", stored.position)
        _set(self, "stored", stored)
        _set(self, "openings", openings)
        _set(self, "_found", None)

    def __eq__(self, other: object) -> bool:
        """Be equal to whatever was recorded with the same content, however it was read."""
        if not isinstance(other, Recorded):
            return NotImplemented
        mine = (self.position, self.time, self.actor, self.event)
        return mine == (other.position, other.time, other.actor, other.event)

    __hash__ = Recorded.__hash__

    @property
    def topic(self) -> str:
        """The topic under which the entry is stored."""
        return self.stored.type

    @property
    def time(self) -> datetime:
        """The time of the position."""
        return self.stored.time

    @property
    def time_us(self) -> int:
        """The same in microseconds since 1970."""
        return self.stored.time_us

    @property
    def actor(self) -> str | Commitment:
        """By whose word."""
        return self._read().actor

    @property
    def event(self) -> Event:
        """The typed event, private fields opened."""
        return self._read().event

    def part(self, wanted: Part) -> Any:
        """Return a record of the fields, or the event; what was read whole is not read again."""
        found = read_part(self.stored, self.openings, wanted) if self._found is None else None
        return self.event if found is None else found

    def _read(self) -> Recorded:
        found = self._found
        if found is None:
            found = read_replayed(self.stored, self.openings)
            _set(self, "_found", found)
        return found
