"""What an audit reads: entries with what lies beside them, and the checkpoints that cover them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final, Literal, NamedTuple, Protocol, runtime_checkable

from ledger.audit.kept import note_kept
from ledger.audit.lookups import Lookups, StoreLookups
from ledger.storage.contract import Reader, Store
from ledger.storage.errors import Damaged, TagsDamaged
from ledger.storage.records import CommandRecord, StoredEntry
from schemas.commitments import Opening

_BINDS: Final = b'"statement_sha256":"'
_SHA256_HEX: Final = re.compile(rb"[0-9a-f]{64}")
_COMMAND: Final = re.compile(rb'"command":"(cmd_[0-9a-z]{26})","correlation":')

BATCH: Final = 500
"""Entries read at once: bounds memory, and keeps each snapshot short."""


Statements = Literal["none", "public", "all"]
"""Which statements come with the entries: one of these that is missing is a finding."""


class Columns(NamedTuple):
    """What a store keeps beside an entry to find it again; all of it follows from the entries.

    `answered` is where its command is said to be answered; read for the first entry of each.
    `spoiled` is what is wrong with the checkpoint and the cosignatures that are kept of its size.
    """

    type: str
    event_id: str | None
    time: datetime
    answered: CommandRecord | None = None
    spoiled: str | None = None


class AuditedEntry(NamedTuple):
    """One entry and what this reader may see beside it. A tuple: thousands go between processes.

    `tags` and `columns` are None where the log's bearer sent none; `statement` is None where it is
    not open; `note` is the signed checkpoint of exactly this size, where there is one. `damaged`
    says why what is private beside it cannot be read.
    """

    position: int
    raw: bytes
    tags: tuple[str, ...] | None
    statement: bytes | None
    openings: tuple[Opening, ...]
    note: str | None
    columns: Columns | None = None
    damaged: str | None = None


class Part(Protocol):
    """A stretch of a log that any process of this machine can read by itself; it travels lightly.

    Nothing is kept beside its entries but statements, openings and checkpoints.
    """

    @property
    def places(self) -> range:
        """The positions of its entries."""
        ...

    @property
    def notes(self) -> dict[int, str]:
        """The signed checkpoints of its positions."""
        ...

    @property
    def tells_keys(self) -> bool:
        """Whether its entries may tell of keys; a hint, which nothing rests on."""
        ...

    def rows(self) -> list[AuditedEntry]:
        """Read its entries."""
        ...


@dataclass(frozen=True, slots=True)
class PartRow:
    """An entry that another process has read: here only if somebody asks for its bytes again."""

    position: int
    note: str | None
    read: Callable[[int], AuditedEntry]

    tags: ClassVar[None] = None
    columns: ClassVar[None] = None
    damaged: ClassVar[None] = None

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        return self.read(self.position).raw

    @property
    def statement(self) -> bytes | None:
        """The statement that came with it."""
        return self.read(self.position).statement

    @property
    def openings(self) -> tuple[Opening, ...]:
        """The openings that came with it."""
        return self.read(self.position).openings


AnyRow = AuditedEntry | PartRow
"""An entry and what this reader may see beside it, at hand or not."""


class AuditLog(Protocol):
    """A log as an auditor holds it: a live store, or an export."""

    @property
    def origin(self) -> str:
        """The log's origin."""
        ...

    @property
    def size(self) -> int:
        """How many entries are audited."""
        ...

    @property
    def statements(self) -> Statements:
        """Which statements come with the entries."""
        ...

    @property
    def lookups(self) -> Lookups | None:
        """How the log's bearer finds entries again; None where that is not to be seen."""
        ...

    def entries(self) -> Iterator[AuditedEntry]:
        """Yield every entry in the order of positions."""
        ...

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Return the first hashes of a tile as the bearer keeps it; None where it keeps none."""
        ...


@runtime_checkable
class DividedLog(AuditLog, Protocol):
    """A log of which every process of this machine can read a part."""

    def parts(self, limit: int) -> Iterator[Part]:
        """Yield the whole log in stretches of at most `limit` entries."""
        ...


class StoreLog:
    """The log of a store, up to its visible head when the audit began."""

    statements: Final = "all"

    def __init__(self, store: Store, *, origin: str) -> None:
        self.origin = origin
        self.lookups: Lookups = StoreLookups(store)
        self._store = store
        with store.snapshot() as reader:
            self.size = reader.bound

    def entries(self) -> Iterator[AuditedEntry]:
        """Yield every entry; each batch is its own short snapshot of the same immutable past."""
        position = 0
        while position < self.size:
            with self._store.snapshot() as reader:
                batch = list(_read(reader, position, min(BATCH, self.size - position)))
            if not batch:
                return  # fewer than the head says: the audit finds the gap
            yield from batch
            position = batch[-1].position

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Return the first hashes of a tile as it is stored; nothing of one that is not there."""
        with self._store.snapshot() as reader:
            return reader.read_tile(level, index, width)


def _read(reader: Reader, position: int, limit: int) -> Iterator[AuditedEntry]:
    """Yield the entries after a position; one command's entries share their statement."""
    digest, statement = b"", None
    for stored, other_damage in _stored(reader, position, limit):
        found, answered = _statement_digest(stored.data), None
        if found != digest:
            digest = found
            statement = reader.statement(found, stored.position) if found else None
            answered = _answered(reader, stored.data)
        openings, damaged = _openings(reader, stored)
        note, spoiled = note_kept(reader, stored.position)
        yield AuditedEntry(
            position=stored.position,
            raw=stored.data,
            tags=stored.tags,
            statement=statement,
            openings=openings,
            note=note,
            columns=Columns(stored.type, stored.event_id, stored.time, answered, spoiled),
            damaged=other_damage or damaged,
        )


def _stored(reader: Reader, position: int, limit: int) -> Iterator[tuple[StoredEntry, str | None]]:
    """Yield what is stored after a position, and of what is read without its tags, why."""
    try:
        rows = reader.read_after(position, limit)
    except TagsDamaged:
        for place in range(position + 1, position + limit + 1):
            try:
                if (found := reader.entry(place)) is not None:
                    yield found, None
            except TagsDamaged as error:
                yield error.entry, str(error)
        return
    yield from ((row, None) for row in rows)


def _answered(reader: Reader, raw: bytes) -> CommandRecord | None:
    """Return where an entry's command is said to be answered; of another's id it is no answer."""
    found = _COMMAND.search(raw)
    return reader.command(found[1].decode()) if found else None


def _openings(reader: Reader, stored: StoredEntry) -> tuple[tuple[Opening, ...], str | None]:
    """Return what is open of an entry, or why it cannot be read: a finding, and not the end."""
    try:
        return reader.openings(stored.event_id or ""), None
    except Damaged as error:
        return (), str(error)


def _statement_digest(raw: bytes) -> bytes:
    """Return the hash of the statement that an entry binds: its payload's third member from behind.

    Only for looking it up; the audit reads the entry, and compares.
    """
    at = raw.rfind(_BINDS) + len(_BINDS)
    found = _SHA256_HEX.match(raw, at) if at >= len(_BINDS) else None
    return bytes.fromhex(found[0].decode()) if found else b""
