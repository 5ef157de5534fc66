"""What goes into the log and what comes out of it, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from eventsourcing.dcb.api import DCBEvent, DCBQuery

from ledger.evidence.tree import TileRow
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


class StoredEntry(NamedTuple):
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


class CommandRecord(NamedTuple):
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


@dataclass(slots=True, kw_only=True)
class Prepared:
    """A decided command: its events are signed, and nothing but its place in the log is open.

    `guard` says for each scope that the decision read up to which position it was read; a newer
    event in one of them calls `redecide` inside the batch, with a reader that sees all that comes
    before. `digest` covers what makes two commands the same (command, actor, data). `event_ids`
    stand beside `events`. `erases` names subjects whose openings go with this append.
    `statement_sha256` is empty where it was not computed yet. Nobody changes one: it is not frozen
    because every command makes one.
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
    statement_sha256: bytes = b""


@dataclass(frozen=True, slots=True)
class PlainAppend:
    """The bare append of the recorder: events, and a query that must match nothing newer."""

    events: Sequence[DCBEvent]
    unless: DCBQuery | None = None
    after: int = 0


@dataclass(slots=True)
class Committed:
    """The answer to an appended command, once the register has accepted its batch.

    `note` is the signed checkpoint of that batch (of `size` entries), `proofs[i]` the inclusion
    path of `positions[i]` in it, leaf's sibling first. `replayed`: this id was answered before,
    and this is that answer again. `work` is the command as it was decided last and appended; None
    for a repetition and for the bare recorder. Not frozen, as `Prepared`.
    """

    positions: tuple[int, ...]
    size: int
    note: str
    proofs: tuple[tuple[bytes, ...], ...]
    replayed: bool = False
    work: Prepared | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a batch wants to know, all at once, when it has the lock; see `Ground`."""

    commands: Collection[str] = ()
    scopes: Collection[str] = ()
    subjects: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Ground:
    """What a batch stands on: the committed head, the database's clock, and the probe's answers.

    `commands` holds those that are known; `scopes` the last position of each scope that was asked
    for, 0 if it never moved; `keys` the wrapped keys of those subjects that have one. `edge` is the
    tree's, its partial tiles by level, where the database gave it unasked.
    """

    head: Head
    now: datetime
    commands: Mapping[str, CommandRecord]
    scopes: Mapping[str, int]
    keys: Mapping[str, bytes]
    edge: Mapping[int, bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a batch took for granted that was placed without the lock: true, or none is written.

    Besides that the head is where the batch begins: none of `commands` is known; no scope has moved
    beyond its position in `scopes`; the subjects of the openings have the keys that the batch takes
    them to have, and those alone. `earliest` and `latest`, where its decisions were made, are
    within `CLOCKS_APART_MAX` of the database's clock.
    """

    commands: Collection[str]
    scopes: Mapping[str, int]
    earliest: datetime
    latest: datetime


class StatementRow(NamedTuple):
    """A signed statement and the position of the first event that follows from it."""

    sha256: bytes
    position: int
    statement: bytes


class OpeningRow(NamedTuple):
    """An opening that is still to be sealed, and the first position of its command."""

    position: int
    beside: SubjectOpening


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRows:
    """All that one batch writes, between two heads; written together or not at all.

    `erases` comes before `openings`: an opening of an erased subject here is one under a new key.
    `keys` are the wrapped keys that the openings' subjects have already.
    """

    old: Head
    new: Head
    entries: Sequence[StoredEntry]
    tiles: Sequence[TileRow]
    scopes: Mapping[str, int]
    commands: Sequence[CommandRecord] = ()
    statements: Sequence[StatementRow] = ()
    erases: Sequence[str] = ()
    openings: Sequence[OpeningRow] = ()
    keys: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def tags(self) -> list[tuple[str, int]]:
        """Each tag with each position that carries it, once."""
        return [(tag, one.position) for one in self.entries for tag in dict.fromkeys(one.tags)]
