"""One snapshot of the log in SQLite, up to a bound."""

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from eventsourcing.dcb.api import DCBQuery

from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.tiles import tile_width
from ledger.storage.errors import Damaged
from ledger.storage.instants import from_us, to_us
from ledger.storage.records import (
    CommandRecord,
    Head,
    StoredCheckpoint,
    StoredCosignature,
    StoredEntry,
    is_scope,
)
from ledger.storage.sqlite.connection import meaning
from ledger.storage.sqlite.matching import PAGE, match
from ledger.storage.sqlite.queries import QUERIES
from ledger.storage.vault import Vault, unseal
from schemas.commitments import Opening

POSITION_MAX: Final = 2**63 - 1
"""The greatest integer that SQLite keeps: the bound of a reader that sees what is being written."""


class SqliteReader:
    """Implements `contract.Reader` over a connection that one snapshot has for itself.

    `committed`: up to all that is committed, accepted or not. `follow`: the reader of a write
    transaction, which sees what that transaction has written so far.
    """

    def __init__(
        self, connection: sqlite3.Connection, vault: Vault, *, committed: bool, follow: bool = False
    ) -> None:
        self._connection: sqlite3.Connection | None = connection
        self._vault = vault
        self._head: Head | None = None
        self._bound = POSITION_MAX
        if not follow:
            # The first read fixes the snapshot: head, state and everything after are of one moment.
            self._head = self.head()
            self._bound = self._head.size if committed else self._head.visible

    def end(self) -> None:
        """Refuse further reads: the connection is somebody else's from now on."""
        self._connection = None

    @property
    def bound(self) -> int:
        """The last position that this reader can see."""
        if self._head is not None:
            return self._bound
        return int(self._row("last_position")[0])

    def head(self) -> Head:
        """Return the state row as of this snapshot, which may be ahead of `bound`."""
        if self._head is not None:
            return self._head
        return Head(*self._row("head"))

    def visible_head(self) -> int:
        """Return the size that the register has accepted."""
        return self.head().visible

    def time(self) -> datetime:
        """Return the time of position `bound`; 1970 for an empty log."""
        last = self.entry(self.bound)
        return from_us(last.time_us if last else 0)

    def entry(self, position: int) -> StoredEntry | None:
        """Return the entry at `position`, or None beyond the bound."""
        if position > self._bound:
            return None
        row = self._find("entry", position)
        return None if row is None else _entry(row)

    def position_of(self, event_id: str) -> int | None:
        """Return the position of the event with this id, or None."""
        row = self._find("event_position", event_id, self._bound)
        return None if row is None else int(row[0])

    def read_after(self, position: int, limit: int) -> list[StoredEntry]:
        """Return at most `limit` entries after `position`, in order."""
        values = {"after": position, "until": self._bound, "limit": limit}
        return [_entry(row) for row in self._rows("entries_after", values)]

    def events(
        self, tag: str, *, after: int = 0, until: int | None = None
    ) -> Iterator[StoredEntry]:
        """Yield the entries that carry `tag`, in order."""
        last = self._bound if until is None else min(until, self._bound)
        while True:
            values = {"tag": tag, "after": after, "until": last, "limit": PAGE}
            page = [_entry(row) for row in self._rows("entries_tagged", values)]
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].position

    def last_position(self, tag: str) -> int:
        """Return the last position of an event that carries `tag`; 0 if there is none."""
        if is_scope(tag):
            row = self._find("scope_position", tag)
            if row is None:
                return 0
            if row[0] <= self._bound:
                return int(row[0])
            # The scope was moved by an entry that is not visible yet: ask the index below it.
        row = self._find("tag_position", tag, self._bound)
        return 0 if row is None or row[0] is None else int(row[0])

    def positions(
        self, query: DCBQuery, *, after: int = 0, limit: int | None = None
    ) -> Iterator[int]:
        """Yield the positions of the events that match any item of `query`, in order."""
        return match(self._fetch, query, after=after, limit=limit)

    def matches(self, query: DCBQuery, *, after: int = 0) -> bool:
        """Tell whether any event after `after` matches `query`; one tag alone is one probe."""
        rest = []
        for item in query.items:
            tags = set(item.tags)
            if item.types or len(tags) != 1:
                rest.append(item)
            elif self.last_position(tags.pop()) > after:
                return True
        if query.items and not rest:
            return False
        found = self.positions(DCBQuery(items=rest), after=after, limit=1)
        return next(found, None) is not None

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after `instant`; 0 if there is none."""
        values = {"time_us": to_us(instant), "until": self._bound}
        rows = self._rows("position_at", values)
        return int(rows[0][0]) if rows else 0

    def statement(self, sha256: bytes) -> bytes | None:
        """Return the statement with this hash, or None."""
        row = self._find("statement", sha256, self._bound)
        return None if row is None else bytes(row[0])

    def command(self, command_id: str) -> CommandRecord | None:
        """Return what is known of a command id, or None."""
        row = self._find("command", command_id, self._bound)
        return None if row is None else CommandRecord(*row)

    def openings(self, event_id: str) -> tuple[Opening, ...]:
        """Return what is left of the openings of one event, by pointer."""
        found = []
        for pointer, subject, sealed in self._rows("openings", (event_id, self._bound)):
            wrapped = self._find("subject_key", subject)
            if wrapped is None:
                raise Damaged(f"an opening of {event_id} has no key of its subject")
            key = self._vault.unwrap(subject, wrapped[0])
            found.append(unseal(key, subject, event_id, pointer, sealed))
        return tuple(found)

    def opening(self, event_id: str, pointer: str) -> Opening | None:
        """Return one opening, or None if there never was one or it was erased."""
        return next((one for one in self.openings(event_id) if one.pointer == pointer), None)

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile, as far as `bound` goes (tlog-tiles)."""
        width = min(width, tile_width(level, index, self.bound))
        row = self._find("tile", level, index) if width else None
        return b"" if row is None else bytes(row[0][: width * HASH_BYTES])

    def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """Return the checkpoint of exactly this size, or None if no batch ended there."""
        return _checkpoint(self._find("checkpoint", size, self._bound))

    def checkpoint_covering(self, position: int) -> StoredCheckpoint | None:
        """Return the checkpoint of the batch in which `position` was committed, or None."""
        return _checkpoint(self._find("checkpoint_covering", position, self._bound))

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """Return the newest checkpoint; None for an empty log."""
        return _checkpoint(self._find("last_checkpoint", self._bound))

    def cosignatures(self, size: int) -> tuple[StoredCosignature, ...]:
        """Return what witnesses have signed at exactly this size, oldest first."""
        rows = self._rows("cosignatures", (size, self._bound))
        return tuple(StoredCosignature(*row) for row in rows)

    def cosigned_sizes(self, least: int, limit: int) -> list[int]:
        """Return at most `limit` sizes from `least` that some witness has signed, newest first."""
        return [row[0] for row in self._rows("cosigned_sizes", (least, self._bound, limit))]

    def cosigned_by(self, witness: str) -> int:
        """Return the greatest size that a witness has signed; 0 if none."""
        return int(self._rows("cosigned_by", (witness, self._bound))[0][0])

    def _rows(self, name: str, values: Any = ()) -> list[Any]:
        if self._connection is None:
            raise ValueError("this snapshot has ended")
        try:
            return self._connection.execute(QUERIES[name], values).fetchall()
        except sqlite3.Error as error:
            raise meaning(error, reads=True) from error

    def _find(self, name: str, *values: object) -> Any | None:
        rows = self._rows(name, values)
        return rows[0] if rows else None

    def _row(self, name: str) -> Any:
        return self._rows(name)[0]

    def _fetch(self, name: str, values: dict[str, object]) -> list[int]:
        return [row[0] for row in self._rows(name, {**values, "until": self._bound})]


def _entry(row: Any) -> StoredEntry:
    position, kind, data, tags, event_id, time_us = row
    return StoredEntry(position, kind, data, tuple(json.loads(tags)), event_id, time_us)


def _checkpoint(row: Any | None) -> StoredCheckpoint | None:
    return None if row is None else StoredCheckpoint(*row)
