"""What an audit reads: entries with what lies beside them, and the checkpoints that cover them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from ledger.evidence.nodes import TileHashes
from ledger.storage.contract import Reader, Store
from schemas.commitments import Opening

_BINDS: Final = b'"statement_sha256":"'
_SHA256_HEX: Final = re.compile(rb"[0-9a-f]{64}")

BATCH: Final = 500
"""Entries read at once: bounds memory, and keeps each snapshot short."""


@dataclass(frozen=True, slots=True)
class AuditedEntry:
    """One entry and what this reader may see beside it.

    `tags` is None where the log's bearer sent none; `statement` is None where it is not open;
    `note` is the signed checkpoint of exactly this size, where there is one.
    """

    position: int
    raw: bytes
    tags: tuple[str, ...] | None
    statement: bytes | None
    openings: tuple[Opening, ...]
    note: str | None


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
    def has_statements(self) -> bool:
        """Whether public statements come with the entries: then a missing one is a finding."""
        ...

    def entries(self) -> Iterator[AuditedEntry]:
        """Yield every entry in the order of positions."""
        ...

    def stored_root(self, size: int) -> bytes | None:
        """Return the root that the log's own tiles give at a size, or None without tiles."""
        ...


class StoreLog:
    """The log of a store, up to its visible head when the audit began."""

    has_statements: Final = True

    def __init__(self, store: Store, *, origin: str) -> None:
        self.origin = origin
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

    def stored_root(self, size: int) -> bytes | None:
        """Return the root recomputed from the store's tiles."""
        with self._store.snapshot() as reader:
            return TileHashes(reader, size).root() if size else None


def _note(reader: Reader, size: int) -> str | None:
    found = reader.checkpoint(size)
    return found.note if found else None


def _read(reader: Reader, position: int, limit: int) -> Iterator[AuditedEntry]:
    """Yield the entries after a position; one command's entries share their statement."""
    digest, statement = b"", None
    for stored in reader.read_after(position, limit):
        found = _statement_digest(stored.data)
        if found != digest:
            digest, statement = found, reader.statement(found) if found else None
        yield AuditedEntry(
            position=stored.position,
            raw=stored.data,
            tags=stored.tags,
            statement=statement,
            openings=reader.openings(stored.event_id or ""),
            note=_note(reader, stored.position),
        )


def _statement_digest(raw: bytes) -> bytes:
    """Return the hash of the statement that an entry binds: its payload's third member from behind.

    Only for looking it up; the audit reads the entry, and compares.
    """
    at = raw.rfind(_BINDS) + len(_BINDS)
    found = _SHA256_HEX.match(raw, at) if at >= len(_BINDS) else None
    return bytes.fromhex(found[0].decode()) if found else b""
