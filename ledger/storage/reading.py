"""One snapshot of the log, up to a bound, whatever SQL database it is in.

Each database has its own `queries.sql`, under the same names and with the same parameters; what
becomes of the rows is the same for all and stands here.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from eventsourcing.dcb.api import DCBQuery

from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.tiles import tile_width
from ledger.storage.errors import Damaged, TagsDamaged
from ledger.storage.instants import from_us, to_us
from ledger.storage.matching import PAGE, match
from ledger.storage.records import (
    CommandRecord,
    Head,
    StoredCheckpoint,
    StoredCosignature,
    StoredEntry,
    is_scope,
)
from ledger.storage.vault import Cipher, Vault, unseal
from schemas.commitments import Opening

_TAGS: Final = msgspec.json.Decoder(tuple[str, ...])


class SqlReader(ABC):
    """Implements `contract.Reader` over named statements; `bound` is set when the head is known."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._head = Head(0, b"", 0, 0)
        self._bound = 0

    @abstractmethod
    def _rows(self, name: str, **values: Any) -> Sequence[Any]:
        """Run a named statement and return its rows; lists are arrays of the database."""

    def _stop_at(self, head: Head, *, committed: bool) -> None:
        self._head = head
        self._bound = head.size if committed else head.visible

    @property
    def bound(self) -> int:
        """The last position that this reader can see."""
        return self._bound

    def head(self) -> Head:
        """Return the state row as of this snapshot, which may be ahead of `bound`."""
        return self._head

    def visible_head(self) -> int:
        """Return the size that the register has accepted."""
        return self._head.visible

    def time(self) -> datetime:
        """Return the time of position `bound`; 1970 for an empty log."""
        if self._bound == self._head.size:
            return self._head.time
        last = self.entry(self._bound)
        return from_us(last.time_us if last else 0)

    def clock(self) -> datetime:
        """Return the database's own clock, as it is when it is asked."""
        (row,) = self._rows("clock")
        return from_us(row[0])

    def entry(self, position: int) -> StoredEntry | None:
        """Return the entry at `position`, or None beyond the bound."""
        row = self._find("entry", position=position, until=self._bound)
        return None if row is None else self._entry(row)

    def position_of(self, event_id: str) -> int | None:
        """Return the position of the event with this id, or None."""
        row = self._find("event_position", event=event_id, until=self._bound)
        return None if row is None else int(row[0])

    def read_after(self, position: int, limit: int) -> list[StoredEntry]:
        """Return at most `limit` entries after `position`, in order."""
        rows = self._rows("entries_after", after=position, until=self._bound, limit=limit)
        return [self._entry(row) for row in rows]

    def events(
        self, tag: str, *, after: int = 0, until: int | None = None
    ) -> Iterator[StoredEntry]:
        """Yield the entries that carry `tag`, in order."""
        last = self._bound if until is None else min(until, self._bound)
        while True:
            rows = self._rows("entries_tagged", tag=tag, after=after, until=last, limit=PAGE)
            page = [self._entry(row) for row in rows]
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].position

    def last_position(self, tag: str) -> int:
        """Return the last position of an event that carries `tag`; 0 if there is none."""
        return self.last_positions((tag,))[tag] if is_scope(tag) else self._last_tagged(tag)

    def last_positions(self, scopes: Collection[str]) -> dict[str, int]:
        """Return the same for many scopes at once, in one round trip; no `about:` tags."""
        found = dict.fromkeys(scopes, 0)
        for tag, position in self._rows("scope_positions", tags=list(found)):
            # One that was moved by an entry beyond the bound: ask the index below it.
            found[tag] = position if position <= self._bound else self._last_tagged(tag)
        return found

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
        row = self._find("position_at", time_us=to_us(instant), until=self._bound)
        return 0 if row is None else int(row[0])

    def statement(self, sha256: bytes, position: int) -> bytes | None:
        """Return the statement with this hash, from which the entry at `position` follows."""
        row = self._find("statement", sha256=sha256, position=position, until=self._bound)
        return None if row is None else bytes(row[0])

    def command(self, command_id: str) -> CommandRecord | None:
        """Return what is known of a command id, or None."""
        found = self.commands((command_id,))
        return found[0] if found else None

    def commands(self, command_ids: Collection[str]) -> list[CommandRecord]:
        """Return what is known of many command ids, in one round trip."""
        rows = self._rows("commands", ids=list(command_ids), until=self._bound)
        return [CommandRecord(*row) for row in rows]

    def answered(self, after: str, *, until: int, limit: int) -> list[tuple[str, int]]:
        """Return command ids greater than `after`, in order, and where each answer begins."""
        rows = self._rows("answered", after=after, until=until, limit=limit)
        return [(row[0], row[1]) for row in rows]

    def openings(self, event_id: str) -> tuple[Opening, ...]:
        """Return what is left of the openings of one event, by pointer."""
        return tuple(self.openings_of((event_id,)).get(event_id, ()))

    def openings_of(self, event_ids: Collection[str]) -> dict[str, list[Opening]]:
        """Return the same for many events, in one round trip; those without any are absent."""
        found: dict[str, list[Opening]] = {}
        ciphers: dict[str, Cipher] = {}
        rows = self._rows("openings", events=list(event_ids), until=self._bound)
        for event_id, pointer, subject, sealed, wrapped in rows:
            cipher = ciphers.get(subject)
            if cipher is None:
                if wrapped is None:
                    raise Damaged(f"an opening of {event_id} has no key of its subject")
                cipher = ciphers[subject] = self._vault.cipher(subject, wrapped)
            one = unseal(cipher, subject, event_id, pointer, sealed)
            found.setdefault(event_id, []).append(one)
        return found

    def opening(self, event_id: str, pointer: str) -> Opening | None:
        """Return one opening, or None if there never was one or it was erased."""
        return next((one for one in self.openings(event_id) if one.pointer == pointer), None)

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile, as far as `bound` goes (tlog-tiles)."""
        width = min(width, tile_width(level, index, self._bound))
        row = self._find("tile", level=level, number=index) if width else None
        return b"" if row is None else bytes(row[0][: width * HASH_BYTES])

    def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """Return the checkpoint of exactly this size, or None if no batch ended there."""
        return _checkpoint(self._find("checkpoint", size=size, until=self._bound))

    def checkpoint_covering(self, position: int) -> StoredCheckpoint | None:
        """Return the first checkpoint over `position` that the register has accepted, or None.

        As a rule that of its own batch; where its process died before the register answered, that
        of a later one.
        """
        row = self._find("checkpoint_covering", position=position, until=self._bound)
        return _checkpoint(row)

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """Return the newest checkpoint; None for an empty log."""
        return _checkpoint(self._find("last_checkpoint", until=self._bound))

    def cosignatures(self, size: int) -> tuple[StoredCosignature, ...]:
        """Return what witnesses have signed at exactly this size, oldest first."""
        rows = self._rows("cosignatures", size=size, until=self._bound)
        return tuple(StoredCosignature(*row) for row in rows)

    def cosigned_sizes(self, least: int, limit: int) -> list[int]:
        """Return at most `limit` sizes from `least` that some witness has signed, newest first."""
        rows = self._rows("cosigned_sizes", least=least, until=self._bound, limit=limit)
        return [row[0] for row in rows]

    def cosigned_by(self, witness: str) -> int:
        """Return the greatest size that a witness has signed; 0 if none."""
        return int(self._rows("cosigned_by", witness=witness, until=self._bound)[0][0])

    def _last_tagged(self, tag: str) -> int:
        row = self._find("tag_position", tag=tag, until=self._bound)
        return 0 if row is None or row[0] is None else int(row[0])

    def _find(self, name: str, **values: Any) -> Any | None:
        rows = self._rows(name, **values)
        return rows[0] if rows else None

    def _fetch(self, name: str, values: dict[str, object]) -> list[int]:
        return [row[0] for row in self._rows(name, **values, until=self._bound)]

    def _entry(self, row: Any) -> StoredEntry:
        position, kind, data, tags, event_id, time_us = row
        try:
            return StoredEntry(position, kind, data, _TAGS.decode(tags), event_id, time_us)
        except ValueError as error:
            rest = StoredEntry(position, kind, data, (), event_id, time_us)
            raise TagsDamaged(rest) from error


def _checkpoint(row: Any | None) -> StoredCheckpoint | None:
    return None if row is None else StoredCheckpoint(*row)
