"""What goes into the log and what comes out of it, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from eventsourcing.dcb.api import DCBEvent, DCBQuery

from ledger.storage.instants import from_us
from schemas.commitments import Opening

if TYPE_CHECKING:
    from ledger.storage.contract import Reader

ABOUT = "about:"
"""Tags that begin so only concern somebody: they guard nothing (contracts.md, section 4)."""


def is_scope(tag: str) -> bool:
    """Tell whether an event with `tag` moves a scope of that name."""
    return not tag.startswith(ABOUT)


@dataclass(frozen=True, slots=True)
class Head:
    """The state row: tree over all committed entries, and how far the register has accepted it."""

    size: int
    root: bytes
    time_us: int
    visible: int

    @property
    def time(self) -> datetime:
        """The time of position `size`: no later decision may be recorded before it."""
        return from_us(self.time_us)


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One event of the log. `data` is the entry's bytes, exactly as they were appended.

    `event_id` is None for what was appended through the bare recorder.
    """

    position: int
    type: str
    data: bytes
    tags: tuple[str, ...]
    event_id: str | None
    time_us: int

    @property
    def time(self) -> datetime:
        """The time of the position: the running maximum of `recorded_at` (contracts.md, 2)."""
        return from_us(self.time_us)


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """What is known of a command id: its content's digest, where its events lie, its statement."""

    id: str
    digest: bytes
    first: int
    last: int
    statement_sha256: bytes

    @property
    def positions(self) -> tuple[int, ...]:
        """The positions of the command's events, in order."""
        return tuple(range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """The checkpoint of one batch. `note` is the signed note; None until it was accepted."""

    size: int
    root: bytes
    note: str | None


@dataclass(frozen=True, slots=True)
class StoredCosignature:
    """A witness's line over the checkpoint of `size`, verified before it was kept.

    `witness` is its verifier key as text; `time_s` the time in the line, POSIX seconds.
    """

    size: int
    witness: str
    time_s: int
    line: str


@dataclass(frozen=True, slots=True)
class SubjectOpening:
    """An opening and whose it is: erasing the subject (a party, a generation) erases it."""

    event_id: str
    subject: str
    opening: Opening


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer that appends nothing: a repeated refusal, `fee_not_secured`. The door reads it."""

    answer: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A decided command: its events are signed, and nothing but its place in the log is open.

    `guard` says for each scope that the decision read up to which position it was read; a newer
    event in one of them calls `redecide` inside the batch, with a reader that sees all that comes
    before. `digest` covers what makes two commands the same (command, actor, data). `event_ids`
    stand beside `events`. `erases` names subjects whose openings go with this append.
    """

    command_id: str
    digest: bytes
    statement: bytes
    events: Sequence[DCBEvent]
    event_ids: Sequence[str]
    guard: Mapping[str, int]
    recorded_at: datetime
    redecide: Callable[[Reader], Prepared | Outcome]
    openings: Sequence[SubjectOpening] = ()
    erases: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class PlainAppend:
    """The bare append of the recorder: events, and a query that must match nothing newer."""

    events: Sequence[DCBEvent]
    unless: DCBQuery | None = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class Committed:
    """The answer to an appended command, once the register has accepted its batch.

    `note` is the signed checkpoint of that batch (of `size` entries), `proofs[i]` the inclusion
    path of `positions[i]` in it, leaf's sibling first. `replayed`: this id was answered before,
    and this is that answer again.
    """

    positions: tuple[int, ...]
    size: int
    note: str
    proofs: tuple[tuple[bytes, ...], ...]
    replayed: bool = False


@dataclass(slots=True)
class Rows:
    """What one append writes beside its events; empty for the bare recorder."""

    statement: bytes | None = None
    command_id: str | None = None
    digest: bytes = b""
    openings: Sequence[SubjectOpening] = ()
    erases: Sequence[str] = ()
    event_ids: Sequence[str | None] = field(default_factory=tuple)
