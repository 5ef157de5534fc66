"""Placing a batch of commands in the log, one after the other, inside one transaction.

Each command is judged against everything before it, the same batch included, and none disturbs its
neighbors: whatever one of them raises is its own answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from eventsourcing.persistence import IntegrityError

from ledger.evidence.hashing import leaf_hash
from ledger.storage.errors import Busy, ClockOff, Fatal, StorageFull
from ledger.storage.instants import to_us
from ledger.storage.records import CommandRecord, Head, Outcome, PlainAppend, Prepared, Rows
from schemas.envelope.entry import ENTRY_BYTES_MAX
from schemas.refusals import Malformed

if TYPE_CHECKING:
    from eventsourcing.dcb.api import DCBEvent

    from ledger.storage.contract import Transaction

FRESH_FOR: Final = timedelta(seconds=2)
"""An older decision is made again (contracts.md, section 2)."""

CLOCKS_APART_MAX: Final = timedelta(seconds=60)
"""Beyond this our clock or the database's is wrong, and nothing is appended (likewise)."""


@dataclass(frozen=True, slots=True)
class Placed:
    """The command got these positions."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """The command was answered before, perhaps earlier in this very batch."""

    record: CommandRecord


Answer = Placed | Replayed | Outcome | Exception
"""What becomes of one command. An exception is raised to whoever asked."""


def check(work: Prepared | PlainAppend) -> None:
    """Raise unless `work` can be stored; before the lock, so that the batch need not look."""
    if not work.events:
        raise ValueError("an append has at least one event")
    for event in work.events:
        if len(event.data) > ENTRY_BYTES_MAX:
            raise Malformed("entry_too_large", f"an entry has at most {ENTRY_BYTES_MAX} bytes")
        if any("\0" in text for text in (event.type, *event.tags)):
            raise ValueError("types and tags have no U+0000, which SQL text may end at")
    if isinstance(work, Prepared) and len(work.event_ids) != len(work.events):
        raise ValueError("each event of a command has an id")


class Batch:
    """One transaction's work: what was placed so far, and the leaves that it adds."""

    def __init__(self, transaction: Transaction, old: Head, clock: Callable[[], datetime]) -> None:
        self._transaction = transaction
        self._clock = clock
        self._database_now = transaction.now()
        self._size = old.size
        self.time_us = old.time_us
        self.leaves: list[bytes] = []

    def place(self, work: Prepared | PlainAppend) -> Answer:
        """Append `work` if it still holds; else decide again, replay, or say why not."""
        try:
            if isinstance(work, PlainAppend):
                return self._place_plain(work)
            return self._place_command(work)
        except (Fatal, Busy, StorageFull):
            raise  # the whole batch ends so
        except Exception as error:  # noqa: BLE001 - raised again, to the one who asked for this
            return error

    def _place_command(self, work: Prepared) -> Answer:
        record = self._transaction.reader.command(work.command_id)
        if record is not None:
            if record.digest != work.digest:
                raise Malformed("id_reused", f"this id has other content [{work.command_id}]")
            return Replayed(record)
        if self._is_overtaken(work):
            again = work.redecide(self._transaction.reader)
            if isinstance(again, Outcome):
                return again
            check(again)
            if (again.command_id, again.digest) != (work.command_id, work.digest):
                raise ValueError(f"decided again, it is another command [{again.command_id}]")
            work = again
        if abs(self._database_now - work.recorded_at) > CLOCKS_APART_MAX:
            raise ClockOff(f"{work.recorded_at} is off the database's {self._database_now}")
        rows = Rows(
            statement=work.statement,
            command_id=work.command_id,
            digest=work.digest,
            openings=work.openings,
            erases=work.erases,
            event_ids=work.event_ids,
        )
        return self._append(work.events, to_us(work.recorded_at), rows)

    def _is_overtaken(self, work: Prepared) -> bool:
        if self._clock() - work.recorded_at > FRESH_FOR:
            return True
        last_position = self._transaction.reader.last_position
        return any(last_position(tag) > read for tag, read in work.guard.items())

    def _place_plain(self, work: PlainAppend) -> Answer:
        reader = self._transaction.reader
        if work.unless is not None and reader.matches(work.unless, after=work.after):
            raise IntegrityError(work.unless)
        return self._append(work.events, to_us(self._database_now), Rows())

    def _append(self, events: Sequence[DCBEvent], recorded_us: int, rows: Rows) -> Placed:
        first = self._size + 1
        time_us = max(self.time_us, recorded_us)
        self._transaction.append(first, events, time_us, rows)
        # Written: only now may the batch count it.
        self.time_us = time_us
        self._size += len(events)
        self.leaves += [leaf_hash(event.data) for event in events]
        return Placed(first, self._size)
