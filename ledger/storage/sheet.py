"""Collects the rows of a batch in memory until it is complete; then they are written together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from ledger.storage.records import (
    CommandRecord,
    Ground,
    OpeningRow,
    StatementRow,
    StoredEntry,
    is_scope,
)
from schemas.commitments import Opening


class Sheet:
    """The entries and commands of one batch, in order, over the ground that it stands on."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._moved: dict[str, int] = {}
        self._by_id: dict[str, StoredEntry] = {}
        self._opened: defaultdict[str, list[Opening]] = defaultdict(list)
        self._commands: dict[str, CommandRecord] = {}
        self._statements: list[StatementRow] = []
        self.entries: list[StoredEntry] = []
        self.time_us = ground.head.time_us

    def place(self, entry: StoredEntry) -> None:
        """Let an event follow what is there; it is numbered already."""
        self.entries.append(entry)
        if entry.event_id is not None:
            self._by_id[entry.event_id] = entry
        self._moved.update(dict.fromkeys(entry.tags, entry.position))
        self.time_us = entry.time_us

    def place_command(
        self, record: CommandRecord, statement: bytes, openings: Sequence[OpeningRow]
    ) -> None:
        """Let a command be known, its statement be kept and its openings be read."""
        self._commands[record.id] = record
        self._statements.append(StatementRow(record.statement_sha256, record.first, statement))
        for row_of in openings:
            self._opened[row_of.beside.event_id].append(row_of.beside.opening)

    @property
    def commands_placed(self) -> Sequence[CommandRecord]:
        """The commands of this batch, in order."""
        return tuple(self._commands.values())

    @property
    def statements_placed(self) -> Sequence[StatementRow]:
        """Their statements, in order."""
        return tuple(self._statements)

    @property
    def scopes_moved(self) -> dict[str, int]:
        """Where the scopes that this batch moves stand after it."""
        return {tag: position for tag, position in self._moved.items() if is_scope(tag)}

    @property
    def moved(self) -> Mapping[str, int]:
        """The last position of each tag that an event of this batch has."""
        return self._moved

    @property
    def bound(self) -> int:
        """The last position placed, or committed if nothing is."""
        return self._ground.head.size + len(self.entries)

    def known(self, command_id: str) -> CommandRecord | None:
        """Return what is known of a command id that was probed, here or in the ground."""
        return self._commands.get(command_id) or self._ground.commands.get(command_id)

    def is_placed(self, event_id: str) -> bool:
        """Tell whether this batch has an event with this id."""
        return event_id in self._by_id

    def first_placed(self, event_ids: Collection[str]) -> str | None:
        """Return the first of these ids that an event of this batch has, or None."""
        if self._by_id.keys().isdisjoint(event_ids):
            return None
        return next(filter(self.is_placed, event_ids))
