"""What a store must offer, whatever database is under it; tests run against each one.

One transaction writes at a time, whoever asks for it (`Store.transaction` takes the lock). Readers
never wait for it: each reads one snapshot, which ends at the visible head.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Final, Protocol

from eventsourcing.dcb.api import DCBQuery

from ledger.evidence.note import Checkpoint
from ledger.storage.records import (
    BatchRows,
    CommandRecord,
    Expected,
    Ground,
    Head,
    Probe,
    StoredCheckpoint,
    StoredCosignature,
    StoredEntry,
)
from schemas.commitments import Opening

NOTHING: Final = Probe()
"""What who only wants the lock asks for."""


class Reader(Protocol):
    """One snapshot of the log up to `bound`; everything beyond does not exist for it.

    Positions: `after` is exclusive, `until` inclusive and never beyond `bound`.
    """

    @property
    def bound(self) -> int:
        """The last position that this reader can see."""

    def head(self) -> Head:
        """Return the state row as of this snapshot, which may be ahead of `bound`."""

    def visible_head(self) -> int:
        """Return the size that the register has accepted."""

    def time(self) -> datetime:
        """Return the time of position `bound`; 1970 for an empty log."""

    def clock(self) -> datetime:
        """Return the database's own clock."""

    def entry(self, position: int) -> StoredEntry | None:
        """Return the entry at `position`, or None beyond the bound."""

    def position_of(self, event_id: str) -> int | None:
        """Return the position of the event with this id, or None."""

    def read_after(self, position: int, limit: int) -> list[StoredEntry]:
        """Return at most `limit` entries after `position`, in order."""

    def events(
        self, tag: str, *, after: int = 0, until: int | None = None
    ) -> Iterator[StoredEntry]:
        """Yield the entries that carry `tag`, in order."""

    def last_position(self, tag: str) -> int:
        """Return the last position of an event that carries `tag`; 0 if there is none."""

    def last_positions(self, scopes: Collection[str]) -> dict[str, int]:
        """Return the same for many scopes at once, in one round trip; no `about:` tags."""

    def positions(
        self, query: DCBQuery, *, after: int = 0, limit: int | None = None
    ) -> Iterator[int]:
        """Yield the positions of the events that match any item of `query`, in order."""

    def matches(self, query: DCBQuery, *, after: int = 0) -> bool:
        """Tell whether any event after `after` matches `query`."""

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position whose time is not after `instant`; 0 if there is none."""

    def statement(self, sha256: bytes, position: int) -> bytes | None:
        """Return the statement with this hash, or None.

        `position` is that of an entry which follows from it: a database may look there alone.
        """

    def command(self, command_id: str) -> CommandRecord | None:
        """Return what is known of a command id, or None."""

    def openings(self, event_id: str) -> tuple[Opening, ...]:
        """Return what is left of the openings of one event, by pointer."""

    def openings_of(self, event_ids: Collection[str]) -> dict[str, list[Opening]]:
        """Return the same for many events; those without any are absent."""

    def opening(self, event_id: str, pointer: str) -> Opening | None:
        """Return one opening, or None if there never was one or it was erased."""

    def read_tile(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile, as far as `bound` goes (tlog-tiles)."""

    def checkpoint(self, size: int) -> StoredCheckpoint | None:
        """Return the checkpoint of exactly this size, or None if no batch ended there."""

    def checkpoint_covering(self, position: int) -> StoredCheckpoint | None:
        """Return the checkpoint of the batch in which `position` was committed, or None."""

    def last_checkpoint(self) -> StoredCheckpoint | None:
        """Return the newest checkpoint; None for an empty log."""

    def cosignatures(self, size: int) -> tuple[StoredCosignature, ...]:
        """Return what witnesses have signed at exactly this size, oldest first."""

    def cosigned_sizes(self, least: int, limit: int) -> list[int]:
        """Return at most `limit` sizes from `least` that some witness has signed, newest first."""

    def cosigned_by(self, witness: str) -> int:
        """Return the greatest size that a witness (a verifier key) has signed; 0 if none."""

    def answered(self, after: str, *, until: int, limit: int) -> list[tuple[str, int]]:
        """Return command ids greater than `after`, in order, and where each answer begins.

        Committed ones alone, whose answer begins at `until` or before it.
        """


class Transaction(Protocol):
    """The one write transaction. It commits when its context ends without an exception."""

    @property
    def reader(self) -> Reader:
        """A reader of all that was committed before, accepted or not."""

    @property
    def ground(self) -> Ground:
        """What was found when the lock was taken."""

    def log_end(self) -> int:
        """Return the last position of the table itself, whatever the state row says."""

    def subject_keys(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        """Return the wrapped keys of those subjects that have one."""

    def write(self, rows: BatchRows) -> None:
        """Write a whole batch and move the head.

        `Clash` where an event's id is in the log already: nothing of it is written, and this
        transaction can only end. `Fatal` if the head is not at `rows.old`.
        """


class Store(Protocol):
    """A database that holds one log."""

    @property
    def is_in_process(self) -> bool:
        """Whether it works in the thread that asks, and in no process of its own."""

    def transaction(self, probe: Probe = NOTHING) -> AbstractContextManager[Transaction]:
        """Take the lock, and look for all of `probe` under it, in one round trip.

        `Busy`, `StorageFull`: nothing was written. `Fatal`: reload.
        """

    def append(
        self,
        rows: BatchRows,
        expected: Expected,
        *,
        meanwhile: Callable[[], None] | None = None,
    ) -> Ground | None:
        """Write a batch that was placed without the lock, and commit it: in one round trip.

        Only if, under the lock, all of `expected` is so; else nothing is written, and what is so is
        returned. None: it is committed. `Clash`, `Busy`, `StorageFull`: nothing was written.
        `Fatal`: reload. `meanwhile` is called once while the database works, or not at all; whether
        the batch will be written is not known there, and what it raises is dropped.
        """

    def look(self, probe: Probe) -> Ground:
        """Return what is so by now, the edge of the tree too where that costs nothing more."""

    def subject_keys(self, subjects: Collection[str]) -> Mapping[str, bytes]:
        """Return the wrapped keys of those subjects that have one now; no lock is taken."""

    def snapshot(self, *, committed: bool = False) -> AbstractContextManager[Reader]:
        """Give a reader up to the visible head, or with `committed` up to all that is committed."""

    def accept(self, size: int, note: str) -> None:
        """Keep the accepted checkpoint and move the visible head to it."""

    def keep_cosignature(self, row: StoredCosignature) -> None:
        """Keep what a witness has signed; verified before. `Busy`, `StorageFull`: not kept."""

    def erase(self, subject: str) -> int:
        """Delete a subject's openings and key; return how many openings there were."""

    def close(self) -> None:
        """Give everything back to the operating system."""


class Register(Protocol):
    """Witness number 0: it remembers how far the log has gone, and never goes back."""

    def held(self) -> Checkpoint:
        """Return what it has accepted last; size 0 before the first. `RegisterLost`: it is gone."""

    def update(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        """Accept the signed checkpoint `note`, durably, as the rule of tlog-witness says.

        `old_size` must be what was accepted last, else `RegisterMoved` says what is; `proof` must
        show that it begins the new tree, else `RegisterRefused`. The same size and root again are
        accepted again. `RegisterSilent` where nobody answers.
        """

    def foresee(self, *, old_size: int, proof: Sequence[bytes], note: str) -> None:
        """Look at what an `update` is likely to ask, while there is time. It decides nothing.

        What it finds wrong the update finds as well, and says.
        """

    def close(self) -> None:
        """Give back what it holds open; it is used no more."""
