"""Lets a command read the log with what its batch has placed so far, though that is not written.

Nothing that is placed is written before the batch is complete; until then it is here. What was
asked of the database once is not asked again: under the lock, what is committed stands still.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain, islice

from eventsourcing.dcb.api import DCBQuery

from ledger.storage.contract import Reader
from ledger.storage.instants import from_us, to_us
from ledger.storage.matching import is_match
from ledger.storage.records import (
    CommandRecord,
    Ground,
    Head,
    StoredCheckpoint,
    StoredCosignature,
    StoredEntry,
)
from ledger.storage.sheet import Sheet
from schemas.commitments import Opening


class Overlay(Sheet):
    """Implements `contract.Reader` over a committed one and the commands placed so far."""

    def __init__(self, reader: Reader, ground: Ground) -> None:
        super().__init__(ground)
        self._reader = reader
        self._asked = dict(ground.scopes)
        self._events: dict[tuple[str, int], list[StoredEntry]] = {}
        self._unsealed: dict[str, tuple[Opening, ...]] = {}

    def head(self) -> Head:
        """Return the state row, which the batch has not moved yet."""
        return self._ground.head

    def visible_head(self) -> int:
        """Return the size that the register has accepted."""
        return self._ground.head.visible

    def time(self) -> datetime:
        """Return the time of the last position."""
        return from_us(self.time_us)

    def clock(self) -> datetime:
        """Return the database's own clock, as it was when the batch began."""
        return self._ground.now

    def entry(self, position: int) -> StoredEntry | None:
        """Return the entry at `position`, placed or committed."""
        index = position - self._ground.head.size - 1
        if index < 0:
            return self._reader.entry(position)
        return self.entries[index] if index < len(self.entries) else None

    def position_of(self, event_id: str) -> int | None:
        """Return the position of the event with this id, or None."""
        placed = self._by_id.get(event_id)
        return self._reader.position_of(event_id) if placed is None else placed.position

    def read_after(self, position: int, limit: int) -> list[StoredEntry]:
        """Return at most `limit` entries after `position`, in order."""
        found = self._reader.read_after(position, limit)
        begin = max(position - self._ground.head.size, 0)
        return found + self.entries[begin : begin + limit - len(found)]

    def events(
        self, tag: str, *, after: int = 0, until: int | None = None
    ) -> Iterator[StoredEntry]:
        """Yield the entries that carry `tag`, in order; asks the database if it can have any."""
        last = self.bound if until is None else until
        if after < self._ground.head.size and self._committed(tag) > after:
            yield from (entry for entry in self._read(tag, after) if entry.position <= last)
        if self._moved.get(tag, 0) > after:
            for entry in self.entries[max(after - self._ground.head.size, 0) :]:
                if entry.position <= last and tag in entry.tags:
                    yield entry

    def last_position(self, tag: str) -> int:
        """Return the last position of an event that carries `tag`; 0 if there is none."""
        return self._moved.get(tag) or self._committed(tag)

    def last_positions(self, scopes: Collection[str]) -> dict[str, int]:
        """Return the same for many scopes at once."""
        unknown = [tag for tag in scopes if tag not in self._asked and tag not in self._moved]
        if unknown:
            self._asked.update(self._reader.last_positions(unknown))
        return {tag: self.last_position(tag) for tag in scopes}

    def positions(
        self, query: DCBQuery, *, after: int = 0, limit: int | None = None
    ) -> Iterator[int]:
        """Yield the positions of the events that match any item of `query`, in order."""
        committed = self._reader.positions(query, after=after, limit=limit)
        return islice(chain(committed, self._placed(query, after)), limit)

    def matches(self, query: DCBQuery, *, after: int = 0) -> bool:
        """Tell whether any event after `after` matches `query`."""
        if next(self._placed(query, after), None) is not None:
            return True
        return self._reader.matches(query, after=after)

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after `instant`; 0 if there is none."""
        time_us = to_us(instant)
        for entry in reversed(self.entries):
            if entry.time_us <= time_us:
                return entry.position
        return self._reader.position_at(instant)

    def statement(self, sha256: bytes, position: int) -> bytes | None:
        """Return the statement with this hash, or None."""
        placed = next((row for row in self._statements if row.sha256 == sha256), None)
        return self._reader.statement(sha256, position) if placed is None else placed.statement

    def command(self, command_id: str) -> CommandRecord | None:
        """Return what is known of a command id, or None."""
        return self.known(command_id) or self._reader.command(command_id)

    def openings(self, event_id: str) -> tuple[Opening, ...]:
        """Return what is left of the openings of one event, by pointer."""
        if not self.is_placed(event_id):
            if event_id not in self._unsealed:
                self._unsealed[event_id] = self._reader.openings(event_id)
            return self._unsealed[event_id]
        return tuple(sorted(self._opened.get(event_id, ()), key=lambda one: one.pointer))

    def openings_of(self, event_ids: Collection[str]) -> dict[str, list[Opening]]:
        """Return the same for many events; those without any are absent."""
        found = {event_id: list(self.openings(event_id)) for event_id in event_ids}
        return {event_id: openings for event_id, openings in found.items() if openings}

    def opening(self, event_id: str, pointer: str) -> Opening | None:
        """Return one opening, or None if there never was one or it was erased."""
        return next((one for one in self.openings(event_id) if one.pointer == pointer), None)

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return a tile of the committed tree: the batch's leaves are in none yet."""
        return self._reader.read_tile(level, index, width)

    def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """Return a committed checkpoint."""
        return self._reader.checkpoint(size)

    def checkpoint_covering(self, position: int) -> StoredCheckpoint | None:
        """Return the committed checkpoint over `position`."""
        return self._reader.checkpoint_covering(position)

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """Return the newest committed checkpoint."""
        return self._reader.last_checkpoint()

    def cosignatures(self, size: int) -> tuple[StoredCosignature, ...]:
        """Return what witnesses have signed at exactly this size."""
        return self._reader.cosignatures(size)

    def cosigned_sizes(self, least: int, limit: int) -> list[int]:
        """Return sizes that some witness has signed, newest first."""
        return self._reader.cosigned_sizes(least, limit)

    def cosigned_by(self, witness: str) -> int:
        """Return the greatest size that a witness has signed."""
        return self._reader.cosigned_by(witness)

    def answered(self, after: str, *, until: int, limit: int) -> list[tuple[str, int]]:
        """Return command ids greater than `after`, in order, and where each answer begins."""
        return self._reader.answered(after, until=until, limit=limit)

    def _committed(self, tag: str) -> int:
        position = self._asked.get(tag)
        if position is None:
            position = self._asked[tag] = self._reader.last_position(tag)
        return position

    def _read(self, tag: str, after: int) -> list[StoredEntry]:
        """Return the committed entries of a tag: whoever decides again reads the same of them."""
        found = self._events.get((tag, after))
        if found is None:
            found = self._events[tag, after] = list(self._reader.events(tag, after=after))
        return found

    def _placed(self, query: DCBQuery, after: int) -> Iterator[int]:
        for entry in self.entries:
            if entry.position > after and is_match(query, entry.type, entry.tags):
                yield entry.position
