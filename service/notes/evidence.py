"""What a page takes with it from the log: entries, their paths to one checkpoint, and keys.

Only what every enrolled party may read anyway leaves here: entries, public statements, and the
names of natural persons as long as they are not erased. Who the creator is stays a commitment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ledger.evidence import texts
from ledger.evidence.nodes import TileHashes
from ledger.evidence.policy import parse_policy
from ledger.storage.contract import Reader
from ledger.storage.errors import Damaged
from ledger.storage.records import StoredEntry
from schemas import canonical
from schemas.envelope.entry import Entry, read_entry
from schemas.envelope.statement import read_statement
from schemas.refusals import Malformed
from schemas.registry import COMMANDS
from service.witnessed import best

FORMAT: Final = "linernotes-notes/1"
"""What the page's script expects."""

ENTRIES_MAX: Final = 4_000
"""Entries of a page: with their paths about 20 MB of text, which browsers open in a second."""


class Evidence:
    """Entries of one snapshot, each once, with whatever makes them checkable."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._entries: dict[int, Entry] = {}
        self.add(1)

    def add(self, position: int) -> Entry:
        """Take the entry at `position`, and those that enrolled the keys which it needs."""
        known = self._entries.get(position)
        if known is not None:
            return known
        if len(self._entries) >= ENTRIES_MAX:
            text = f"one page holds at most {ENTRIES_MAX} entries"
            raise Malformed("entry_too_large", text)
        stored = self._reader.entry(position)
        if stored is None:
            raise Damaged(f"position {position} is cited and is not there")
        entry = self._entries[position] = read_entry(stored.data)
        self._enroll(entry.kid, position)
        statement = self._public_statement(position, entry)
        if statement is not None:
            self._enroll(read_statement(statement).kid, position)
        return entry

    def of(self, tag: str, *types: str, after: int = 0) -> Iterator[tuple[int, Entry]]:
        """Yield the entries of these types that carry `tag`, with their positions; takes none."""
        for stored in self._reader.events(tag, after=after):
            entry = read_entry(stored.data)
            if entry.type in types:
                yield stored.position, entry

    def only(self, tag: str, *types: str) -> tuple[int, Entry] | None:
        """Take the last entry of these types that carries `tag`; None where there is none."""
        found = None
        for found in self.of(tag, *types):  # noqa: B007 - the last one is wanted
            pass
        return None if found is None else (found[0], self.add(found[0]))

    def name_parties(self, parties: Iterable[str]) -> None:
        """Take the entries that say what these parties are called."""
        for party in parties:
            self.only(f"rights:{party}", "PartyRegistered")

    def name_recordings(self, recordings: Iterable[str]) -> None:
        """Take the entries that say what these recordings are called."""
        for recording in recordings:
            self.only(f"rights:{recording}", "RecordingRegistered")

    def enroll(self, kid: str, position: int) -> None:
        """Take the entry that enrolled the key which something at `position` is signed with."""
        self._enroll(kid, position)

    def data(self, policy: str) -> dict[str, Any]:
        """Return the evidence as JSON. `policy` (C2SP tlog-policy) says whom the page trusts."""
        newest = max(self._entries)
        checkpoint = best(self._reader, parse_policy(policy), covering=newest)
        hashes = TileHashes(self._reader, checkpoint.size)
        return {
            "format": FORMAT,
            "policy": policy,
            "checkpoint": checkpoint.note,
            "entries": [
                self._row(position, entry, hashes.inclusion_path(position - 1))
                for position, entry in sorted(self._entries.items())
            ],
        }

    def _row(self, position: int, entry: Entry, path: list[bytes]) -> dict[str, Any]:
        statement = self._public_statement(position, entry)
        # A natural person's name is public until it is erased; nothing else is opened here.
        openings = self._reader.openings(entry.id) if entry.type == "PartyRegistered" else ()
        return {
            "position": position,
            "entry": canonical.b64u(entry.raw),
            "path": [texts.encode(one) for one in path],
            "statement": None if statement is None else canonical.b64u(statement),
            "openings": [
                {"pointer": row.pointer, "salt": canonical.b64u(row.salt), "value": row.value}
                for row in openings
            ],
        }

    def _public_statement(self, position: int, entry: Entry) -> bytes | None:
        raw = self._reader.statement(bytes.fromhex(entry.statement_sha256), position)
        if raw is None:
            return None
        statement = read_statement(raw)
        command = COMMANDS.get((statement.command, statement.version))
        return raw if command is not None and command.PUBLIC else None

    def _enroll(self, kid: str, position: int) -> None:
        found: StoredEntry | None = None
        for stored in self._reader.events(f"key:{kid}", until=position):
            if read_entry(stored.data).type in {"LogOpened", "KeyEnrolled"}:
                found = stored
        # The root key and a key that enrolls itself stand in their own command.
        if found is not None and found.position != position:
            self.add(found.position)
